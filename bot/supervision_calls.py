"""What follows cases and has its own clock: calls that nobody came to, call-backs that nobody made, requests that lapsed."""

import logging

from bot.cityhall import CityHall
from grid.actions.callbacks import remind_callback
from grid.actions.requests import lapse
from grid.actions.whistle import remind_call
from grid.running import keep_quiet
from grid.workflow import OPEN
from storage.archive import Archive
from storage.loop_tables import WhistleCall
from storage.plan import Change, Committed, Plan
from storage.queries import Books
from storage.tables import Case

log = logging.getLogger(__name__)


class CallsSupervisor:
    """Each turn reads what is due and acts on it; every plan is guarded by its row's version, so of several processes one acts."""

    def __init__(self, archive: Archive, books: Books, hall: CityHall) -> None:
        self._archive, self._books, self._hall = archive, books, hall

    async def tick(self) -> int:
        """One turn over all three; how many steps were taken."""
        return await self._remind_calls() + await self._remind_callbacks() + await self._lapse_requests()

    async def _remind_calls(self) -> int:
        desk = self._hall.desk()
        late = await self._books.followups.list_late_calls(desk.now)
        cases = await self._books.followups.list_cases(call.case_id for call in late)
        done = 0
        for call in late:
            case = cases.get(call.case_id)
            if case is None or case.status not in OPEN:
                # The matter is over: nobody need come any more.
                over = Change(WhistleCall, call.id, call.version, {"arrive_due_at": None, "done_at": desk.now})
                done += await self._write(Plan(changes=[over]))
            elif self._may_speak(case):
                done += await self._write(remind_call(desk, case, call))
        return done

    async def _remind_callbacks(self) -> int:
        desk = self._hall.desk()
        late = await self._books.followups.list_late_callbacks(desk.now)
        cases = await self._books.followups.list_cases(one.case_id for one in late)
        plans = [
            remind_callback(desk, cases[one.case_id], one)
            for one in late
            if one.case_id in cases and self._may_speak(cases[one.case_id])
        ]
        return sum([await self._write(plan) for plan in plans])

    def _may_speak(self, case: Case) -> bool:
        """Ordinary reminders wait for the end of the quiet hours; urgent matters do not."""
        desk = self._hall.desk()
        return case.urgency != "normal" or keep_quiet(desk, desk.now) <= desk.now

    async def _lapse_requests(self) -> int:
        desk = self._hall.desk()
        stale = await self._books.followups.list_stale_requests()
        return sum([await self._write(Plan(changes=[change])) for change in lapse(desk, stale)])

    async def _write(self, plan: Plan) -> int:
        outcome = await self._archive.committer.commit(plan)
        return int(isinstance(outcome, Committed))
