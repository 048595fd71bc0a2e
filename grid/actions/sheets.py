"""签收, 回复督办, 销号: what people do with a supervision sheet. Each changes the sheet and, where it counts, the clock it is about."""

from dataclasses import dataclass, replace
from typing import Any

from grid.actions.steps import Decision, say
from grid.actions.supervision import (
    OPEN_SHEETS,
    SHEET_ACKNOWLEDGED,
    SHEET_ANSWERED,
    SHEET_WRITTEN_OFF,
    is_over,
    waits_until,
    write_off_by_rule,
)
from grid.desk import Actor, Desk
from grid.message import Message
from grid.running import answer_due, find_next, keep_quiet
from grid.stages import Stage, StageClocks
from grid.wording import masked, tag
from grid.workflow import Refusal
from storage.columns import Colour, PostRole, SheetState
from storage.loop_tables import Sheet
from storage.plan import Change, EventDraft, Plan
from storage.rows import with_changes
from storage.tables import Case

_STATES = {
    SheetState.ISSUED: "等待签收",
    SheetState.ACKNOWLEDGED: "已签收，等待回复",
    SheetState.ANSWERED: "已回复，等待销号",
    SheetState.WRITTEN_OFF: "已销号",
    SheetState.REISSUED: "已由更高一级的督办单接替",
}


@dataclass(frozen=True, slots=True)
class Held:
    """A sheet with its case."""

    sheet: Sheet
    case: Case


def state_name(state: SheetState) -> str:
    """The state in words."""
    return _STATES[state]


def can_answer(desk: Desk, held: Held, worker_id: int, group_id: int | None) -> bool:
    """Whether somebody may acknowledge and answer: he speaks where the sheet is, has a post there, or has the case."""
    sheet = held.sheet
    if sheet.group_id is not None and group_id == sheet.group_id:
        return True
    if worker_id in (held.case.handler_id, sheet.responsible_id):
        return True
    return any(seat.area == sheet.area_code for seat in desk.city.posts_of.get(worker_id, ()))


def can_write_off(desk: Desk, held: Held, worker_id: int) -> bool:
    """Whether somebody may write a sheet off: a coordinator of the level it was issued at, or of one above."""
    city, area = desk.city, held.sheet.area_code
    for seat in city.posts_of.get(worker_id, ()):
        if held.case.conduct and seat.role is PostRole.CONDUCT and seat.area == area:
            return worker_id != held.case.handler_id
        if seat.role is PostRole.COORDINATOR and (area is None or city.is_inside(area, seat.area)):
            return not held.case.conduct
    return False


def acknowledge(desk: Desk, held: Held, actor: Actor) -> Decision:
    """签收: somebody has seen it and has some time to answer."""
    sheet = held.sheet
    if sheet.state is not SheetState.ISSUED:
        return Refusal(f"督办单 {sheet.number} {_STATES[sheet.state]}，不用再签收。")
    values: dict[str, Any] = {
        "state": SheetState.ACKNOWLEDGED,
        "acknowledged_at": desk.now,
        "acknowledged_by": actor.key,
    }
    clock = StageClocks.parse(held.case.clocks).find_running(Stage(sheet.stage))
    if sheet.answer_due_at is not None and clock is not None:
        values["answer_due_at"] = answer_due(desk, held.case, clock)
    return _plan(desk, held, actor, values, SHEET_ACKNOWLEDGED, {})


def answer(desk: Desk, held: Held, actor: Actor, text: str) -> Decision:
    """回复督办: what was done about it; whoever issued it reads that. What is over already is written off with it."""
    sheet = held.sheet
    if sheet.state not in OPEN_SHEETS:
        return Refusal(f"督办单 {sheet.number} {_STATES[sheet.state]}，不用再回复。")
    if not text:
        return Refusal(f"请写明处理情况，例如：回复督办 {sheet.number} 已联系物业，今天下午处理。")
    values: dict[str, Any] = {
        "state": SheetState.ANSWERED,
        "answered_at": desk.now,
        "answered_by": actor.key,
        "answer": text,
        "answer_due_at": None,
    }
    plan = _plan(desk, held, actor, values, SHEET_ANSWERED, {"text": text})
    if is_over(StageClocks.parse(held.case.clocks), sheet):
        rule = write_off_by_rule(desk, with_changes(sheet, {**values, "version": sheet.version + 1}))
        first = plan.changes[0]
        plan.changes[0] = replace(first, values={**first.values, **rule.changes[0].values})
        plan.events += rule.events
    return plan


def write_off(desk: Desk, held: Held, actor: Actor) -> Decision:
    """销号: the level that issued it is satisfied. Not before somebody answered, unless the matter is over."""
    sheet = held.sheet
    if sheet.state not in OPEN_SHEETS:
        return Refusal(f"督办单 {sheet.number} {_STATES[sheet.state]}，不用再销号。")
    is_done = is_over(StageClocks.parse(held.case.clocks), sheet)
    if sheet.state is not SheetState.ANSWERED and not is_done:
        return Refusal(
            f"督办单 {sheet.number} 还没有回复，事项也没有完成，不能销号；请先督促“回复督办 {sheet.number} 情况”。"
        )
    values = {"state": SheetState.WRITTEN_OFF, "written_off_at": desk.now, "written_off_by": actor.key}
    return _plan(desk, held, actor, values, SHEET_WRITTEN_OFF, {"by": "person"})


def _plan(desk: Desk, held: Held, actor: Actor, values: dict[str, Any], kind: str, more: dict[str, Any]) -> Plan:
    sheet, case = held.sheet, held.case
    after = with_changes(sheet, values)
    payload = {"number": sheet.number, "stage": sheet.stage, "colour": sheet.colour.value, **more}
    plan = Plan(
        changes=[Change(Sheet, sheet.id, sheet.version, values)],
        events=[EventDraft(case.id, kind, desk.now, actor.key, payload)],
    )
    columns = _clock_columns(desk, case, after)
    if columns:
        plan.changes.append(Change(Case, case.id, case.version, columns))
    if (
        kind != SHEET_ACKNOWLEDGED
        and case.group_id is not None
        and case.group_id != sheet.group_id
        and not case.conduct
    ):
        word = f"回复督办：{masked(str(more.get('text', '')), 200)}" if kind == SHEET_ANSWERED else "已销号"
        text = f"{tag(case)}督办单 {sheet.number} {actor.name}{word}。"
        plan.outbox.append(say(f"group:{case.group_id}", Message("sheet_note", text), case, desk.now))
    return plan


def _clock_columns(desk: Desk, case: Case, sheet: Sheet) -> dict[str, Any]:
    """When the next colour comes, now that somebody has said something."""
    stage, clocks = Stage(sheet.stage), StageClocks.parse(case.clocks)
    clock = clocks.find_running(stage)
    if clock is None or is_over(clocks, sheet) or clock.step not in (Colour.YELLOW, Colour.ORANGE):
        return {}
    at = find_next(desk, case, stage, clock, waits_until(sheet))
    if case.urgency == "normal":
        at = keep_quiet(desk, at)
    clocks = clocks.with_clock(stage, clock.look_at(at))
    return {"clocks": clocks.render(), "next_step_at": clocks.next_at}
