"""What follows cases and has its own clock: calls that nobody came to, call-backs that nobody made, requests that lapsed."""

import logging
from collections.abc import Callable
from typing import TypeVar

from bot.cityhall import CityHall
from bot.faults import describe_fault
from grid.actions.callbacks import remind_callback
from grid.actions.requests import lapse
from grid.actions.whistle import remind_call
from grid.desk import Desk
from grid.running import keep_quiet
from grid.workflow import OPEN
from storage.archive import Archive
from storage.loop_tables import Callback, WhistleCall
from storage.plan import Change, Committed, Plan
from storage.queries import Books
from storage.tables import Case

log = logging.getLogger(__name__)

Row = TypeVar("Row", WhistleCall, Callback)
_Known = TypeVar("_Known", Case, Case | None)


class CallsSupervisor:
    """Each turn reads what is due and acts on it; every plan is guarded by its row's version, so of several processes one acts."""

    def __init__(self, archive: Archive, books: Books, hall: CityHall) -> None:
        self._archive, self._books, self._hall = archive, books, hall

    async def tick(self) -> int:
        """One turn over all three; how many steps were taken."""
        return await self._remind_calls() + await self._remind_callbacks() + await self._lapse_requests()

    async def _remind_calls(self) -> int:
        desk = self._hall.desk()
        late = await self._books.followups.list_late_calls(desk.now, _is_quiet(desk))
        cases = await self._books.followups.list_cases(call.case_id for call in late)
        return sum([await self._act(_step_of_call, desk, cases.get(call.case_id), call) for call in late])

    async def _remind_callbacks(self) -> int:
        desk = self._hall.desk()
        late = await self._books.followups.list_late_callbacks(desk.now, _is_quiet(desk))
        cases = await self._books.followups.list_cases(one.case_id for one in late)
        known = [one for one in late if one.case_id in cases]
        return sum([await self._act(remind_callback, desk, cases[one.case_id], one) for one in known])

    async def _lapse_requests(self) -> int:
        desk = self._hall.desk()
        stale = await self._books.followups.list_stale_requests()
        return sum([await self._write(Plan(changes=[change])) for change in lapse(desk, stale)])

    async def _act(self, decide: Callable[[Desk, _Known, Row], Plan], desk: Desk, case: _Known, row: Row) -> int:
        try:
            return await self._write(decide(desk, case, row))
        except Exception as fault:
            # One row that cannot be read, or written, must not keep the others waiting.
            log.error("step of case %d not taken: %s", row.case_id, describe_fault(fault))
            return 0

    async def _write(self, plan: Plan) -> int:
        outcome = await self._archive.committer.commit(plan)
        return int(isinstance(outcome, Committed))


def _is_quiet(desk: Desk) -> bool:
    """Ordinary reminders wait for the end of the quiet hours; urgent matters do not."""
    return keep_quiet(desk, desk.now) > desk.now


def _step_of_call(desk: Desk, case: Case | None, call: WhistleCall) -> Plan:
    if case is not None and case.status in OPEN:
        return remind_call(desk, case, call)
    # The matter is over: nobody need come any more.
    return Plan(changes=[Change(WhistleCall, call.id, call.version, {"arrive_due_at": None, "done_at": desk.now})])
