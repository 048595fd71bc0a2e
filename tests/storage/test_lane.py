"""Work in one go: committed whole, or not at all, on both engines."""

import asyncio
import threading

import pytest
from sqlalchemy import Connection, text

from storage.archive import Archive
from storage.engine import make_engine
from storage.lane import Lane
from storage.tables import Setting
from tests.storage.builders import count_rows

PUT = text("INSERT INTO setting (name, value) VALUES (:name, 'x')")


def put(connection: Connection, *names: str) -> int:
    connection.execute(PUT, [{"name": name} for name in names])
    return len(names)


def put_and_fail(connection: Connection, name: str) -> None:
    put(connection, name)
    raise LookupError(name)


async def test_what_work_returns_comes_back_and_what_it_wrote_stays(archive: Archive) -> None:
    lane = Lane(archive.engine, writes=True)
    assert await lane.run(put, "a", "b") == 2
    await lane.close()
    assert await count_rows(archive.engine, Setting) == 2


async def test_work_that_fails_writes_nothing_and_the_lane_goes_on(archive: Archive) -> None:
    lane = Lane(archive.engine, writes=True)
    with pytest.raises(LookupError):
        await lane.run(put_and_fail, "a")
    assert await lane.run(put, "a") == 1
    await lane.close()
    assert await count_rows(archive.engine, Setting) == 1


async def test_a_closed_lane_opens_again(archive: Archive) -> None:
    lane = Lane(archive.engine, writes=True)
    await lane.run(put, "a")
    await lane.close()
    await lane.close()
    assert await lane.run(put, "b") == 1
    await lane.close()


async def test_many_lanes_write_side_by_side(archive: Archive) -> None:
    lanes = [Lane(archive.engine, writes=True) for _ in range(3)]
    await asyncio.gather(
        *(lane.run(put, f"{number}-{index}") for number in range(20) for index, lane in enumerate(lanes))
    )
    for lane in lanes:
        await lane.close()
    assert await count_rows(archive.engine, Setting) == 60


async def test_sqlite_on_a_file_works_beside_the_event_loop_and_is_as_durable(sqlite_database: str) -> None:
    def look(connection: Connection) -> tuple[str, int, int]:
        pragmas = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("synchronous", "foreign_keys")
        ]
        return threading.current_thread().name, *pragmas

    engine = make_engine(sqlite_database)
    lane = Lane(engine, writes=True)
    name, synchronous, foreign_keys = await lane.run(look)
    assert name.startswith("sqlite")
    assert (synchronous, foreign_keys) == (2, 1)
    await lane.close()
    await engine.dispose()


async def test_a_database_in_memory_is_not_opened_a_second_time() -> None:
    engine = make_engine("sqlite+aiosqlite:///:memory:")
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE setting (name TEXT, value TEXT)"))
    assert await Lane(engine, writes=True).run(put, "a") == 1
    await engine.dispose()
