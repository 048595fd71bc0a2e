"""A database from before there were stage clocks: what is open in it is looked at, what has ended is left alone."""

from datetime import UTC, date, datetime
from typing import Any

from alembic import command
from sqlalchemy import JSON, Boolean, Connection, Date, DateTime, MetaData, String, Table, insert
from sqlalchemy import select as sa_select

from storage.engine import make_engine
from storage.schema import _config, migrate
from storage.tables import Case
from storage.writing import writing

OPENED = datetime(2026, 10, 9, 1, 0, tzinfo=UTC)
STATUSES = ("triage", "dispatched", "suspended", "resolved", "rated", "archived", "void", "merged", "withdrawn")


async def test_open_cases_are_looked_at(empty_url: str) -> None:
    engine = make_engine(empty_url)
    async with writing(engine) as connection:
        await connection.run_sync(_make_old)
    await migrate(engine)
    core: Any = Case.__table__  # type: ignore[attr-defined]  # SQLModel adds it
    async with engine.connect() as connection:
        rows = (await connection.execute(sa_select(core.c.status, core.c.next_step_at, core.c.clocks))).all()
    await engine.dispose()
    assert {row.status for row in rows if row.next_step_at == OPENED} == set(STATUSES[:5])
    assert {row.status for row in rows if row.next_step_at is None} == set(STATUSES[5:])
    assert all(row.clocks == {} for row in rows)


def _make_old(connection: Connection) -> None:
    command.upgrade(_config(connection), "0004")
    table = Table("case", MetaData(), autoload_with=connection)
    for number, status in enumerate(STATUSES, start=1):
        values = {column.name: _something(column) for column in table.columns if not column.nullable}
        values |= {"id": number, "serial": number, "status": status, "opened_at": _moment(connection)}
        connection.execute(insert(table).values(values))


def _moment(connection: Connection) -> datetime:
    return OPENED.replace(tzinfo=None) if connection.dialect.name == "sqlite" else OPENED


def _something(column: Any) -> object:
    for kind, value in ((Boolean, False), (DateTime, datetime(2026, 10, 9)), (Date, date(2026, 10, 9))):  # noqa: DTZ001 -- as SQLite keeps it
        if isinstance(column.type, kind):
            return value
    if isinstance(column.type, JSON):
        return {}
    return "" if isinstance(column.type, String) else 0
