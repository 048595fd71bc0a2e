"""Submitting a notice and deciding on it: none, one or two persons other than its maker, and the second confirmation for a face."""

from collections.abc import Sequence
from datetime import datetime

from grid.actions.steps import say
from grid.desk import Actor, Desk
from grid.message import Message
from grid.notices.approval_wording import approval_message
from grid.notices.checks import find_fault, needs_second_confirmation
from grid.notices.kinds import FORMS
from grid.notices.moves import NoticeMove, find_move_refusal
from grid.notices.rights import find_approve_refusal, find_make_refusal, list_approvers
from grid.notices.scope import list_groups, parse_scope, scope_name
from grid.notices.steps import Ids, Moved, move, tell_workers
from grid.notices.wording import APPROVAL_KIND, tag, title_of
from grid.workflow import Refusal
from storage.notice_columns import NoticeState
from storage.notice_tables import Notice, NoticeApproval
from storage.plan import Change, OutboxDraft, Plan
from storage.rows import fresh
from storage.tables import Worker

SEND, RESIDENTS = "send", "residents"
ARRIVING = "media"
"""The field of a draft that names pictures which are still on their way."""
ASKED = 5
"""So many of those who may approve are asked, the nearest first."""


def submit(
    desk: Desk,
    notice: Notice,
    actor: Actor,
    approvals: Sequence[NoticeApproval],
    ids: Ids,
    pictures: Sequence[int] = (),
) -> Moved | Refusal:
    """From draft to waiting for approvals, or straight to scheduled where none is needed.

    `pictures`: ids of the notice's pictures, which those who approve must see.
    """
    maker = desk.city.people.get(notice.made_by or 0)
    if maker is None:
        return Refusal("拟稿人已不在岗，请由指挥员重新拟稿。")
    refusal = (
        find_move_refusal(NoticeMove.SUBMIT, notice.state)
        or find_make_refusal(desk.city, maker, notice.kind, parse_scope(notice.scope).areas)
        or find_fault(notice, desk.now)
        or _find_too_few(desk, notice)
        or _find_unseen(desk, notice)
    )
    if refusal is not None:
        return refusal
    if not count_wanted(desk, notice):
        return _approve_fully(desk, notice, NoticeMove.SUBMIT, actor, ids)
    moved = move(desk, notice, NoticeMove.SUBMIT, actor, ids, NoticeState.WAITING)
    assert not isinstance(moved, Refusal)
    moved[1].changes += [_void(one) for one in approvals if one.agrees]
    moved[1].outbox += _ask(desk, moved[0], actor, SEND, pictures)
    return moved


def count_wanted(desk: Desk, notice: Notice) -> int:
    """How many persons other than the maker must agree to the sending; a second confirmation needs somebody, too."""
    wanted = desk.house.notices.count_approvals(notice.kind)
    return max(wanted, 1) if needs_second_confirmation(notice) else wanted


def _find_too_few(desk: Desk, notice: Notice) -> Refusal | None:
    wanted, there = count_wanted(desk, notice), len(list_approvers(desk.city, notice))
    if there >= wanted:
        return None
    return Refusal(
        f"{notice.kind.label}须{wanted}名其他指挥员审批，现在发送范围及上级只有{there}名在岗，请联系上级增设指挥员。"
    )


def _find_unseen(desk: Desk, notice: Notice) -> Refusal | None:
    """Nobody agrees to a picture that he has not seen."""
    if notice.fields.get(ARRIVING) and count_wanted(desk, notice):
        return Refusal("图片还在处理，请过几秒再提交。")
    return None


def _void(approval: NoticeApproval) -> Change:
    return Change(NoticeApproval, approval.id, None, {"agrees": False, "note": "内容已修改，须重新审批"})


def _ask(desk: Desk, notice: Notice, actor: Actor, step: str, pictures: Sequence[int]) -> list[OutboxDraft]:
    scope = parse_scope(notice.scope)
    groups = len(list_groups(desk.city, scope))
    is_timed = notice.send_at is not None and notice.send_at > desk.now
    when = f"{_when(desk, notice)}发送" if is_timed else "批准后立即发送"
    where = f"{scope_name(desk.city, scope)}，{groups}个群{'，含居民' if scope.residents else ''}，{when}"
    people = [one for one in list_approvers(desk.city, notice) if one.userid][:ASKED]
    is_second, shown = step == RESIDENTS, tuple(pictures)
    maker = desk.city.people.get(notice.made_by or 0)
    name = maker.name if maker is not None else actor.name
    return [
        say(
            f"worker:{one.userid}",
            approval_message(notice, one.id, name, where, desk.now, shown, for_residents=is_second),
            None,
            desk.now,
        )
        for one in people
    ]


def list_agreed(approvals: Sequence[NoticeApproval], step: str) -> list[int]:
    """Who has agreed to a step."""
    return [one.worker_id for one in approvals if one.step == step and one.agrees]


def decide(
    desk: Desk,
    notice: Notice,
    approver: Worker,
    approvals: Sequence[NoticeApproval],
    agrees: bool,
    note: str,
    ids: Ids,
    step: str = SEND,
    pictures: Sequence[int] = (),
) -> Moved | Refusal:
    """One person's word on a notice. With the last word that is needed it is scheduled; one 不同意 refuses it."""
    refusal = _find_refusal(desk, notice, approver, approvals, agrees, note, step)
    if refusal is not None:
        return refusal
    actor = Actor(f"worker:{approver.id}", approver.name, approver.id)
    word = _word(desk, notice, approver.id, approvals, agrees, note, step, ids)
    if not agrees:
        moved = move(desk, notice, NoticeMove.REFUSE, actor, ids, NoticeState.REFUSED, step=step, note=note)
        return _told(desk, moved, word, f"{approver.name}不同意发送{f'：{note}' if note else ''}。")
    what = NoticeMove.CONFIRM if step == RESIDENTS else NoticeMove.APPROVE
    agreed = {one: [*list_agreed(approvals, one), *([approver.id] if one == step else [])] for one in (SEND, RESIDENTS)}
    missing = count_wanted(desk, notice) - len(set(agreed[SEND]))
    if missing > 0:
        moved = move(desk, notice, what, actor, ids, NoticeState.WAITING, step=step)
        return _told(desk, moved, word, f"{approver.name}已同意，还须{missing}人审批。")
    if needs_second_confirmation(notice) and not agreed[RESIDENTS]:
        moved = move(desk, notice, what, actor, ids, NoticeState.WAITING, step=step)
        told = _told(desk, moved, word, f"{approver.name}已同意，还须再次确认发给居民。")
        if not isinstance(told, Refusal):
            told[1].outbox += _ask(desk, told[0], actor, RESIDENTS, pictures)
        return told
    return _told(desk, _approve_fully(desk, notice, what, actor, ids, step=step), word, f"{approver.name}已同意。")


def _find_refusal(
    desk: Desk,
    notice: Notice,
    approver: Worker,
    approvals: Sequence[NoticeApproval],
    agrees: bool,
    note: str,
    step: str,
) -> Refusal | None:
    what = NoticeMove.REFUSE if not agrees else NoticeMove.CONFIRM if step == RESIDENTS else NoticeMove.APPROVE
    refusal = find_move_refusal(what, notice.state)
    person = desk.city.people.get(approver.id)
    if person is None:
        return refusal or Refusal("您不在本市的人员名册里，不能审批。")
    refusal = refusal or find_approve_refusal(desk.city, notice, person)
    if refusal is not None:
        return refusal
    if not agrees:
        return None if note else Refusal(f"不同意请写明原因，例如：不同意 {notice.number} 时间有误。")
    if approver.id in list_agreed(approvals, step):
        return Refusal("您已经同意过，须由另一位指挥员审批。")
    if step == RESIDENTS:
        return _find_confirm_refusal(desk, notice, approvals)
    return find_fault(notice, desk.now)


def _find_confirm_refusal(desk: Desk, notice: Notice, approvals: Sequence[NoticeApproval]) -> Refusal | None:
    if not needs_second_confirmation(notice):
        return Refusal("这件通知不需要再次确认，回复“同意”即可。")
    if len(set(list_agreed(approvals, SEND))) < count_wanted(desk, notice):
        return Refusal("发送审批还没有完成，完成后才能确认发给居民。")
    return find_fault(notice, desk.now)


def _word(
    desk: Desk,
    notice: Notice,
    worker_id: int,
    approvals: Sequence[NoticeApproval],
    agrees: bool,
    note: str,
    step: str,
    ids: Ids,
) -> Plan:
    values = {"agrees": agrees, "decided_at": desk.now, "note": note}
    known = next((one for one in approvals if one.step == step and one.worker_id == worker_id), None)
    if known is not None:
        return Plan(changes=[Change(NoticeApproval, known.id, None, values)])
    return Plan(
        rows=[fresh(NoticeApproval, id=next(ids), notice_id=notice.id, step=step, worker_id=worker_id, **values)]
    )


def _told(desk: Desk, moved: Moved | Refusal, word: Plan, sentence: str) -> Moved | Refusal:
    """The move with the word itself, and the maker who hears of it."""
    if isinstance(moved, Refusal):
        return moved
    notice, plan = moved
    after = {NoticeState.SCHEDULED: f"将于{_when(desk, notice)}发送。"}.get(notice.state, "")
    message = Message(APPROVAL_KIND, f"{tag(notice)}{title_of(notice)}：{sentence}{after}")
    plan = plan.merge(word)
    plan.outbox += tell_workers(desk, [notice.made_by], message)
    return notice, plan


def _when(desk: Desk, notice: Notice) -> str:
    at = notice.send_at or desk.now
    if at <= desk.now:
        return "现在"
    local = at.astimezone(desk.zone)
    return f"{local.month}月{local.day}日{local:%H:%M}"


def _approve_fully(
    desk: Desk, notice: Notice, what: NoticeMove, actor: Actor, ids: Ids, **payload: str
) -> Moved | Refusal:
    send_at = max(notice.send_at or desk.now, desk.now)
    values = {"send_at": send_at, "ends_at": notice.ends_at or _default_end(notice, send_at)}
    return move(desk, notice, what, actor, ids, NoticeState.SCHEDULED, values, **payload)


def _default_end(notice: Notice, send_at: datetime) -> datetime:
    """Nothing stays for ever: pictures are erased at the end."""
    return send_at + FORMS[notice.kind].default_end
