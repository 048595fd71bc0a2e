"""A whole simulation: the town lives, then the checker looks at what the archive holds."""

import os
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from lab.checker import Verdict, check
from lab.checker_rows import Evidence, read_evidence
from lab.checker_rules import Rules
from lab.simulate.clock import VirtualClock
from lab.simulate.days import NOTICE_DAY, ZONE, make_notice
from lab.simulate.habits import CASES_A_DAY, Habits
from lab.simulate.play import Progress, Span, make_bound_city, play
from lab.simulate.town import Service

START = date(2026, 12, 10)
Open = Callable[[Path, VirtualClock], AbstractAsyncContextManager[Service]]
"""Start a service without a wire: its folder, its clock."""


@dataclass(frozen=True, slots=True)
class Lived:
    """What is left of a town that has lived. `done`: what people did and heard, counted; `notices`: which days became known when."""

    evidence: Evidence
    done: Mapping[str, int]
    notices: Mapping[datetime, Mapping[date, bool]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a simulation came to; `seconds`: how long it took in real time."""

    verdict: Verdict
    done: Mapping[str, int]
    seconds: float


def make_habits(size: str, a_day: float | None = None) -> Habits:
    """The habits of a town of that size; `a_day`: how many matters are told on an ordinary day."""
    return Habits(a_day=a_day if a_day is not None else CASES_A_DAY[size])


async def live(
    open_service: Open, size: str, seed: int, span: Span, habits: Habits, on_progress: Progress = lambda _: None
) -> Lived:
    """Let a town live in a folder of its own that is gone afterwards."""
    clock = VirtualClock(span.begins_at)
    with TemporaryDirectory(prefix="wangge-simulate-", dir=_find_memory()) as name:
        folder = Path(name)
        async with open_service(folder, clock) as service:
            city = make_bound_city(size, seed)
            done = await play(service, clock, city, span, habits, folder / "city", on_progress)
            return Lived(await read_evidence(service.engine, clock()), done, list_notices(span))


async def simulate(
    open_service: Open,
    size: str,
    seed: int,
    span: Span,
    habits: Habits,
    rules: Rules,
    on_progress: Progress = lambda _: None,
) -> Outcome:
    """Let it live, then look at what is left."""
    began = monotonic()
    lived = await live(open_service, size, seed, span, habits, on_progress)
    return Outcome(check(lived.evidence, rules, lived.notices), lived.done, monotonic() - began)


def list_notices(span: Span) -> dict[datetime, dict[date, bool]]:
    """What became known in the course of the run, and when."""
    if span.days <= NOTICE_DAY:
        return {}
    at = datetime.combine(span.nth(NOTICE_DAY), time(0, 1), ZONE)
    return {at: {date.fromisoformat(row.on): bool(row.works) for row in make_notice()}}


def _find_memory() -> Path | None:
    """A folder that lies in memory, where there is one: nobody needs the archive afterwards, and each commit would wait for the disk."""
    folder = Path("/dev/shm")
    return folder if folder.is_dir() and os.access(folder, os.W_OK) else None
