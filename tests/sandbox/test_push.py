"""The callback: tries, timeouts, malformed answers, repeats, verification."""

import asyncio

import pytest
from aiohttp import web
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto

from sandbox.crypto import sign
from sandbox.oa_push import FAULT_SENTENCE
from tests.sandbox.conftest import AES_KEY, APP_ID, TOKEN, Play, Service, png, set_account

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
            # A busy machine must not spoil the third try.
            account.world.push_timeout_seconds = 0.3 if len(service.pushed) < 2 else 20.0
            await release.wait()
        return web.Response(text=text_reply("好"))

    service.answer = third_time_lucky
    account.world.push_timeout_seconds = 0.3
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


@pytest.mark.parametrize("is_sealed", [True, False])
async def test_compatible_mode_takes_both_kinds_of_answers(play: Play, service: Service, is_sealed: bool) -> None:
    await set_account(play, service, "compatible")
    xml = text_reply("好")
    service.answers(WeChatCrypto(TOKEN, AES_KEY, APP_ID).encrypt_message(xml, "7") if is_sealed else xml)
    assert (await play.say("o1", "在吗"))["reply"] == {"msgtype": "text", "text": "好"}


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<MsgType>transfer_customer_service</MsgType>", ""),
        (
            "<MsgType>news</MsgType><ArticleCount>1</ArticleCount><Articles><item><Title>甲</Title>"
            "<Description>乙</Description><PicUrl></PicUrl><Url>http://x.invalid</Url></item></Articles>",
            "甲 http://x.invalid",
        ),
        ("<MsgType>music</MsgType><Music><Title>歌</Title></Music>", "歌"),
    ],
)
async def test_other_replies(account: Play, service: Service, body: str, text: str) -> None:
    service.answers(REPLY.format(body=body))
    assert (await account.say("o1", "在吗"))["reply"]["text"] == text


async def test_a_picture_as_reply(account: Play, service: Service) -> None:
    media_id = (await account.upload("/oa/cgi-bin/media/upload", png(), type="image"))["media_id"]
    service.answers(REPLY.format(body=f"<MsgType>image</MsgType><Image><MediaId>{media_id}</MediaId></Image>"))
    await account.say("o1", "在吗")
    (row,) = await account.inbox("o1")
    assert (row["msgtype"], len(row["media"])) == ("image", 1)


async def test_repeat_pushes_the_same_message(account: Play, service: Service) -> None:
    service.answers(text_reply("好"))
    answer = await account.say("o1", "井盖坏了", repeat=3, msgid="77")
    assert len(answer["tries"]) == 3
    assert answer["replies"] == ["好", "好", "好"]
    assert {parse_message(item.body).id for item in service.pushed} == {77}
    assert len({item.query["nonce"] for item in service.pushed}) == 3
    assert len(await account.inbox("o1")) == 1


async def test_verification(account: Play, service: Service) -> None:
    async def echo(request: web.Request, body: bytes) -> web.StreamResponse:
        return web.Response(text=request.query["echostr"])

    assert (await account.post("/official_account/verify", {}))["ok"] is False
    service.answer = echo
    assert (await account.post("/official_account/verify", {}))["ok"] is True


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
