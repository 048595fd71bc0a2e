"""What the reporters of a case have been told, and what still waits for them: nobody should believe that somebody heard who did not."""

from collections.abc import Sequence

from grid.desk import Desk
from grid.wording import moment
from storage.columns import MessageState
from storage.tables import Outbox

_MOST = 4
_WHAT = {
    "accepted": "接单",
    "question": "问题",
    "extended": "延期",
    "resolved": "办结结果",
    "suspended": "挂账",
    "resumed": "恢复办理",
    "void": "作废",
    "merged": "合并",
    "split": "拆分",
    "returned": "退回",
    "picture": "现场照片",
}
_VIA = {"template": "模板消息", "subscribe": "订阅通知", "mass": "群发", "passive": "随回复", "custom": "公众号"}
_STATE = {
    MessageState.QUEUED: "正在发送",
    MessageState.PARKED: "居民48小时内没来信，等他下次来信时告知",
    MessageState.DEAD: "没有送到",
}


def render_told(desk: Desk, messages: Sequence[Outbox]) -> list[str]:
    """One line for each of the newest messages to reporters, oldest first."""
    return [_line(desk, message) for message in messages[-_MOST:]]


def _line(desk: Desk, message: Outbox) -> str:
    what = _WHAT.get(message.kind, "进展")
    if message.state is not MessageState.SENT or message.sent_at is None:
        return f"告知居民·{what}：{_STATE.get(message.state, '正在发送')}"
    via = _VIA.get(message.sent_via, "")
    return f"告知居民·{what}：{moment(message.sent_at, desk.zone)}已送达{f'（{via}）' if via else ''}"
