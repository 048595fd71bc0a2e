"""The shared clock: it follows the sandbox's, never runs backwards, and keeps running when nobody answers."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.clock import SharedClock, system_clock

NOON = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)


class Sandbox:
    """Answers what it is told to."""

    def __init__(self) -> None:
        self.answer: Any = {"now": NOON.timestamp()}
        self.status = 200
        self.asked = 0

    async def serve(self, request: web.Request) -> web.Response:
        self.asked += 1
        return web.json_response(self.answer, status=self.status)


class Counter:
    """The machine's counter, moved by hand."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
async def shared(sandbox: Sandbox, counter: Counter) -> AsyncIterator[SharedClock]:
    app = web.Application()
    app.router.add_get("/sandbox/clock", sandbox.serve)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        clock = SharedClock(session, str(server.make_url("/sandbox/clock")), counter)
        assert await clock.refresh()
        yield clock


async def test_it_shows_the_others_time_and_runs_on_by_itself(
    shared: SharedClock, sandbox: Sandbox, counter: Counter
) -> None:
    assert shared() == NOON
    counter.seconds += 90.5
    assert shared() == NOON + timedelta(seconds=90.5)
    assert sandbox.asked == 1


async def test_it_follows_a_jump(shared: SharedClock, sandbox: Sandbox) -> None:
    sandbox.answer = {"now": (NOON + timedelta(days=2)).timestamp()}
    assert await shared.refresh()
    assert shared() == NOON + timedelta(days=2)


async def test_it_never_runs_backwards(shared: SharedClock, sandbox: Sandbox, counter: Counter) -> None:
    before = shared()
    sandbox.answer = {"now": (NOON - timedelta(hours=1)).timestamp()}
    await shared.refresh()
    assert shared() == before
    counter.seconds += 3601
    assert shared() == before + timedelta(seconds=1)


@pytest.mark.parametrize("answer", [{}, [], {"now": "x"}, {"now": True}, {"now": 1e300}, {"now": -5}, None])
async def test_an_odd_answer_changes_nothing(shared: SharedClock, sandbox: Sandbox, answer: Any) -> None:
    sandbox.answer = answer
    assert not await shared.refresh()
    assert shared() == NOON


async def test_it_keeps_running_when_nobody_answers(shared: SharedClock, sandbox: Sandbox, counter: Counter) -> None:
    sandbox.status = 503
    assert not await shared.refresh()
    counter.seconds += 5
    assert shared() == NOON + timedelta(seconds=5)


async def test_before_the_first_answer_it_is_the_machines_time() -> None:
    async with aiohttp.ClientSession() as session:
        clock = SharedClock(session, "http://127.0.0.1:1/sandbox/clock")
        assert not await clock.refresh()
        assert abs(clock() - system_clock()) < timedelta(seconds=5)


async def test_it_refreshes_each_second(shared: SharedClock, sandbox: Sandbox, counter: Counter) -> None:
    pauses: list[float] = []
    enough = asyncio.Event()

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            enough.set()
            await asyncio.Event().wait()

    shared._pause = pause
    following = asyncio.create_task(shared.follow())
    await asyncio.wait_for(enough.wait(), 10)
    following.cancel()
    assert pauses == [1.0] * 3
    assert sandbox.asked == 4
    await asyncio.gather(following, return_exceptions=True)
