"""What is known of a resident when he writes: his row and his cases, read for many at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, or_, select

from storage.archive import Archive
from storage.columns import MessageState
from storage.loader import Loader
from storage.tables import Case, CaseReporter, Outbox, Resident

# Cases that ended longer ago than this are found by number only.
_REMEMBERED = timedelta(days=60)
_MOST_CASES = 20


@dataclass(frozen=True, slots=True)
class Known:
    """A resident and his cases, newest first; `has_parked`: messages wait for him to write.

    `joint`: those of his cases that several people reported, each with the row of `case_reporter` that is his.
    """

    resident: Resident
    cases: tuple[Case, ...]
    has_parked: bool
    joint: Mapping[int, int] = field(default_factory=dict)


class People:
    """Loads residents; calls that come while a query runs share the next one."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._loader: Loader[str, Known] = Loader(self._read)
        self._now = datetime.min.replace(tzinfo=UTC)

    async def find(self, openid: str, now: datetime) -> Known | None:
        """The resident with this openid; None for somebody who writes for the first time."""
        self._now = now
        return await self._loader.load(openid)

    async def _read(self, openids: Sequence[str]) -> dict[str, Known]:
        async with self._archive.reads() as session:
            query = select(Resident).where(col(Resident.openid).in_(openids))
            residents = {row.id: row for row in (await session.execute(query)).scalars()}
            if not residents:
                return {}
            joint = await _read_joint(session, residents)
            recent = col(Case.opened_at) > self._now - _REMEMBERED
            joined = {case_id for rows in joint.values() for case_id in rows}
            is_his = [col(Case.resident_id).in_(residents), *([col(Case.id).in_(joined)] if joined else [])]
            cases = select(Case).where(or_(*is_his), or_(col(Case.is_open), recent))
            cases = cases.order_by(col(Case.opened_at).desc(), col(Case.id).desc())
            found: dict[int, list[Case]] = {}
            for case in (await session.execute(cases)).scalars():
                for resident_id in {case.resident_id or 0, *(one for one, rows in joint.items() if case.id in rows)}:
                    found.setdefault(resident_id, []).append(case)
            targets = [f"oa:{openid}" for openid in openids]
            waiting = select(Outbox.target).where(
                col(Outbox.target).in_(targets), col(Outbox.state) == MessageState.PARKED
            )
            parked = set((await session.execute(waiting)).scalars())
        return {
            row.openid: Known(
                row, tuple(found.get(row.id, ())[:_MOST_CASES]), f"oa:{row.openid}" in parked, joint.get(row.id, {})
            )
            for row in residents.values()
        }


async def _read_joint(session: AsyncSession, residents: Collection[int]) -> dict[int, dict[int, int]]:
    """For each resident the cases that he reported together with others, with his row of each."""
    query = select(CaseReporter.resident_id, CaseReporter.case_id, CaseReporter.id).where(
        col(CaseReporter.resident_id).in_(residents), col(CaseReporter.left_at).is_(None)
    )
    joint: dict[int, dict[int, int]] = {}
    for resident_id, case_id, row_id in await session.execute(query):
        joint.setdefault(resident_id, {})[case_id] = row_id
    return joint
