"""What the house does unasked: updates that a dead process left, cases nobody has looked at, cases nobody rated."""

import logging
from datetime import timedelta

from bot.cityhall import CityHall
from bot.dispatcher import Dispatcher
from bot.faults import describe_fault
from bot.voice.recordings import RecordingTeller
from grid.actions.closing import archive
from grid.actions.routing import duty_alert
from grid.workflow import Refusal
from handlers.stored import parse_update
from storage.archive import Archive
from storage.plan import Change, Plan
from storage.queries import Books
from storage.tables import Case

log = logging.getLogger(__name__)

# Longer than any live process takes over an update: what is still pending then has nobody.
_ORPHANED_AFTER = timedelta(seconds=20)


class Jobs:
    """Each method looks into the archive for what is due and does it; every plan is guarded, so several processes may all look."""

    def __init__(self, archive: Archive, books: Books, hall: CityHall, dispatcher: Dispatcher) -> None:
        self._archive, self._books, self._hall, self._dispatcher = archive, books, hall, dispatcher
        self._recordings = RecordingTeller(books, hall)

    async def take_up_orphans(self) -> int:
        """Handle updates that were kept but not handled; the people hear by a later message. How many there were."""
        before = self._hall.desk().now - _ORPHANED_AFTER
        rows = await self._books.list_pending_inbound(before)
        for row in rows:
            update = parse_update(row.door, row.kind, row.key, row.person, row.body)
            running = self._dispatcher.begin(update, kept_id=row.id)
            running.is_late = True
            try:
                await running.task
            except Exception as fault:
                log.error("orphaned update not handled: %s", describe_fault(fault))
        return len(rows)

    async def tell_duty_group(self) -> int:
        """待研判: the duty group hears of cases that have waited long enough for a place or a route."""
        desk = self._hall.desk()
        cases = await self._books.list_triage_due(desk.now)
        for case in cases:
            why = "地点不明，待研判" if case.area_code is None else "无法派单，待研判"
            told = Change(Case, case.id, case.version, {"accept_due_at": None})
            plan = Plan(changes=[told], outbox=duty_alert(desk, case, why))
            plan.outbox += await self._recordings.follow(plan)
            await self._archive.committer.commit(plan)
        return len(cases)

    async def archive_unrated(self) -> int:
        """归档 what nobody rated in time: 未评价, never 满意."""
        desk = self._hall.desk()
        cases = await self._books.list_unrated(desk.now - desk.house.rating_for)
        for case in cases:
            plan = archive(desk, case)
            if not isinstance(plan, Refusal):
                await self._archive.committer.commit(plan)
        return len(cases)

    async def forget_sketches(self) -> None:
        """Let go of what nobody is asked about any more (是不是同一件事)."""
        desk = self._hall.desk()
        await self._books.likeness.forget(desk.now - desk.house.alike_for)
