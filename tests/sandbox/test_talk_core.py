"""Say → push → reply → inbox, in all three modes, read with wechatpy as the other side."""

import pytest
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.replies import create_reply

from tests.sandbox.conftest import AES_KEY, APP_ID, TOKEN, Play, Service, set_account


def open_push(service: Service, mode: str) -> str:
    pushed = service.pushed[-1]
    if mode == "plain":
        return pushed.body.decode()
    crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
    query = pushed.query
    return crypto.decrypt_message(pushed.body.decode(), query["msg_signature"], query["timestamp"], query["nonce"])


@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
async def test_text_goes_there_and_the_reply_comes_back(play: Play, service: Service, mode: str) -> None:
    await set_account(play, service, mode)

    async def echo(request, body):
        from aiohttp import web

        message = parse_message(open_push(service, mode))
        xml = create_reply("收到", message).render()
        if mode == "safe":
            xml = WeChatCrypto(TOKEN, AES_KEY, APP_ID).encrypt_message(xml, request.query["nonce"])
        return web.Response(text=xml)

    service.answer = echo
    answer = await play.say("o1", "楼道堆物 ]]> <b>")
    assert [item["status"] for item in answer["tries"]] == [200]
    assert answer["reply"]["msgtype"] == "text"
    (row,) = await play.inbox("o1")
    assert row["via"] == "passive"
    # wechatpy itself does not escape the end of a CDATA section in a reply, so only the push is compared.
    message = parse_message(open_push(service, mode))
    assert message.content == "楼道堆物 ]]> <b>"
    assert str(message.id) == answer["msgid"]
