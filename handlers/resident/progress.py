"""How a resident's case is put into words for him: where it stands, what he may still do."""

from datetime import datetime

from grid.actions.routing import Sent
from grid.desk import Desk
from grid.stages import Stage, StageClocks
from grid.wording import category_name, duty_number, long_moment, place_line, preview
from grid.workflow import Move, Part, Refusal, Status, list_moves
from handlers.reply import Reply, Said
from handlers.talk import ResidentTalk
from storage.plan import Plan
from storage.tables import Case

_WHERE_IT_STANDS = {
    Status.TRIAGE: "正在核实，马上派单",
    Status.DISPATCHED: "已派单，等待接单",
    Status.ACCEPTED: "已接单",
    Status.HANDLING: "正在处理",
    Status.SUSPENDED: "暂时办不了，条件具备后继续办",
    Status.CHECKING: "已处理，等待核查",
    Status.RESOLVED: "已办结，等您评价",
    Status.RATED: "已办结",
    Status.ARCHIVED: "已办结归档",
    Status.VOID: "不再办理",
    Status.MERGED: "已与另一件合并办理",
    Status.WITHDRAWN: "已撤销",
}
_HOW_TO = {
    Move.HURRY: "“催办”",
    Move.SUPPLEMENT: "“补充 内容”",
    Move.RECLASSIFY: "“改类别”",
    Move.WITHDRAW: "“撤销”",
    Move.REOPEN: "“没修好”",
}
_RESULT_CHARACTERS = 60
_PLACE_CHARACTERS = 40
_REPORTER = frozenset({Part.REPORTER})


def progress_line(desk: Desk, case: Case) -> str:
    """Where a case stands, who has it, and when its next step is due."""
    status = Status(case.status)
    parts = [f"工单 {case.number}（{category_name(case.category)}）：{_WHERE_IT_STANDS[status]}{_holder(desk, case)}。"]
    parts.append(_next_step(desk, case))
    # While it is suspended nobody can keep a date; the new one follows when it goes on.
    if case.is_open and case.resolve_due_at is not None and status is not Status.SUSPENDED:
        parts.append(_promise(desk, case, case.resolve_due_at))
    if case.result and not case.is_open:
        parts.append(f"处理情况：{preview(case.result, _RESULT_CHARACTERS)}。")
    parts.append(f"地点：{preview(place_line(case, desk.city), _PLACE_CHARACTERS)}。")
    return "".join(parts)


def _promise(desk: Desk, case: Case, due: datetime) -> str:
    until = f"{long_moment(due, desk.zone)}前办结{'（暂定）' if case.due_provisional else ''}{_moved(case)}"
    # A date that has passed is owned up to, not promised again.
    is_broken = due <= desk.now and case.status != Status.CHECKING
    return f"原定{until}，已超时，正在督促。" if is_broken else f"{until}。"


def _moved(case: Case) -> str:
    # A promise that a holiday notice has moved is never moved in silence.
    clock = StageClocks.parse(case.clocks).find(Stage.RESOLVE)
    return "（因放假安排调整顺延）" if clock is not None and clock.moved else ""


_NEXT = {
    Status.TRIAGE: (Stage.TRIAGE, "最迟{}派单，"),
    Status.DISPATCHED: (Stage.ACCEPT, "最迟{}接单，"),
    Status.SUSPENDED: (Stage.SUSPEND, "{}再看能否办理。"),
    Status.CHECKING: (Stage.CHECK, "最迟{}核查完。"),
    Status.RESOLVED: (Stage.RATE, "{}前可以评价。"),
}


def _next_step(desk: Desk, case: Case) -> str:
    """What happens next, and until when: a step that is late already is not promised again."""
    stage, words = _NEXT.get(Status(case.status), (None, ""))
    clock = StageClocks.parse(case.clocks).find_running(stage) if stage is not None else None
    if clock is None or clock.due <= desk.now:
        return ""
    return words.format(long_moment(clock.due, desk.zone))


def _holder(desk: Desk, case: Case) -> str:
    # Whoever looks into a complaint about somebody's conduct is not named before he speaks himself.
    if not case.is_open or case.conduct or case.accepted_at is None or case.handler_id not in desk.city.people:
        return ""
    person = desk.city.people[case.handler_id]
    phone = duty_number(desk.city, case, person.phone)
    return f"（网格员{person.name}{f'，电话{phone}' if phone else ''}）"


def find_obstacle(case: Case, move: Move) -> str | None:
    """Why the reporter cannot make `move` now, with what he can do instead; None when he can."""
    status = Status(case.status)
    moves = list_moves(status, _REPORTER)
    if move in moves:
        return None
    possible = [_HOW_TO[one] for one in moves if one in _HOW_TO]
    instead = f"您可以回复：{'、'.join(possible)}。" if possible else "有新的情况请直接告诉我。"
    return f"工单 {case.number} {_WHERE_IT_STANDS[status]}，现在不能{move.label}。{instead}"


def answered(text: str, case: Case | None = None, outcome: str = "answered") -> Said:
    """An answer that changes no case."""
    return Said(Reply(text), outcome, Plan(), case.id if case else None)


def decided(made: Plan | Sent | Refusal, text: str, case: Case, outcome: str) -> Said:
    """The answer to a move that was made, or the sentence with which it was refused."""
    if isinstance(made, Refusal):
        return answered(made.sentence, case, "refused")
    return Said(Reply(text), outcome, made.plan if isinstance(made, Sent) else made, case.id)


def list_recent(talk: ResidentTalk) -> list[Case]:
    """His open cases that something happened to within the joining time, newest first."""
    return [case for case in talk.list_open() if talk.desk.now - case.touched_at <= talk.desk.house.join_for]
