"""What the house does unasked: updates that a dead process left, sketches nobody asks about any more. (Cases: `bot.supervision`.)"""

import logging
from datetime import timedelta

from bot.cityhall import CityHall
from bot.dispatcher import Dispatcher
from bot.faults import describe_fault
from handlers.stored import parse_update
from storage.archive import Archive
from storage.queries import Books

log = logging.getLogger(__name__)

# Longer than any live process takes over an update: what is still pending then has nobody.
_ORPHANED_AFTER = timedelta(seconds=20)


class Jobs:
    """Each method looks into the archive for what is due and does it; every plan is guarded, so several processes may all look."""

    def __init__(self, archive: Archive, books: Books, hall: CityHall, dispatcher: Dispatcher) -> None:
        self._archive, self._books, self._hall, self._dispatcher = archive, books, hall, dispatcher

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

    async def forget_sketches(self) -> None:
        """Let go of what nobody is asked about any more (是不是同一件事)."""
        desk = self._hall.desk()
        await self._books.likeness.forget(desk.now - desk.house.alike_for)
