"""The callback: tries, timeouts, malformed answers, repeats, verification, every kind of message and event."""

import asyncio

import pytest
from aiohttp import web
from wechatpy import parse_message

from sandbox.crypto import sign
from sandbox.oa_push import FAULT_SENTENCE
from tests.sandbox.conftest import AES_KEY, TOKEN, Play, Service, b64, png, set_account

REPLY = (
    "<xml><ToUserName><![CDATA[o1]]></ToUserName><FromUserName><![CDATA[gh_wangge000001]]></FromUserName>"
    "<CreateTime>1</CreateTime>{body}</xml>"
)
TEXT = "<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{text}]]></Content>"


def text_reply(text: str) -> str:
    return REPLY.format(body=TEXT.format(text=text))


async def test_three_tries_with_the_same_message_and_new_seals(account: Play, service: Service) -> None:
    service.answers("", status=500)
    answer = await account.say("o1", "井盖坏了")
    assert [item["status"] for item in answer["tries"]] == [500, 500, 500]
    assert answer["platform_gave_up"] is True
    assert answer["reply"] is None
    assert len({item.body for item in service.pushed}) == 1
    assert len({item.query["nonce"] for item in service.pushed}) == 3
    assert len({item.query["signature"] for item in service.pushed}) == 3
    (row,) = await account.inbox("o1")
    assert row["text"] == FAULT_SENTENCE
    assert (await account.books())["platform_gave_up"] == 1


async def test_each_try_is_signed(account: Play, service: Service) -> None:
    await account.say("o1", "井盖坏了")
    query = service.pushed[0].query
    assert query["signature"] == sign(TOKEN, query["timestamp"], query["nonce"])
    assert query["openid"] == "o1"
    assert "encrypt_type" not in query


async def test_each_try_is_encrypted_anew(play: Play, service: Service) -> None:
    await set_account(play, service, "safe")
    service.answers("", status=500)
    await play.say("o1", "井盖坏了")
    assert len({item.body for item in service.pushed}) == 3
    for item in service.pushed:
        assert item.query["encrypt_type"] == "aes"
        assert "井盖" not in item.body.decode()
        assert "<FromUserName>" not in item.body.decode()


async def test_compatible_mode_carries_both(play: Play, service: Service) -> None:
    await set_account(play, service, "compatible")
    await play.say("o1", "井盖坏了")
    body = service.pushed[0].body.decode()
    assert "井盖坏了" in body
    assert "<Encrypt>" in body


async def test_an_answer_after_the_timeout_is_too_late(account: Play, service: Service) -> None:
    release = asyncio.Event()

    async def third_time_lucky(request: web.Request, body: bytes) -> web.StreamResponse:
        if len(service.pushed) < 3:
            await release.wait()
        return web.Response(text=text_reply("好"))

    service.answer = third_time_lucky
    answer = await account.say("o1", "井盖坏了")
    release.set()
    assert [item["status"] for item in answer["tries"]] == [0, 0, 200]
    assert answer["tries"][0]["ms"] >= 290
    assert answer["reply"] == {"msgtype": "text", "text": "好"}


async def test_nobody_listens(account: Play, service: Service) -> None:
    await account.put("/official_account", {"callback_url": "http://127.0.0.1:1/callback"})
    answer = await account.say("o1", "井盖坏了")
    assert [item["status"] for item in answer["tries"]] == [0, 0, 0]


@pytest.mark.parametrize("body", ["", "success"])
async def test_nothing_to_say(account: Play, service: Service, body: str) -> None:
    service.answers(body)
    answer = await account.say("o1", "井盖坏了")
    assert answer["reply"] is None
    assert await account.inbox("o1") == []


@pytest.mark.parametrize(
    "body",
    [
        '{"ok":true}',
        "ok",
        '"success"',
        "<xml></xml>",
        "<html></html>",
        "<!DOCTYPE xml><xml></xml>",
        text_reply("甲]]><b>乙"),
        text_reply("好").replace("[o1]", "[o2]"),
        text_reply("好").replace("gh_wangge000001", "gh_other"),
        text_reply("好").replace(">1<", ">now<"),
        text_reply(""),
        text_reply("长" * 683),
        text_reply("好").replace("[text]", "[shout]"),
        REPLY.format(body="<MsgType>image</MsgType><Image><MediaId>nowhere</MediaId></Image>"),
        REPLY.format(body="<MsgType>news</MsgType><ArticleCount>2</ArticleCount><Articles></Articles>"),
        REPLY.format(body="<Encrypt>x</Encrypt>"),
    ],
)
async def test_malformed_answer_shows_the_fault_sentence(account: Play, service: Service, body: str) -> None:
    service.answers(body)
    await account.say("o1", "井盖坏了")
    assert len(service.pushed) == 1
    (row,) = await account.inbox("o1")
    assert (row["via"], row["text"]) == ("system", FAULT_SENTENCE)
    assert (await account.books())["malformed_replies"] == 1


async def test_plain_answer_in_safe_mode_is_malformed(play: Play, service: Service) -> None:
    await set_account(play, service, "safe")
    service.answers(text_reply("好"))
    answer = await play.say("o1", "井盖坏了")
    assert "safe mode" in answer["why"]


async def test_safe_answer_with_a_wrong_signature_is_malformed(play: Play, service: Service) -> None:
    await set_account(play, service, "safe")
    service.answers(
        "<xml><Encrypt>QUJD</Encrypt><MsgSignature>0</MsgSignature><TimeStamp>1</TimeStamp><Nonce>2</Nonce></xml>"
    )
    assert (await play.say("o1", "井盖坏了"))["why"] == "MsgSignature wrong"


async def test_repeat_pushes_the_same_message(account: Play, service: Service) -> None:
    service.answers(text_reply("好"))
    answer = await account.say("o1", "井盖坏了", repeat=3, msgid="77")
    assert len(answer["tries"]) == 3
    assert answer["replies"] == ["好", "好", "好"]
    assert {parse_message(item.body).id for item in service.pushed} == {77}
    assert len({item.query["nonce"] for item in service.pushed}) == 3
    assert len(await account.inbox("o1")) == 1


async def test_picture_is_fetchable_and_ages(account: Play, service: Service) -> None:
    await account.post("/residents/o1/say", {"image": b64(png())})
    message = parse_message(service.pushed[0].body)
    async with account.client.session.get(message.image) as response:
        assert await response.read() == png()
    query = {"access_token": await account.fetch_token(), "media_id": message.media_id}
    async with account.client.get("/oa/cgi-bin/media/get", params=query) as response:
        assert response.content_type == "image/png"
        assert await response.read() == png()
    await account.later(3 * 86400 + 1)
    await account.fetch_token()
    answer = await account.oa("media/get", method="GET", media_id=message.media_id)
    assert answer["errcode"] == 40007


async def test_voice_has_two_media_and_no_text(account: Play, service: Service) -> None:
    await account.post("/residents/o1/say", {"voice": b64(b"#!AMR\nsound")})
    body = service.pushed[0].body.decode()
    assert "<MediaId16K>" in body
    assert "Recognition" not in body


async def test_location_names_latitude_first(account: Play, service: Service) -> None:
    await account.post("/residents/o1/say", {"location": {"lat": 46.8, "lon": 130.3, "label": "文采社区"}})
    message = parse_message(service.pushed[0].body)
    assert (message.location_x, message.location_y, message.label) == ("46.8", "130.3", "文采社区")


@pytest.mark.parametrize(
    ("body", "msgtype"),
    [
        ({"link": {"title": "标题", "description": "说明", "url": "http://x.invalid/"}}, "link"),
        ({"video": b64(b"....ftypmp42")}, "video"),
        ({"video": b64(b"....ftypmp42"), "msgtype": "shortvideo"}, "shortvideo"),
    ],
)
async def test_other_kinds(account: Play, service: Service, body: dict[str, object], msgtype: str) -> None:
    await account.post("/residents/o1/say", body)
    assert parse_message(service.pushed[0].body).type == msgtype


async def test_follow_by_a_code(account: Play, service: Service) -> None:
    await account.put("/residents/o1", {"follows": False})
    made = await account.oa(
        "qrcode/create",
        {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "grid-0417"}}},
    )
    assert await account.get("/qrcodes") == [{"scene": "grid-0417", "ticket": made["ticket"], "url": made["url"]}]
    await account.post("/residents/o1/scan", {"scene": "grid-0417"})
    message = parse_message(service.pushed[0].body)
    assert (message.event, message.scene_id, message.ticket) == ("subscribe_scan", "grid-0417", made["ticket"])
    assert "<MsgId>" not in service.pushed[0].body.decode()
    info = await account.oa("user/info", method="GET", openid="o1")
    assert (info["subscribe"], info["qr_scene_str"]) == (1, "grid-0417")
    await account.post("/residents/o1/scan", {"scene": "grid-0417"})
    assert parse_message(service.pushed[1].body).event == "scan"


async def test_plain_follow_has_an_empty_key(account: Play, service: Service) -> None:
    await account.post("/residents/o1/say", {"event": {"Event": "subscribe"}})
    assert "<EventKey><![CDATA[]]></EventKey>" in service.pushed[0].body.decode()


async def test_nested_event_fields_repeat(account: Play, service: Service) -> None:
    popup = {"List": [{"TemplateId": "t1", "SubscribeStatusString": "accept"}, {"TemplateId": "t2"}]}
    await account.post(
        "/residents/o1/say", {"event": {"Event": "subscribe_msg_popup_event", "SubscribeMsgPopupEvent": popup}}
    )
    assert service.pushed[0].body.decode().count("<List>") == 2


async def test_who_does_not_follow_cannot_write(account: Play, service: Service) -> None:
    await account.put("/residents/o1", {"follows": False})
    assert (await account.say("o1", "在吗"))["tries"] == []
    assert service.pushed == []


async def test_verification(account: Play, service: Service) -> None:
    async def echo(request: web.Request, body: bytes) -> web.StreamResponse:
        return web.Response(text=request.query["echostr"])

    assert (await account.post("/official_account/verify", {}))["ok"] is False
    service.answer = echo
    assert (await account.post("/official_account/verify", {}))["ok"] is True


async def test_a_saying_of_no_kind_is_a_bad_request(account: Play) -> None:
    async with account.client.post("/sandbox/residents/o1/say", json={"shout": "x"}) as response:
        assert response.status == 400


@pytest.mark.parametrize("wrong", [{"mode": "secret"}, {"mode": "safe", "encoding_aes_key": AES_KEY[:-1]}])
async def test_a_wrong_set_up_is_a_bad_request(play: Play, wrong: dict[str, object]) -> None:
    async with play.client.put("/sandbox/official_account", json=wrong) as response:
        assert response.status == 400


async def test_both_sides_are_kept_for_the_page(account: Play, service: Service) -> None:
    service.answers(text_reply("好"))
    await account.say("o1", "井盖坏了")
    rows = await account.get("/residents/o1/talk?after=0")
    assert [(row["via"], row["text"]) for row in rows] == [("me", "井盖坏了"), ("passive", "好")]
    assert [row["seq"] for row in await account.get(f"/residents/o1/inbox?after={rows[0]['seq']}")] == [2]
