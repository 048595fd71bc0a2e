import asyncio

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError

from storage.archive import Archive
from storage.engine import WRITES, is_sqlite, make_engine
from storage.tables import Area, Counter


@pytest.mark.parametrize(
    ("pragma", "value"), [("synchronous", 2), ("journal_mode", "wal"), ("foreign_keys", 1), ("busy_timeout", 10_000)]
)
async def test_sqlite_is_durable_and_strict(sqlite_database: str, pragma: str, value: object) -> None:
    engine = make_engine(sqlite_database)
    async with engine.connect() as connection:
        assert (await connection.execute(text(f"PRAGMA {pragma}"))).scalar_one() == value
    await engine.dispose()


async def test_every_connection_of_the_pool_is_taught(sqlite_database: str) -> None:
    engine = make_engine(sqlite_database)
    async with engine.connect() as one, engine.connect() as two:
        for connection in (one, two):
            assert (await connection.execute(text("PRAGMA foreign_keys"))).scalar_one() == 1
    await engine.dispose()


async def test_a_dangling_key_is_refused(archive: Archive) -> None:
    values = {"code": "1", "parent_code": "nowhere", "level": "grid", "kind": "urban", "name": "一", "path": "/1/"}
    rest = {"scope": "", "households": 0, "service_hours": "", "duty_phone": ""}
    with pytest.raises(IntegrityError):
        async with archive.engine.begin() as connection:
            await connection.execute(insert(Area), {**values, **rest})


async def test_a_writer_waits_for_the_writer_before_him(archive: Archive) -> None:
    """Read, then write, in two transactions at once: the second must see what the first wrote."""

    async def add_one() -> None:
        async with archive.engine.execution_options(**WRITES).begin() as connection:
            query = text("SELECT next FROM counter WHERE name = 'n'" + lock)
            now = (await connection.execute(query)).scalar_one()
            await asyncio.sleep(0)
            await connection.execute(text("UPDATE counter SET next = :n WHERE name = 'n'"), {"n": now + 1})

    lock = "" if is_sqlite(archive.engine) else " FOR UPDATE"
    async with archive.engine.begin() as connection:
        await connection.execute(insert(Counter), {"name": "n", "next": 0})
    await asyncio.gather(*(add_one() for _ in range(10)))
    async with archive.engine.connect() as connection:
        assert (await connection.execute(text("SELECT next FROM counter WHERE name = 'n'"))).scalar_one() == 10


def test_another_database_is_refused() -> None:
    with pytest.raises(ValueError, match="unsupported"):
        make_engine("mysql+aiomysql://localhost/x")
