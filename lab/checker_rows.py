"""What the checker looks at: rows of the archive, read once and frozen. Tests change them to see whether that is noticed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from storage.audit import verify
from storage.loop_tables import Sheet
from storage.tables import Area, CalendarDay, Case, CaseEvent, Outbox, Resident, WorkGroup

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case as its row has it."""

    id: int
    number: str
    status: str
    is_open: bool
    category: str
    urgency: str
    conduct: bool
    source: str
    area: str | None
    group_id: int | None
    openid: str | None
    opened_at: datetime
    clocks: Fields
    next_step_at: datetime | None
    head_seq: int
    merged_into_id: int | None
    parent_id: int | None


@dataclass(frozen=True, slots=True)
class EventRow:
    """A step of a case's history."""

    case_id: int
    seq: int
    kind: str
    at: datetime
    actor: str
    payload: Fields


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message of the outbox; `meant_at`: the moment from which it may be sent."""

    id: int
    target: str
    kind: str
    case_id: int | None
    text: str
    urgent: bool
    meant_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A supervision sheet."""

    id: int
    number: str
    case_id: int
    colour: str
    stage: str
    level: str
    state: str
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """All of it. `ends_at`: the last moment of what is looked at; `groups`: the area of each group; `chains`: of an area, itself first.

    `broken`: the first link that does not hold, in words; empty where all do.
    """

    cases: Sequence[CaseRow]
    events: Sequence[EventRow]
    messages: Sequence[MessageRow]
    sheets: Sequence[SheetRow]
    days: Mapping[date, bool]
    ends_at: datetime
    groups: Mapping[int, str] = field(default_factory=dict)
    chains: Mapping[str, Sequence[str]] = field(default_factory=dict)
    levels: Mapping[str, str] = field(default_factory=dict)
    broken: str = ""


async def read_evidence(engine: AsyncEngine, ends_at: datetime) -> Evidence:
    """Everything that the archive holds, as of the aware moment `ends_at`."""
    chains = await verify(engine)
    broken = "" if chains.broken is None else f"{chains.broken.number}: link {chains.broken.seq} of its chain"
    async with engine.connect() as connection:
        return replace(await connection.run_sync(_read, ends_at), broken=broken)


def _read(connection: Connection, ends_at: datetime) -> Evidence:
    areas = connection.execute(select(col(Area.code), col(Area.path), col(Area.level))).all()
    groups = connection.execute(select(col(WorkGroup.id), col(WorkGroup.area_code))).all()
    days = connection.execute(select(col(CalendarDay.on), col(CalendarDay.works))).all()
    return Evidence(
        cases=_read_cases(connection),
        events=_read_events(connection),
        messages=_read_messages(connection),
        sheets=_read_sheets(connection),
        days={row[0]: bool(row[1]) for row in days},
        ends_at=ends_at,
        groups={row[0]: row[1] for row in groups},
        chains={row[0]: [code for code in reversed(row[1].split("/")) if code] for row in areas},
        levels={row[0]: str(row[2]) for row in areas},
    )


def _read_cases(connection: Connection) -> list[CaseRow]:
    openids = {row[0]: row[1] for row in connection.execute(select(col(Resident.id), col(Resident.openid)))}
    table = Case.__table__  # type: ignore[attr-defined]  # SQLModel adds it
    return [
        CaseRow(
            id=row.id,
            number=row.number,
            status=row.status,
            is_open=bool(row.is_open),
            category=row.category,
            urgency=row.urgency,
            conduct=bool(row.conduct),
            source=str(row.source),
            area=row.area_code,
            group_id=row.group_id,
            openid=openids.get(row.resident_id),
            opened_at=row.opened_at,
            clocks=row.clocks,
            next_step_at=row.next_step_at,
            head_seq=row.head_seq,
            merged_into_id=row.merged_into_id,
            parent_id=row.parent_id,
        )
        for row in connection.execute(select(table).order_by(table.c.id))
    ]


def _read_events(connection: Connection) -> list[EventRow]:
    table = CaseEvent.__table__  # type: ignore[attr-defined]  # SQLModel adds it
    return [
        EventRow(row.case_id, row.seq, row.kind, row.at, row.actor, json.loads(row.payload) if row.payload else {})
        for row in connection.execute(select(table).order_by(table.c.case_id, table.c.seq))
    ]


def _read_messages(connection: Connection) -> list[MessageRow]:
    table = Outbox.__table__  # type: ignore[attr-defined]  # SQLModel adds it
    return [
        MessageRow(
            id=row.id,
            target=row.target,
            kind=row.kind,
            case_id=row.case_id,
            text=str(row.body.get("text", "")),
            urgent=bool(row.body.get("urgent")),
            meant_at=row.due_at,
            sent_at=row.sent_at,
        )
        for row in connection.execute(select(table).order_by(table.c.id))
    ]


def _read_sheets(connection: Connection) -> list[SheetRow]:
    table = Sheet.__table__  # type: ignore[attr-defined]  # SQLModel adds it
    names = ("id", "number", "case_id", "colour", "stage", "level", "state", "issued_at")
    query = select(*(table.c[name] for name in names)).order_by(table.c.issued_at, table.c.id)
    return [
        SheetRow(row[0], row[1], row[2], str(row[3]), row[4], row[5], str(row[6]), row[7])
        for row in connection.execute(query)
    ]
