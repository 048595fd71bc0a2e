"""The whole wire against the sandbox's gateway and webhook, which know the platform's rules and none of our code."""

import asyncio
import base64
import hashlib
import io
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from PIL import Image

from bot.lease import Lease, make_holder_name
from bot.ports import Address, Picture, Refused
from bot.workgroup.aibot_connection import AibotConnection, LineState
from bot.workgroup.aibot_door import make_aibot_door
from bot.workgroup.aibot_media import fetch_media
from bot.workgroup.sink import Reply
from bot.workgroup.webhook_transport import WebhookTransport
from grid.message import Button, Card, Message
from handlers.update import Update, UpdateKind
from sandbox.app import make_app
from storage.engine import make_engine

GROUP = Address("group:1", "G1", "hook-1")
DISPATCH = Message(
    "dispatch",
    "【工单 1123-08】城建物业 · 一般\n阳光水岸12#楼 居民:李先生 139****0001",
    Card("1123-08@1", "城建物业 · 一般", (("地点", "阳光水岸12#楼"),), (Button("accept", "接单"),)),
    mention=("wangfang",),
)


def make_picture() -> Picture:
    held = io.BytesIO()
    Image.effect_noise((900, 900), 90).save(held, "PNG")
    return Picture("现场.png", "image/png", held.getvalue())


class Door:
    """Our side: a held connection whose sink keeps updates and gives the reply that is set."""

    def __init__(self, http: aiohttp.ClientSession, base: str, lease: Lease) -> None:
        self.http, self.base = http, base
        self.updates: asyncio.Queue[Update] = asyncio.Queue()
        self.reply: Reply | None = None
        self._turned = asyncio.Event()
        door = make_aibot_door(
            http,
            lease,
            self,
            ws_url=base.replace("http", "ws") + "/aibot",
            bot_id="B1",
            secret="geheim",
            bot_name="网格助手",
            now=lambda: datetime(2026, 11, 23, 1, tzinfo=UTC),
            on_state=lambda state: self._turned.set(),
        )
        self.connection, self.transport, self.holder = door.connection, door.transport, door.holder

    async def feed(self, update: Update) -> Reply | None:
        self.updates.put_nowait(update)
        return self.reply

    async def until(self, state: LineState) -> None:
        while self.connection.state is not state:
            self._turned.clear()
            await self._turned.wait()

    async def say(self, text: str = "", **more: Any) -> dict[str, Any]:
        return await self.post("/sandbox/groups/G1/say", userid="wangfang", text=text, mention=True, **more)

    async def post(self, path: str, **body: Any) -> dict[str, Any]:
        held = io.BytesIO(json.dumps(body).encode())
        async with self.http.post(self.base + path, data=held) as response:
            assert response.status == 200, await response.text()
            answer: dict[str, Any] = await response.json()
            return answer

    async def put(self, path: str, **body: Any) -> None:
        async with self.http.put(self.base + path, json=body) as response:
            assert response.status < 300, await response.text()

    async def rows(self, count: int, where: str = "/sandbox/groups/G1/messages") -> list[dict[str, Any]]:
        """The first `count` rows that did not come from people, waiting for them."""
        while True:
            async with self.http.get(self.base + where) as response:
                rows = [row for row in await response.json() if row["via"] not in ("say", "me")]
            if len(rows) >= count:
                return rows
            await asyncio.sleep(0)


@pytest.fixture
async def base() -> AsyncIterator[str]:
    runner = web.AppRunner(make_app(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
async def door(base: str, session: aiohttp.ClientSession, sqlite_database: str) -> AsyncIterator[Door]:
    engine = make_engine(sqlite_database)
    made = Door(session, base, Lease(engine, "aibot:B1", make_holder_name()))
    await made.put("/sandbox/bots/B1", secret="geheim", name="网格助手", mode="ws")
    people = [{"userid": "wangfang", "name": "王芳"}]
    await made.put("/sandbox/groups/G1", name="文采第三网格", members=people, bots=["B1"], webhook_key="hook-1")
    running = asyncio.create_task(made.holder.run())
    await made.until(LineState.ONLINE)
    yield made
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    await engine.dispose()


async def test_a_command_in_the_group_is_heard_and_answered(door: Door) -> None:
    door.reply = Reply(Message("x", "好,王芳已接单。"))
    await door.say("接单")
    update = await door.updates.get()
    assert (update.kind, update.person, update.chat, update.text) == (UpdateKind.TEXT, "wangfang", "G1", "接单")
    (row,) = await door.rows(1)
    assert row["text"] == "好,王芳已接单。"


async def test_a_dispatch_its_card_and_a_click(door: Door) -> None:
    with pytest.raises(Refused) as caught:
        await door.transport.send(GROUP, DISPATCH, (), "early")
    assert caught.value.errcode == 93006
    await door.say("你好")
    await door.transport.send(GROUP, DISPATCH, (), "k")
    text, card = await door.rows(2)
    assert text["text"] == DISPATCH.text
    assert card["card"]["buttons"] == [{"key": "accept", "text": "接单"}]
    await door.updates.get()
    door.reply = Reply(Message("x", "王芳已接单"), Card("", "已由王芳接单"))
    await door.post("/sandbox/groups/G1/click", userid="wangfang", task_id="1123-08@1", key="accept")
    update = await door.updates.get()
    assert update.event is not None
    assert (update.event.name, update.event.key) == ("TEMPLATE_CARD_EVENT", "accept")
    assert update.event.details["task_id"] == "1123-08@1"
    rows = await door.rows(3)
    assert "已由王芳接单" in str(rows[1]["card"]["updates"])
    assert rows[2]["text"] == "王芳已接单"


async def test_a_quote_brings_the_case_number_back(door: Door) -> None:
    await door.say("你好")
    await door.transport.send(GROUP, DISPATCH, (), "k")
    rows = await door.rows(2)
    await door.say("办结 已疏通", quote=rows[0]["seq"])
    await door.updates.get()
    update = await door.updates.get()
    assert update.text == "办结 已疏通"
    assert update.quote is not None
    assert update.quote.text.startswith("【工单 1123-08】")


async def test_pictures_go_up_and_come_down(door: Door) -> None:
    picture = make_picture()
    assert len(picture.content) > 512 << 10
    sha256 = hashlib.sha256(picture.content).hexdigest()
    await door.say("你好")
    await door.transport.send(GROUP, Message("x", "看照片"), (picture,), "k")
    rows = await door.rows(2)
    assert rows[1]["media"][0]["sha256"] == sha256
    await door.updates.get()
    encoded = base64.b64encode(picture.content).decode()
    await door.post("/sandbox/workers/wangfang/say", image=encoded)
    update = await door.updates.get()
    while not update.media:
        update = await door.updates.get()
    assert update.chat is None
    assert hashlib.sha256(await fetch_media(door.http, update.media[0])).hexdigest() == sha256


async def test_the_webhook_says_and_shows(door: Door) -> None:
    picture = make_picture()
    transport = WebhookTransport(door.http, door.base + "/wecom")
    await transport.send(GROUP, DISPATCH, (picture,), "k")
    text, image = await door.rows(2)
    assert text["text"].startswith(DISPATCH.text)
    assert "<@wangfang>" in text["text"]
    assert image["media"][0]["sha256"] == hashlib.sha256(picture.content).hexdigest()


async def test_a_wrong_webhook_key_is_refused(door: Door) -> None:
    transport = WebhookTransport(door.http, door.base + "/wecom")
    with pytest.raises(Refused) as caught:
        await transport.send(Address("group:1", "G1", "wrong"), DISPATCH, (), "k")
    assert caught.value.errcode == 93000


async def test_a_newer_connection_kicks_ours_and_ours_stays_away(door: Door) -> None:
    url = door.base.replace("http", "ws") + "/aibot"
    async with door.http.ws_connect(url) as other:
        body = {"bot_id": "B1", "secret": "geheim"}
        await other.send_json({"cmd": "aibot_subscribe", "headers": {"req_id": "x"}, "body": body})
        assert (await other.receive_json())["errcode"] == 0
        await door.until(LineState.KICKED)
        await other.send_json({"cmd": "ping", "headers": {"req_id": "y"}, "body": {}})
        assert (await other.receive_json())["errcode"] == 0
        assert not door.holder.can_send


async def test_a_wrong_secret_is_a_refusal(door: Door, session: aiohttp.ClientSession) -> None:
    refused = asyncio.Event()
    url = door.base.replace("http", "ws") + "/aibot"
    wrong = AibotConnection(
        session,
        url,
        "B1",
        "falsch",
        lambda frame: None,
        on_state=lambda state: refused.set() if state is LineState.REFUSED else None,
    )
    running = asyncio.create_task(wrong.run(_always))
    await refused.wait()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert door.holder.can_send


async def _always() -> bool:
    return True
