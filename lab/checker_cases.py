"""Findings on a case's own row: a step that nobody takes, a clock that outlives its case, a row that its history does not tell."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from lab.checker_finding import Figure, Finding
from lab.checker_rows import CaseRow, EventRow
from lab.checker_rules import ENDED, Rules

_OPEN = frozenset({"triage", "dispatched", "accepted", "handling", "suspended", "checking"})


def find_forgotten(case: CaseRow, ends_at: datetime, rules: Rules) -> Iterator[Finding]:
    """A case that has not ended and has no step to come, or one that was to be taken long ago."""
    if case.next_step_at is None:
        if case.status not in ENDED:
            yield Finding(Figure.FORGOTTEN, case.number, None, f"{case.status}, and no step to come")
        return
    if case.next_step_at < ends_at - rules.patience:
        yield Finding(Figure.FORGOTTEN, case.number, case.next_step_at, f"{case.status}: a step that nobody took")
    steps = [clock["next"] for clock in case.clocks.values() if clock.get("next")]
    if not steps or min(map(datetime.fromisoformat, steps)) != case.next_step_at:
        yield Finding(
            Figure.FORGOTTEN, case.number, case.next_step_at, "its clocks want another step than its row says"
        )


def find_running_after_end(case: CaseRow) -> Iterator[Finding]:
    """A case that has ended has no clock that runs or waits."""
    if case.status not in ENDED:
        return
    for stage, clock in case.clocks.items():
        if clock["state"] != "stopped":
            yield Finding(Figure.RUNNING_AFTER_END, case.number, None, f"{case.status}: {stage} is {clock['state']}")


def find_lies(case: CaseRow, events: Sequence[EventRow]) -> Iterator[Finding]:
    """The row is what its history comes to: every link there, the last status the same, open as long as it is."""
    if [event.seq for event in events] != list(range(1, case.head_seq + 1)):
        yield Finding(Figure.UNLIKE_HISTORY, case.number, None, f"{len(events)} events for {case.head_seq} links")
    if any(later.at < earlier.at for earlier, later in pairwise(events)):
        yield Finding(Figure.UNLIKE_HISTORY, case.number, None, "its history runs backwards")
    told = [event.payload["status"] for event in events if isinstance(event.payload.get("status"), str)]
    if not told or told[-1] != case.status:
        last = told[-1] if told else "nothing"
        yield Finding(Figure.UNLIKE_HISTORY, case.number, None, f"{case.status}, but its history ends with {last}")
    if case.is_open != (case.status in _OPEN):
        yield Finding(Figure.UNLIKE_HISTORY, case.number, None, f"{case.status}, but open is {case.is_open}")
