"""待办 in the morning and 未结 in the afternoon, for each group with open cases, once a day each: the `digest` row sees to that."""

import logging
from datetime import date, datetime, time, timedelta

from bot.cityhall import CityHall
from grid.actions.steps import say
from grid.desk import Desk
from grid.digest_words import TODO, UNFINISHED, render_digest
from grid.message import Message
from storage.archive import Archive
from storage.committer import NotUnique
from storage.loop_tables import Digest
from storage.plan import Committed, Plan
from storage.queries import Books
from storage.rows import fresh

log = logging.getLogger(__name__)

# A digest that could not be given in this time is not worth giving any more.
_FOR = timedelta(hours=3)
_READ = 300


class Digests:
    """Any number of processes may run it."""

    def __init__(self, archive: Archive, books: Books, hall: CityHall) -> None:
        self._archive, self._books, self._hall = archive, books, hall
        self._served: tuple[date, str] | None = None

    async def tick(self) -> int:
        """Give some groups their digest of this hour; how many got one. A full house is served over several minutes."""
        desk = self._hall.desk()
        kind = find_kind(desk)
        if kind is None or self._served == (desk.today, kind):
            return 0
        most = desk.house.ladder.digests_per_minute
        groups = await self._books.loop.list_undigested(desk.today, kind, most)
        if len(groups) < most:
            # All have it: nobody needs to ask again before the next one.
            self._served = desk.today, kind
        return sum([await self._give(desk, kind, group) for group in groups])

    async def _give(self, desk: Desk, kind: str, group_id: int) -> int:
        loop, group = self._books.loop, desk.city.groups.get(group_id)
        cases = await loop.list_open_of_group(group_id, _READ)
        total = len(cases) if len(cases) < _READ else await loop.count_open_of_group(group_id)
        text = render_digest(desk, kind, cases, await loop.list_sheets_in_group(group_id), total)
        row = fresh(Digest, group_id=group_id, on=desk.today, kind=kind, made_at=desk.now, cases=total)
        plan = Plan(rows=[row])
        if text and group is not None and group.can_be_told:
            plan.outbox.append(say(f"group:{group_id}", Message("digest", text), None, desk.now))
        try:
            outcome = await self._archive.committer.commit(plan)
        except NotUnique:
            # Another process was quicker.
            return 0
        return int(isinstance(outcome, Committed) and bool(plan.outbox))


def find_kind(desk: Desk) -> str | None:
    """Which digest this moment is for; None when it is for none, or nobody works today."""
    ladder = desk.house.ladder
    for kind, begins in ((TODO, ladder.morning), (UNFINISHED, ladder.afternoon)):
        if begins is not None and _is_within(desk, begins) and desk.clocks.is_working(desk.now):
            return kind
    return None


def _is_within(desk: Desk, begins: time) -> bool:
    local = desk.now.astimezone(desk.zone)
    start = datetime.combine(local.date(), begins, desk.zone)
    return start <= local < start + _FOR
