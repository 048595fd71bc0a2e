"""What is known of a resident when he writes: his row and his cases, read for many at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.orm import Session
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
        return await self._archive.reading.run(_read_known, openids, self._now - _REMEMBERED)


def _read_known(connection: Connection, openids: Sequence[str], since: datetime) -> dict[str, Known]:
    with Session(connection) as session:
        residents = {row.id: row for row in session.scalars(select(Resident).where(col(Resident.openid).in_(openids)))}
        if not residents:
            return {}
        joint = _read_joint(session, residents)
        found = _read_cases(session, residents, joint, since)
        waiting = select(Outbox.target).where(
            col(Outbox.target).in_([f"oa:{openid}" for openid in openids]), col(Outbox.state) == MessageState.PARKED
        )
        parked = set(session.scalars(waiting))
    return {
        row.openid: Known(
            row, tuple(found.get(row.id, ())[:_MOST_CASES]), f"oa:{row.openid}" in parked, joint.get(row.id, {})
        )
        for row in residents.values()
    }


def _read_cases(
    session: Session, residents: Collection[int], joint: Mapping[int, Mapping[int, int]], since: datetime
) -> dict[int, list[Case]]:
    """For each resident his cases that are open or were opened after `since`, newest first; joint ones count for each reporter."""
    joined = {case_id for rows in joint.values() for case_id in rows}
    is_his = [col(Case.resident_id).in_(residents), *([col(Case.id).in_(joined)] if joined else [])]
    query = select(Case).where(or_(*is_his), or_(col(Case.is_open), col(Case.opened_at) > since))
    found: dict[int, list[Case]] = {}
    for case in session.scalars(query.order_by(col(Case.opened_at).desc(), col(Case.id).desc())):
        for resident_id in {case.resident_id or 0, *(one for one, rows in joint.items() if case.id in rows)}:
            found.setdefault(resident_id, []).append(case)
    return found


def _read_joint(session: Session, residents: Collection[int]) -> dict[int, dict[int, int]]:
    """For each resident the cases that he reported together with others, with his row of each."""
    query = select(CaseReporter.resident_id, CaseReporter.case_id, CaseReporter.id).where(
        col(CaseReporter.resident_id).in_(residents), col(CaseReporter.left_at).is_(None)
    )
    joint: dict[int, dict[int, int]] = {}
    for resident_id, case_id, row_id in session.execute(query):
        joint.setdefault(resident_id, {})[case_id] = row_id
    return joint
