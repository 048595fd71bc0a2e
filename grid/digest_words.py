"""待办 in the morning, 未结 in the afternoon: what a group has open, in few lines."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from grid.actions.sheets import state_name
from grid.desk import Desk
from grid.stages import Stage, StageClock, StageClocks
from grid.wording import moment, place_line, preview, status_name
from grid.workflow import Status
from storage.columns import Colour
from storage.loop_tables import Sheet
from storage.tables import Case

TODO, UNFINISHED = "todo", "unfinished"
_LISTED = 10
_RANK = {"emergency": 0, "urgent": 1, "normal": 2}
_URGENT = {"emergency": "特急 ", "urgent": "紧急 "}
# A holiday moved a date within these days: the group reads it in each digest of that time.
_MOVED_FOR = timedelta(days=3)


def render_digest(desk: Desk, kind: str, cases: Sequence[Case], sheets: Sequence[Sheet], total: int) -> str:
    """The digest's text; empty when there is nothing to say. `total`: how many cases the group has open in all."""
    late = [case for case in cases if is_late(desk, case)]
    today = [case for case in cases if case not in late and _is_due_today(desk, case)]
    waiting = [sheet for sheet in sheets if sheet.colour is not Colour.BLUE]
    listed = _in_order(desk, cases if kind == TODO else [*late, *today])
    if not listed and not waiting:
        return ""
    lines = [_head(desk, kind, total, len(late), len(today)), *(_line(desk, case) for case in listed[:_LISTED])]
    if len(listed) > _LISTED:
        lines.append(f"还有{len(listed) - _LISTED}件，回复“@{desk.house.bot_name} 待办”查看。")
    lines += [f"督办单 {sheet.number}（{sheet.colour.label}）{state_name(sheet.state)}" for sheet in waiting[:_LISTED]]
    return "\n".join(lines)


def _head(desk: Desk, kind: str, total: int, late: int, today: int) -> str:
    local = desk.now.astimezone(desk.zone)
    counts = "、".join(
        word for word in (f"超时{late}件" if late else "", f"今天到期{today}件" if today else "") if word
    )
    name = "待办" if kind == TODO else "未结"
    return f"【{name}】{local.month}月{local.day}日，本群未办结{total}件{f'，其中{counts}' if counts else ''}。"


def _in_order(desk: Desk, cases: Sequence[Case]) -> list[Case]:
    return sorted(
        cases, key=lambda case: (not is_late(desk, case), _RANK[case.urgency], _due(case) or desk.now, case.id)
    )


def _clock(case: Case) -> tuple[Stage, StageClock] | None:
    """The clock that presses most; what only the resident waits for is not the group's next step."""
    running = StageClocks.parse(case.clocks).list_running()
    own = [item for item in running if item[0] not in (Stage.ANSWER, Stage.REPLY)]
    return next(iter(own or running), None)


def _due(case: Case) -> datetime | None:
    found = _clock(case)
    return found[1].due if found else None


def is_late(desk: Desk, case: Case) -> bool:
    """Whether the group's next step on it should have happened by now; a suspended case waits with reason."""
    due = _due(case)
    return due is not None and due <= desk.now and case.status != Status.SUSPENDED


def _is_due_today(desk: Desk, case: Case) -> bool:
    due = _due(case)
    return due is not None and due.astimezone(desk.zone).date() == desk.today


def _line(desk: Desk, case: Case) -> str:
    found = _clock(case)
    until = f" 限{moment(found[1].due, desk.zone)}前{found[0].label}" if found else ""
    mark = "【超时】" if is_late(desk, case) else ""
    moved = "（因放假安排顺延）" if found and _was_moved(desk, found[1]) else ""
    what = "作风类投诉" if case.conduct else preview(place_line(case, desk.city), 24)
    return f"{mark}{case.number} {_URGENT.get(case.urgency, '')}{status_name(case.status)} {what}{until}{moved}"


def _was_moved(desk: Desk, clock: StageClock) -> bool:
    return bool(clock.moved) and clock.moved >= (desk.today - _MOVED_FOR).isoformat()
