"""Forgetting a resident by law: his words go, the record that something was handled stays, and every chain still holds.

Kept of a case: its number, dates, category, area, steps and result. Erased: what he told, where he lives, his phone, his pictures and
recordings, what was written to him, and what people wrote about him beside it (`storage.erasure_cases`); his clues and sign-ups
(`storage.erasure_notices`). A chain covers salted digests, so a payload can go without breaking it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from storage.archive import Archive
from storage.columns import MediaState
from storage.erasure_cases import erase_cases, erase_joined, list_joined, list_own
from storage.erasure_letters import case_of, empty
from storage.erasure_notices import erase_notices
from storage.loop_tables import Erasure
from storage.rows import chunks
from storage.tables import Inbound, Media, Outbox, Resident, Transcription
from storage.writing import writing


@dataclass(frozen=True, slots=True)
class Erased:
    """What one look did: cases whose words are gone, whether nothing is left to do, and files that nothing names any more."""

    cases: int
    is_done: bool
    digests: tuple[str, ...]


async def list_wanted(archive: Archive, after: int = 0, most: int = 50) -> Sequence[int]:
    """Residents who asked to be forgotten and of whom something is still here, by id, from the one after `after`.

    By pages: whose matter runs for months must not keep everybody behind him waiting.
    """
    query = select(col(Erasure.resident_id)).where(col(Erasure.done_at).is_(None), col(Erasure.resident_id) > after)
    query = query.order_by(col(Erasure.resident_id))
    async with archive.engine.connect() as connection:
        return [line[0] for line in await connection.execute(query.limit(most))]


async def erase_resident(archive: Archive, resident_id: int, now: datetime) -> Erased:
    """Erase what may go by now, in one transaction. Whatever still runs stays until it has ended; then ask again."""
    async with writing(archive.engine) as connection:
        openid = await connection.scalar(select(col(Resident.openid)).where(col(Resident.id) == resident_id))
        if openid is None:
            await _finish(connection, resident_id, now, 0)
            return Erased(0, True, ())
        own, joined = await list_own(connection, resident_id), await list_joined(connection, resident_id)
        ended = own.ended
        told_all = await erase_notices(connection, resident_id)
        is_done = told_all and not (own.running or joined.running)
        await _erase_person(connection, resident_id)
        await _erase_letters(connection, openid, ended, is_done)
        for part in chunks(ended):
            await erase_cases(connection, resident_id, part)
        for case_id in joined.ended:
            await erase_joined(connection, resident_id, case_id)
        digests = await _erase_media(connection, resident_id, ended, is_done)
        if is_done:
            await _finish(connection, resident_id, now, len(ended))
        return Erased(len(ended), is_done, digests)


async def _finish(connection: AsyncConnection, resident_id: int, now: datetime, cases: int) -> None:
    done = update(Erasure).where(col(Erasure.resident_id) == resident_id)
    await connection.execute(done.values(done_at=now, cases=cases))


async def _erase_person(connection: AsyncConnection, resident_id: int) -> None:
    gone: dict[str, Any] = {"name": "", "phone": "", "home": "", "area_code": None, "conversation": {}}
    row = update(Resident).where(col(Resident.id) == resident_id)
    await connection.execute(row.values(version=Resident.version + 1, **gone))


async def _erase_letters(connection: AsyncConnection, openid: str, ended: Sequence[int], is_done: bool) -> None:
    """What he wrote and what was written to him; while a case runs, what belongs to it stays."""
    for table, is_his in ((Inbound, col(Inbound.person) == openid), (Outbox, col(Outbox.target) == f"oa:{openid}")):
        for part in chunks(ended):
            await empty(connection, table, is_his, case_of(table).in_(part))
        await empty(connection, table, is_his, case_of(table).is_(None))
        if is_done:
            await empty(connection, table, is_his)


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
