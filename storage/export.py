"""All that is kept of one resident, for himself (导出我的信息)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from storage.archive import Archive
from storage.tables import Case, Inbound, Media, Outbox, Resident

MOST = 500
"""Messages in each direction that one look shows, the newest: a page must open on an old phone."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message in either direction; `at` aware UTC."""

    at: datetime
    text: str
    is_his: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """What the archive holds of somebody. `media`: how many pictures and recordings of his there are."""

    resident: Resident
    cases: Sequence[Case]
    letters: Sequence[Letter]
    media: int


async def list_kept(archive: Archive, resident_id: int) -> Kept | None:
    """Everything about this resident; None when there is nobody."""
    async with archive.reads() as session:
        resident = await session.get(Resident, resident_id)
        if resident is None:
            return None
        own = select(Case).where(col(Case.resident_id) == resident_id).order_by(col(Case.opened_at).desc())
        cases = (await session.execute(own)).scalars().all()
        said = select(Inbound).where(col(Inbound.person) == resident.openid).order_by(col(Inbound.received_at).desc())
        told = select(Outbox).where(col(Outbox.target) == f"oa:{resident.openid}").order_by(col(Outbox.seq).desc())
        letters = [letter for row in (await session.execute(said.limit(MOST))).scalars() for letter in _said(row)]
        letters += [_told(row) for row in (await session.execute(told.limit(MOST))).scalars()]
        by = select(col(Media.id)).where(col(Media.by) == f"resident:{resident_id}")
        media = len((await session.execute(by)).all())
    return Kept(resident, cases, sorted((one for one in letters if one.text), key=lambda one: one.at), media)


def _said(row: Inbound) -> list[Letter]:
    """What he wrote, and the answer inside the same exchange."""
    answer: Mapping[str, object] = row.reply or {}
    return [
        Letter(row.received_at, str(row.body.get("text") or ""), True),
        Letter(row.received_at, str(answer.get("text") or ""), False),
    ]


def _told(row: Outbox) -> Letter:
    return Letter(row.sent_at or row.created_at, str(row.body.get("text") or ""), False)
