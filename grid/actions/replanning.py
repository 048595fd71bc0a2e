"""A holiday notice has been loaded: promises that were counted without it are counted again, later only, never in silence."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from grid.desk import SYSTEM, Desk
from grid.ladder import Last
from grid.running import DATED, find_next, keep_quiet
from grid.stages import LADDER_STAGES, ClockState, Stage, StageClock, StageClocks
from storage.columns import Colour
from storage.plan import Change, EventDraft, Plan
from storage.tables import Case

REPLANNED = "replanned"
NOTE = "因放假安排调整，时限顺延"


def replan(desk: Desk, case: Case) -> Plan | None:
    """The plan that moves a case's dates; None when nothing of it changes."""
    old = StageClocks.parse(case.clocks)
    clocks, columns, events = old, {}, []
    for stage, clock in old.clocks.items():
        after = _count_again(desk, case, stage, clock)
        if after is None or after == clock:
            continue
        clocks = clocks.with_clock(stage, after)
        if after.due > clock.due:
            if stage in DATED:
                columns[DATED[stage]] = after.due
            payload = {"stage": stage.value, "was": clock.due.isoformat(), "due": after.due.isoformat(), "note": NOTE}
            events.append(EventDraft(case.id, REPLANNED, desk.now, SYSTEM.key, payload))
    if clocks is old:
        return None
    values: dict[str, Any] = {**columns, "clocks": clocks.render(), "next_step_at": clocks.next_at}
    values["due_provisional"] = any(
        clock.provisional
        for stage, clock in clocks.clocks.items()
        if stage in DATED and clock.state != ClockState.STOPPED
    )
    return Plan(changes=[Change(Case, case.id, case.version, values)], events=events)


def _count_again(desk: Desk, case: Case, stage: Stage, clock: StageClock) -> StageClock | None:
    if clock.state is ClockState.STOPPED or (stage not in LADDER_STAGES and stage is not Stage.SUSPEND):
        return None
    due, provisional = _due(desk, case, clock)
    if due <= clock.due:
        # Never earlier: what was promised stays, but it may be sure now.
        return replace(clock, provisional=provisional) if provisional != clock.provisional else None
    moved = replace(clock, due=due, provisional=provisional, moved=desk.today.isoformat())
    if not clock.is_running:
        return moved
    return moved.look_at(_next(desk, case, stage, moved))


def _next(desk: Desk, case: Case, stage: Stage, clock: StageClock) -> datetime:
    if clock.step in (Colour.YELLOW, Colour.ORANGE, Colour.RED) and clock.next_at is not None:
        # A sheet that somebody must answer is waited for as before.
        at = min(find_next(desk, case, stage, clock, Last(Colour(clock.step), clock.next_at)), clock.next_at)
        return keep_quiet(desk, at) if case.urgency == "normal" else at
    return find_next(desk, case, stage, clock, None)


def _due(desk: Desk, case: Case, clock: StageClock) -> tuple[datetime, bool]:
    """Counted from the beginning: the limit, what was granted besides, and the time that the clock stood still."""
    area = case.area_code
    due = desk.clocks.due(clock.since, clock.limit, area)
    provisional = due.provisional
    for limit in clock.more:
        due = desk.clocks.due(due.at, limit, area)
        provisional = provisional or due.provisional
    return desk.clocks.later(due.at, clock.held_seconds, clock.limit, area), provisional
