"""Findings on supervision sheets: the right colour at its time on every clock that is late, and none without a reason."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lab.checker_finding import Figure, Finding
from lab.checker_issued import Areas, Issued, list_issued
from lab.checker_rows import CaseRow, EventRow, Evidence, SheetRow
from lab.checker_rules import COLOURS, Rules
from lab.checker_runs import Run, Times, share
from lab.checker_time import is_on_the_clock

_LEVELS = ("grid", "community", "street", "district", "city")
_CLOSE = timedelta(seconds=90)
_RED = len(COLOURS) - 1
_OPEN_STATES = frozenset({"issued", "acknowledged", "answered"})


def find_wrong_sheets(
    case: CaseRow,
    events: Sequence[EventRow],
    runs: Sequence[Run],
    evidence: Evidence,
    rules: Rules,
    times: Times,
    said: Container[str],
    offered: Container[str],
) -> Iterator[Finding]:
    """Sheets that should be there and are not, and sheets that should not be there.

    `said`: the sheets that a message has issued; `offered`: those of which it was said that they may be written off.
    """
    judge = _Judge(case, list_issued(events), runs, evidence, rules, times, said, offered, Areas(case, events))
    yield from judge.find_groundless()
    yield from judge.find_missing()
    yield from judge.find_ignored()
    yield from judge.find_not_repeated()
    yield from judge.find_left_open()


@dataclass(frozen=True, slots=True)
class _Mark:
    """When a clock comes to a colour of that height; one moment in general."""

    height: int
    earliest: datetime
    latest: datetime


@dataclass(frozen=True, slots=True)
class _Judge:
    case: CaseRow
    sheets: Sequence[Issued]
    runs: Sequence[Run]
    evidence: Evidence
    rules: Rules
    times: Times
    said: Container[str]
    offered: Container[str]
    areas: Areas

    def _wrong(self, at: datetime | None, what: str) -> Finding:
        return Finding(Figure.WRONG_SHEET, self.case.number, at, what)

    def _speak_at(self, at: datetime) -> datetime:
        return self.rules.speak_at(at, self.case.urgency, self.times(at))

    def _run_of(self, sheet: Issued) -> Run | None:
        fitting = [run for run in self.runs if run.stage == sheet.stage and run.is_running(sheet.at)]
        return fitting[-1] if fitting else None

    def _of_run(self, run: Run) -> list[Issued]:
        return [sheet for sheet in self.sheets if sheet.stage == run.stage and sheet.at >= run.since]

    def find_groundless(self) -> Iterator[Finding]:
        """Each sheet has a clock that runs, a reason for its colour, a level that fits, the right date, and was said."""
        for sheet in self.sheets:
            name = f"{sheet.stage} {sheet.colour} {sheet.number}"
            run = self._run_of(sheet)
            if run is None:
                yield self._wrong(sheet.at, f"{name}: that clock does not run")
                continue
            if self._comes_again_too_soon(sheet, run):
                yield Finding(Figure.REPEATED, self.case.number, sheet.at, f"{name}: again, before its time")
            elif not self._has_reason(sheet, run):
                yield self._wrong(sheet.at, f"{name}: too early, due {run.due_at(sheet.at).isoformat()}")
            if not self._fits_level(sheet):
                yield self._wrong(sheet.at, f"{name}: at level {sheet.level}, to {sheet.target}")
            if run.is_sure and abs(sheet.due - run.due_at(sheet.at)) > _CLOSE:
                yield self._wrong(sheet.at, f"{name}: due {sheet.due} there, by the calendar {run.due_at(sheet.at)}")
            if sheet.number not in self.said:
                yield self._wrong(sheet.at, f"{name}: nobody was told")

    def _has_reason(self, sheet: Issued, run: Run) -> bool:
        due = run.due_at(sheet.at)
        return any(
            sheet.at >= mark.earliest - self.rules.patience
            for mark in self._list_marks(run, due, sheet.at)
            if mark.height >= sheet.height
        ) or self._has_other_reason(sheet, run)

    def _has_other_reason(self, sheet: Issued, run: Run) -> bool:
        returns = sum(at <= sheet.at for at in run.returns)
        wanted = {"orange": self.rules.orange_returns, "red": self.rules.red_returns}.get(sheet.colour)
        if wanted is not None and returns >= wanted:
            return True
        lower = [one for one in self._of_run(run) if one.at < sheet.at and one.height > 0]
        return any(
            sheet.height <= min(one.height + 1, len(COLOURS) - 1)
            and self._answer_due(one, run) <= sheet.at + self.rules.patience
            and (one.spoken_at is None or one.spoken_at >= sheet.at)
            for one in lower
        )

    def _comes_again_too_soon(self, sheet: Issued, run: Run) -> bool:
        before = [one for one in self._of_run(run) if one.at < sheet.at]
        if not before or before[-1].height < _RED or sheet.height < _RED:
            return False
        return sheet.at < self._again_due(before[-1]) - self.rules.patience

    def _again_due(self, sheet: Issued) -> datetime:
        """When a red sheet comes again."""
        ordinary = self.case.urgency == "normal"
        return self.times(sheet.at).due(sheet.at, self.rules.again if ordinary else self.rules.urgent_again)

    def _answer_due(self, sheet: Issued, run: Run) -> datetime:
        """Until when somebody must have said a word to a sheet, counted from its issue or from when it was signed for."""
        since = sheet.at if sheet.signed_at is None else sheet.signed_at
        time, ordinary = self.times(since), self.case.urgency == "normal"
        at_most = time.due(since, self.rules.ignored if ordinary else self.rules.urgent_ignored)
        whole, part = run.due_at(since), self.rules.ignored_share
        if is_on_the_clock(run.limit):
            return min(at_most, since + (whole - run.since) * part)
        worked = time.between(run.since, whole).total_seconds()
        return min(at_most, time.after(since, timedelta(seconds=int(worked * part))))

    def _fits_level(self, sheet: Issued) -> bool:
        """At the level of its colour, or higher where nobody is there; and to a group over the case's own area."""
        wanted = _LEVELS.index(self.rules.levels[sheet.colour])
        if sheet.level not in _LEVELS or _LEVELS.index(sheet.level) < wanted:
            return False
        kind, _, name = sheet.target.partition(":")
        area = self.areas.at(sheet.at)
        if kind != "group" or area is None:
            return True
        return self.evidence.groups.get(int(name)) in self.evidence.chains.get(area, ())

    def _list_marks(self, run: Run, due: datetime, until: datetime) -> list[_Mark]:
        """The marks of a run by the calendars that were known from its beginning to `until`: a notice may come in between."""
        times = (self.times(run.since), self.times(until))
        blue = [min(share(run, self.rules.blue_percent / 100, time, due), due) for time in times]
        red = [share(run, self.rules.red_times, time, due) for time in times]
        return [_Mark(0, min(blue), max(blue)), _Mark(1, due, due), _Mark(_RED, min(red), max(red))]

    def find_missing(self) -> Iterator[Finding]:
        """Each mark that a clock passed while it ran was seen in time."""
        for run in self.runs:
            holds = [*run.dues[1:], (run.ended_at or self.evidence.ends_at, run.due)]
            for (since, due), (until, _) in zip(run.dues, holds, strict=True):
                for mark in self._list_marks(run, due, until):
                    if since <= mark.latest:
                        yield from self._find_unseen(run, mark.latest, mark.height, due, until)

    def _find_unseen(self, run: Run, mark: datetime, height: int, due: datetime, until: datetime) -> Iterator[Finding]:
        latest = self._latest(mark, due)
        if latest >= min(until, self.evidence.ends_at) or not run.ran_through(mark, latest):
            return
        if not any(sheet.height >= height for sheet in self._of_run(run) if sheet.at <= latest):
            yield self._wrong(mark, f"{run.stage}: no {COLOURS[height]} sheet by {latest.isoformat()}")

    def _latest(self, mark: datetime, due: datetime) -> datetime:
        """When a mark must have been seen: ordinary first sheets may meet on the half hour, all ordinary ones wait for the morning."""
        if mark < due and self.case.urgency == "normal":
            met = self.rules.round_up(mark)
            mark = met if met < due else mark
        return self._speak_at(mark) + self.rules.patience

    def find_ignored(self) -> Iterator[Finding]:
        """A sheet that nobody said a word to is taken up one colour higher."""
        for sheet in self.sheets:
            run = self._run_of(sheet)
            if run is None or sheet.height not in (1, 2):
                continue
            latest = self._speak_at(self._answer_due(sheet, run)) + self.rules.patience
            if latest >= self.evidence.ends_at or not run.ran_through(sheet.at, latest):
                continue
            if any(since > sheet.at and since <= latest for since, _ in run.dues):
                continue
            if sheet.spoken_at is not None and sheet.spoken_at <= latest:
                continue
            later = [one for one in self.sheets if one.stage == sheet.stage and sheet.at < one.at <= latest]
            if not any(one.height > sheet.height for one in later):
                yield self._wrong(sheet.at, f"{sheet.stage} {sheet.colour} {sheet.number}: ignored, and nobody heard")

    def find_not_repeated(self) -> Iterator[Finding]:
        """A red sheet comes again and again as long as its clock runs."""
        for sheet in self.sheets:
            run = self._run_of(sheet)
            if run is None or sheet.height < _RED:
                continue
            latest = self._speak_at(self._again_due(sheet)) + self.rules.patience
            if latest >= self.evidence.ends_at or not run.ran_through(sheet.at, latest):
                continue
            if not any(sheet.at < one.at <= latest for one in self._of_run(run)):
                yield self._wrong(sheet.at, f"{sheet.stage} red {sheet.number}: not issued again")

    def find_left_open(self) -> Iterator[Finding]:
        """A sheet whose clock is over is written off by rule once it was answered (a blue one always), else offered to be."""
        for sheet in self.evidence.sheets:
            if sheet.case_id != self.case.id or sheet.state not in _OPEN_STATES or self._is_alive(sheet):
                continue
            if sheet.colour == "blue" or sheet.state == "answered" or sheet.number not in self.offered:
                yield self._wrong(sheet.issued_at, f"{sheet.stage} {sheet.colour} {sheet.number}: {sheet.state} still")

    def _is_alive(self, sheet: SheetRow) -> bool:
        """Whether its clock goes on, or stopped so late that nobody can have looked."""
        latest = self.evidence.ends_at - self.rules.patience
        return any(
            run.stage == sheet.stage
            and run.since <= sheet.issued_at
            and (run.ended_at is None or self._speak_at(run.ended_at) >= latest)
            for run in self.runs
        )
