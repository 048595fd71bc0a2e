"""The webhook: what it posts, what its refusals mean, and that its key is never shown."""

import json
import logging
import traceback
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.ports import Address, BadAnswer, Picture, Refused, Unreachable, WireFailure
from bot.workgroup.webhook_transport import WebhookTransport
from grid.message import Message
from tests.workgroup.builders import DISPATCH, GROUP, PNG


class Robot:
    """A webhook that keeps what it was given; `answers` are (status, body) one by one, then ok."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.raw: list[bytes] = []
        self.keys: list[str] = []
        self.answers: list[tuple[int, str]] = []
        self.base = ""

    async def handle(self, request: web.Request) -> web.Response:
        raw = await request.read()
        self.raw.append(raw)
        self.bodies.append(json.loads(raw))
        self.keys.append(request.query["key"])
        status, text = self.answers.pop(0) if self.answers else (200, '{"errcode":0,"errmsg":"ok"}')
        return web.Response(status=status, text=text)


@pytest.fixture
async def robot() -> AsyncIterator[Robot]:
    made = Robot()
    app = web.Application()
    app.router.add_post("/wecom/cgi-bin/webhook/send", made.handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.base = f"http://127.0.0.1:{runner.addresses[0][1]}/wecom"
    yield made
    await runner.cleanup()


@pytest.fixture
def transport(robot: Robot, session: aiohttp.ClientSession) -> WebhookTransport:
    return WebhookTransport(session, robot.base + "/")


async def test_text_with_mentions_then_pictures_no_card(robot: Robot, transport: WebhookTransport) -> None:
    message = Message("dispatch", DISPATCH.text, DISPATCH.card, mention=("wangfang",))
    sent = await transport.send(GROUP, message, (PNG,), "k")
    assert sent.via == "webhook"
    assert [body["msgtype"] for body in robot.bodies] == ["text", "image"]
    assert robot.bodies[0]["text"]["content"] == DISPATCH.text + "\n<@wangfang>"
    assert robot.keys == ["hook-key-1"] * 2
    assert "工单".encode() in robot.raw[0]


@pytest.mark.parametrize(
    ("errcode", "hint"), [(45009, 60.0), (45033, 5.0), (-1, 5.0), (130101, 60.0), (93000, None), (40058, None)]
)
async def test_refusals_and_their_hints(
    robot: Robot, transport: WebhookTransport, errcode: int, hint: float | None
) -> None:
    robot.answers = [(200, json.dumps({"errcode": errcode, "errmsg": "no"}))]
    with pytest.raises(Refused) as caught:
        await transport.send(GROUP, DISPATCH, (), "k")
    assert (caught.value.errcode, caught.value.retry_seconds) == (errcode, hint)


@pytest.mark.parametrize(
    "answer", [(502, "x"), (302, ""), (200, "x"), (200, "[]"), (200, "{}"), (200, '{"errcode":"0"}')]
)
async def test_odd_answers(robot: Robot, transport: WebhookTransport, answer: tuple[int, str]) -> None:
    robot.answers = [answer]
    with pytest.raises(BadAnswer):
        await transport.send(GROUP, DISPATCH, (), "k")


async def test_a_second_try_does_not_repeat_what_arrived(robot: Robot, transport: WebhookTransport) -> None:
    robot.answers = [(200, '{"errcode":0}'), (200, '{"errcode":45009}')]
    with pytest.raises(Refused):
        await transport.send(GROUP, DISPATCH, (PNG,), "k")
    await transport.send(GROUP, DISPATCH, (PNG,), "k")
    assert [body["msgtype"] for body in robot.bodies] == ["text", "image", "image"]


async def test_a_picture_that_cannot_go_is_told(robot: Robot, transport: WebhookTransport) -> None:
    await transport.send(GROUP, DISPATCH, (Picture("a.gif", "image/gif", bytes(9)), PNG), "k")
    assert [body["msgtype"] for body in robot.bodies] == ["text", "image", "text"]
    assert "1 张照片没能发出" in robot.bodies[-1]["text"]["content"]


@pytest.mark.parametrize("base", ["http://127.0.0.1:1", "http://[", "ftp://127.0.0.1"])
async def test_the_key_is_in_no_log_and_no_exception(
    session: aiohttp.ClientSession, base: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    address = Address("group:1", "G1", "693a91f6-secret")
    with pytest.raises(WireFailure) as caught:
        await WebhookTransport(session, base).send(address, DISPATCH, (), "k")
    assert isinstance(caught.value, Unreachable)
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value.__context__) + caplog.text
    assert "693a91f6" not in shown
    assert caught.value.__context__ is None


async def test_the_key_is_in_no_refusal(
    robot: Robot, transport: WebhookTransport, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    robot.answers = [(200, '{"errcode":93000,"errmsg":"invalid webhook url"}')]
    with pytest.raises(Refused) as caught:
        await transport.send(GROUP, DISPATCH, (), "k")
    assert "hook-key-1" not in "".join(traceback.format_exception(caught.value)) + caplog.text


async def test_a_group_without_a_key_is_refused_here(robot: Robot, transport: WebhookTransport) -> None:
    with pytest.raises(Refused) as caught:
        await transport.send(Address("group:1", "G1"), DISPATCH, (), "k")
    assert caught.value.errcode == 93000
    assert not robot.bodies
