"""What whoever has a case does with it: 接单, 处置, 问, 延期, 办结, 核查."""

from datetime import datetime

from grid.actions.steps import Decision, say, step, tell_group, tell_resident
from grid.desk import Actor, Desk
from grid.message import Choice, Message, Template
from grid.questions import Ask, Question, parse_conversation, remember
from grid.routing import find_route
from grid.wording import category_name, long_moment, moment, place_line, preview, tag
from grid.workflow import Move, Refusal, Status
from storage.plan import Plan
from storage.tables import Case, Resident

RATING_CHOICES = (Choice("1", "满意"), Choice("2", "基本满意"), Choice("3", "不满意"))
RATING_CODES = ("good", "fair", "poor")


def accept(desk: Desk, case: Case, actor: Actor, resident: Resident | None, phone: str) -> Decision:
    """接单: the case is his now; the resident hears who comes and how to reach him (`phone`: the worker's duty phone)."""
    if case.status == Status.ACCEPTED and case.handler_id == actor.id:
        return Refusal(f"您已接单，请处置后回复“@{desk.house.bot_name} 办结 处理情况”。")
    values = {
        "handler_id": actor.id,
        # 首问负责: whoever takes a case first stays accountable for it.
        "first_handler_id": case.first_handler_id or actor.id,
        "accepted_at": desk.now,
    }
    made = step(desk, case, Move.ACCEPT, actor, Status.ACCEPTED, values, handler=actor.name)
    if isinstance(made, Refusal):
        return made
    after, plan = made
    due = f"，{long_moment(after.resolve_due_at, desk.zone)}前办结" if after.resolve_due_at else ""
    text = f"您反映的工单 {case.number} 已由网格员{actor.name}接单{due}。{f'电话：{phone}。' if phone else ''}"
    plan.outbox += tell_resident(desk, after, resident, Message("accepted", text))
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
    """延期: only before the case is due, and the resident is told the new date and why."""
    if not reason:
        return Refusal("请写明延期原因，例如：延期 2天 等配件。")
    due = case.resolve_due_at
    if due is None or due <= desk.now:
        return Refusal("已过办结时限，不能再延期；请尽快办结，或回复“提级”请上级协调。")
    try:
        later: datetime = desk.clocks.extend(due, limit)
    except ValueError as fault:
        return Refusal(f"{fault}例如：延期 2天 等配件。")
    made = step(desk, case, Move.EXTEND, actor, None, {"resolve_due_at": later}, limit=limit, reason=reason)
    if isinstance(made, Refusal):
        return made
    after, plan = made
    text = f"工单 {case.number} 需延长办理时间，原因：{reason}。预计{long_moment(later, desk.zone)}前办结，请您谅解。"
    plan.outbox += tell_resident(desk, after, resident, Message("extended", text))
    return plan


def resolve(desk: Desk, case: Case, actor: Actor, resident: Resident | None, result: str) -> Decision:
    """办结: to the check first where the category asks for one, else to the reporter, who hears the result and rates it."""
    if not result:
        return Refusal("请写明处理情况，例如：办结 已疏通，更换一段管道。")
    checked = case.category in desk.house.checked
    to = Status.CHECKING if checked else Status.RESOLVED
    values = {"result": result, "resolved_at": desk.now}
    made = step(desk, case, Move.RESOLVE, actor, to, values, result=result)
    if isinstance(made, Refusal):
        return made
    after, plan = made
    if checked:
        return _ask_for_check(desk, after, plan)
    return _tell_result(desk, after, resident, plan)


def pass_check(desk: Desk, case: Case, actor: Actor, resident: Resident | None) -> Decision:
    """核查通过: somebody other than the handler has looked; now the reporter hears the result."""
    if actor.id is not None and actor.id == case.handler_id:
        return Refusal("核查须由办理人以外的人进行。")
    made = step(desk, case, Move.PASS_CHECK, actor, Status.RESOLVED)
    if isinstance(made, Refusal):
        return made
    return _tell_result(desk, made[0], resident, made[1])


def fail_check(desk: Desk, case: Case, actor: Actor, reason: str) -> Decision:
    """核查不通过: back to the handler, with what is missing."""
    if not reason:
        return Refusal("请写明不通过的原因，例如：核查 不通过 现场仍有积水。")
    if actor.id is not None and actor.id == case.handler_id:
        return Refusal("核查须由办理人以外的人进行。")
    made = step(desk, case, Move.FAIL_CHECK, actor, Status.HANDLING, {"resolved_at": None}, reason=reason)
    if isinstance(made, Refusal):
        return made
    after, plan = made
    plan.outbox += tell_group(desk, after, Message("check_failed", f"{tag(case)}核查未通过：{reason}。请继续处置。"))
    return plan


def _ask_for_check(desk: Desk, case: Case, plan: Plan) -> Plan:
    above = desk.city.groups[case.group_id].area if case.group_id in desk.city.groups and case.group_id else None
    route = find_route(desk.city, case.area_code, case.category, above=above)
    group = route.group or desk.city.find_duty_group()
    if group is not None:
        how = f"请核查后回复“@{desk.house.bot_name} 核查 通过 {case.number}”或“核查 不通过 {case.number} 原因”。"
        text = f"{tag(case)}已报办结，待核查。\n地点：{place_line(case, desk.city)}\n处理情况：{preview(case.result)}\n{how}"
        plan.outbox.append(say(f"group:{group.id}", Message("check", text), case, desk.now))
    return plan


def _tell_result(desk: Desk, case: Case, resident: Resident | None, plan: Plan) -> Plan:
    if resident is None:
        return plan
    until = desk.now + desk.house.rating_for
    question = Question(Ask.RATING, case.id, case.number, until, RATING_CODES)
    talk = parse_conversation(resident.conversation, desk.now).drop_case(case.id).ask(question)
    plan.changes.append(remember(resident, talk))
    text = f"您反映的工单 {case.number} 已办结：{case.result}\n请您评价（回复数字）：1 满意 2 基本满意 3 不满意\n没解决好请回复“没修好”。"
    template = Template(
        "resolved",
        {
            "number": case.number,
            "category": category_name(case.category),
            "place": place_line(case, desk.city)[:20],
            "result": preview(case.result, 20),
            "time": moment(desk.now, desk.zone),
        },
    )
    message = Message("resolved", text, choices=RATING_CHOICES, template=template, reserve=True)
    plan.outbox += tell_resident(desk, case, resident, message)
    return plan
