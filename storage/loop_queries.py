"""Questions to the archive about the closed loop: which cases want a step, their sheets, which groups want a digest."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import case as sql_case
from sqlalchemy import func, union
from sqlmodel import col, select

from storage.archive import Archive
from storage.columns import SheetState
from storage.loop_tables import Digest, Sheet
from storage.tables import Case, Resident

_OPEN = (SheetState.ISSUED, SheetState.ACKNOWLEDGED, SheetState.ANSWERED)
_RANK = {"emergency": 0, "urgent": 1, "normal": 2}


class Loop:
    """Reading for the supervisor, the digests and those who hear about sheets. Rows come back detached and read-only."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    async def list_due(self, now: datetime, most: int) -> Sequence[Case]:
        """Cases of which a clock wants something by `now`: urgent ones first, then who has waited longest."""
        rank = sql_case(_RANK, value=col(Case.urgency), else_=2)
        query = select(Case).where(col(Case.next_step_at) <= now).order_by(rank, col(Case.next_step_at), col(Case.id))
        async with self._archive.reads() as session:
            return (await session.execute(query.limit(most))).scalars().all()

    async def list_sheets(self, case_ids: Iterable[int]) -> dict[int, list[Sheet]]:
        """The open sheets of these cases, oldest first."""
        query = select(Sheet).where(col(Sheet.case_id).in_(list(case_ids)), col(Sheet.state).in_(_OPEN))
        found: dict[int, list[Sheet]] = defaultdict(list)
        async with self._archive.reads() as session:
            for sheet in (await session.execute(query.order_by(col(Sheet.issued_at), col(Sheet.id)))).scalars():
                found[sheet.case_id].append(sheet)
        return found

    async def find_sheet(self, number: str) -> Sheet | None:
        """The newest sheet of this number (numbers come again after a year)."""
        query = select(Sheet).where(col(Sheet.number) == number).order_by(col(Sheet.issued_at).desc()).limit(1)
        async with self._archive.reads() as session:
            return (await session.execute(query)).scalars().first()

    async def list_sheets_in_group(self, group_id: int, most: int = 50) -> Sequence[Sheet]:
        """The open sheets that a group has, oldest first."""
        query = select(Sheet).where(col(Sheet.group_id) == group_id, col(Sheet.state).in_(_OPEN))
        async with self._archive.reads() as session:
            return (await session.execute(query.order_by(col(Sheet.issued_at)).limit(most))).scalars().all()

    async def list_sheets_in_areas(self, codes: Sequence[str], most: int = 50) -> Sequence[Sheet]:
        """The open sheets that were issued at these areas, oldest first."""
        query = select(Sheet).where(col(Sheet.area_code).in_(codes), col(Sheet.state).in_(_OPEN))
        async with self._archive.reads() as session:
            return (await session.execute(query.order_by(col(Sheet.issued_at)).limit(most))).scalars().all()

    async def list_residents(self, ids: Iterable[int]) -> dict[int, Resident]:
        """These residents by id."""
        query = select(Resident).where(col(Resident.id).in_(list(ids)))
        async with self._archive.reads() as session:
            return {one.id: one for one in (await session.execute(query)).scalars()}

    async def list_undigested(self, on: date, kind: str, most: int) -> Sequence[int]:
        """Groups with open cases, or with open sheets, that have not had this digest of the day yet."""
        had = select(col(Digest.group_id)).where(col(Digest.on) == on, col(Digest.kind) == kind)
        cases = select(col(Case.group_id)).where(col(Case.is_open), col(Case.group_id).not_in(had))
        sheets = select(col(Sheet.group_id)).where(col(Sheet.state).in_(_OPEN), col(Sheet.group_id).not_in(had))
        # A group that is None is in no list: `NOT IN` leaves it out.
        query = union(cases, sheets).order_by("group_id").limit(most)
        async with self._archive.reads() as session:
            return [int(row) for row in (await session.execute(query)).scalars() if row is not None]

    async def list_open_of_group(self, group_id: int, most: int) -> Sequence[Case]:
        """Open cases that a group has, what is due first at the head."""
        query = select(Case).where(col(Case.group_id) == group_id, col(Case.is_open))
        async with self._archive.reads() as session:
            return (await session.execute(query.order_by(col(Case.resolve_due_at)).limit(most))).scalars().all()

    async def count_open_of_group(self, group_id: int) -> int:
        """How many open cases a group has."""
        query = select(func.count()).select_from(Case).where(col(Case.group_id) == group_id, col(Case.is_open))
        async with self._archive.reads() as session:
            return int((await session.execute(query)).scalar_one())

    async def list_open_after(self, case_id: int, most: int) -> Sequence[Case]:
        """Open cases in the order of their ids, from the one after `case_id`: for what must be done to all of them in pieces."""
        query = select(Case).where(col(Case.is_open), col(Case.id) > case_id).order_by(col(Case.id)).limit(most)
        async with self._archive.reads() as session:
            return (await session.execute(query)).scalars().all()
