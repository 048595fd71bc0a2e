"""Where a case stands, in big words, and what happens next and until when."""

from dataclasses import dataclass
from datetime import datetime

from console.tickets import Scope
from grid.desk import Desk
from grid.stages import Stage as Waiting
from grid.stages import StageClocks
from grid.wording import long_moment, status_name
from grid.workflow import Status
from storage.tables import Case

_FOR_RESIDENTS = {
    Status.TRIAGE: "正在核实",
    Status.DISPATCHED: "已派单",
    Status.ACCEPTED: "已接单",
    Status.HANDLING: "正在处理",
    Status.SUSPENDED: "暂时无法办理",
    Status.CHECKING: "已处理，待核查",
    Status.RESOLVED: "已办结",
    Status.RATED: "已办结",
    Status.ARCHIVED: "已办结",
    Status.VOID: "不再办理",
    Status.MERGED: "已合并办理",
    Status.WITHDRAWN: "已撤销",
}
_TONES = {
    Status.TRIAGE: "wait",
    Status.DISPATCHED: "wait",
    Status.SUSPENDED: "rest",
    Status.RESOLVED: "good",
    Status.RATED: "good",
    Status.ARCHIVED: "good",
    Status.VOID: "rest",
    Status.MERGED: "rest",
    Status.WITHDRAWN: "rest",
}
_STAGE_NAMES = ("受理", "派单", "接单", "办理", "办结", "评价")
# How many of the stages lie behind a case in each status, without the one it is in.
_BEHIND = {
    Status.TRIAGE: 1,
    Status.DISPATCHED: 2,
    Status.ACCEPTED: 3,
    Status.HANDLING: 3,
    Status.SUSPENDED: 3,
    Status.CHECKING: 4,
    Status.RESOLVED: 5,
    Status.RATED: 6,
}


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the way: `done`, `now` or `later`."""

    name: str
    state: str


def standing(case: Case, scope: Scope) -> str:
    """The status as this reader calls it."""
    return _FOR_RESIDENTS[Status(case.status)] if scope is Scope.RESIDENT else status_name(case.status)


def tone(case: Case, now: datetime) -> str:
    """The colour of the status: `late` when something should have happened by now."""
    return "late" if _is_late(case, now) else _TONES.get(Status(case.status), "busy")


def list_stages(case: Case) -> list[Stage]:
    """The way of a case; empty for one that left it (作废, 合并, 撤销)."""
    status = Status(case.status)
    behind = _BEHIND.get(status)
    if status is Status.ARCHIVED and case.resolved_at is not None:
        behind = len(_STAGE_NAMES) if case.rating else len(_STAGE_NAMES) - 1
    if behind is None:
        return []
    over = status is Status.ARCHIVED
    return [Stage(name, _state(index, behind, over)) for index, name in enumerate(_STAGE_NAMES)]


def _state(index: int, behind: int, over: bool) -> str:
    if index < behind:
        return "done"
    return "now" if index == behind and not over else "later"


_WAITS_FOR = {
    Status.TRIAGE: Waiting.TRIAGE,
    Status.DISPATCHED: Waiting.ACCEPT,
    Status.SUSPENDED: Waiting.SUSPEND,
    Status.CHECKING: Waiting.CHECK,
    Status.RESOLVED: Waiting.RATE,
}


def _due(case: Case) -> datetime | None:
    """What is due next: by the clock of the stage that the case is in, else by what was promised; None where nothing is."""
    status = Status(case.status)
    clock = StageClocks.parse(case.clocks).find_running(_WAITS_FOR[status]) if status in _WAITS_FOR else None
    if clock is not None:
        return clock.due
    match status:
        case Status.TRIAGE | Status.DISPATCHED:
            return case.accept_due_at
        case Status.ACCEPTED | Status.HANDLING:
            return case.resolve_due_at
        case _:
            return None


def _is_late(case: Case, now: datetime) -> bool:
    """Whether something should have happened by now that is in the house's hands: rating, and waiting for spring, are not."""
    due = _due(case) if case.status not in (Status.RESOLVED, Status.SUSPENDED) else None
    return due is not None and due < now


def find_next(desk: Desk, case: Case, scope: Scope) -> str:
    """What happens next, by whom and until when; empty when nothing does."""
    due = _due(case)
    until = f"{long_moment(due, desk.zone)}前" if due is not None and due >= desk.now else ""
    by_resident = scope is Scope.RESIDENT
    match Status(case.status):
        case Status.TRIAGE:
            return "工作人员正在核实地点和内容，核实后马上派单。" if by_resident else "待研判：请指派到网格。"
        case Status.DISPATCHED:
            return f"下一步：{until or '尽快'}由网格员接单。"
        case Status.ACCEPTED | Status.HANDLING:
            late = "已超过办结时限，正在督促；您也可以催办。" if by_resident else "已超过办结时限，请尽快办结或提级。"
            return f"下一步：{until}办结，并把结果告诉{'您' if by_resident else '居民'}。" if until else late
        case Status.SUSPENDED:
            again = f"{long_moment(due, desk.zone)}前后" if due is not None and due >= desk.now else "条件具备后"
            return f"{again}恢复办理，届时会再告诉您。" if by_resident else f"{again}恢复办理。"
        case Status.CHECKING:
            return (
                "下一步：由另一位工作人员核查，通过后把结果告诉您。"
                if by_resident
                else "下一步：由办理人以外的人核查。"
            )
        case Status.RESOLVED:
            return f"请您在{until}评价。" if by_resident and until else "等待居民评价。"
        case _:
            return ""
