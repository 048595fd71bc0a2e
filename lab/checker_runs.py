"""When each clock of a case must have run, and until when it was due: computed from the case's history alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lab.checker_rows import CaseRow, EventRow
from lab.checker_rules import Rules
from lab.checker_time import WorkTime, is_on_the_clock

Times = Callable[[datetime], WorkTime]
"""The working time as it was known at a moment."""

STAGES = ("accept", "answer", "resolve", "check", "reply")
_RUNS: Mapping[str, tuple[str, ...]] = {
    "triage": ("answer", "resolve", "reply"),
    "dispatched": ("accept", "answer", "resolve", "reply"),
    "accepted": ("resolve", "reply"),
    "handling": ("resolve", "reply"),
    "checking": ("check", "reply"),
}
_RESTS: Mapping[str, tuple[str, ...]] = {"suspended": ("resolve", "reply"), "checking": ("resolve",)}
_ANEW = frozenset({"receive", "reopen", "split"})
_NEW_HANDS = frozenset({"dispatch", "return", "transfer", "reclassify", "escalate"})
_ANSWERED_BY = frozenset({"accept", "handle", "ask", "extend", "resolve", "suspend"})
_ONCE = frozenset({"answer", "resolve", "reply"})
_FOR_RESIDENTS = frozenset({"answer", "reply"})


@dataclass(slots=True)
class Run:
    """One run of a clock. `dues`: each due moment with the moment from which it held; `rests`: when it stood still.

    `is_sure`: False once something happened that a history does not tell in full (a calendar came while it had been extended).
    """

    stage: str
    since: datetime
    limit: str
    dues: list[tuple[datetime, datetime]]
    rests: list[tuple[datetime, datetime | None]] = field(default_factory=list)
    ended_at: datetime | None = None
    returns: list[datetime] = field(default_factory=list)
    is_sure: bool = True
    is_plain: bool = True

    def due_at(self, at: datetime) -> datetime:
        """What was due at a moment of the run."""
        return [due for since, due in self.dues if since <= at][-1]

    @property
    def due(self) -> datetime:
        """What was due last."""
        return self.dues[-1][1]

    @property
    def rests_now(self) -> bool:
        """Whether it stands still at the end of the history."""
        return bool(self.rests) and self.rests[-1][1] is None

    def is_running(self, at: datetime) -> bool:
        """Whether its time passed at `at`."""
        if at < self.since or (self.ended_at is not None and at > self.ended_at):
            return False
        return not any(begin < at and (end is None or at < end) for begin, end in self.rests)

    def ran_through(self, since: datetime, until: datetime) -> bool:
        """Whether it ran all the time from `since` to `until`."""
        if self.ended_at is not None and self.ended_at <= until:
            return False
        return not any(begin <= until and (end is None or end >= since) for begin, end in self.rests)


class History:
    """Follows a case through its events."""

    def __init__(self, case: CaseRow, rules: Rules, times: Times) -> None:
        self._case, self._rules, self._times = case, rules, times
        self._urgency = case.urgency
        self._active: dict[str, Run] = {}
        self._over: set[str] = set()
        self.runs: list[Run] = []

    def follow(self, event: EventRow) -> None:
        """One event more; those that are no step of the case change nothing."""
        if event.kind == "replanned":
            self._replan(event)
        status = event.payload.get("status")
        if not isinstance(status, str):
            return
        if event.kind in _ANEW:
            self._close(self._active, event.at)
            self._over.clear()
        if event.kind in _NEW_HANDS:
            self._close(["accept"], event.at)
        if event.kind in _ANSWERED_BY:
            self._close(["answer"], event.at)
        if event.kind == "return" and "resolve" in self._active:
            self._active["resolve"].returns.append(event.at)
        if event.kind == "extend":
            self._extend(event)
        for stage in STAGES:
            self._follow_stage(stage, status, event.at)

    def _follow_stage(self, stage: str, status: str, at: datetime) -> None:
        run = self._active.get(stage)
        wanted = stage in _RUNS.get(status, ()) and (stage not in _FOR_RESIDENTS or self._case.openid is not None)
        if wanted and run is None and stage not in self._over:
            self._start(stage, at)
        elif wanted and run is not None and run.rests_now:
            self._go_on(run, at)
        elif not wanted and run is not None and stage in _RESTS.get(status, ()):
            if not run.rests_now:
                run.rests.append((at, None))
        elif not wanted and run is not None:
            self._close([stage], at)

    def _start(self, stage: str, at: datetime) -> None:
        limits, time = self._rules.limits[self._urgency], self._times(at)
        due = time.due(at, limits[stage])
        if stage == "accept":
            # Nobody may accept later than the whole was due if it were opened now.
            due = min(due, time.due(at, limits["resolve"]))
        run = self._active[stage] = Run(stage, at, limits[stage], [(at, due)])
        self.runs.append(run)

    def _close(self, stages: Sequence[str] | Mapping[str, Run], at: datetime) -> None:
        for stage in list(stages):
            run = self._active.pop(stage, None)
            if run is not None:
                run.ended_at = at
            if stage in _ONCE and run is not None:
                self._over.add(stage)

    def _extend(self, event: EventRow) -> None:
        run = self._active.get("resolve")
        if run is not None and event.payload.get("limit"):
            run.dues.append((event.at, self._times(event.at).due(run.due, event.payload["limit"])))
            run.is_plain = False

    def _go_on(self, run: Run, at: datetime) -> None:
        begin = run.rests[-1][0]
        run.rests[-1] = (begin, at)
        run.is_plain = False
        if is_on_the_clock(run.limit):
            due = run.due + (at - begin)
        else:
            time = self._times(at)
            due = time.after(run.due, time.between(begin, at)) if time.between(begin, at) else run.due
        run.dues.append((at, due))

    def _replan(self, event: EventRow) -> None:
        """A new calendar has moved a date. Of a run that was never touched it must be what the new calendar says, if that is later."""
        run = self._active.get(str(event.payload.get("stage")))
        if run is None:
            return
        told = datetime.fromisoformat(event.payload["due"])
        wanted = max(run.due, self._times(event.at).due(run.since, run.limit))
        run.dues.append((event.at, wanted if run.is_plain else told))
        run.is_sure = run.is_sure and run.is_plain


def list_runs(case: CaseRow, events: Sequence[EventRow], rules: Rules, times: Times) -> list[Run]:
    """All runs of a case's supervised clocks, in the order of their beginnings."""
    history = History(case, rules, times)
    for event in events:
        history.follow(event)
    return history.runs


def share(run: Run, times_over: float, time: WorkTime, due: datetime) -> datetime:
    """When `times_over` of what a run was given has passed, measured as its limit is."""
    if is_on_the_clock(run.limit):
        return run.since + (due - run.since) * times_over
    whole = time.between(run.since, due)
    return time.after(run.since, timedelta(seconds=int(whole.total_seconds() * times_over)))
