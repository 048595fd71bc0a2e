"""After a simulation: is any case forgotten, any step repeated, anybody left without an answer?

Reads rows of events, cases, sheets and the outbox, and shares no code with the clocks that made them: what was due, and when, it works
out by itself (`lab.checker_runs`, `lab.checker_time`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from lab.checker_cases import find_forgotten, find_lies, find_running_after_end
from lab.checker_finding import Figure, Finding
from lab.checker_issued import find_said
from lab.checker_moved import find_moved_earlier
from lab.checker_rows import EventRow, Evidence
from lab.checker_rules import Rules
from lab.checker_runs import Run, Times, list_runs
from lab.checker_sheets import find_wrong_sheets
from lab.checker_time import WorkTime
from lab.checker_told import find_noise_at_night, find_repeats, find_unanswered


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found. `cases`: how many were looked at."""

    cases: int
    findings: tuple[Finding, ...]

    def count(self, figure: Figure) -> int:
        """How many findings of a kind."""
        return sum(finding.figure is figure for finding in self.findings)

    @property
    def is_good(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def facts(self) -> dict[str, int]:
        """Every figure by its name, zeros too."""
        counts = Counter(finding.figure for finding in self.findings)
        return {"cases": self.cases, **{figure.value: counts[figure] for figure in Figure}}


def check(evidence: Evidence, rules: Rules, notices: Mapping[datetime, Mapping[date, bool]] | None = None) -> Verdict:
    """Look at everything. `notices`: which days became known only at which moment (aware); all others were always known."""
    events: dict[int, list[EventRow]] = defaultdict(list)
    for event in evidence.events:
        events[event.case_id].append(event)
    times = make_times(evidence.days, notices or {})
    runs = {case.id: list_runs(case, events[case.id], rules, times) for case in evidence.cases}
    return Verdict(len(evidence.cases), tuple(_list_findings(evidence, rules, events, runs, times)))


def _list_findings(
    evidence: Evidence,
    rules: Rules,
    events: Mapping[int, list[EventRow]],
    runs: Mapping[int, list[Run]],
    times: Times,
) -> Iterable[Finding]:
    if evidence.broken:
        yield Finding(Figure.UNLIKE_HISTORY, "", None, evidence.broken)
    yield from find_repeats(evidence, events)
    yield from find_noise_at_night(evidence, rules, times)
    yield from find_unanswered(evidence, rules, events, runs, times)
    said = find_said(evidence.messages, "sheet", "reminder")
    offered = find_said(evidence.messages, "sheet_over")
    for case in evidence.cases:
        own = events[case.id]
        yield from find_forgotten(case, evidence.ends_at, rules)
        yield from find_running_after_end(case)
        yield from find_lies(case, own)
        yield from find_moved_earlier(case, own)
        yield from find_wrong_sheets(case, own, runs[case.id], evidence, rules, times, said, offered)


def make_times(days: Mapping[date, bool], notices: Mapping[datetime, Mapping[date, bool]]) -> Times:
    """The working time by the moment: a notice counts from when it was known."""
    late = {on for rows in notices.values() for on in rows}
    known = {on: works for on, works in days.items() if on not in late}
    steps: list[tuple[datetime | None, WorkTime]] = [(None, WorkTime(dict(known)))]
    for at in sorted(notices):
        known |= notices[at]
        steps.append((at, WorkTime(dict(known))))

    def time_at(moment: datetime) -> WorkTime:
        return [time for at, time in steps if at is None or at <= moment][-1]

    return time_at
