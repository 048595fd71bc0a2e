"""What is known of a resident when he writes: his row and his cases, read for many at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlmodel import col, or_, select

from storage.archive import Archive
from storage.columns import MessageState
from storage.loader import Loader
from storage.tables import Case, Outbox, Resident

# Cases that ended longer ago than this are found by number only.
_REMEMBERED = timedelta(days=60)
_MOST_CASES = 20


@dataclass(frozen=True, slots=True)
class Known:
    """A resident and his cases, newest first; `has_parked`: messages wait for him to write."""

    resident: Resident
    cases: tuple[Case, ...]
    has_parked: bool


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
            recent = col(Case.opened_at) > self._now - _REMEMBERED
            cases = select(Case).where(col(Case.resident_id).in_(residents), or_(col(Case.is_open), recent))
            found: dict[int, list[Case]] = {}
            for case in (
                await session.execute(cases.order_by(col(Case.opened_at).desc(), col(Case.id).desc()))
            ).scalars():
                found.setdefault(case.resident_id or 0, []).append(case)
            targets = [f"oa:{openid}" for openid in openids]
            waiting = select(Outbox.target).where(
                col(Outbox.target).in_(targets), col(Outbox.state) == MessageState.PARKED
            )
            parked = set((await session.execute(waiting)).scalars())
        return {
            row.openid: Known(row, tuple(found.get(row.id, ())[:_MOST_CASES]), f"oa:{row.openid}" in parked)
            for row in residents.values()
        }
