"""Many rows in one statement: every kind of value comes back as SQLAlchemy's own insert would have brought it."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlmodel import SQLModel

from storage import bulk
from storage.archive import Archive
from storage.bulk import insert_rows
from storage.columns import InboundState
from storage.rows import row_values
from storage.tables import CalendarDay, Case, CaseEvent, Inbound, Setting
from tests.clock import START
from tests.storage.builders import count_rows, make_case, make_inbound

EVENT = {
    "case_id": 1, "seq": 1, "kind": "noted", "at": START, "actor": "w", "payload": None, "salt": b"\x00\xff", "digest": "d",
    "hash": "h",
}  # fmt: skip
ROWS: list[tuple[type[SQLModel], dict[str, Any]]] = [
    (Case, {**row_values(make_case(1)), "evidence": ["堆", '"'], "conduct": True, "accept_due_at": START}),
    (Inbound, row_values(make_inbound(1, "k", {"text": "好"}, state=InboundState.PENDING))),
    (Inbound, row_values(make_inbound(1, "k"))),
    (CaseEvent, EVENT),
    (CalendarDay, {"on": date(2026, 10, 1), "works": False, "name": "国庆节", "note": ""}),
]


@pytest.mark.parametrize(("table", "values"), ROWS)
async def test_a_row_comes_back_as_from_an_ordinary_insert(
    archive: Archive, table: type[SQLModel], values: dict[str, Any]
) -> None:
    core = table.__table__  # type: ignore[attr-defined]
    found = []
    async with archive.engine.connect() as connection:
        for write in (
            lambda sync: insert_rows(sync, table, [values]),
            lambda sync: sync.execute(insert(table), [values]),
        ):
            await connection.run_sync(write)
            found.append((await connection.execute(select(core))).one())
            await connection.rollback()
    assert found[0] == found[1]
    assert {name: getattr(found[0], name) for name in values} == values


async def test_more_rows_than_one_statement_takes(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "_MOST_VALUES", 10)
    rows = [{"name": str(number), "value": "x"} for number in range(23)]
    async with archive.engine.begin() as connection:
        await connection.run_sync(insert_rows, Setting, rows)
        await connection.run_sync(insert_rows, Setting, [])
    assert await count_rows(archive.engine, Setting) == 23


async def test_a_moment_without_a_zone_is_refused(archive: Archive) -> None:
    naive = {**EVENT, "at": datetime(2026, 11, 23, tzinfo=UTC).replace(tzinfo=None)}
    async with archive.engine.connect() as connection:
        with pytest.raises(Exception, match="zone"):
            await connection.run_sync(insert_rows, CaseEvent, [naive])
