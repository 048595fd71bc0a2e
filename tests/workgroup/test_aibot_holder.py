"""One process holds the bot: taking over, giving up, and never fighting."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import aiohttp
import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.lease import Lease
from bot.workgroup.aibot_connection import AibotConnection, LineState
from bot.workgroup.aibot_holder import AibotHolder, HolderState
from bot.workgroup.aibot_intake import AibotIntake
from bot.workgroup.aibot_transport import AibotTransport
from bot.workgroup.pace import Backoff
from bot.workgroup.sink import Reply
from grid.message import Message
from handlers.update import Update
from storage.engine import make_engine
from tests.clock import FakeClock
from tests.workgroup.gateway import Gateway, text_body
from tests.workgroup.hands import FakePace, settle


class Process:
    """One process with its own time, lease, line and sink."""

    def __init__(self, name: str, engine: AsyncEngine, clock: FakeClock, http: aiohttp.ClientSession, url: str) -> None:
        self.pace = FakePace()
        self.heard = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()
        self._turned = asyncio.Event()
        self.lease = Lease(engine, "aibot:B1", name, 10.0, clock)
        self.connection = AibotConnection(
            http,
            url,
            "B1",
            "geheim",
            lambda frame: self.intake.take(frame),
            pace=self.pace,
            backoff=Backoff(draw=lambda: 0.0),
            on_state=lambda state: self._turned.set(),
        )
        self.transport = AibotTransport(self.connection, self.pace)
        self.intake = AibotIntake(self, self.transport, bot_id="B1", bot_name="网格助手", now=clock)
        self.holder = AibotHolder(self.lease, self.connection, self.intake, pace=self.pace)

    async def feed(self, update: Update) -> Reply | None:
        self.heard.set()
        await self.gate.wait()
        return Reply(Message("x", f"收到{update.text}"))

    async def until(self, state: LineState) -> None:
        while self.connection.state is not state:
            self._turned.clear()
            await self._turned.wait()

    async def refuses_to_hold(self) -> None:
        """Wait until it has asked for the lease once more in vain."""
        await self.pace.until_slept(3.0)
        assert self.holder.state is HolderState.STANDBY


@asynccontextmanager
async def alive(process: Process) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(process.holder.run())
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture
async def engine(sqlite_database: str) -> AsyncIterator[AsyncEngine]:
    made = make_engine(sqlite_database)
    yield made
    await made.dispose()


@pytest.fixture
def start(
    engine: AsyncEngine, clock: FakeClock, session: aiohttp.ClientSession, gateway: Gateway
) -> Callable[[str], Process]:
    return lambda name: Process(name, engine, clock, session, gateway.url)


Start = Callable[[str], Process]


async def pass_time(clock: FakeClock, seconds: float, *processes: Process) -> None:
    clock.advance(seconds=seconds)
    for process in processes:
        process.pace.advance(seconds)


async def test_the_first_holds_and_the_second_stands_by(start: Start, gateway: Gateway) -> None:
    one, two = start("one"), start("two")
    async with alive(one):
        await one.until(LineState.ONLINE)
        assert one.holder.can_send
        async with alive(two):
            await two.refuses_to_hold()
            assert not two.holder.can_send
            assert len(gateway.sockets) == 1


async def test_it_hears_and_answers(start: Start, gateway: Gateway) -> None:
    one = start("one")
    async with alive(one):
        await one.until(LineState.ONLINE)
        await gateway.push("aibot_msg_callback", text_body("@网格助手 接单"), "cb-9")
        frame = await gateway.next("aibot_respond_msg")
        assert frame["headers"]["req_id"] == "cb-9"
        assert frame["body"]["markdown"]["content"] == "收到接单"


async def test_a_clean_stop_hands_over_at_once(start: Start, gateway: Gateway, clock: FakeClock) -> None:
    one, two = start("one"), start("two")
    async with alive(one) as task, alive(two):
        await one.until(LineState.ONLINE)
        await two.refuses_to_hold()
        one.holder.stop()
        await task
        assert one.holder.state is HolderState.STOPPED
        await pass_time(clock, 3.0, two)
        await two.until(LineState.ONLINE)
        assert two.lease.epoch == 2


async def test_a_clean_stop_first_answers_what_was_taken_in(start: Start, gateway: Gateway) -> None:
    one = start("one")
    async with alive(one) as task:
        await one.until(LineState.ONLINE)
        one.gate.clear()
        await gateway.push("aibot_msg_callback", text_body("@网格助手 办结"), "cb-9")
        await one.heard.wait()
        one.holder.stop()
        await one.pace.until_slept(5.0)
        one.gate.set()
        await task
        assert "aibot_respond_msg" in gateway.commands()


async def test_a_clean_stop_waits_no_longer_than_the_grace(
    start: Start, gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    one, two = start("one"), start("two")
    async with alive(one) as task:
        await one.until(LineState.ONLINE)
        one.gate.clear()
        await gateway.push("aibot_msg_callback", text_body("@网格助手 办结"), "cb-9")
        await one.heard.wait()
        one.holder.stop()
        await one.pace.until_slept(5.0)
        one.pace.advance(5.0)
        await task
    assert "unfinished" in caplog.text
    assert await two.lease.acquire() == 2


async def test_cancelling_gives_the_lease_up_too(start: Start) -> None:
    one, two = start("one"), start("two")
    async with alive(one):
        await one.until(LineState.ONLINE)
    assert one.connection.state is LineState.DOWN
    assert await two.lease.acquire() == 2


async def test_when_the_holder_was_killed_another_takes_over_within_the_lease(
    start: Start, gateway: Gateway, clock: FakeClock
) -> None:
    dead, two = start("dead"), start("two")
    await dead.lease.acquire()
    async with alive(two):
        waited = 0.0
        while two.connection.state is not LineState.ONLINE:
            await two.refuses_to_hold()
            assert waited <= 10.0
            waited += 3.0
            await pass_time(clock, 3.0, two)
            await until_asked_again(two)
        assert waited == 12.0


async def until_asked_again(process: Process) -> None:
    """Until the process has either gone back to sleep or come online."""
    sleeping = asyncio.create_task(process.pace.until_slept(3.0))
    online = asyncio.create_task(process.until(LineState.ONLINE))
    await asyncio.wait({sleeping, online}, return_when=asyncio.FIRST_COMPLETED)
    if process.holder.state is HolderState.HOLDING:
        await online
    sleeping.cancel()
    online.cancel()


async def test_a_holder_that_slept_too_long_closes_its_line(start: Start, clock: FakeClock) -> None:
    one, two = start("one"), start("two")
    async with alive(one):
        await one.until(LineState.ONLINE)
        clock.advance(seconds=11)
        assert await two.lease.acquire() == 2
        await one.pace.until_slept(3.0)
        one.pace.advance(3.0)
        await one.until(LineState.DOWN)
        assert not one.holder.can_send
        assert await two.lease.renew()


async def test_a_kick_asks_the_lease_and_stays_away_when_it_is_another_s(
    start: Start, gateway: Gateway, clock: FakeClock
) -> None:
    one, two = start("one"), start("two")
    async with alive(one):
        await one.until(LineState.ONLINE)
        clock.advance(seconds=11)
        async with alive(two):
            await two.until(LineState.ONLINE)
            await one.until(LineState.KICKED)
            await one.pace.until_slept(3.0)
            one.pace.advance(3.0)
            await one.until(LineState.DOWN)
            one.pace.advance(100.0)
            await one.refuses_to_hold()
            assert two.holder.can_send
            assert len(gateway.sockets) == 2


async def test_a_database_that_fails_for_a_moment_costs_nothing(
    start: Start, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = start("one")
    async with alive(one):
        await one.until(LineState.ONLINE)
        monkeypatch.setattr(one.lease, "renew", _fail)
        await turn_keeper(one)
        assert one.connection.state is LineState.ONLINE
        monkeypatch.undo()
        await turn_keeper(one)
        await turn_keeper(one)
        await turn_keeper(one)
        assert one.connection.state is LineState.ONLINE


async def test_a_database_that_stays_away_ends_the_holding_before_the_lease_does(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = start("one")
    async with alive(one):
        await one.until(LineState.ONLINE)
        monkeypatch.setattr(one.lease, "renew", _fail)
        while one.connection.state is LineState.ONLINE:
            assert one.pace.monotonic() < 10.0
            await turn_keeper(one)
        assert one.holder.state is not HolderState.HOLDING or one.connection.state is LineState.DOWN


async def test_a_database_that_hangs_ends_the_holding_too(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    one = start("one")
    async with alive(one):
        await one.until(LineState.ONLINE)
        monkeypatch.setattr(one.lease, "renew", asyncio.Event().wait)
        await one.pace.until_slept(3.0)
        one.pace.advance(3.0)
        await one.pace.until_slept(5.0, 9.9)
        one.pace.advance(9.9)
        await one.until(LineState.DOWN)


async def _fail() -> bool:
    raise OperationalError("", {}, Exception("gone"))


async def turn_keeper(process: Process) -> None:
    """One round of renewing: three seconds go by, and whoever renews (or waits for the lease again) is asleep again."""
    await process.pace.until_slept(3.0)
    process.pace.advance(3.0)
    await process.pace.until_slept(3.0)


async def test_a_machine_without_a_network_lets_another_try(
    engine: AsyncEngine, clock: FakeClock, session: aiohttp.ClientSession, gateway: Gateway
) -> None:
    lonely = Process("one", engine, clock, session, gateway.url.replace("/aibot", "/nowhere"))
    other = Process("two", engine, clock, session, gateway.url)
    async with alive(lonely):
        for wait in (0.5, 1.0, 2.0, 4.0, 8.0):
            await lonely.pace.until_slept(wait)
            while wait in lonely.pace.spans():
                await creep(lonely)
        await lonely.pace.until_only(10.0)
        async with alive(other):
            await other.until(LineState.ONLINE)


async def creep(process: Process) -> None:
    """Half a second goes by once the keeper is at rest: a real database needs real time to answer."""
    await process.pace.until_slept(3.0)
    process.pace.advance(0.5)
    await settle()
