"""Forgetting a resident by law: his words go, the record that something was handled stays, and every chain still holds.

Kept of a case: its number, dates, category, area, steps and result. Erased: what he told, where he lives, his phone, his pictures and
recordings, what was written to him. A chain covers salted digests, so a payload can go without breaking it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel, col

from storage.archive import Archive
from storage.columns import MediaState, MessageState
from storage.loop_tables import Erasure
from storage.rows import chunks
from storage.tables import (
    Case,
    CaseEvent,
    CaseSketch,
    Inbound,
    Media,
    Outbox,
    Resident,
    Transcription,
)
from storage.writing import writing

ERASED = "（已应本人要求删除）"
# Which steps carry the words of whoever reported: his own, and those that repeat them.
_TOLD_KINDS = ("receive", "supplement", "answer", "reclassify", "rate", "reopen", "archive", "merge")
_ENDED = ("archived", "void", "withdrawn", "merged")
_UNSENT = (MessageState.QUEUED, MessageState.PARKED)


@dataclass(frozen=True, slots=True)
class Erased:
    """What one look did: cases whose words are gone, whether nothing is left to do, and files that nothing names any more."""

    cases: int
    is_done: bool
    digests: tuple[str, ...]


async def list_wanted(archive: Archive, most: int = 50) -> Sequence[int]:
    """Residents who asked to be forgotten and of whom something is still here."""
    query = select(col(Erasure.resident_id)).where(col(Erasure.done_at).is_(None)).order_by(col(Erasure.asked_at))
    async with archive.engine.connect() as connection:
        return [line[0] for line in await connection.execute(query.limit(most))]


async def erase_resident(archive: Archive, resident_id: int, now: datetime) -> Erased:
    """Erase what may go by now, in one transaction. Whatever still runs stays until it has ended; then ask again."""
    async with writing(archive.engine) as connection:
        openid = await connection.scalar(select(col(Resident.openid)).where(col(Resident.id) == resident_id))
        if openid is None:
            await _finish(connection, resident_id, now, 0)
            return Erased(0, True, ())
        cases = await _list_cases(connection, resident_id)
        ended = [case_id for case_id, status in cases if status in _ENDED]
        is_done = len(ended) == len(cases)
        await _erase_person(connection, resident_id)
        await _erase_letters(connection, openid, ended, is_done)
        for part in chunks(ended):
            await _erase_cases(connection, resident_id, part)
        digests = await _erase_media(connection, resident_id, ended, is_done)
        if is_done:
            await _finish(connection, resident_id, now, len(ended))
        return Erased(len(ended), is_done, digests)


async def _finish(connection: AsyncConnection, resident_id: int, now: datetime, cases: int) -> None:
    done = update(Erasure).where(col(Erasure.resident_id) == resident_id)
    await connection.execute(done.values(done_at=now, cases=cases))


async def _list_cases(connection: AsyncConnection, resident_id: int) -> list[tuple[int, str]]:
    """His own cases, and those he only joined (of which he has none of the words but his own)."""
    own = select(col(Case.id), col(Case.status)).where(col(Case.resident_id) == resident_id)
    return [(line[0], line[1]) for line in await connection.execute(own)]


async def _erase_person(connection: AsyncConnection, resident_id: int) -> None:
    gone: dict[str, Any] = {"name": "", "phone": "", "home": "", "area_code": None, "conversation": {}}
    row = update(Resident).where(col(Resident.id) == resident_id)
    await connection.execute(row.values(version=Resident.version + 1, **gone))


async def _erase_letters(connection: AsyncConnection, openid: str, ended: Sequence[int], is_done: bool) -> None:
    """What he wrote and what was written to him; while a case runs, what belongs to it stays."""
    for table, is_his in ((Inbound, col(Inbound.person) == openid), (Outbox, col(Outbox.target) == f"oa:{openid}")):
        for part in chunks(ended):
            await _empty(connection, table, is_his, col(_case_of(table)).in_(part))
        await _empty(connection, table, is_his, col(_case_of(table)).is_(None))
        if is_done:
            await _empty(connection, table, is_his)


def _case_of(table: type[Inbound] | type[Outbox]) -> Any:
    return table.case_id


async def _empty(connection: AsyncConnection, table: type[SQLModel], *which: Any) -> None:
    if table is Inbound:
        settled = col(Inbound.state) != "pending"
        await connection.execute(update(Inbound).where(settled, *which).values(body={}, reply=None))
        return
    # What still waits for him to write is not sent any more: its words are what he wants gone.
    unsent = col(Outbox.state).in_(_UNSENT)
    await connection.execute(update(Outbox).where(unsent, *which).values(state=MessageState.DEAD, refusal="erased"))
    await connection.execute(update(Outbox).where(*which).values(body=_EMPTY_BODY))


_EMPTY_BODY: dict[str, Any] = {
    "kind": "erased",
    "text": ERASED,
    "card": None,
    "choices": [],
    "pictures": [],
    "mention": [],
    "template": None,
    "urgent": False,
    "reserve": False,
}


async def _erase_cases(connection: AsyncConnection, resident_id: int, ids: Sequence[int]) -> None:
    gone: dict[str, Any] = {"text": ERASED, "place": "", "phone": "", "rating_reason": "", "evidence": []}
    await connection.execute(update(Case).where(col(Case.id).in_(ids)).values(version=Case.version + 1, **gone))
    told = or_(col(CaseEvent.kind).in_(_TOLD_KINDS), col(CaseEvent.actor) == f"resident:{resident_id}")
    events = update(CaseEvent).where(col(CaseEvent.case_id).in_(ids), told)
    await connection.execute(events.values(payload=None, salt=None))
    # Groups and workers read his words too: in what they were sent, and in what the bot answered them.
    await _empty(connection, Outbox, col(Outbox.case_id).in_(ids))
    answered = (col(Inbound.case_id).in_(ids), col(Inbound.state) != "pending")
    await connection.execute(update(Inbound).where(*answered).values(reply=None))
    await connection.execute(delete(CaseSketch).where(col(CaseSketch.case_id).in_(ids)))


async def _erase_media(
    connection: AsyncConnection, resident_id: int, ended: Sequence[int], is_done: bool
) -> tuple[str, ...]:
    """Forget his pictures and recordings; the digests of files that nothing names any more."""
    his = col(Media.by) == f"resident:{resident_id}"
    lines = list(await connection.execute(select(col(Media.id), col(Media.case_id), col(Media.sha256)).where(his)))
    may_go = [line for line in lines if is_done or line.case_id is None or line.case_id in set(ended)]
    for part in chunks([line.id for line in may_go]):
        row = update(Media).where(col(Media.id).in_(part))
        await connection.execute(row.values(state=MediaState.LOST, sha256=None, origin={}, due_at=None))
        await connection.execute(delete(Transcription).where(col(Transcription.media_id).in_(part)))
    return await _list_unnamed(connection, sorted({line.sha256 for line in may_go if line.sha256}))


async def _list_unnamed(connection: AsyncConnection, digests: Sequence[str]) -> tuple[str, ...]:
    named: set[str] = set()
    for part in chunks(digests):
        named |= {line[0] for line in await connection.execute(_naming(part))}
    return tuple(digest for digest in digests if digest not in named)


def _naming(digests: Sequence[str]) -> Any:
    return select(col(Media.sha256)).where(col(Media.sha256).in_(digests)).distinct()
