"""Questions about what follows from cases: requests, calls, call-backs, children. Rows come back detached and read-only."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import col, select

from storage.archive import Archive
from storage.columns import CallbackState, RequestState
from storage.loop_tables import Callback, Request, WhistleCall
from storage.rows import chunks
from storage.tables import Case

_AT_WORK = ("accepted", "handling")


class FollowUps:
    """Reading for handlers and jobs."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    async def list_pending_requests(self, case_id: int) -> Sequence[Request]:
        """What waits for a superior's word on a case, oldest first."""
        query = select(Request).where(col(Request.case_id) == case_id, col(Request.state) == RequestState.PENDING)
        async with self._archive.reads() as session:
            return (await session.execute(query.order_by(col(Request.asked_at), col(Request.id)))).scalars().all()

    async def list_pending_of_group(self, group_id: int, most: int = 50) -> Sequence[Request]:
        """What waits for a word of the superiors in this group, oldest first."""
        query = select(Request).where(col(Request.group_id) == group_id, col(Request.state) == RequestState.PENDING)
        async with self._archive.reads() as session:
            return (await session.execute(query.order_by(col(Request.asked_at)).limit(most))).scalars().all()

    async def list_stale_requests(self, most: int = 200) -> Sequence[Request]:
        """Requests that wait although their case is no longer at work, or with somebody else."""
        query = select(Request).join(Case, col(Case.id) == col(Request.case_id))
        query = query.where(col(Request.state) == RequestState.PENDING)
        moved = col(Case.status).not_in(_AT_WORK) | (col(Case.handler_id).is_distinct_from(col(Request.asked_by)))
        async with self._archive.reads() as session:
            return (await session.execute(query.where(moved).limit(most))).scalars().all()

    async def list_calls(self, case_id: int) -> Sequence[WhistleCall]:
        """Whom a case has called, oldest first."""
        query = select(WhistleCall).where(col(WhistleCall.case_id) == case_id)
        async with self._archive.reads() as session:
            return (
                (await session.execute(query.order_by(col(WhistleCall.called_at), col(WhistleCall.id)))).scalars().all()
            )

    async def list_open_calls(self, group_id: int, most: int = 50) -> Sequence[WhistleCall]:
        """What a department's group was called to and has not done yet, oldest first."""
        query = select(WhistleCall).where(col(WhistleCall.group_id) == group_id, col(WhistleCall.done_at).is_(None))
        async with self._archive.reads() as session:
            return (await session.execute(query.order_by(col(WhistleCall.called_at)).limit(most))).scalars().all()

    async def list_late_calls(self, now: datetime, urgent: bool = False, most: int = 100) -> Sequence[WhistleCall]:
        """Calls that nobody has come to and should have by now; `urgent`: of urgent cases only, so that none waits behind others."""
        query = select(WhistleCall).where(
            col(WhistleCall.arrive_due_at) <= now,
            col(WhistleCall.arrived_at).is_(None),
            col(WhistleCall.done_at).is_(None),
        )
        if urgent:
            query = query.join(Case, col(Case.id) == col(WhistleCall.case_id)).where(col(Case.urgency) != "normal")
        async with self._archive.reads() as session:
            return (await session.execute(query.order_by(col(WhistleCall.arrive_due_at)).limit(most))).scalars().all()

    async def list_children(self, case_id: int) -> Sequence[Case]:
        """A case's children, oldest first."""
        query = select(Case).where(col(Case.parent_id) == case_id).order_by(col(Case.opened_at), col(Case.id))
        async with self._archive.reads() as session:
            return (await session.execute(query)).scalars().all()

    async def find_callback(self, case_id: int) -> Callback | None:
        """The call-back that a case waits for."""
        query = select(Callback).where(col(Callback.case_id) == case_id, col(Callback.state) == CallbackState.WAITING)
        async with self._archive.reads() as session:
            return (await session.execute(query.order_by(col(Callback.made_at)).limit(1))).scalars().first()

    async def list_callbacks(self, most: int = 200) -> Sequence[Callback]:
        """Call-backs that wait, the most pressing first."""
        query = select(Callback).where(col(Callback.state) == CallbackState.WAITING)
        async with self._archive.reads() as session:
            return (await session.execute(query.order_by(col(Callback.made_at)).limit(most))).scalars().all()

    async def list_late_callbacks(self, now: datetime, urgent: bool = False, most: int = 100) -> Sequence[Callback]:
        """Call-backs that nobody has made and should have by now; `urgent` as for calls."""
        query = select(Callback).where(col(Callback.state) == CallbackState.WAITING, col(Callback.due_at) <= now)
        if urgent:
            query = query.join(Case, col(Case.id) == col(Callback.case_id)).where(col(Case.urgency) != "normal")
        async with self._archive.reads() as session:
            return (await session.execute(query.order_by(col(Callback.due_at)).limit(most))).scalars().all()

    async def list_cases(self, case_ids: Iterable[int]) -> dict[int, Case]:
        """These cases by id."""
        query = select(Case).where(col(Case.id).in_(list(case_ids)))
        async with self._archive.reads() as session:
            return {case.id: case for case in (await session.execute(query)).scalars()}

    async def list_known_numbers(self, outside: Iterable[str]) -> dict[str, str]:
        """Which of these outside numbers are registered already, each with its case's number."""
        known: dict[str, str] = {}
        async with self._archive.reads() as session:
            for some in chunks(list(outside)):
                query = select(col(Case.outside_number), col(Case.number)).where(col(Case.outside_number).in_(some))
                known |= {str(row[0]): str(row[1]) for row in (await session.execute(query)).all()}
        return known
