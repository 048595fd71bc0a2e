"""A gateway of our own for these tests: it acks by script, pushes frames, and keeps what it heard."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import WSMsgType, web

Json = dict[str, Any]


class Gateway:
    """`silent` commands get no ack, `refuse` gives an errcode, `answers` the ack's body. A newer subscription kicks the older one."""

    def __init__(self) -> None:
        self.silent: set[str] = set()
        self.refuse: dict[str, int] = {}
        self.answers: dict[str, Json] = {
            "aibot_upload_media_init": {"upload_id": "U1"},
            "aibot_upload_media_finish": {"media_id": "M1"},
        }
        self.heard: list[Json] = []
        self.url = ""
        self.sockets: list[web.WebSocketResponse] = []
        self.subscribed: web.WebSocketResponse | None = None
        self._news = asyncio.Event()
        self._read = 0

    async def next(self, cmd: str) -> Json:
        """The next frame with that command, skipping others."""
        while True:
            while self._read < len(self.heard):
                frame = self.heard[self._read]
                self._read += 1
                if frame["cmd"] == cmd:
                    return frame
            self._news.clear()
            await self._news.wait()

    def commands(self) -> list[str]:
        """What was heard so far, without subscriptions and pings."""
        return [frame["cmd"] for frame in self.heard if frame["cmd"] not in ("aibot_subscribe", "ping")]

    async def push(self, cmd: str, body: Json, req_id: str = "cb-1") -> None:
        """Push a callback over the live connection."""
        await self.push_raw(json.dumps({"cmd": cmd, "headers": {"req_id": req_id}, "body": body}))

    async def push_raw(self, raw: str) -> None:
        """Push anything."""
        assert self.subscribed is not None
        await self.subscribed.send_str(raw)

    async def ack(self, req_id: str, errcode: int = 0, body: Json | None = None) -> None:
        """An ack by hand."""
        await self.push_raw(json.dumps({"headers": {"req_id": req_id}, "errcode": errcode, "body": body or {}}))

    async def kick(self) -> None:
        """Say that another connection took over; the socket stays open, as seen on the real platform."""
        await self.push("aibot_event_callback", {"msgtype": "event", "event": {"eventtype": "disconnected_event"}})

    async def drop(self) -> None:
        """Close the live connection from this side, in the ordinary way."""
        assert self.subscribed is not None
        await self.subscribed.close()

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self._take(socket, json.loads(message.data))
        return socket

    async def _take(self, socket: web.WebSocketResponse, frame: Json) -> None:
        cmd = frame["cmd"]
        errcode = self.refuse.get(cmd, 0)
        if cmd == "aibot_subscribe" and not errcode:
            older, self.subscribed = self.subscribed, socket
            if older is not None and not older.closed:
                event = {"msgtype": "event", "event": {"eventtype": "disconnected_event"}}
                await older.send_json({"cmd": "aibot_event_callback", "headers": {"req_id": "k"}, "body": event})
        if cmd not in self.silent:
            ack = {"headers": frame["headers"], "errcode": errcode, "errmsg": "", "body": self.answers.get(cmd, {})}
            await socket.send_json(ack)
        self.heard.append(frame)
        self._news.set()


@asynccontextmanager
async def open_gateway() -> AsyncIterator[Gateway]:
    """A gateway on a free port of this machine."""
    gateway = Gateway()
    app = web.Application()
    app.router.add_get("/aibot", gateway.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    gateway.url = f"ws://127.0.0.1:{runner.addresses[0][1]}/aibot"
    try:
        yield gateway
    finally:
        for socket in gateway.sockets:
            await socket.close()
        await runner.cleanup()


def text_body(text: str, msgid: str = "m1", userid: str = "wangfang", chatid: str = "G1") -> Json:
    """A message in a group, as the platform pushes it."""
    return {
        "msgid": msgid,
        "aibotid": "B1",
        "chatid": chatid,
        "chattype": "group",
        "from": {"userid": userid},
        "msgtype": "text",
        "text": {"content": text},
    }


def click_body(key: str = "accept", task_id: str = "1123-08@1", msgid: str = "e1") -> Json:
    """A click on a card, as the platform pushes it."""
    return {
        "msgid": msgid,
        "create_time": 1_795_395_600,
        "aibotid": "B1",
        "chatid": "G1",
        "chattype": "group",
        "from": {"userid": "wangfang"},
        "msgtype": "event",
        "event": {
            "eventtype": "template_card_event",
            "template_card_event": {"card_type": "button_interaction", "event_key": key, "task_id": task_id},
        },
    }
