"""回访: somebody calls whoever was not satisfied, whose matter could not be solved, or whom no message reaches."""

from grid.actions.steps import Decision, say, step, tell_group
from grid.actions.superiors import find_group_above, tell_above
from grid.desk import Actor, Desk
from grid.message import Message
from grid.wording import long_moment, masked, phone_line, rating_name, tag
from grid.workflow import Move, Refusal
from storage.columns import CallbackState
from storage.loop_tables import Callback
from storage.plan import Change, Plan
from storage.rows import fresh
from storage.tables import Case

POOR, UNSOLVABLE, UNREACHABLE = "poor", "unsolvable", "unreachable"
_WHY = {POOR: "居民不满意", UNSOLVABLE: "无法解决", UNREACHABLE: "居民没有通过公众号反映，收不到结果"}


def callback_why(code: str) -> str:
    """Why somebody is to be called back."""
    return _WHY[code]


def open_callback(desk: Desk, case: Case, why: str, callback_id: int) -> Plan:
    """A call-back joins the queue; the group above hears of it, never the one whose work is in question."""
    group = None if case.conduct else find_group_above(desk, case)
    due = desk.clocks.extend(desk.now, desk.house.checks.callback_within)
    row = fresh(
        Callback,
        id=callback_id,
        case_id=case.id,
        why=why,
        state=CallbackState.WAITING,
        group_id=group.id if group else None,
        made_at=desk.now,
        due_at=due,
    )
    plan = Plan(rows=[row])
    if group is not None:
        head = f"{tag(case)}{_WHY[why]}，请于{long_moment(due, desk.zone)}前回访。"
        plan.outbox.append(say(f"group:{group.id}", Message("callback", f"{head}\n{_how(desk, case)}"), case, desk.now))
    return plan


def _how(desk: Desk, case: Case) -> str:
    result = f"处理情况：{masked(case.result, 120)}\n" if case.result else ""
    bot, number = desk.house.bot_name, case.number
    how = f"回访后请回复“@{bot} 回访 {number} 满意 情况”或“@{bot} 回访 {number} 不满意 情况”。"
    return f"{result}{phone_line(case)}\n{how}"


def record_callback(desk: Desk, case: Case, callback: Callback, actor: Actor, satisfied: str, note: str) -> Decision:
    """The call was made: what he said of the result (`good`, `fair`, `poor`) and in his words. By anybody but the handler."""
    if actor.id in (case.handler_id, case.routing.get("resolved_by")):
        return Refusal("回访须由办理人以外的人进行。")
    if not note:
        return Refusal(f"请写明回访情况，例如：回访 {case.number} {rating_name(satisfied)} 居民表示已通水。")
    # A rating that he gave himself stays as he gave it; one that nobody asked him for is given on the phone.
    values = {} if case.rating else {"rating": satisfied}
    made = step(desk, case, Move.CALL_BACK, actor, None, values, rating=satisfied, text=note, why=callback.why)
    if isinstance(made, Refusal):
        return made
    after, plan = made
    done = {
        "state": CallbackState.DONE,
        "done_at": desk.now,
        "done_by": actor.key,
        "satisfied": satisfied,
        "note": note,
    }
    plan.changes.append(Change(Callback, callback.id, callback.version, {**done, "due_at": None}))
    plan.outbox += tell_group(desk, after, Message("callback", _recorded(case, satisfied, note)))
    return plan


def _recorded(case: Case, satisfied: str, note: str) -> str:
    more = "如需继续办理，请指挥员回复“重开”。" if satisfied == "poor" else ""
    return f"{tag(case)}已回访，居民{rating_name(satisfied)}：{masked(note, 200)}。{more}"


def remind_callback(desk: Desk, case: Case, callback: Callback) -> Plan:
    """Nobody has called in time: the same group hears again, from the second time on the level above it too."""
    due = desk.clocks.extend(desk.now, desk.house.checks.callback_within)
    values = {"reminded": callback.reminded + 1, "due_at": due}
    plan = Plan(changes=[Change(Callback, callback.id, callback.version, values)])
    text = f"{tag(case)}回访已超时（第{callback.reminded + 1}次提醒），{_WHY[callback.why]}。\n{_how(desk, case)}"
    message = Message("callback_late", text)
    if callback.group_id is not None:
        plan.outbox.append(say(f"group:{callback.group_id}", message, case, desk.now))
    if callback.reminded:
        told = {draft.target for draft in plan.outbox}
        plan.outbox += [draft for draft in tell_above(desk, case, message) if draft.target not in told]
    return plan
