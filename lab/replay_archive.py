"""The archive in a replay: the made city goes in before the service starts, what the service wrote is read afterwards."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import orjson
from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select

from lab.replay_count import Entry, Opened
from nlp.reading import Category
from storage.columns import InboundState, MessageState
from storage.engine import WRITES
from storage.imports import import_file
from storage.schema import migrate
from storage.tables import Area, Case, CaseEvent, Inbound, Outbox, Resident, WorkGroup

_KINDS = ("areas", "calendar", "people", "places", "groups")
_NAMES = {category.value: category.label for category in Category}


class NotEmpty(Exception):
    """The database holds another city than the made one: a replay would write into somebody's real archive."""


async def import_made_city(engine: AsyncEngine, folder: Path, codes: set[str], now: datetime) -> dict[str, str]:
    """Migrate, then import the city that lies in `folder` (its area codes: `codes`); the bind code of each unbound group by key.

    Raises `NotEmpty`.
    """
    await migrate(engine)
    bind_codes: dict[str, str] = {}
    async with engine.execution_options(**WRITES).begin() as connection:
        present = set((await connection.execute(select(col(Area.code)))).scalars())
        if present - codes:
            raise NotEmpty
        for kind in _KINDS:
            content = (folder / f"{kind}.csv").read_bytes()
            imported = await import_file(connection, kind, f"{kind}.csv", content, categories=_NAMES, now=now)
            bind_codes.update({code.key: code.code for code in imported.bind_codes})
    return bind_codes


async def list_unbound(engine: AsyncEngine) -> list[str]:
    """Keys of the groups that the bot should speak in and nobody has bound yet."""
    query = select(col(WorkGroup.key)).where(col(WorkGroup.chatid).is_(None), col(WorkGroup.receive_via) == "aibot")
    async with engine.connect() as connection:
        return list((await connection.execute(query)).scalars())


async def count_unfinished(engine: AsyncEngine) -> int:
    """Updates not handled yet and messages not sent yet."""
    pending = select(func.count()).select_from(Inbound).where(col(Inbound.state) == InboundState.PENDING)
    queued = select(func.count()).select_from(Outbox).where(col(Outbox.state) == MessageState.QUEUED)
    async with engine.connect() as connection:
        counts = [(await connection.execute(query)).scalar_one() for query in (pending, queued)]
    return sum(counts)


async def read_entries(engine: AsyncEngine, run: str) -> list[Entry]:
    """What became of each text that the residents of this run sent."""
    query = select(col(Inbound.person), col(Inbound.key), col(Inbound.outcome))
    query = query.where(col(Inbound.person).startswith(run), col(Inbound.kind) == "text")
    async with engine.connect() as connection:
        rows = (await connection.execute(query)).all()
    return [Entry(person, key.rsplit(":", 1)[1], outcome) for person, key, outcome in rows]


async def read_cases(engine: AsyncEngine, run: str) -> list[Opened]:
    """All cases of this run's residents, with the words of the first link of each one's history."""
    query = (
        select(col(Case.number), col(Resident.openid), col(CaseEvent.payload), col(Case.area_code))
        .join(Resident, col(Resident.id) == col(Case.resident_id))
        .join(CaseEvent, (col(CaseEvent.case_id) == col(Case.id)) & (col(CaseEvent.seq) == 1))
        .where(col(Resident.openid).startswith(run))
    )
    async with engine.connect() as connection:
        rows = (await connection.execute(query)).all()
    return [Opened(number, openid, _text_of(payload), area is not None) for number, openid, payload, area in rows]


def _text_of(payload: str | None) -> str:
    stored: Mapping[str, object] = orjson.loads(payload) if payload else {}
    return str(stored.get("text", ""))


async def explain_unrouted(engine: AsyncEngine, number: str) -> str:
    """What became of a case's messages, for whoever looks for the reason: `1123-08 group:7 sent; …`."""
    query = select(col(Outbox.target), col(Outbox.kind), col(Outbox.state), col(Outbox.refusal))
    query = query.join(Case, col(Case.id) == col(Outbox.case_id)).where(col(Case.number) == number)
    async with engine.connect() as connection:
        rows = (await connection.execute(query)).all()
    return f"{number} " + "; ".join(" ".join(str(part) for part in row if part) for row in rows)
