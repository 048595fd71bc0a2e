"""After `import calendar`: all open cases are counted again, in pieces. How far that is stands in a shared fact, so a restart goes on."""

import logging

from bot.cityhall import CityHall
from bot.faults import describe_fault
from grid.actions.replanning import replan
from grid.desk import Desk
from storage.archive import Archive
from storage.plan import Committed, Plan
from storage.queries import Books
from storage.settings import move_fact
from storage.tables import Case
from storage.writing import writing

log = logging.getLogger(__name__)

REPLAN = "replan"
_PIECE = 500
_PIECES = 4


def replan_fact(version: str) -> str:
    """What an import writes: this version of the calendar must be gone through from the first case."""
    return f"{version}|0"


class Replanner:
    """Several processes may run it: a case that was moved already is not moved again, and each move is guarded."""

    def __init__(self, archive: Archive, books: Books, hall: CityHall) -> None:
        self._archive, self._books, self._hall = archive, books, hall
        self._loaded = ""

    async def tick(self) -> int:
        """Go on where it was left; how many cases were moved."""
        moved = 0
        for _ in range(_PIECES):
            fact = await self._books.find_setting(REPLAN)
            if not fact:
                break
            version, _, after = fact.rpartition("|")
            if version != self._loaded:
                # The notice was written with the fact: what is loaded now knows it.
                await self._hall.load()
                self._loaded = version
            moved += await self._piece(version, int(after))
        return moved

    async def _piece(self, version: str, after: int) -> int:
        cases = await self._books.loop.list_open_after(after, _PIECE)
        desk = self._hall.desk()
        moved, is_whole = 0, True
        for case in cases:
            plan = _replan(desk, case)
            if plan is None:
                continue
            outcome = await self._archive.committer.commit(plan)
            moved += isinstance(outcome, Committed)
            is_whole = is_whole and isinstance(outcome, Committed)
        if is_whole:
            # Otherwise somebody moved a case meanwhile: the piece is gone through once more.
            await self._mark(f"{version}|{cases[-1].id}" if len(cases) == _PIECE else "", f"{version}|{after}")
        log.info("calendar: %d of %d cases counted again", moved, len(cases))
        return moved

    async def _mark(self, value: str, was: str) -> None:
        # Not moved: another notice has been loaded meanwhile, or another process is ahead.
        async with writing(self._archive.engine) as connection:
            await move_fact(connection, REPLAN, was, value)


def _replan(desk: Desk, case: Case) -> Plan | None:
    try:
        return replan(desk, case)
    except Exception as fault:
        # One case that cannot be read keeps its old dates; the others get theirs.
        log.error("case %s not counted again: %s", case.id, describe_fault(fault))
        return None
