"""What the maker of a notice hears when all of it has gone out: how many have it, and who does not and why."""

from collections.abc import Mapping, Sequence

from grid.actions.steps import say
from grid.city import City
from grid.desk import Desk
from grid.message import Message
from storage.notice_columns import TargetState
from storage.notice_tables import Notice
from storage.plan import OutboxDraft

KIND = "notice_report"
_NO_REASON = "原因不明"
Missed = Sequence[tuple[str, int, str]]
"""By reason: how many, and one of them."""


def report_ends(
    desk: Desk, notice: Notice, counts: Mapping[TargetState, int], missed: Mapping[TargetState, Missed]
) -> list[OutboxDraft]:
    """The message to the maker, in single chat; none when nothing is known of him."""
    maker = desk.city.people.get(notice.made_by) if notice.made_by is not None else None
    if maker is None or not maker.userid:
        return []
    message = Message(KIND, render_ends(desk.city, notice, counts, missed))
    return [say(f"worker:{maker.userid}", message, None, desk.now)]


def render_ends(
    city: City, notice: Notice, counts: Mapping[TargetState, int], missed: Mapping[TargetState, Missed]
) -> str:
    """`通1123-01 已发送完毕：送达 8540，失败 1。` and a line for each reason."""
    sent, failed, left = (counts.get(state, 0) for state in (TargetState.SENT, TargetState.FAILED, TargetState.LEFT))
    figures = [f"送达 {sent}"] + [f"失败 {failed}"] * bool(failed) + [f"未能送达 {left}"] * bool(left)
    lines = [f"{notice.number} 已发送完毕：{'，'.join(figures)}。"]
    for state in (TargetState.FAILED, TargetState.LEFT):
        lines += [_render_reason(city, *one) for one in missed.get(state, ())]
    return "\n".join(lines)


def _render_reason(city: City, reason: str, number: int, target: str) -> str:
    name = _name(city, target)
    whom = name if number == 1 else f"{name} 等 {number} 个"
    return f"· {whom}：{reason or _NO_REASON}"


def _name(city: City, target: str) -> str:
    """A group by its name; a resident never by anything that points to him."""
    prefix, _, number = target.partition(":")
    group = city.groups.get(int(number)) if prefix == "group" and number.isdigit() else None
    return group.name if group else {"oa": "居民", "worker": "网格员"}.get(prefix, "工作群")


def render_progress(number: str, counts: Mapping[TargetState, int]) -> str:
    """`通1123-01：共 8541，已送达 812，排队 7729。`"""
    words = {
        TargetState.SENT: "已送达",
        TargetState.QUEUED: "排队",
        TargetState.WAITING: "等待",
        TargetState.FAILED: "失败",
        TargetState.LEFT: "未能送达",
        TargetState.STOPPED: "已停发",
    }
    figures = [f"{word} {counts[state]}" for state, word in words.items() if counts.get(state)]
    return f"{number}：{'，'.join([f'共 {sum(counts.values())}', *figures])}。"
