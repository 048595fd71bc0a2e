"""督办: what the house does when the clocks of a case want something. First it looks (pure), then it writes what it saw.

A look needs no numbers; the sheets of all looks of a moment are numbered together, and then each look becomes one guarded plan.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from grid.actions.closing import archive, resume
from grid.actions.routing import duty_alert
from grid.actions.steps import say, tell_resident
from grid.desk import SYSTEM, Desk
from grid.ladder import Last, colour_at, find_marks, is_higher, list_skipped
from grid.message import Message
from grid.overseers import Overseer, find_overseer, find_responsible
from grid.running import TOLD, answer_due, find_next, follow_clocks, keep_quiet, start_again
from grid.sheet_words import Notice, offer_line, render_reminders, render_sheet
from grid.stages import LADDER_STAGES, ClockState, Stage, StageClock, StageClocks
from grid.workflow import Refusal
from storage.columns import Colour, SheetState
from storage.loop_tables import Sheet
from storage.plan import Change, EventDraft, OutboxDraft, Plan
from storage.rows import fresh
from storage.tables import Case, Resident

SHEET_ISSUED = "sheet_issued"
SHEET_ACKNOWLEDGED = "sheet_acknowledged"
SHEET_ANSWERED = "sheet_answered"
SHEET_WRITTEN_OFF = "sheet_written_off"
SHEET_REISSUED = "sheet_reissued"
STEPS_SKIPPED = "steps_skipped"

OPEN_SHEETS = frozenset({SheetState.ISSUED, SheetState.ACKNOWLEDGED, SheetState.ANSWERED})


@dataclass(frozen=True, slots=True)
class Issue:
    """A sheet to be issued on a clock; `last`: the one whose place it takes, `skipped`: colours that nobody lived to see."""

    stage: Stage
    clock: StageClock
    colour: Colour
    overseer: Overseer | None
    answer_due_at: datetime | None
    last: Sheet | None = None
    skipped: tuple[Colour, ...] = ()


@dataclass(slots=True)
class Look:
    """What a case wants now. `clocks`: as they will be; `plan`: what is written besides; `own`: the plan changes the case itself."""

    case: Case
    clocks: StageClocks
    issues: list[Issue] = field(default_factory=list)
    plan: Plan = field(default_factory=Plan)
    columns: dict[str, Any] = field(default_factory=dict)
    is_own: bool = False

    @property
    def meets_at(self) -> str | None:
        """The target whose blue reminders of this moment may be one message with others'."""
        blue = [issue.overseer.target for issue in self.issues if issue.colour is Colour.BLUE and issue.overseer]
        return blue[0] if blue else None


def look(desk: Desk, case: Case, sheets: Sequence[Sheet], resident: Resident | None) -> Look:
    """What is due on a case at this moment. `sheets`: its open ones; `resident`: who reported it."""
    clocks = StageClocks.parse(case.clocks)
    if not clocks.clocks:
        # A case from before there were clocks: it gets them now, and its first step when that is due.
        columns = follow_clocks(desk, case, case, None)
        return Look(case, StageClocks.parse(columns["clocks"]), columns=columns)
    seen = Look(case, clocks)
    _settle(desk, seen, sheets)
    for stage, clock in clocks.clocks.items():
        if clock.is_running and clock.next_at is None:
            # Left for later when the case was taken in (see `grid.running`).
            clock = clock.look_at(find_next(desk, case, stage, clock, None))
            seen.clocks = seen.clocks.with_clock(stage, clock)
        if clock.next_at is not None and clock.next_at <= desk.now and not seen.is_own:
            _step(desk, seen, stage, clock, sheets, resident)
    return seen


def _step(
    desk: Desk, seen: Look, stage: Stage, clock: StageClock, sheets: Sequence[Sheet], resident: Resident | None
) -> None:
    if not clock.is_running:
        seen.clocks = seen.clocks.with_clock(stage, clock.look_at(None))
    elif stage in LADDER_STAGES:
        _climb(desk, seen, stage, clock, find_last(sheets, stage, clock))
        if stage is Stage.ANSWER:
            _tell_that_it_waits(desk, seen, clock, resident)
    elif stage is Stage.TRIAGE:
        _tell_duty(desk, seen, clock)
    else:
        _move_on(desk, seen, stage, clock, resident)


def find_last(sheets: Sequence[Sheet], stage: Stage, clock: StageClock) -> Sheet | None:
    """The newest sheet of a clock; what was issued before the clock began is not its."""
    own = [sheet for sheet in sheets if sheet.stage == stage.value and sheet.issued_at >= clock.since]
    return max(own, key=lambda sheet: (sheet.issued_at, sheet.id), default=None)


def waits_until(sheet: Sheet | None) -> Last | None:
    """What the ladder must know of a sheet."""
    if sheet is None:
        return None
    return Last(sheet.colour, None if sheet.state is SheetState.ANSWERED else sheet.answer_due_at)


def _climb(desk: Desk, seen: Look, stage: Stage, clock: StageClock, last: Sheet | None) -> None:
    case, ladder = seen.case, desk.house.ladder
    if case.urgency == "normal" and (later := keep_quiet(desk, desk.now)) > desk.now:
        seen.clocks = seen.clocks.with_clock(stage, clock.look_at(later))
        return
    marks = find_marks(clock, ladder, desk.clocks, case.area_code)
    colour = colour_at(clock, waits_until(last), marks, ladder, desk.now)
    is_again = clock.step == Colour.RED
    if not is_again and not is_higher(colour, clock.step):
        following = max(find_next(desk, case, stage, clock, waits_until(last)), desk.now)
        seen.clocks = seen.clocks.with_clock(stage, clock.look_at(following if following > desk.now else marks.red))
        return
    chosen = Colour.RED if is_again or colour is None else colour
    skipped = () if is_again else tuple(list_skipped(clock.step, chosen))
    answer_due_at = None if chosen is Colour.BLUE else answer_due(desk, case, clock)
    overseer = find_overseer(desk, case, stage, chosen)
    seen.issues.append(Issue(stage, clock, chosen, overseer, answer_due_at, last, skipped))
    after = replace(clock, step=chosen.value)
    seen.clocks = seen.clocks.with_clock(stage, after.look_at(_after_issue(desk, case, stage, after, answer_due_at)))


def _tell_that_it_waits(desk: Desk, seen: Look, clock: StageClock, resident: Resident | None) -> None:
    """程序性答复 is due and nobody has taken the case: its reporter hears at least that, once."""
    late = [issue for issue in seen.issues if issue.stage is Stage.ANSWER and issue.colour is not Colour.BLUE]
    if not late or clock.step not in ("", Colour.BLUE):
        return
    text = f"您反映的工单 {seen.case.number} 还没有网格员接单，已向上级督办；有进展会告诉您，急需时请回复“催办”。"
    seen.plan.outbox += tell_resident(desk, seen.case, resident, Message("waiting", text))


def _after_issue(desk: Desk, case: Case, stage: Stage, clock: StageClock, answer_due_at: datetime | None) -> datetime:
    if clock.step == Colour.RED:
        return start_again(desk, case)
    return find_next(desk, case, stage, clock, Last(Colour(clock.step), answer_due_at))


def _tell_duty(desk: Desk, seen: Look, clock: StageClock) -> None:
    case = seen.case
    is_first = clock.step != TOLD
    again = start_again(desk, case, triage=True)
    if not is_first and case.urgency == "normal" and (later := keep_quiet(desk, desk.now)) > desk.now:
        seen.clocks = seen.clocks.with_clock(Stage.TRIAGE, clock.look_at(later))
        return
    why = "地点不明，待研判" if case.area_code is None else "无法派单，待研判"
    seen.plan.outbox += duty_alert(desk, case, why if is_first else f"{why}，仍无人指派")
    seen.columns["accept_due_at"] = None
    seen.clocks = seen.clocks.with_clock(Stage.TRIAGE, replace(clock, step=TOLD, next_at=again))


def _move_on(desk: Desk, seen: Look, stage: Stage, clock: StageClock, resident: Resident | None) -> None:
    made = archive(desk, seen.case) if stage is Stage.RATE else resume(desk, seen.case, SYSTEM, resident)
    if isinstance(made, Refusal):
        # The law has a reason to wait (a child that still runs): look again when the office works.
        later = desk.clocks.due(desk.now, "1wd", seen.case.area_code).at
        seen.clocks = seen.clocks.with_clock(stage, clock.look_at(later))
        return
    seen.plan, seen.is_own = seen.plan.merge(made), True
    seen.issues.clear()


def _settle(desk: Desk, seen: Look, sheets: Sequence[Sheet]) -> None:
    """Sheets whose clock is over: what was answered (and every blue one) is written off, the others are offered once."""
    offers: dict[str, list[str]] = {}
    for sheet in sheets:
        if not is_over(seen.clocks, sheet):
            continue
        # One in somebody's single chat has no group to settle it, and its handler may not settle his own.
        if sheet.colour is Colour.BLUE or sheet.state is SheetState.ANSWERED or sheet.group_id is None:
            seen.plan = seen.plan.merge(write_off_by_rule(desk, sheet))
        elif sheet.answer_due_at is not None:
            seen.plan.changes.append(Change(Sheet, sheet.id, sheet.version, {"answer_due_at": None}))
            if sheet.group_id is not None:
                offers.setdefault(f"group:{sheet.group_id}", []).append(offer_line(desk, sheet, seen.case))
    for target, lines in offers.items():
        seen.plan.outbox.append(_say(desk, target, Message("sheet_over", "\n".join(lines)), seen.case))


def is_over(clocks: StageClocks, sheet: Sheet) -> bool:
    """Whether what a sheet is about is done with: its clock has stopped, or began anew with somebody else."""
    clock = clocks.find(Stage(sheet.stage))
    return clock is None or clock.state is ClockState.STOPPED or sheet.issued_at < clock.since


def write_off_by_rule(desk: Desk, sheet: Sheet) -> Plan:
    """销号 by the house: the matter is done and was answered for."""
    values = {"state": SheetState.WRITTEN_OFF, "written_off_at": desk.now, "written_off_by": SYSTEM.key}
    payload = {"number": sheet.number, "stage": sheet.stage, "colour": sheet.colour.value, "by": "rule"}
    return Plan(
        changes=[Change(Sheet, sheet.id, sheet.version, values)],
        events=[EventDraft(sheet.case_id, SHEET_WRITTEN_OFF, desk.now, SYSTEM.key, payload)],
    )


def _say(desk: Desk, target: str, message: Message, case: Case | None) -> OutboxDraft:
    """Ordinary words wait for the end of quiet hours on their way, too."""
    at = desk.now if message.urgent else keep_quiet(desk, desk.now)
    return say(target, message, case, at)


def write(desk: Desk, seen: Look, numbers: Sequence[str], ids: Sequence[int]) -> tuple[Plan, list[Notice]]:
    """The plan of a look, with a number and an id for each of its issues; and the blue ones, still to be put into words."""
    plan = seen.plan
    reminders: list[Notice] = []
    for issue, number, row_id in zip(seen.issues, numbers, ids, strict=True):
        notice = _write_issue(desk, seen.case, issue, number, row_id, plan)
        if notice is not None and issue.colour is Colour.BLUE:
            reminders.append(notice)
        elif notice is not None:
            plan.outbox.append(_sheet_message(desk, notice))
    if not seen.is_own:
        columns = {**seen.columns, "clocks": seen.clocks.render(), "next_step_at": seen.clocks.next_at}
        plan.changes.append(Change(Case, seen.case.id, seen.case.version, columns))
    return plan, reminders


def _write_issue(desk: Desk, case: Case, issue: Issue, number: str, row_id: int, plan: Plan) -> Notice | None:
    if issue.skipped:
        skipped = {"stage": issue.stage.value, "colours": [colour.value for colour in issue.skipped]}
        plan.events.append(EventDraft(case.id, STEPS_SKIPPED, desk.now, SYSTEM.key, skipped))
    if issue.last is not None and issue.last.state in OPEN_SHEETS:
        gone = issue.last
        plan.changes.append(Change(Sheet, gone.id, gone.version, {"state": SheetState.REISSUED}))
        replaced = {"number": gone.number, "stage": gone.stage, "colour": gone.colour.value, "by": number}
        plan.events.append(EventDraft(case.id, SHEET_REISSUED, desk.now, SYSTEM.key, replaced))
    plan.rows.append(_sheet_row(desk, case, issue, number, row_id))
    plan.events.append(EventDraft(case.id, SHEET_ISSUED, desk.now, SYSTEM.key, _issued(case, issue, number)))
    if issue.overseer is None:
        return None
    replaces = issue.last.number if issue.last is not None and issue.last.colour is not Colour.BLUE else ""
    return Notice(number, case, issue.stage, issue.clock, issue.colour, issue.overseer, issue.answer_due_at, replaces)


def _sheet_row(desk: Desk, case: Case, issue: Issue, number: str, row_id: int) -> Sheet:
    responsible, overseer = find_responsible(desk, case), issue.overseer
    return fresh(
        Sheet,
        id=row_id,
        number=number,
        case_id=case.id,
        colour=issue.colour,
        stage=issue.stage.value,
        level=overseer.level if overseer else "",
        area_code=overseer.area if overseer else None,
        group_id=overseer.group_id if overseer else None,
        responsible_id=responsible.id if responsible else None,
        state=SheetState.ISSUED,
        issued_at=desk.now,
        answer_due_at=issue.answer_due_at,
    )


def _issued(case: Case, issue: Issue, number: str) -> Mapping[str, Any]:
    return {
        "status": case.status,
        "number": number,
        "stage": issue.stage.value,
        "colour": issue.colour.value,
        "level": issue.overseer.level if issue.overseer else "",
        "due": issue.clock.due.isoformat(),
        "target": issue.overseer.target if issue.overseer else "",
        **({"again": True} if issue.clock.step == Colour.RED else {}),
    }


def _sheet_message(desk: Desk, notice: Notice) -> OutboxDraft:
    case = notice.case
    message = Message("sheet", render_sheet(desk, notice), urgent=case.urgency != "normal")
    return say(notice.overseer.target, message, case, desk.now)


def remind(desk: Desk, target: str, notices: Sequence[Notice]) -> OutboxDraft:
    """All blue sheets of this moment for one group, in one message; urgent if one of them is."""
    urgent = any(notice.case.urgency != "normal" for notice in notices)
    message = Message("reminder", render_reminders(desk, notices), urgent=urgent)
    return say(target, message, notices[0].case if len(notices) == 1 else None, desk.now)
