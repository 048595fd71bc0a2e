"""The peers of the intake benchmark, each started as its own documentation starts it: `python -m lab.bench_intake_peers NAME PORT`.

Both verify, decrypt and parse a push, answer with its own words, and seal the answer; neither stores anything. The account comes
in the environment. This is lab's one door to wechatpy and WeRoBot.
"""

import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

import werobot
from aiohttp import web
from wechatpy import create_reply, parse_message
from wechatpy.crypto import WeChatCrypto

from lab.bench_intake_start import AES_KEY, APP_ID, TOKEN

_HOST = "127.0.0.1"


def serve_bare(port: int, account: Mapping[str, str]) -> None:
    """aiohttp with wechatpy, nothing else: `web.run_app`, as aiohttp's documentation runs an application."""
    crypto = WeChatCrypto(account[TOKEN], account[AES_KEY], account[APP_ID])

    async def echo(request: web.Request) -> web.Response:
        query = request.query
        sealed = await request.read()
        xml = crypto.decrypt_message(sealed, query["msg_signature"], query["timestamp"], query["nonce"])
        message = parse_message(xml)
        reply = create_reply(message.content, message).render()
        answer = crypto.encrypt_message(reply, query["nonce"], query["timestamp"])
        return web.Response(text=answer, content_type="application/xml")

    app = web.Application()
    app.router.add_post("/wechat/oa", echo)
    web.run_app(app, host=_HOST, port=port, print=None)


def serve_werobot(port: int, account: Mapping[str, str]) -> None:
    """WeRoBot's echo on Tornado, the server of its deployment page (werobot.readthedocs.io, 部署), with its own defaults.

    By default it keeps a session per person in SQLite and commits it with each message.
    """
    robot = werobot.WeRoBot(token=account[TOKEN], encoding_aes_key=account[AES_KEY], app_id=account[APP_ID])
    robot.config["HOST"], robot.config["PORT"] = _HOST, port

    def echo(message: Any) -> str:
        return str(message.content)

    robot.add_handler(echo)
    robot.run(server="tornado")


PEERS: Mapping[str, Callable[[int, Mapping[str, str]], None]] = {"bare": serve_bare, "werobot": serve_werobot}

if __name__ == "__main__":
    PEERS[sys.argv[1]](int(sys.argv[2]), os.environ)
