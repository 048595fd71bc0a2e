"""How a case ends, and how it begins again: 评价, 归档, 撤销, 作废, 挂起, 恢复, 合并, 重开."""

from collections.abc import Sequence
from dataclasses import replace

from grid.actions.callbacks import POOR, open_callback
from grid.actions.checking import list_missing_legs
from grid.actions.children import void_children
from grid.actions.routing import Sent, send_on
from grid.actions.steps import Decision, step, tell_group, tell_resident
from grid.actions.superiors import tell_first_handler, tell_parent
from grid.checks import Poor
from grid.desk import SYSTEM, Actor, Desk
from grid.message import Message
from grid.secrecy import kept_words
from grid.wording import long_moment, masked, rating_name, tag
from grid.workflow import Move, Refusal, Status
from storage.plan import Plan
from storage.rows import with_changes
from storage.tables import Case, Resident


def rate(
    desk: Desk, case: Case, actor: Actor, rating: str, reason: str = "", callback_id: int | None = None
) -> Decision:
    """评价: the reporter's word on the result; with it every leg of the loop is there and the case is archived.

    A poor one opens the case again, or joins the queue of call-backs under `callback_id`, as the house wants; then it waits for
    its reason, unless it came with it.
    """
    reason = kept_words(case, reason)
    values = {"rating": rating, **({"rating_reason": reason} if reason else {})}
    made = step(desk, case, Move.RATE, actor, Status.RATED, values, **values)
    if isinstance(made, Refusal):
        return made
    after, plan = made
    why = f"原因：{masked(reason)}" if reason else ""
    plan.outbox += tell_group(desk, after, Message("rated", f"{tag(case)}居民评价：{rating_name(rating)}。{why}"))
    plan.outbox += tell_first_handler(desk, after, actor, f"居民评价：{rating_name(rating)}")
    if rating != "poor":
        return _archive_along(desk, after, plan)
    if desk.house.checks.poor is Poor.REOPEN:
        return _reopen_along(desk, after, actor, reason, plan)
    if callback_id is not None:
        plan = plan.merge(open_callback(desk, after, POOR, callback_id))
    return _archive_along(desk, after, plan) if reason else plan


def give_reason(desk: Desk, case: Case, actor: Actor, reason: str) -> Decision:
    """Why somebody was not satisfied; the case is archived with it."""
    reason = kept_words(case, actor.quote(reason))
    made = step(desk, case, Move.ARCHIVE, SYSTEM, Status.ARCHIVED, _archived(desk, rating_reason=reason), reason=reason)
    if isinstance(made, Refusal):
        return made
    after, plan = made
    plan.outbox += tell_group(desk, after, Message("rated", f"{tag(case)}居民不满意的原因：{masked(reason)}"))
    return plan


def archive(desk: Desk, case: Case) -> Decision:
    """归档 by the clock: what nobody rated stays 未评价, never 满意. Refused while a leg of the loop is missing (闭环)."""
    missing = list_missing_legs(desk, case)
    if missing:
        return Refusal(f"工单 {case.number} 还缺{'、'.join(missing)}，不能归档。")
    made = step(desk, case, Move.ARCHIVE, SYSTEM, Status.ARCHIVED, _archived(desk))
    return made if isinstance(made, Refusal) else made[1]


def _archived(desk: Desk, **values: str) -> dict[str, object]:
    return {"archived_at": desk.now, **values}


def _archive_along(desk: Desk, case: Case, plan: Plan) -> Plan:
    made = step(desk, case, Move.ARCHIVE, SYSTEM, Status.ARCHIVED, _archived(desk))
    assert not isinstance(made, Refusal), "a rated case can always be archived"
    return _join_steps(plan, made[1])


def _reopen_along(desk: Desk, case: Case, actor: Actor, reason: str, plan: Plan) -> Decision:
    sent = reopen(desk, case, actor, reason)
    return sent if isinstance(sent, Refusal) else _join_steps(plan, sent.plan)


def _join_steps(plan: Plan, then: Plan) -> Plan:
    # Both steps are one decision: the second is made on the case as the first will leave it, and guarded by the first's version.
    first, second = plan.changes[0], then.changes[0]
    plan.changes[0] = replace(first, values={**first.values, **second.values})
    plan.events += then.events
    plan.outbox += then.outbox
    return plan


def withdraw(desk: Desk, case: Case, actor: Actor, children: Sequence[Case] = ()) -> Decision:
    """撤销 by the reporter; whoever has it is told, and whoever has a part of it (`children`) need not go on either."""
    made = step(desk, case, Move.WITHDRAW, actor, Status.WITHDRAWN)
    if isinstance(made, Refusal):
        return made
    after, plan = made
    plan.outbox += tell_group(desk, after, Message("withdrawn", f"{tag(case)}居民已撤销，无需再处理。"))
    open_ones = [child for child in children if child.is_open]
    return plan.merge(void_children(desk, open_ones, f"主单 {case.number} 居民已撤销")) if open_ones else plan


def void(
    desk: Desk, case: Case, actor: Actor, resident: Resident | None, reason: str, children: Sequence[Case] = ()
) -> Decision:
    """作废, with the reason that the reporter reads too; its open children end with it."""
    if not reason:
        return Refusal("请写明作废原因，例如：作废 1123-08 重复反映。")
    made = step(desk, case, Move.VOID, actor, Status.VOID, reason=reason)
    if isinstance(made, Refusal):
        return made
    after, plan = made
    plan.outbox += tell_group(desk, after, Message("void", f"{tag(case)}已作废：{masked(reason)}"))
    plan.outbox += tell_parent(desk, case, f"已作废：{masked(reason)}")
    text = f"工单 {case.number} 不再办理，原因：{reason}。如有疑问请直接回复。"
    plan.outbox += tell_resident(desk, after, resident, Message("void", text, reserve=True))
    open_ones = [child for child in children if child.is_open]
    return plan.merge(void_children(desk, open_ones, f"主单 {case.number} 已作废")) if open_ones else plan


def suspend(desk: Desk, case: Case, actor: Actor, resident: Resident | None, reason: str, limit: str = "") -> Decision:
    """挂起: nothing can be done for now, and the reporter hears why and until when; on that day the case goes on by itself.

    `limit`: how long (empty: as long as the house waits before it looks again).
    """
    if not reason:
        return Refusal("请写明挂起原因，例如：挂起 30天 等天气转暖后施工。")
    limit = limit or desk.house.ladder.look_again
    try:
        until = desk.clocks.extend(desk.now, limit)
    except ValueError as fault:
        return Refusal(f"{fault}例如：挂起 30天 等天气转暖后施工。")
    made = step(desk, case, Move.SUSPEND, actor, Status.SUSPENDED, reason=reason, limit=limit, until=until.isoformat())
    if isinstance(made, Refusal):
        return made
    after, plan = made
    day = long_moment(until, desk.zone)
    text = f"工单 {case.number} 暂时无法办理，原因：{reason}。预计{day}前后恢复办理，届时会再告诉您。"
    plan.outbox += tell_resident(desk, after, resident, Message("suspended", text))
    return plan


def resume(desk: Desk, case: Case, actor: Actor, resident: Resident | None) -> Decision:
    """恢复 after 挂起."""
    made = step(desk, case, Move.RESUME, actor, Status.HANDLING)
    if isinstance(made, Refusal):
        return made
    after, plan = made
    due = f"，{long_moment(after.resolve_due_at, desk.zone)}前办结" if after.resolve_due_at else ""
    plan.outbox += tell_resident(desk, after, resident, Message("resumed", f"工单 {case.number} 已恢复办理{due}。"))
    if actor is SYSTEM:
        plan.outbox += tell_group(desk, after, Message("resumed", f"{tag(case)}挂起期满，已恢复办理，请继续处置。"))
    return plan


def merge(desk: Desk, case: Case, into: Case, actor: Actor, resident: Resident | None) -> Decision:
    """合并: one matter, several reports; whoever reported it hears from then on under the other number."""
    if case.id == into.id:
        return Refusal("不能与自身合并。")
    if not into.is_open:
        return Refusal(f"工单 {into.number} 已结束，不能并入。")
    made = step(desk, case, Move.MERGE, actor, Status.MERGED, {"merged_into_id": into.id}, into=into.number)
    if isinstance(made, Refusal):
        return made
    after, plan = made
    plan.outbox += tell_group(desk, after, Message("merged", f"{tag(case)}已并入工单 {into.number}。"))
    text = f"工单 {case.number} 与 {into.number} 是同一件事，已合并办理。"
    plan.outbox += tell_resident(desk, after, resident, Message("merged", text))
    return plan


def is_too_late(desk: Desk, case: Case) -> bool:
    """Whether a case ended too long ago to be opened again; then a new one is opened and linked (`opening.open_again`)."""
    return case.resolved_at is not None and desk.now - case.resolved_at > desk.house.reopen_for


def reopen(desk: Desk, case: Case, actor: Actor, reason: str) -> Sent | Refusal:
    """重开: not fixed after all. The old promise is gone, a new one is made."""
    if is_too_late(desk, case):
        days = desk.house.reopen_for.days
        return Refusal(f"工单 {case.number} 办结已超过{days}天，请把现在的情况发给我，我为您新开一件。")
    again = {
        "resolved_at": None,
        "archived_at": None,
        "rating": "",
        "outcome": "",
        "checker_id": None,
        "reopened": case.reopened + 1,
    }
    draft = with_changes(case, {"resolve_due_at": None})
    reason = kept_words(case, reason)
    lead_in = f"（居民反映未解决，重新派单{f'：{masked(reason)}' if reason else ''}；上次处理：{case.result}）"
    return send_on(desk, draft, Move.REOPEN, actor, values=again, lead_in=lead_in, reason=reason)
