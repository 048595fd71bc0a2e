"""The long connection: subscribe, ping, acks, ends, kicks."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import aiohttp
import pytest

from bot.ports import Refused, Unreachable
from bot.workgroup.aibot_connection import AibotConnection, LineState
from bot.workgroup.frames import Frame
from bot.workgroup.pace import Backoff
from tests.workgroup.gateway import Gateway, text_body
from tests.workgroup.hands import FakePace, settle


class Line:
    """A connection under test with what it reported."""

    def __init__(self, session: aiohttp.ClientSession, url: str, pace: FakePace) -> None:
        self.frames: asyncio.Queue[Frame] = asyncio.Queue()
        self.states: list[LineState] = []
        self._turned = asyncio.Event()
        self.asked = 0
        self.allowed = True
        self.connection = AibotConnection(
            session,
            url,
            "B1",
            "geheim",
            self.frames.put_nowait,
            pace=pace,
            backoff=Backoff(draw=lambda: 0.0),
            on_state=self._note,
        )

    def _note(self, state: LineState) -> None:
        self.states.append(state)
        self._turned.set()

    async def until(self, state: LineState) -> None:
        while self.connection.state is not state:
            self._turned.clear()
            await self._turned.wait()

    async def until_count(self, state: LineState, count: int) -> None:
        while self.states.count(state) < count:
            self._turned.clear()
            await self._turned.wait()

    async def may(self) -> bool:
        self.asked += 1
        return self.allowed


@pytest.fixture
async def line(gateway: Gateway, session: aiohttp.ClientSession, pace: FakePace) -> AsyncIterator[Line]:
    made = Line(session, gateway.url, pace)
    async with running(made):
        await made.until(LineState.ONLINE)
        yield made


@asynccontextmanager
async def running(line: Line) -> AsyncIterator[None]:
    task = asyncio.create_task(line.connection.run(line.may))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_subscribes_first_with_bot_id_and_secret(gateway: Gateway, line: Line) -> None:
    frame = await gateway.next("aibot_subscribe")
    assert frame["body"] == {"bot_id": "B1", "secret": "geheim"}
    assert frame["headers"]["req_id"]


async def test_callbacks_reach_on_frame(gateway: Gateway, line: Line) -> None:
    await gateway.push("aibot_msg_callback", text_body("@网格助手 接单"), "cb-7")
    frame = await line.frames.get()
    assert (frame.cmd, frame.req_id, frame.body["msgid"]) == ("aibot_msg_callback", "cb-7", "m1")


async def test_acks_find_their_request_in_any_order(gateway: Gateway, line: Line) -> None:
    gateway.silent.add("aibot_send_msg")
    one = asyncio.create_task(line.connection.request("aibot_send_msg", {"n": 1}))
    first = await gateway.next("aibot_send_msg")
    two = asyncio.create_task(line.connection.request("aibot_send_msg", {"n": 2}))
    second = await gateway.next("aibot_send_msg")
    assert first["headers"]["req_id"] != second["headers"]["req_id"]
    await gateway.ack(second["headers"]["req_id"], body={"is": "two"})
    assert await two == {"is": "two"}
    assert not one.done()
    await gateway.ack(first["headers"]["req_id"], body={"is": "one"})
    assert await one == {"is": "one"}


async def test_an_ack_with_errcode_is_a_refusal_with_its_hint(gateway: Gateway, line: Line) -> None:
    gateway.refuse["aibot_send_msg"] = 45009
    with pytest.raises(Refused) as caught:
        await line.connection.request("aibot_send_msg", {})
    assert (caught.value.errcode, caught.value.retry_seconds) == (45009, 60.0)


async def test_no_ack_in_time_is_unreachable(gateway: Gateway, line: Line, pace: FakePace) -> None:
    gateway.silent.add("aibot_send_msg")
    asking = asyncio.create_task(line.connection.request("aibot_send_msg", {}))
    await gateway.next("aibot_send_msg")
    pace.advance(9.9)
    await settle()
    assert not asking.done()
    pace.advance(0.2)
    with pytest.raises(Unreachable):
        await asking
    assert line.connection.state is LineState.ONLINE


async def test_two_answers_to_one_callback_wait_for_each_other(gateway: Gateway, line: Line) -> None:
    gateway.silent.add("aibot_respond_msg")
    one = asyncio.create_task(line.connection.request("aibot_respond_msg", {"n": 1}, "cb-1"))
    await gateway.next("aibot_respond_msg")
    two = asyncio.create_task(line.connection.request("aibot_respond_msg", {"n": 2}, "cb-1"))
    await settle()
    assert len(gateway.commands()) == 1
    await gateway.ack("cb-1")
    await one
    assert (await gateway.next("aibot_respond_msg"))["body"] == {"n": 2}
    await gateway.ack("cb-1")
    await two


async def test_a_late_ack_is_never_taken_for_a_second_answers_own(gateway: Gateway, line: Line, pace: FakePace) -> None:
    gateway.silent.add("aibot_respond_msg")
    one = asyncio.create_task(line.connection.request("aibot_respond_msg", {"n": 1}, "cb-1"))
    await gateway.next("aibot_respond_msg")
    pace.advance(10.1)
    with pytest.raises(Unreachable):
        await one
    with pytest.raises(Unreachable, match="never acknowledged"):
        await line.connection.request("aibot_respond_msg", {"n": 2}, "cb-1")


async def test_pings_every_thirty_seconds(gateway: Gateway, line: Line, pace: FakePace) -> None:
    for _ in range(3):
        await pace.until_slept(30.0)
        pace.advance(30.0)
        await gateway.next("ping")
    assert line.states == [LineState.CONNECTING, LineState.ONLINE]


async def test_a_missed_pong_ends_the_connection_and_a_new_one_comes(
    gateway: Gateway, line: Line, pace: FakePace
) -> None:
    gateway.silent.add("ping")
    await pace.until_slept(30.0)
    pace.advance(30.0)
    await gateway.next("ping")
    pace.advance(10.0)
    await line.until(LineState.DOWN)
    assert await pace.until_slept(0.5) == 0.5
    pace.advance(0.5)
    await line.until(LineState.ONLINE)
    assert len(gateway.sockets) == 2


async def test_an_ordinary_close_is_an_end_too(gateway: Gateway, line: Line, pace: FakePace) -> None:
    await gateway.drop()
    await line.until(LineState.DOWN)
    await pace.until_slept(0.5)
    pace.advance(0.5)
    await line.until(LineState.ONLINE)


async def test_who_waits_for_an_ack_hears_at_once_that_the_line_ended(gateway: Gateway, line: Line) -> None:
    gateway.silent.add("aibot_send_msg")
    asking = asyncio.create_task(line.connection.request("aibot_send_msg", {}))
    await gateway.next("aibot_send_msg")
    await gateway.drop()
    with pytest.raises(Unreachable, match="ended"):
        await asking
    with pytest.raises(Unreachable, match="not connected"):
        await line.connection.request("aibot_send_msg", {})


async def test_waits_grow_up_to_a_minute(gateway: Gateway, session: aiohttp.ClientSession, pace: FakePace) -> None:
    line = Line(session, gateway.url.replace("/aibot", "/nowhere"), pace)
    waits = []
    async with running(line):
        for number in range(1, 8):
            await line.until_count(LineState.DOWN, number)
            waits.append(await pace.until_slept(0.1, 30.0))
            pace.advance(waits[-1])
    assert waits == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0]


async def test_waits_forget_only_after_a_minute_online(gateway: Gateway, line: Line, pace: FakePace) -> None:
    await gateway.drop()
    await pace.until_slept(0.5)
    pace.advance(0.5)
    await line.until(LineState.ONLINE)
    await gateway.drop()
    await pace.until_slept(1.0)
    pace.advance(1.0)
    await line.until(LineState.ONLINE)
    for _ in range(2):
        await pace.until_slept(30.0)
        pace.advance(30.0)
        await gateway.next("ping")
    await gateway.drop()
    assert await pace.until_slept(0.5) == 0.5


async def test_a_kick_never_brings_it_back_at_once(gateway: Gateway, line: Line, pace: FakePace) -> None:
    await gateway.kick()
    await line.until(LineState.KICKED)
    assert await pace.until_slept(30.0) == 30.0
    assert (line.asked, len(gateway.sockets)) == (1, 1)
    line.allowed = False
    pace.advance(30.0)
    await line.until(LineState.DOWN)
    assert (line.asked, len(gateway.sockets)) == (2, 1)


async def test_kicks_in_a_row_wait_longer(gateway: Gateway, line: Line, pace: FakePace) -> None:
    await gateway.kick()
    await line.until(LineState.KICKED)
    await pace.until_slept(30.0)
    pace.advance(30.0)
    await line.until(LineState.ONLINE)
    await gateway.kick()
    await line.until(LineState.KICKED)
    assert await pace.until_slept(60.0) == 60.0


async def test_two_connections_do_not_fight(gateway: Gateway, line: Line, session: aiohttp.ClientSession) -> None:
    other = Line(session, gateway.url, FakePace())
    async with running(other):
        await other.until(LineState.ONLINE)
        await line.until(LineState.KICKED)
        await settle()
        assert other.connection.state is LineState.ONLINE
        assert len(gateway.sockets) == 2


async def test_a_refused_subscription_waits_a_minute(
    gateway: Gateway, session: aiohttp.ClientSession, pace: FakePace, caplog: pytest.LogCaptureFixture
) -> None:
    gateway.refuse["aibot_subscribe"] = 853000
    line = Line(session, gateway.url, pace)
    async with running(line):
        await line.until(LineState.REFUSED)
        assert await pace.until_slept(60.0) == 60.0
    assert "853000" in caplog.text


@pytest.mark.parametrize(
    "raw",
    ["", "[]", "null", "{", '"a"', "{}", '{"headers":[]}', '{"cmd":7}', '{"cmd":"aibot_msg_callback"}', "[" * 5000],
)
async def test_a_hostile_frame_costs_nothing(gateway: Gateway, line: Line, raw: str) -> None:
    await gateway.push_raw(raw)
    await gateway.push("aibot_msg_callback", text_body("还在"), "cb-2")
    while (await line.frames.get()).req_id != "cb-2":
        pass
    assert await line.connection.request("aibot_send_msg", {}) == {}


async def test_our_own_fault_on_a_frame_costs_nothing(
    gateway: Gateway, session: aiohttp.ClientSession, pace: FakePace
) -> None:
    line = Line(session, gateway.url, pace)
    line.connection._on_frame = _fail
    async with running(line):
        await line.until(LineState.ONLINE)
        await gateway.push("aibot_msg_callback", text_body("一"))
        assert await line.connection.request("aibot_send_msg", {}) == {}


def _fail(frame: Frame) -> None:
    raise ZeroDivisionError


async def test_neither_secret_nor_words_are_logged(
    gateway: Gateway, line: Line, pace: FakePace, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await gateway.push("aibot_msg_callback", text_body("李先生13900000001"))
    await line.frames.get()
    gateway.refuse["aibot_send_msg"] = 40058
    with pytest.raises(Refused) as caught:
        await line.connection.request("aibot_send_msg", {"markdown": {"content": "李先生"}})
    await gateway.kick()
    await line.until(LineState.KICKED)
    shown = caplog.text + repr(line.connection) + repr(caught.value) + str(caught.value)
    assert not [word for word in ("geheim", "李先生", "139", "wangfang") if word in shown]


def test_backoff_draws_in_the_upper_half_and_stays_finite() -> None:
    draws: list[Callable[[], float]] = [lambda: 0.0, lambda: 0.999]
    low, high = (Backoff(1.0, 60.0, draw) for draw in draws)
    pairs = [(low.next_seconds(), high.next_seconds()) for _ in range(2000)]
    assert all(a <= b < 2 * a + 1e-9 and b < 60.0 for a, b in pairs)
    assert pairs[0][0] == 0.5
    assert pairs[-1][0] == 30.0
