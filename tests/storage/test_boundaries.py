"""Versions of boundaries on both engines: a new division ends the old one and never rewrites it."""

from collections.abc import AsyncIterator
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.archive import open_archive
from storage.engine import WRITES, make_engine
from storage.imports import ConnectionIds, import_file
from storage.imports.boundaries import BoundaryRecord, load_ground, write_boundaries
from storage.queries import Books
from tests.storage.test_imports import AREAS, NOW

GRID = "1111-01"
TODAY = date(2026, 11, 23)


def make_record(
    geometry: str, first: date | None = None, last: date | None = None, source: str = "a"
) -> BoundaryRecord:
    return BoundaryRecord(GRID, "CGCS2000", geometry, first, last, source)


class Town:
    """An archive with areas, to write boundaries into."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine

    async def build(self) -> None:
        async with self.engine.execution_options(**WRITES).begin() as connection:
            await import_file(connection, "areas", "a.csv", AREAS.encode(), categories={}, now=NOW)

    async def gets(self, record: BoundaryRecord, on: date = TODAY, *, dry_run: bool = False) -> tuple[int, int, int]:
        async with self.engine.execution_options(**WRITES).begin() as connection:
            done = await write_boundaries(connection, [record], ConnectionIds(connection), on, dry_run=dry_run)
        return done.created, done.updated, done.unchanged

    async def versions(self) -> list[tuple[str, str, str | None]]:
        query = "SELECT geometry, effective_from, effective_to FROM area_boundary ORDER BY effective_from"
        async with self.engine.connect() as connection:
            rows = (await connection.execute(text(query))).all()
        return [(row[0], str(row[1]), str(row[2]) if row[2] else None) for row in rows]

    async def in_force(self, on: date) -> str | None:
        async with self.engine.connect() as connection:
            return (await load_ground(connection, on))[1].get(GRID)


@pytest.fixture
async def town(engine_url: str) -> AsyncIterator[Town]:
    engine = make_engine(engine_url)
    made = Town(engine)
    await made.build()
    yield made
    await engine.dispose()


async def test_the_first_boundary_begins_today_and_the_same_again_changes_nothing(town: Town) -> None:
    assert await town.gets(make_record("A")) == (1, 0, 0)
    assert await town.gets(make_record("A", source="b"), date(2026, 12, 1)) == (0, 0, 1)
    assert await town.versions() == [("A", "2026-11-23", None)]


async def test_a_new_division_ends_the_old_one(town: Town) -> None:
    await town.gets(make_record("A", date(2026, 1, 1)))
    assert await town.gets(make_record("B", date(2027, 1, 1))) == (1, 0, 0)
    assert await town.versions() == [("A", "2026-01-01", "2026-12-31"), ("B", "2027-01-01", None)]
    assert [await town.in_force(on) for on in (date(2025, 1, 1), date(2026, 12, 31), date(2027, 1, 1))] == [
        None,
        "A",
        "B",
    ]


async def test_without_a_date_another_ground_begins_today(town: Town) -> None:
    await town.gets(make_record("A", date(2026, 1, 1)))
    assert await town.gets(make_record("B")) == (1, 0, 0)
    assert await town.versions() == [("A", "2026-01-01", "2026-11-22"), ("B", "2026-11-23", None)]


async def test_a_correction_of_the_same_day_is_an_update(town: Town) -> None:
    await town.gets(make_record("A", TODAY))
    assert await town.gets(make_record("B", TODAY)) == (0, 1, 0)
    assert await town.versions() == [("B", "2026-11-23", None)]


async def test_an_older_version_ends_where_the_next_begins(town: Town) -> None:
    await town.gets(make_record("B", date(2026, 6, 1)))
    await town.gets(make_record("A", date(2026, 1, 1)))
    assert await town.versions() == [("A", "2026-01-01", "2026-05-31"), ("B", "2026-06-01", None)]


async def test_a_stated_end_is_kept(town: Town) -> None:
    await town.gets(make_record("A", date(2026, 1, 1), date(2026, 3, 31)))
    await town.gets(make_record("B", date(2026, 6, 1)))
    assert await town.versions() == [("A", "2026-01-01", "2026-03-31"), ("B", "2026-06-01", None)]
    assert await town.in_force(date(2026, 4, 15)) is None


async def test_a_dry_run_counts_and_writes_nothing(town: Town) -> None:
    assert await town.gets(make_record("A"), dry_run=True) == (1, 0, 0)
    assert await town.versions() == []


async def test_what_the_service_reads_is_what_is_in_force(engine_url: str) -> None:
    async with open_archive(engine_url) as archive:
        town = Town(archive.engine)
        await town.build()
        await town.gets(make_record("A", date(2026, 1, 1), date(2026, 3, 31)))
        await town.gets(make_record("B", date(2026, 6, 1)))
        books = Books(archive)
        seen = {
            on: [row.geometry for row in await books.list_boundaries(on)]
            for on in (date(2026, 3, 31), date(2026, 4, 1), date(2026, 6, 1))
        }
    assert [*seen.values()] == [["A"], [], ["B"]]
