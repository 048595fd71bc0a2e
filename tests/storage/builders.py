"""Rows and plans for storage tests."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import SQLModel

from storage.columns import InboundState, Source
from storage.counters import render_number
from storage.plan import Change, EventDraft, OutboxDraft, Plan
from storage.rows import fresh
from storage.tables import Case, CaseEvent, Inbound, Resident
from tests.clock import START


def make_case(case_id: int, serial: int | None = None) -> Case:
    """A case as it is when it has just been opened."""
    serial = case_id if serial is None else serial
    return fresh(
        Case,
        id=case_id,
        opened_on=START.date(),
        serial=serial,
        number=render_number(START.date(), serial),
        source=Source.OFFICIAL_ACCOUNT,
        text="楼道堆物",
        category="urban_property",
        urgency="normal",
        status="assigned",
        opened_at=START,
        touched_at=START,
    )


def make_resident(row_id: int, openid: str) -> Resident:
    """A resident who has just begun to follow."""
    return fresh(Resident, id=row_id, openid=openid, first_seen_at=START)


def make_inbound(row_id: int, key: str, reply: Mapping[str, Any] | None = None, **values: Any) -> Inbound:
    """An update that was handled and answered with `reply`."""
    row: dict[str, Any] = {
        "door": "oa",
        "kind": "text",
        "person": "p",
        "received_at": START,
        "body": {"text": "一"},
        "state": InboundState.DONE,
        **values,
    }
    return fresh(Inbound, id=row_id, key=key, reply=None if reply is None else dict(reply), **row)


def make_event(case_id: int, kind: str = "noted", at: datetime = START, **payload: Any) -> EventDraft:
    """A step of a case's history."""
    return EventDraft(case_id, kind, at, "worker:w1", payload)


def make_message(target: str, case_id: int | None = None, at: datetime = START, **body: Any) -> OutboxDraft:
    """A neutral message to `target`."""
    return OutboxDraft(target, "notice", body, at, case_id)


def open_case(case_id: int, *, events: int = 1, target: str | None = None, serial: int | None = None) -> Plan:
    """The plan that opens a case with so many events, and tells `target`."""
    plan = Plan(rows=[make_case(case_id, serial)])
    plan.events = [make_event(case_id, "opened" if n == 0 else "noted", step=n) for n in range(events)]
    plan.outbox = [make_message(target, case_id)] if target else []
    return plan


def change_case(case_id: int, version: int | None, **values: Any) -> Change:
    """New values for a case, decided on `version`."""
    return Change(Case, case_id, version, values)


async def list_rows(engine: AsyncEngine, table: type[SQLModel]) -> list[Any]:
    """All rows of a table in the order of its key."""
    async with engine.connect() as connection:
        core = table.__table__  # type: ignore[attr-defined]  # SQLModel adds it
        return list(await connection.execute(select(core).order_by(*core.primary_key.columns)))


async def get_row(engine: AsyncEngine, table: type[SQLModel], key: int | str) -> Any:
    """One row by its key."""
    async with engine.connect() as connection:
        core = table.__table__  # type: ignore[attr-defined]  # SQLModel adds it
        (column,) = core.primary_key.columns
        return (await connection.execute(select(core).where(column == key))).one()


async def count_rows(engine: AsyncEngine, table: type[SQLModel]) -> int:
    """How many rows a table has."""
    async with engine.connect() as connection:
        return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())


async def list_links(engine: AsyncEngine, case_id: int) -> list[Any]:
    """A case's chain in order."""
    return [row for row in await list_rows(engine, CaseEvent) if row.case_id == case_id]
