"""The supervisor: takes the cases whose time has come and does what the law of the clocks says, one guarded plan for each.

What is due is asked of the database, so a missed, doubled or killed tick does no harm: a plan that was not committed is decided again,
one that was is refused a second time by the case's version, whoever tries it.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.cityhall import CityHall
from bot.faults import describe_fault
from bot.replanning import Replanner
from bot.voice.recordings import RecordingTeller
from grid.actions.joint import share_news
from grid.actions.supervision import Look, look, remind, write
from grid.desk import Desk
from grid.sheet_words import Notice, render_sheet_number
from grid.workflow import Status
from storage.archive import Archive
from storage.committer import StorageFailed
from storage.counters import draw_block
from storage.loop_tables import Sheet
from storage.plan import Committed, Plan
from storage.queries import Books
from storage.tables import Case, Resident

log = logging.getLogger(__name__)

BATCH = 200
_ROUNDS = 5
_TELLING = frozenset({Status.SUSPENDED, Status.DISPATCHED, Status.TRIAGE})
# So many reminders are one message; more would not be read.
_MET = 20


@dataclass(slots=True)
class _Bundle:
    """What is committed together, because its blue reminders are one message."""

    plan: Plan = field(default_factory=Plan)
    cases: int = 0


class Supervisor:
    """`tick` may be called by any number of processes at once."""

    def __init__(self, archive: Archive, books: Books, hall: CityHall) -> None:
        self._archive, self._books, self._hall = archive, books, hall
        self._recordings = RecordingTeller(books, hall)
        self._replanner = Replanner(archive, books, hall)

    async def tick(self) -> int:
        """Do what is due, urgent matters first; how many cases were dealt with."""
        await self._count_again()
        done = 0
        for _ in range(_ROUNDS):
            seen, written = await self._round()
            done += written
            if seen < BATCH or not written:
                break
        return done

    async def _count_again(self) -> None:
        try:
            await self._replanner.tick()
        except Exception as fault:
            # What a new calendar moves must never keep what is due today waiting.
            log.error("cases not counted again: %s", describe_fault(fault))

    async def _round(self) -> tuple[int, int]:
        desk = self._hall.desk()
        cases = await self._books.loop.list_due(desk.now, BATCH)
        if not cases:
            return 0, 0
        sheets = await self._books.loop.list_sheets(case.id for case in cases)
        residents = await self._books.loop.list_residents(_waiting_residents(cases))
        looks = [seen for case in cases if (seen := _look(desk, case, sheets, residents)) is not None]
        bundles = await self._write(desk, looks)
        written = await asyncio.gather(*(self._commit(bundle) for bundle in bundles))
        return len(cases), sum(written)

    async def _write(self, desk: Desk, looks: Sequence[Look]) -> list[_Bundle]:
        wanted = sum(len(seen.issues) for seen in looks)
        serials = iter(await draw_block(self._archive.engine, f"sheet:{desk.today}", wanted) if wanted else ())
        ids = iter(await self._archive.numbers.take(wanted) if wanted else ())
        bundles: list[_Bundle] = []
        met: dict[str, list[tuple[_Bundle, list[Notice]]]] = defaultdict(list)
        for seen in looks:
            numbers = [render_sheet_number(desk.today, next(serials)) for _ in seen.issues]
            try:
                plan, reminders = write(desk, seen, numbers, [next(ids) for _ in seen.issues])
            except Exception as fault:
                log.error("case %s not supervised: %s", seen.case.id, describe_fault(fault))
                continue
            if seen.case.status == Status.TRIAGE:
                plan.outbox += await self._recordings.follow(plan)
            if seen.is_own:
                share_news(plan, seen.case, await self._books.likeness.list_reporters(seen.case))
            target = seen.meets_at
            bundle = _join(met, target) if target else None
            if bundle is None:
                bundle = _Bundle()
                bundles.append(bundle)
                if target:
                    met[target].append((bundle, []))
            bundle.plan, bundle.cases = bundle.plan.merge(plan), bundle.cases + 1
            _keep(desk, met, bundle, target, reminders)
        for target, groups in met.items():
            for bundle, notices in groups:
                bundle.plan.outbox.append(remind(desk, target, notices))
        return bundles

    async def _commit(self, bundle: _Bundle) -> int:
        try:
            outcome = await self._archive.committer.commit(bundle.plan)
        except StorageFailed as fault:
            log.warning("supervision step not written: %s", describe_fault(fault))
            return 0
        # A conflict: somebody moved the case, or another process was quicker. The next tick sees what is left to do.
        return bundle.cases if isinstance(outcome, Committed) else 0


def _look(
    desk: Desk, case: Case, sheets: Mapping[int, Sequence[Sheet]], residents: Mapping[int, Resident]
) -> Look | None:
    resident = residents.get(case.resident_id) if case.resident_id is not None else None
    try:
        return look(desk, case, sheets.get(case.id, ()), resident)
    except Exception as fault:
        # One case that cannot be read must not keep the others waiting.
        log.error("case %s not supervised: %s", case.id, describe_fault(fault))
        return None


def _waiting_residents(cases: Sequence[Case]) -> list[int]:
    # What goes on by itself tells its reporter so, and what nobody has taken in time for a first answer.
    telling = (case for case in cases if case.status in _TELLING)
    return [case.resident_id for case in telling if case.resident_id is not None]


def _join(met: Mapping[str, list[tuple[_Bundle, list[Notice]]]], target: str) -> _Bundle | None:
    groups = met.get(target)
    if not groups or len(groups[-1][1]) >= _MET:
        return None
    return groups[-1][0]


def _keep(
    desk: Desk,
    met: Mapping[str, list[tuple[_Bundle, list[Notice]]]],
    bundle: _Bundle,
    target: str | None,
    reminders: Sequence[Notice],
) -> None:
    for notice in reminders:
        if notice.overseer.target == target:
            met[target][-1][1].append(notice)
        else:
            bundle.plan.outbox.append(remind(desk, notice.overseer.target, [notice]))
