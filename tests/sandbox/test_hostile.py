"""Whatever is sent, the sandbox answers as a platform does: never with a 5xx, never by hanging up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import app as sandbox_app
from sandbox.account import Account
from sandbox.bot_line import COMMANDS
from sandbox.city import load_city
from sandbox.oa_xml import Malformed, parse_reply, render_push
from tests.sandbox.conftest import BotSide, Play

MODULES = (
    sandbox_app.oa_custom,
    sandbox_app.oa_notices,
    sandbox_app.oa_mass,
    sandbox_app.oa_media,
    sandbox_app.oa_voice,
    sandbox_app.oa_menu,
    sandbox_app.oa_people,
    sandbox_app.oa_oauth,
    sandbox_app.wecom_webhook,
    sandbox_app.bot_http,
)
PATHS = [api.path for module in MODULES for api in module.APIS]
KEYS = ("touser", "text", "msgtype", "tag", "button", "filter", "openid_list", "template_card", "action_info", "data")
NASTY: list[object] = [None, True, -1, 1e300, "", "x", [], [[]], {}, {"content": []}, [{"name": 1}]]


@pytest.mark.parametrize("path", PATHS)
async def test_apis_never_break(account: Play, path: str) -> None:
    await account.fetch_token()
    query = {"access_token": account.token, "type": "image", "key": "k"}
    bodies = [dict.fromkeys(KEYS, value) for value in NASTY]
    bodies += [body | {"msgtype": kind} for body in bodies[:3] for kind in ("text", "image", "news", "template_card")]
    for body in bodies:
        for method in ("GET", "POST"):
            async with account.client.request(method, path, params=query, json=body) as response:
                assert response.status in (200, 400, 404), path


@pytest.mark.parametrize(
    "raw", [b"[" * 100_000, b'{"a":' * 100_000, b'{"x":"\\ud800"}', b'{"x":1e999}', b"\xff\xfe", b'{"touser":NaN}']
)
async def test_nasty_json(account: Play, raw: bytes) -> None:
    for path in ("/oa/cgi-bin/message/custom/send", "/wecom/cgi-bin/webhook/send", "/oa/cgi-bin/menu/create"):
        query = {"access_token": await account.fetch_token(), "key": "k"}
        async with account.client.post(path, params=query, data=raw) as response:
            assert response.status == 200
            assert (await response.json())["errcode"] != 0


async def test_half_a_character_never_gets_in(play: Play) -> None:
    raw = b'{"msgtype":"text","text":{"content":"\\ud83d"}}'
    assert (await play.webhook("k", raw))["errcode"] == 47001
    whole = b'{"msgtype":"text","text":{"content":"\\ud83d\\ude00"}}'
    assert (await play.webhook("k", whole))["errcode"] == 0


@pytest.mark.parametrize("command", [*COMMANDS, "aibot_subscribe", "", "ping"])
async def test_frames_never_break(bot: BotSide, command: str) -> None:
    for value in NASTY:
        body = dict.fromkeys((*KEYS, "chatid", "stream", "upload_id", "chunk_index", "base64_data", "type"), value)
        ack = await bot.ask(command, body)
        assert ack["errcode"] != 0 or command == "ping"
        await bot.socket.send_json({"cmd": command, "headers": value, "body": value})
        await bot.next()


@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: f"<xml>{text}</xml>".encode()))
def test_any_answer_is_a_reply_or_malformed(body: bytes) -> None:
    try:
        assert parse_reply(Account(), "o1", body) is None
    except Malformed:
        assert body not in (b"", b"success")


@given(st.text(max_size=200))
def test_any_text_makes_well_formed_xml(text: str) -> None:
    from xml.etree import ElementTree

    xml = render_push(Account(), "o1", 1, [("MsgType", "text"), ("Content", text)])
    content = ElementTree.fromstring(xml.encode()).findtext("Content") or ""
    kept = "".join(mark for mark in text if mark in "\t\n\r" or " " <= mark not in "\ufffe\uffff")
    kept = "".join(mark for mark in kept if not "\ud800" <= mark <= "\udfff")
    assert content == kept.replace("\r\n", "\n").replace("\r", "\n")


def test_control_routes_are_all_there() -> None:
    app = sandbox_app.make_app()
    paths = {str(resource.canonical) for resource in app.router.resources()}
    assert {
        "/sandbox/official_account",
        "/sandbox/bots/{bot_id}",
        "/sandbox/groups/{chatid}",
        "/sandbox/residents/{openid}/say",
        "/sandbox/workers/{userid}/inbox",
        "/sandbox/live",
        "/aibot",
        "/",
    } <= paths


def test_a_city_with_torn_lines(tmp_path) -> None:
    from sandbox.app import WORLD, make_app

    (tmp_path / "groups.csv").write_text("chatid,name\ng1\ng2,二格,too,many,columns\n", encoding="utf-8")
    chats = make_app()[WORLD].chats
    assert load_city(chats, tmp_path) == (0, 2)
