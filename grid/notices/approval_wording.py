"""How the asking for approval reads, and the cards to press 同意 on."""

from datetime import datetime

from grid.message import Button, Card, Message
from grid.notices.kinds import FORMS
from grid.notices.wording import APPROVAL_KIND, notice_of_task, render_body_text, tag, title_of
from grid.wording import preview
from storage.notice_tables import Notice


def approval_task(notice: Notice, approver: int, at: datetime) -> str:
    """The name of the card that asks somebody to approve; `at`: when he was asked, so that words changed since are noticed."""
    return f"a{notice.id}-{approver}-{int(at.timestamp() * 1000):x}"


def asked_ms(task: str) -> int | None:
    """When an approval's card was made, in milliseconds since 1970; None for a card that is none of these."""
    try:
        return int(task.rsplit("-", 1)[1], 16) if notice_of_task(task) is not None and task[0] == "a" else None
    except (ValueError, IndexError):
        return None


def approval_message(
    notice: Notice,
    approver: int,
    maker: str,
    where: str,
    at: datetime,
    pictures: tuple[int, ...] = (),
    *,
    for_residents: bool = False,
) -> Message:
    """What somebody is asked who may approve: the whole text, its pictures, where it would go, and what to answer."""
    if for_residents:
        ask = f"这件通知还要发给居民，请再次确认：回复“确认居民 {notice.number}”，或“不同意 {notice.number} 原因”。"
    else:
        ask = f"同意请回复“同意 {notice.number}”，不同意请回复“不同意 {notice.number} 原因”。"
    text = f"{maker}提交通知，请审批。\n{render_body_text(notice)}\n发送范围：{where}\n{ask}"
    card = None if for_residents else approval_card(notice, approval_task(notice, approver, at), maker, where)
    return Message(APPROVAL_KIND, text, card=card, pictures=pictures, urgent=FORMS[notice.kind].urgent)


def approval_card(notice: Notice, task: str, maker: str, where: str) -> Card:
    """The card to press 同意 on."""
    buttons = (Button("agree", "同意", 1), Button("disagree", "不同意", 2))
    lines = (("拟稿", maker), ("范围", preview(where, 60)))
    return Card(task, f"待审批{tag(notice)}{preview(title_of(notice), 30)}", lines, buttons)


def decided_card(notice: Notice, task: str) -> Card:
    """An approval's card after somebody has decided: how the notice stands, nothing to press."""
    return Card(task, f"{tag(notice)}{preview(title_of(notice), 30)}", (("状态", notice.state.label),))
