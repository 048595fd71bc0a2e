"""How a case's clocks follow it: every move ends here, so that a clock runs exactly where the table of `grid.stages` says."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from grid.desk import Desk
from grid.ladder import Last, next_mark
from grid.quiet import round_up
from grid.stages import FOR_RESIDENTS, LADDER_STAGES, PAUSED, RUNNING, ClockState, Stage, StageClock, StageClocks
from grid.workflow import Move, Status
from storage.columns import Colour
from storage.tables import Case

# A new place begins with somebody who has not accepted yet; the promise to the resident goes on.
_NEW_HANDS = frozenset({Move.RETURN, Move.TRANSFER, Move.DISPATCH, Move.RECLASSIFY, Move.ESCALATE})
_ANEW = frozenset({Move.RECEIVE, Move.REOPEN, Move.SPLIT})
# With these the reporter has heard something of his case for the first time.
_ANSWERS = frozenset({Move.ACCEPT, Move.HANDLE, Move.ASK, Move.EXTEND, Move.RESOLVE, Move.SUSPEND})
TOLD = "told"
_MOST_DAYS_OFF = 60
_HANDS = (Stage.ACCEPT, Stage.TRIAGE)
DATED = {Stage.ACCEPT: "accept_due_at", Stage.RESOLVE: "resolve_due_at"}
"""The clocks whose dates a case shows, and the columns that show them."""
# What is over for good, however often the case comes back to where it would run.
_ONCE = frozenset({Stage.ANSWER, Stage.RESOLVE, Stage.REPLY})


def begin_clocks(desk: Desk, case: Case) -> dict[str, Any]:
    """The clocks of a case that was just taken in, as columns of it."""
    return follow_clocks(desk, case, case, Move.RECEIVE)


def follow_clocks(desk: Desk, before: Case, after: Case, move: Move | None, limit: str = "") -> dict[str, Any]:
    """The clocks after `move` as columns of the case: from the old ones, the move and the case as it will be.

    `limit`: how much longer (延期), or until when to look again (挂账). Without a move: what a case from before lacks.
    """
    old = StageClocks.parse(before.clocks)
    kept = _prepare(desk, old, after, move, limit)
    status, now = Status(after.status), desk.now
    clocks: dict[Stage, StageClock] = {}
    for stage in Stage:
        clock = kept.get(stage)
        if _waits(stage, after, status):
            clocks[stage] = _run(desk, after, stage, clock, move, limit)
        elif clock is not None and stage in PAUSED.get(status, ()):
            clocks[stage] = _pause(clock, now)
        elif clock is not None:
            clocks[stage] = clock.stop(now)
    return _columns(after, StageClocks(_look_once_more(old, kept, clocks, now)))


def _prepare(desk: Desk, old: StageClocks, after: Case, move: Move | None, limit: str) -> dict[Stage, StageClock]:
    if move in _ANEW:
        return {}
    kept = dict(old.clocks)
    if not kept:
        return kept
    if move in _NEW_HANDS:
        for stage in _HANDS:
            kept.pop(stage, None)
    if move in _ANSWERS and Stage.ANSWER in kept:
        kept[Stage.ANSWER] = kept[Stage.ANSWER].stop(desk.now)
    promise = kept.get(Stage.RESOLVE)
    if promise is None:
        return kept
    if move is Move.RETURN:
        promise = replace(promise, returns=promise.returns + 1)
        # A second or third 退回 is seen above at once.
        if promise.returns >= desk.house.ladder.orange_returns and promise.is_running:
            promise = replace(promise, next_at=desk.now)
    if after.resolve_due_at is not None and after.resolve_due_at != promise.due and promise.is_running:
        promise = _extended(desk, after, promise, after.resolve_due_at, limit)
    kept[Stage.RESOLVE] = promise
    return kept


def _extended(desk: Desk, case: Case, clock: StageClock, due: datetime, limit: str) -> StageClock:
    later = due > clock.due
    moved = replace(clock, due=due, more=(*clock.more, limit) if limit else clock.more)
    # The time is not nearly over any more.
    moved = replace(moved, step="") if later and clock.step == Colour.BLUE else moved
    return replace(moved, next_at=find_next(desk, case, Stage.RESOLVE, moved, None))


def _waits(stage: Stage, case: Case, status: Status) -> bool:
    if stage not in RUNNING[status]:
        return False
    return stage not in FOR_RESIDENTS or case.resident_id is not None


def _run(desk: Desk, case: Case, stage: Stage, clock: StageClock | None, move: Move | None, limit: str) -> StageClock:
    if clock is None or (clock.state is ClockState.STOPPED and stage not in _ONCE):
        return _start(desk, case, stage, move, limit)
    if clock.state is ClockState.PAUSED:
        return _resume(desk, case, stage, clock)
    if clock.next_at is not None or not clock.is_running:
        return clock
    return clock.look_at(find_next(desk, case, stage, clock, None))


def _start(desk: Desk, case: Case, stage: Stage, move: Move | None, limit: str) -> StageClock:
    clock = start_clock(desk, case, stage, _since(desk, case, stage, move), limit)
    if move is Move.RECEIVE and _is_for_later(case, stage, clock):
        return clock
    return clock.look_at(find_next(desk, case, stage, clock, None))


def _is_for_later(case: Case, stage: Stage, clock: StageClock) -> bool:
    # Intake must be quick: what cannot be due before somebody looks at the case for its first clock is counted out then.
    return stage in _ONCE and case.accept_due_at is not None and clock.due > case.accept_due_at


def _since(desk: Desk, case: Case, stage: Stage, move: Move | None) -> datetime:
    if move in _ANEW or (stage not in _ONCE and move is not None):
        return desk.now
    # A case from before there were clocks: its promises count from its opening, its present stage from the last move.
    return case.opened_at if stage in _ONCE else case.touched_at


def start_clock(desk: Desk, case: Case, stage: Stage, since: datetime, limit: str = "") -> StageClock:
    """A clock from its beginning, its `next_at` not yet found."""
    house = desk.house
    match stage:
        case Stage.TRIAGE:
            waits = house.triage_after
            tell_at = since + waits if case.accept_due_at is None else max(case.accept_due_at, since)
            return StageClock(since, tell_at, f"{_minutes(waits)}m")
        case Stage.RATE:
            begun = case.resolved_at or since
            return StageClock(begun, begun + house.rating_for, f"{max(1, house.rating_for.days) * 24}h")
        case Stage.SUSPEND:
            limit = limit or house.ladder.look_again
            due = desk.clocks.due(since, limit, case.area_code)
            return StageClock(since, due.at, limit, provisional=due.provisional)
    limit = desk.clocks.pace(stage.value, case.category, case.urgency, case.area_code)
    promised = {Stage.ACCEPT: case.accept_due_at, Stage.RESOLVE: case.resolve_due_at}.get(stage)
    # A date that was made for whoever had it before is no date for whoever has it now.
    if promised is not None and promised >= since:
        return StageClock(since, promised, limit, provisional=case.due_provisional)
    due = desk.clocks.due(since, limit, case.area_code)
    return StageClock(since, due.at, limit, provisional=due.provisional)


def _minutes(span: Any) -> int:
    return max(1, int(span.total_seconds() // 60))


def _pause(clock: StageClock, now: datetime) -> StageClock:
    if not clock.is_running:
        return clock
    return replace(clock, state=ClockState.PAUSED, paused_at=now, next_at=None)


def _resume(desk: Desk, case: Case, stage: Stage, clock: StageClock) -> StageClock:
    """It goes on with the time that it had left."""
    area = case.area_code
    held = desk.clocks.between(clock.paused_at or desk.now, desk.now, clock.limit, area)
    due = desk.clocks.later(clock.due, held, clock.limit, area)
    total = clock.held_seconds + held
    going = replace(clock, state=ClockState.RUNNING, paused_at=None, due=max(due, clock.due), held_seconds=total)
    return going.look_at(find_next(desk, case, stage, going, _fresh_wait(desk, case, going)))


def _fresh_wait(desk: Desk, case: Case, clock: StageClock) -> Last | None:
    # Whoever had to answer a sheet could not while the clock stood still: he has the whole time again.
    if clock.step not in (Colour.YELLOW, Colour.ORANGE):
        return None
    return Last(Colour(clock.step), answer_due(desk, case, clock))


def answer_due(desk: Desk, case: Case, clock: StageClock) -> datetime:
    """Until when a sheet of now must have been acknowledged or answered, else it counts as ignored."""
    ladder, area = desk.house.ladder, case.area_code
    due = desk.clocks.due(desk.now, ladder.ignored_after(case.urgency), area).at
    whole = desk.clocks.between(clock.since, clock.due, clock.limit, area)
    return min(due, desk.clocks.later(desk.now, int(whole * ladder.ignored_share), clock.limit, area))


def find_next(desk: Desk, case: Case, stage: Stage, clock: StageClock, last: Last | None) -> datetime:
    """When a running clock wants its next step; ordinary steps keep quiet hours, and ordinary blue ones meet on the half hour."""
    if stage not in LADDER_STAGES:
        return clock.due
    ladder, ordinary = desk.house.ladder, case.urgency == "normal"
    at = next_mark(clock, last, ladder, desk.clocks, case.area_code)
    if not ordinary:
        return at
    if not clock.step:
        met = round_up(at, desk.zone, ladder.round_minutes)
        # To meet others is not worth half of the time that is left.
        at = met if met - at <= (clock.due - at) / 2 else at
    return keep_quiet(desk, at)


def keep_quiet(desk: Desk, at: datetime) -> datetime:
    """`at`, or the next moment at which ordinary things may be said: neither in quiet hours nor on a day off."""
    quiet = desk.house.ladder.quiet
    if quiet is None:
        return at
    at = quiet.end_after(at, desk.zone)
    for _ in range(_MOST_DAYS_OFF):
        if desk.clocks.is_working(at):
            break
        at = quiet.end_of_next(at, desk.zone)
    return at


def start_again(desk: Desk, case: Case, *, triage: bool = False) -> datetime:
    """When what was said now is said again: a red sheet, or a case in 待研判 to the duty group."""
    ladder = desk.house.ladder
    limit = ladder.triage_again_after(case.urgency) if triage else ladder.again_after(case.urgency)
    at = desk.clocks.due(desk.now, limit, case.area_code).at
    return keep_quiet(desk, at) if case.urgency == "normal" else at


def mark_told(desk: Desk, case: Case) -> dict[str, Any]:
    """The duty group has heard of a case in 待研判, as columns of it; it hears again when nobody has taken it up by then."""
    clocks = StageClocks.parse(case.clocks)
    clock = clocks.find_running(Stage.TRIAGE)
    if clock is None:
        return {"accept_due_at": None}
    clocks = clocks.with_clock(Stage.TRIAGE, replace(clock, step=TOLD, next_at=start_again(desk, case, triage=True)))
    return {"accept_due_at": None, "clocks": clocks.render(), "next_step_at": clocks.next_at}


def _look_once_more(
    old: StageClocks, kept: dict[Stage, StageClock], clocks: dict[Stage, StageClock], now: datetime
) -> dict[Stage, StageClock]:
    """What was issued on a clock that began anew belongs to nobody: somebody must look at once and settle it."""
    for stage, clock in old.clocks.items():
        if stage in kept or not clock.step or stage not in LADDER_STAGES:
            continue
        carrier = next((one for one in (stage, Stage.RESOLVE, Stage.TRIAGE, *clocks) if one in clocks), None)
        if carrier is not None:
            clocks[carrier] = replace(clocks[carrier], next_at=now)
    return clocks


def _columns(case: Case, clocks: StageClocks) -> dict[str, Any]:
    columns: dict[str, Any] = {"clocks": clocks.render(), "next_step_at": clocks.next_at}
    for stage, name in DATED.items():
        clock = clocks.find_running(stage)
        if clock is not None and clock.due != getattr(case, name):
            columns[name] = clock.due
    return columns
