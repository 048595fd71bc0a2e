"""Taking a notice back, and its end: the state at once; those who got it hear of it after that, in pieces."""

from collections.abc import Collection, Iterable, Sequence

from grid.actions.steps import say
from grid.desk import SYSTEM, Actor, Desk
from grid.notices.kinds import FORMS
from grid.notices.moves import NoticeMove
from grid.notices.rights import find_recall_refusal
from grid.notices.steps import Ids, Moved, move
from grid.notices.wording import end_message
from grid.workflow import Refusal
from storage.notice_columns import NoticeState, TargetState
from storage.notice_tables import Notice, NoticeApproval, NoticeTarget
from storage.plan import Change, Plan

REASON_CHARACTERS = 200


def recall(
    desk: Desk, notice: Notice, approvals: Iterable[NoticeApproval], actor: Actor, reason: str, ids: Ids
) -> Moved | Refusal:
    """撤回: from now on nothing of it is sent any more. `actor`: a worker; who may is in `rights`."""
    person = desk.city.people.get(actor.id or 0)
    refusal = find_recall_refusal(desk.city, notice, approvals, person) if person else Refusal("您不能撤回这件通知。")
    if refusal is not None:
        return refusal
    if not reason:
        return Refusal(f"撤回请写明原因，例如：撤回通知 {notice.number} 时间有误。")
    if len(reason) > REASON_CHARACTERS:
        return Refusal(f"撤回原因最多{REASON_CHARACTERS}字。")
    values = {
        "recalled_at": desk.now,
        "recalled_by": actor.key,
        "recall_reason": reason,
        "remind_at": None,
        "repeat": "",
    }
    return move(desk, notice, NoticeMove.RECALL, actor, ids, NoticeState.RECALLED, values, reason=reason)


def end(desk: Desk, notice: Notice, actor: Actor, ids: Ids, reason: str = "") -> Moved | Refusal:
    """Its end, by its date or by word (解除, 结束). Whether those who got it are told is a matter of its kind."""
    values: dict[str, object] = {"remind_at": None, "recall_reason": reason if actor is not SYSTEM else ""}
    if notice.ends_at is None or notice.ends_at > desk.now:
        values["ends_at"] = desk.now
    return move(desk, notice, NoticeMove.END, actor, ids, NoticeState.ENDED, values, reason=reason)


def end_by_word(
    desk: Desk, notice: Notice, approvals: Iterable[NoticeApproval], actor: Actor, reason: str, ids: Ids
) -> Moved | Refusal:
    """解除, 结束: by those who may take it back."""
    person = desk.city.people.get(actor.id or 0)
    refusal = find_recall_refusal(desk.city, notice, approvals, person) if person else Refusal("您不能结束这件通知。")
    return refusal or end(desk, notice, actor, ids, reason)


def end_by_date(desk: Desk, notice: Notice, ids: Ids) -> Moved | Refusal:
    """Its time is up."""
    return end(desk, notice, SYSTEM, ids, "到期")


def has_news(notice: Notice) -> bool:
    """Whether those who got it are told that it has ended. What was recalled is told by the fan-out, as it was sent."""
    return notice.state is NoticeState.ENDED and bool(FORMS[notice.kind].end_words)


def tell_end(
    desk: Desk, notice: Notice, targets: Sequence[NoticeTarget], heard_otherwise: Collection[str] = ()
) -> Plan:
    """The news that a notice has ended, for these targets that got it, in one plan guarded by the notice.

    `heard_otherwise`: targets of the notice which took its place; they need no word.
    """
    message = end_message(notice)
    plan = Plan(changes=[Change(Notice, notice.id, notice.version, {})])
    for target in targets:
        if target.state is not TargetState.SENT or target.recalled_at is not None:
            continue
        plan.changes.append(Change(NoticeTarget, target.id, None, {"recalled_at": desk.now}))
        if target.target not in heard_otherwise:
            plan.outbox.append(say(target.target, message, None, desk.now))
    return plan
