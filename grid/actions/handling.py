"""What whoever has a case does with it: 接单, 处置, 问, 延期, 办结."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from grid.actions.checking import WANTED, ask_for_check, tell_result
from grid.actions.steps import Decision, step, tell_resident
from grid.actions.superiors import tell_first_handler, tell_parent
from grid.actions.whistle import end_calls
from grid.desk import Actor, Desk
from grid.message import Message
from grid.outcomes import Outcome
from grid.questions import Ask, Question, parse_conversation, remember
from grid.wording import long_moment, masked
from grid.workflow import Move, Part, Refusal, Status
from storage.loop_tables import WhistleCall
from storage.tables import Case, Resident


def accept(desk: Desk, case: Case, actor: Actor, resident: Resident | None, phone: str) -> Decision:
    """接单: the case is his now; the resident hears who comes and how to reach him (`phone`: the worker's duty phone)."""
    if case.status == Status.ACCEPTED and case.handler_id == actor.id:
        return Refusal(f"您已接单，请处置后回复“@{desk.house.bot_name} 办结 处理情况”。")
    holder = desk.city.people.get(case.handler_id) if case.handler_id else None
    values = {
        "handler_id": actor.id,
        # 首问负责: whoever takes a case first stays accountable for it.
        "first_handler_id": case.first_handler_id or actor.id,
        "accepted_at": desk.now,
    }
    made = step(desk, case, Move.ACCEPT, actor, Status.ACCEPTED, values, handler=actor.name)
    if isinstance(made, Refusal):
        at_work = case.status in (Status.ACCEPTED, Status.HANDLING)
        return Refusal(f"{made.sentence}接单人是{holder.name}。") if at_work and holder else made
    after, plan = made
    due = f"，{long_moment(after.resolve_due_at, desk.zone)}前办结" if after.resolve_due_at else ""
    text = f"您反映的工单 {case.number} 已由网格员{actor.name}接单{due}。{f'电话：{phone}。' if phone else ''}"
    plan.outbox += tell_resident(desk, after, resident, Message("accepted", text))
    plan.outbox += tell_first_handler(desk, after, actor, f"已由{actor.name}接单")
    return plan


def note_progress(desk: Desk, case: Case, actor: Actor, text: str) -> Decision:
    """处置: work has begun, or has come further."""
    made = step(desk, case, Move.HANDLE, actor, Status.HANDLING, text=text)
    return made if isinstance(made, Refusal) else made[1]


def ask_resident(desk: Desk, case: Case, actor: Actor, resident: Resident | None, text: str) -> Decision:
    """问: the question goes to the reporter; what he answers comes back to the group."""
    if not text:
        return Refusal("请写明要问居民的内容，例如：问 几单元的管道堵了？")
    if resident is None:
        return Refusal("这件工单没有可联系的居民，无法询问。")
    made = step(desk, case, Move.ASK, actor, text=text)
    if isinstance(made, Refusal):
        return made
    after, plan = made
    question = Question(Ask.WORKER, case.id, case.number, desk.now + desk.house.question_for)
    plan.changes.append(remember(resident, parse_conversation(resident.conversation, desk.now).ask(question)))
    message = Message(
        "question", f"关于工单 {case.number}，网格员{actor.name}想问您：{text}\n直接回复即可。", reserve=True
    )
    plan.outbox += tell_resident(desk, after, resident, message)
    return plan


def extend(desk: Desk, case: Case, actor: Actor, resident: Resident | None, limit: str, reason: str) -> Decision:
    """延期: only before the case is due, and the resident is told the new date and why.

    By a coordinator; a handler may do it as far as the house lets him, for more he asks (`grid.actions.requests`).
    """
    if not reason:
        return Refusal("请写明延期原因，例如：延期 2天 等配件。")
    due = case.resolve_due_at
    if due is None or due <= desk.now:
        return Refusal("已过办结时限，不能再延期；请尽快办结，或回复“提级”请上级协调。")
    try:
        later = desk.clocks.extend(due, limit)
    except ValueError as fault:
        return Refusal(f"{fault}例如：延期 2天 等配件。")
    if not may_extend_alone(desk, due, later) and Part.COORDINATOR not in actor.parts and Part.HANDLER in actor.parts:
        return Refusal("延期须由上级指挥员同意，请回复“延期 时间 原因”提出申请。")
    return put_off(desk, case, actor, resident, later, limit, reason)


def may_extend_alone(desk: Desk, due: datetime, later: datetime) -> bool:
    """Whether the house lets a handler put a date off that far without asking."""
    limit = desk.house.checks.extension_without_approval
    return bool(limit) and later <= desk.clocks.extend(due, limit)


def put_off(
    desk: Desk, case: Case, actor: Actor, resident: Resident | None, later: datetime, limit: str, reason: str
) -> Decision:
    """The new date holds, and the reporter hears it with the reason."""
    made = step(desk, case, Move.EXTEND, actor, None, {"resolve_due_at": later}, limit=limit, reason=reason)
    if isinstance(made, Refusal):
        return made
    after, plan = made
    text = f"工单 {case.number} 需延长办理时间，原因：{reason}。预计{long_moment(later, desk.zone)}前办结，请您谅解。"
    plan.outbox += tell_resident(desk, after, resident, Message("extended", text))
    return plan


@dataclass(frozen=True, slots=True)
class Ending:
    """How a case is closed: its outcome, whose matter it is if not ours, what still runs beside it.

    `children`, `calls`, `parent`: the case's own; `callback_id`: the id that a call-back would get, where one is needed.
    """

    outcome: Outcome = Outcome.SOLVED
    whose: str = ""
    children: Sequence[Case] = ()
    calls: Sequence[WhistleCall] = ()
    parent: Case | None = None
    callback_id: int | None = None


_PLAIN = Ending()


def resolve(
    desk: Desk, case: Case, actor: Actor, resident: Resident | None, result: str, ending: Ending = _PLAIN
) -> Decision:
    """办结: to the check first where the case needs one, else to the reporter, who hears how it came out and rates it."""
    fault = _find_fault(result, ending)
    if fault is not None:
        return fault
    # A check that was wanted once is wanted until somebody has made it, whatever the settings say later.
    checked = case.routing.get("check") == WANTED or desk.house.checks.needs_check(case.category, case.id)
    made = step(
        desk,
        case,
        Move.RESOLVE,
        actor,
        Status.CHECKING if checked else Status.RESOLVED,
        _resolved(desk, case, actor, result, ending, checked),
        result=result,
        outcome=ending.outcome.value,
        **({"whose": ending.whose} if ending.whose else {}),
    )
    if isinstance(made, Refusal):
        return made
    after, plan = made
    end_calls(desk, after, actor, ending.calls, plan)
    plan.outbox += tell_parent(desk, after, _child_line(after), ending.parent)
    if checked:
        return ask_for_check(desk, after, plan)
    return tell_result(desk, after, actor, resident, plan, ending.callback_id)


def _find_fault(result: str, ending: Ending) -> Refusal | None:
    if ending.outcome is Outcome.NOT_OURS and not ending.whose:
        return Refusal("请写明属于哪个部门，例如：办结 不属我方 城管局 占道经营归城管局管。")
    if ending.outcome is Outcome.UNSOLVABLE and not result:
        return Refusal("请写明无法解决的原因，例如：办结 无法解决 需等小区改造立项。")
    if not result:
        return Refusal("请写明处理情况，例如：办结 已疏通，更换一段管道。")
    running = [child.number for child in ending.children if child.is_open]
    if running:
        return Refusal(f"还有{len(running)}件子单未办结（{'、'.join(running)}），子单全部办结后才能办结主单。")
    return None


def _resolved(desk: Desk, case: Case, actor: Actor, result: str, ending: Ending, checked: bool) -> dict[str, object]:
    routing = {**case.routing, "resolved_by": actor.id}
    routing |= {"whose": ending.whose} if ending.whose else {}
    routing |= {"check": WANTED} if checked else {}
    values = {"result": result, "resolved_at": desk.now, "outcome": ending.outcome.value, "checker_id": None}
    return {**values, "routing": routing}


def _child_line(case: Case) -> str:
    done = "已报办结，待核查" if case.status == Status.CHECKING else "已办结"
    return f"{done}（{Outcome(case.outcome).label}）：{masked(case.result, 120)}"
