"""The AI bot's HTTPS callback mode, with wechatpy's crypto as the other side."""

import json
import time

import pytest
from aiohttp import web
from wechatpy.crypto import WeChatCrypto

from sandbox.crypto import decrypt_bytes, parse_aes_key
from tests.sandbox.conftest import AES_KEY, TOKEN, Play, Service, b64, png

CRYPTO = WeChatCrypto(TOKEN, AES_KEY, "")


def opened(query: dict[str, str], body: bytes) -> dict[str, object]:
    sealed = {"Encrypt": json.loads(body)["encrypt"]}
    plain = CRYPTO.decrypt_message(sealed, query["msg_signature"], query["timestamp"], query["nonce"])
    return json.loads(plain)


def sealed(answer: dict[str, object], nonce: str) -> str:
    """The answer in the lower-case envelope, sealed by wechatpy."""
    from xml.etree import ElementTree

    root = ElementTree.fromstring(
        CRYPTO.encrypt_message(json.dumps(answer, ensure_ascii=False), nonce, str(int(time.time())))
    )
    names = {"encrypt": "Encrypt", "msgsignature": "MsgSignature", "timestamp": "TimeStamp", "nonce": "Nonce"}
    return json.dumps({key: root.findtext(name) for key, name in names.items()})


@pytest.fixture
async def callback(play: Play, service: Service) -> Play:
    await play.put(
        "/bots/b1",
        {"mode": "callback", "callback_url": service.url, "token": TOKEN, "encoding_aes_key": AES_KEY, "secret": "bs"},
    )
    return play


def answers(service: Service, *bodies: dict[str, object]) -> None:
    waiting = list(bodies)

    async def answer(request: web.Request, body: bytes) -> web.StreamResponse:
        opened(dict(request.query), body)
        return web.Response(text=sealed(waiting.pop(0), request.query["nonce"]) if waiting else "")

    service.answer = answer


def stream(text: str, finish: bool) -> dict[str, object]:
    return {"msgtype": "stream", "stream": {"id": "s1", "finish": finish, "content": text}}


async def say(play: Play, text: str = "待办") -> dict[str, object]:
    return await play.post("/groups/g1/say", {"userid": "w1", "text": text, "mention": True})


async def shown(play: Play) -> list[str]:
    return [row["text"] for row in await play.get("/groups/g1/messages?after=0") if row["via"] == "bot"]


async def test_answer_in_the_response(callback: Play, service: Service) -> None:
    answers(service, stream("三件待办", True))
    assert (await say(callback))["delivered"] is True
    body = opened(service.pushed[0].query, service.pushed[0].body)
    assert (body["msgtype"], body["text"]) == ("text", {"content": "@网格助手 待办"})
    assert "response_url" in body
    assert await shown(callback) == ["三件待办"]


async def test_stream_is_polled_until_it_finishes(callback: Play, service: Service) -> None:
    callback.world.stream_poll_seconds = 0.001
    answers(service, stream("正在查", False), stream("正在查…", False), stream("三件", True))
    await say(callback)
    await callback.post("/settle", {})
    polls = [opened(item.query, item.body) for item in service.pushed[1:]]
    assert [(poll["msgtype"], poll["stream"]) for poll in polls] == [("stream", {"id": "s1"})] * 2
    assert await shown(callback) == ["三件"]


async def test_response_url_once_within_an_hour(callback: Play, service: Service) -> None:
    answers(service)
    await say(callback)
    url = opened(service.pushed[0].query, service.pushed[0].body)["response_url"]
    markdown = {"msgtype": "markdown", "markdown": {"content": "稍后的回答"}}
    codes = []
    for _ in range(2):
        async with callback.client.session.post(url, json=markdown) as response:
            codes.append((await response.json())["errcode"])
    assert codes == [0, 40029]
    assert await shown(callback) == ["稍后的回答"]
    await say(callback)
    url = opened(service.pushed[1].query, service.pushed[1].body)["response_url"]
    async with callback.client.session.post(url, json={"msgtype": "template_card"}) as response:
        assert (await response.json())["errcode"] == 40008
    await callback.later(3601)
    async with callback.client.session.post(url, json=markdown) as response:
        assert (await response.json())["errcode"] == 40029


async def test_three_tries(callback: Play, service: Service) -> None:
    service.answers("", status=500)
    assert (await say(callback))["delivered"] is False
    assert len(service.pushed) == 3
    assert len({opened(item.query, item.body)["msgid"] for item in service.pushed}) == 1
    assert len({item.query["nonce"] for item in service.pushed}) == 3


@pytest.mark.parametrize("text", ["not json", '{"encrypt":"QUJD","msgsignature":"0","timestamp":1,"nonce":"1"}'])
async def test_unreadable_answers(callback: Play, service: Service, text: str) -> None:
    service.answers(text)
    await say(callback)
    assert await shown(callback) == []
    assert (await callback.books())["malformed_replies"] == 1


async def test_card_is_clicked_and_updated(callback: Play, service: Service) -> None:
    card = {
        "card_type": "button_interaction",
        "main_title": {"title": "【工单 1123-08】"},
        "button_list": [{"text": "接单", "key": "accept"}],
        "task_id": "t1",
    }
    changed = card | {"main_title": {"title": "已接单"}}
    answers(
        service,
        {"msgtype": "template_card", "template_card": card},
        {"response_type": "update_template_card", "template_card": changed},
    )
    await say(callback)
    await callback.post("/groups/g1/click", {"userid": "w1", "task_id": "t1", "key": "accept"})
    row = (await callback.get("/groups/g1/messages?after=0"))[-1]
    assert [item["text"] for item in row["card"]["updates"]] == ["已接单"]


async def test_it_cannot_start_a_message_or_subscribe(callback: Play) -> None:
    socket = await callback.client.ws_connect("/aibot")
    await socket.send_json(
        {"cmd": "aibot_subscribe", "headers": {"req_id": "1"}, "body": {"bot_id": "b1", "secret": "bs"}}
    )
    assert (await socket.receive_json())["errcode"] == 853000


async def test_files_are_sealed_with_the_bots_own_key(callback: Play, service: Service) -> None:
    answers(service)
    await callback.post("/workers/w1/say", {"image": b64(png())})
    image = opened(service.pushed[0].query, service.pushed[0].body)["image"]
    assert set(image) == {"url"}
    async with callback.client.session.get(image["url"]) as response:
        assert decrypt_bytes(await response.read(), parse_aes_key(AES_KEY)) == png()


async def test_verification(callback: Play, service: Service) -> None:
    async def echo(request: web.Request, body: bytes) -> web.StreamResponse:
        query = request.query
        plain = CRYPTO.decrypt_message(
            {"Encrypt": query["echostr"]}, query["msg_signature"], query["timestamp"], query["nonce"]
        )
        return web.Response(text=plain)

    assert (await callback.post("/bots/b1/verify", {}))["ok"] is False
    service.answer = echo
    assert (await callback.post("/bots/b1/verify", {}))["ok"] is True


async def test_welcome(callback: Play, service: Service) -> None:
    answers(service, {"msgtype": "text", "text": {"content": "您好"}})
    await callback.post("/workers/w1/say", {"event": "enter_chat"})
    assert [row["text"] for row in await callback.get("/workers/w1/inbox?after=0")] == ["您好"]
