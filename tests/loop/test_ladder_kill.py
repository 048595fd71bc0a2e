"""A ladder step and death: the service is killed before, while and after it writes a step, or two write at once. Each step is done once."""

import random
import sqlite3
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.columns import Colour
from tests.databases import TestServer
from tests.ears import until
from tests.loop.ladder_children import Ladder, open_ladder

pytestmark = pytest.mark.timeout(240)

# One tick and a little more: whatever is due has been taken up by then.
_TICK_SECONDS = 5.5
_AT_WORK_SECONDS = 20.0
_WAITERS = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


@pytest.fixture
def rng() -> random.Random:
    seed = random.SystemRandom().randrange(10**6)
    # Shown when the test fails.
    sys.stdout.write(f"seed {seed}\n")
    return random.Random(seed)


Moment = Callable[[Ladder, str, random.Random], Awaitable[None]]


async def _any_time(ladder: Ladder, colour: str, rng: random.Random) -> None:
    await ladder.make_due(colour)
    await ladder.pause(rng.uniform(0, _TICK_SECONDS))
    await ladder.children[0].kill()


async def _before_it_can_write(ladder: Ladder, colour: str, rng: random.Random) -> None:
    """The step is decided and waits for the database, which somebody else is writing to."""
    other = sqlite3.connect(str(ladder.archive.engine.url.database), isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        await ladder.make_due(colour)
        await ladder.pause(_TICK_SECONDS)
        await ladder.children[0].kill()
    finally:
        other.close()
    assert await ladder.count_sheets(colour) == 0


async def _once_written(ladder: Ladder, colour: str, rng: random.Random) -> None:
    await ladder.make_due(colour)
    while not await ladder.count_sheets(colour):
        await ladder.pause(0.01)
    await ladder.children[0].kill()


async def _once_somebody_heard(ladder: Ladder, colour: str, rng: random.Random) -> None:
    await until(ladder.house.driver, ladder.has_line, "the bot's line", _AT_WORK_SECONDS)
    await ladder.make_due(colour)
    while not await _is_heard(ladder, colour):
        await ladder.pause(0.01)
    await ladder.children[0].kill()


async def _is_heard(ladder: Ladder, colour: str) -> bool:
    head = f"【督办·{Colour(colour).label}】"
    return head in "".join(row["text"] or "" for row in await ladder.list_said())


STEPS = ("blue", "yellow", "orange")
MOMENTS: tuple[Moment, ...] = (_any_time, _before_it_can_write, _once_written, _once_somebody_heard)


async def test_a_killed_service_neither_loses_nor_repeats_a_step(
    sqlite_database: str, tmp_path: Path, rng: random.Random
) -> None:
    async with open_ladder(tmp_path, sqlite_database, children=1) as ladder:
        await ladder.open_cases()
        for colour, moment in zip(STEPS, rng.sample(MOMENTS, len(STEPS)), strict=True):
            sys.stdout.write(f"{colour} {moment.__name__}\n")
            await moment(ladder, colour, rng)
            await ladder.wait_issued(colour)
        await ladder.wait_delivered()
        await ladder.check_every_step_once(STEPS, kills=len(STEPS))


@asynccontextmanager
async def _both_at_work(ladder: Ladder, colour: str) -> AsyncIterator[None]:
    """Two processes have decided the same step: one is in the middle of its transaction, the other waits for the rows it holds."""
    async with ladder.archive.engine.connect() as ours:
        await ours.execute(text("LOCK TABLE sheet IN SHARE MODE"))
        await ladder.make_due(colour)
        await until(ladder.house.driver, lambda: _two_wait(ladder), "two at work", _AT_WORK_SECONDS)
        yield
        await ours.rollback()


async def _two_wait(ladder: Ladder) -> bool:
    async with ladder.archive.engine.connect() as connection:
        return await _count_waiters(connection) >= 2


async def _count_waiters(connection: AsyncConnection) -> int:
    return int((await connection.execute(text(_WAITERS))).scalar_one())


@pytest.mark.postgres
async def test_of_two_processes_exactly_one_acts(
    postgres_server: TestServer, tmp_path: Path, rng: random.Random
) -> None:
    async with postgres_server.database() as url, open_ladder(tmp_path, url, children=2) as ladder:
        await ladder.open_cases()
        async with _both_at_work(ladder, "blue"):
            pass
        await ladder.wait_issued("blue")
        async with _both_at_work(ladder, "yellow"):
            await rng.choice(ladder.children).kill()
        await ladder.wait_issued("yellow")
        await ladder.wait_delivered()
        await ladder.check_every_step_once(("blue", "yellow"), kills=1)
