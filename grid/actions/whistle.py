"""吹哨, 报到, 完成: a worker calls departments to the spot; each comes under its own clock and says what it did; the lead closes."""

from collections.abc import Iterable

from grid.actions.steps import Decision, case_text, say, tell_group
from grid.actions.superiors import tell_above
from grid.departments import Department
from grid.desk import Actor, Desk
from grid.message import Message
from grid.wording import long_moment, masked, tag
from grid.workflow import Part, Refusal, Status
from storage.loop_tables import WhistleCall
from storage.plan import Change, EventDraft, OutboxDraft, Plan
from storage.rows import fresh
from storage.tables import Case

WHISTLE = "whistle"
ARRIVE = "arrive"
DONE = "call_done"

MOST_REMINDERS = 3
_CALLERS = frozenset({Part.MEMBER, Part.HANDLER, Part.COORDINATOR})
_RUNNING = frozenset({Status.DISPATCHED, Status.ACCEPTED, Status.HANDLING})


def whistle(
    desk: Desk,
    case: Case,
    actor: Actor,
    department: Department,
    reason: str,
    calls: Iterable[WhistleCall],
    call_id: int,
) -> Decision:
    """吹哨: the department hears of the case, masked, and until when to come. `calls`: the case's, so that nobody is called twice."""
    if case.conduct:
        return Refusal("作风类投诉不向部门吹哨；需要协调请提级。")
    status = Status(case.status)
    if status not in _RUNNING:
        return Refusal(f"工单{status.label}，现在不能吹哨。")
    if not _CALLERS & actor.parts:
        return Refusal("吹哨须由本群网格员、接单人或上级指挥员操作。")
    if department.group_id is not None and department.group_id == case.group_id:
        return Refusal(f"工单 {case.number} 本来就由“{department.name}”办理，不用吹哨。")
    running = next((one for one in calls if one.department == department.name and one.done_at is None), None)
    if running is not None:
        stage = "正等待报到" if running.arrived_at is None else "已报到，正在处理"
        return Refusal(f"已向{department.name}吹哨，{stage}；急需时可回复“提级”请上级协调。")
    return _call(desk, case, actor, department, reason, call_id)


def _call(desk: Desk, case: Case, actor: Actor, department: Department, reason: str, call_id: int) -> Plan:
    due = desk.clocks.extend(desk.now, desk.house.checks.arrive_within(case.urgency))
    call = fresh(
        WhistleCall,
        id=call_id,
        case_id=case.id,
        department=department.name,
        group_id=department.group_id,
        worker_ids=list(department.worker_ids),
        reason=reason,
        called_by=actor.id,
        called_at=desk.now,
        arrive_due_at=due,
    )
    payload = {
        "status": case.status,
        "department": department.name,
        "group": department.group_id,
        "workers": list(department.worker_ids),
        "reason": reason,
        "due": due.isoformat(),
    }
    message = _call_message(desk, case, actor, call)
    return Plan(
        rows=[call],
        # Guarded: nobody is called to a case that ends in the same moment.
        changes=[Change(Case, case.id, case.version, {"touched_at": desk.now})],
        events=[EventDraft(case.id, WHISTLE, desk.now, actor.key, payload)],
        outbox=[say(target, message, case, desk.now) for target in department.targets],
    )


def _call_message(desk: Desk, case: Case, actor: Actor, call: WhistleCall) -> Message:
    group = desk.city.groups.get(case.group_id) if case.group_id else None
    who = f"“{group.name}”{actor.name}" if group else actor.name
    until = f"{long_moment(call.arrive_due_at, desk.zone)}前" if call.arrive_due_at else ""
    head = f"{who}吹哨，请{until}到场协助{f'：{masked(call.reason)}' if call.reason else ''}。"
    bot, number = desk.house.bot_name, case.number
    how = f"到场请回复“@{bot} 报到 {number}”，做完请回复“@{bot} 完成 {number} 处理情况”。"
    return Message("whistle", f"{head}\n{case_text(desk, case)}\n{how}", urgent=True)


def arrive(desk: Desk, case: Case, actor: Actor, call: WhistleCall) -> Decision:
    """报到: the case's group hears that the department is there, and after how many minutes."""
    if call.done_at is not None or call.arrived_at is not None:
        return Refusal(f"{tag(case)}{call.department}已报到，不用重复。")
    minutes = _minutes(desk, call)
    payload = {"status": case.status, "department": call.department, "minutes": minutes}
    text = f"{tag(case)}{call.department}{actor.name}已报到，吹哨后{minutes}分钟{_late(desk, call)}。"
    return Plan(
        changes=[Change(WhistleCall, call.id, call.version, _arrived(desk, actor))],
        events=[EventDraft(case.id, ARRIVE, desk.now, actor.key, payload)],
        outbox=tell_group(desk, case, Message("arrive", text)),
    )


def _minutes(desk: Desk, call: WhistleCall) -> int:
    return max(0, int((desk.now - call.called_at).total_seconds() // 60))


def _late(desk: Desk, call: WhistleCall) -> str:
    is_late = call.reminded > 0 or (call.arrive_due_at is not None and desk.now > call.arrive_due_at)
    return "（超时）" if is_late else ""


def _arrived(desk: Desk, actor: Actor) -> dict[str, object]:
    return {"arrived_at": desk.now, "arrived_by": actor.key, "arrive_due_at": None}


def finish_call(desk: Desk, case: Case, actor: Actor, call: WhistleCall, result: str) -> Decision:
    """完成 by the department: its part is done, the case stays with its lead. Who never said 报到 has come by now."""
    if not result:
        return Refusal(f"请写明完成情况，例如：完成 {case.number} 已关闭总阀。")
    if call.done_at is not None:
        return Refusal(f"{tag(case)}{call.department}的任务已完成，不用重复。")
    values: dict[str, object] = {"done_at": desk.now, "done_by": actor.key, "result": result}
    payload: dict[str, object] = {"status": case.status, "department": call.department, "result": result}
    if call.arrived_at is None:
        values |= _arrived(desk, actor)
        payload["minutes"] = _minutes(desk, call)
    text = f"{tag(case)}{call.department}{actor.name}已完成：{masked(result, 120)}。全部做完后请办理人办结。"
    return Plan(
        changes=[Change(WhistleCall, call.id, call.version, values)],
        events=[EventDraft(case.id, DONE, desk.now, actor.key, payload)],
        outbox=tell_group(desk, case, Message("call_done", text)),
    )


def end_calls(desk: Desk, case: Case, actor: Actor, calls: Iterable[WhistleCall], plan: Plan) -> None:
    """One closure: with the case all its calls end, and the departments that still have one need not come any more."""
    for call in calls:
        if call.done_at is None:
            values = {"done_at": desk.now, "done_by": actor.key, "arrive_due_at": None}
            plan.changes.append(Change(WhistleCall, call.id, call.version, values))
            message = Message("call_ended", f"{tag(case)}已由{actor.name}统一办结，无需再到场。")
            plan.outbox += _tell_called(desk, case, call, message)


def remind_call(desk: Desk, case: Case, call: WhistleCall) -> Plan:
    """Nobody came in time: the department hears again, and the level above the case hears who does not come."""
    times = call.reminded + 1
    due = (
        desk.clocks.extend(desk.now, desk.house.checks.arrive_within(case.urgency)) if times < MOST_REMINDERS else None
    )
    plan = Plan(changes=[Change(WhistleCall, call.id, call.version, {"reminded": times, "arrive_due_at": due})])
    how = f"到场请回复“@{desk.house.bot_name} 报到 {case.number}”。"
    urgent = case.urgency != "normal"
    late = Message("whistle_late", f"{tag(case)}吹哨后未按时报到（第{times}次提醒），请尽快到场。{how}", urgent=urgent)
    plan.outbox += _tell_called(desk, case, call, late)
    called = long_moment(call.called_at, desk.zone)
    text = f"{tag(case)}{call.department}自{called}吹哨后未报到（已提醒{times}次），请协调。"
    plan.outbox += tell_above(desk, case, Message("whistle_late", text, urgent=urgent))
    return plan


def _tell_called(desk: Desk, case: Case, call: WhistleCall, message: Message) -> list[OutboxDraft]:
    group = desk.city.groups.get(call.group_id) if call.group_id else None
    if group is not None and group.can_be_told:
        return [say(f"group:{group.id}", message, case, desk.now)]
    people = (desk.city.people.get(worker_id) for worker_id in call.worker_ids)
    return [say(f"worker:{one.userid}", message, case, desk.now) for one in people if one is not None and one.userid]
