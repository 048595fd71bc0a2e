"""Running numbers, drawn in blocks so that processes never wait for each other: row ids and the day's case numbers."""

import asyncio
import time
from datetime import date

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage.lane import Lane
from storage.writing import writing

# Takes `count` numbers of the counter `name` and answers where the next block begins; the row stays locked until the commit.
DRAW = text(
    "INSERT INTO counter (name, next) VALUES (:name, 1 + :count) "
    "ON CONFLICT (name) DO UPDATE SET next = counter.next + :count RETURNING next"
)
_HASTE_SECONDS = 1.0
_GROWTH = 16
_GIVE_BACK = text("UPDATE counter SET next = :start WHERE name = :name AND next = :end")


async def draw_block(engine: AsyncEngine, name: str, count: int) -> range:
    """The next `count` numbers of the counter `name`, ours alone."""
    async with writing(engine) as connection:
        return await draw_on(connection, name, count)


async def draw_on(connection: AsyncConnection, name: str, count: int) -> range:
    """The same inside somebody's own transaction; given back if that fails."""
    end = (await connection.execute(DRAW, {"name": name, "count": count})).scalar_one()
    return range(end - count, end)


def _draw_here(connection: Connection, name: str, count: int) -> range:
    end = connection.execute(DRAW, {"name": name, "count": count}).scalar_one()
    return range(end - count, end)


class RunningNumber:
    """One counter's block in this process. Blocks that are used up within a second grow, up to `_GROWTH` times the first one."""

    def __init__(self, engine: AsyncEngine, name: str, block: int, lane: Lane | None = None) -> None:
        self._engine, self._name, self._block, self._least = engine, name, block, block
        self._lane = lane or Lane(engine, writes=True)
        self._next, self._end = 0, 0
        self._drawn_at = float("-inf")
        self._lock = asyncio.Lock()

    async def take(self, count: int = 1) -> range:
        """`count` numbers in a row."""
        async with self._lock:
            if self._end - self._next < count:
                drawn = await self._lane.run(_draw_here, self._name, max(self._choose_block(), count))
                self._next, self._end = drawn.start, drawn.stop
            first, self._next = self._next, self._next + count
            return range(first, first + count)

    def _choose_block(self) -> int:
        # Each draw waits for the disk; but what a dead process had drawn is a gap in numbers that people read.
        now = time.monotonic()
        in_haste = now - self._drawn_at < _HASTE_SECONDS
        self._block = min(self._block * 2, self._least * _GROWTH) if in_haste else self._least
        self._drawn_at = now
        return self._block

    def take_now(self) -> int | None:
        """One number if the block still has some, without waiting."""
        if self._next >= self._end:
            return None
        self._next += 1
        return self._next - 1

    async def give_back(self) -> None:
        """Return what was not used, if nobody drew after us: numbers people read should have no needless gaps."""
        async with self._lock, writing(self._engine) as connection:
            if self._next < self._end:
                found = {"name": self._name, "start": self._next, "end": self._end}
                await connection.execute(_GIVE_BACK, found)
                self._end = self._next


class Numbers:
    """The counters of one process: row ids in large blocks, case numbers per local day in small ones."""

    def __init__(
        self, engine: AsyncEngine, case_block: int = 20, id_block: int = 2000, lane: Lane | None = None
    ) -> None:
        self._engine, self._case_block, self._lane = engine, case_block, lane or Lane(engine, writes=True)
        self._ids = RunningNumber(engine, "id", id_block, self._lane)
        self._serials: dict[date, RunningNumber] = {}

    async def take_id(self) -> int:
        """A row id that no other row has."""
        now = self._ids.take_now()
        return now if now is not None else (await self._ids.take()).start

    async def take(self, count: int) -> range:
        """`count` row ids in a row."""
        return await self._ids.take(count)

    async def take_serial(self, on: date) -> int:
        """The next running number of the local day `on`."""
        book = self._serials.get(on)
        if book is None:
            self._serials = {on: RunningNumber(self._engine, f"case:{on}", self._case_block, self._lane)}
            book = self._serials[on]
        return (await book.take()).start

    async def give_back(self) -> None:
        """At a clean stop: return unused case numbers."""
        for book in self._serials.values():
            await book.give_back()


def render_number(on: date, serial: int) -> str:
    """`1123-08`: month, day, running number that grows as needed."""
    return f"{on:%m%d}-{serial:02d}"
