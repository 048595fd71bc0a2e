"""Notices for residents to read again: those in force where somebody lives, and what stands in one."""

from grid.notices.scope import is_in_scope, parse_scope
from grid.notices.wording import render_body_text, render_lines, tag, title_of
from grid.wording import preview
from handlers.reply import Reply, Said
from handlers.talk import ResidentTalk
from storage.notice_tables import Notice

_SHOWN = 5
_TEXT = 400


async def list_mine(talk: ResidentTalk) -> list[Notice]:
    """Notices in force that reached him, or are for residents of where he lives; newest first."""
    running = await talk.books.clues.list_running([f"oa:{talk.resident.openid}"])
    return [notice for notice, target in running if target is not None or _is_for(talk, notice)]


def _is_for(talk: ResidentTalk, notice: Notice) -> bool:
    area, scope = talk.resident.area_code, parse_scope(notice.scope)
    return area is not None and scope.residents and is_in_scope(talk.desk.city, scope, area)


async def hear_list(talk: ResidentTalk) -> Said:
    """通知: what is in force where he lives; a single one whole."""
    found = await list_mine(talk)
    if not found:
        where = (
            ""
            if talk.resident.area_code
            else "请告诉我您住在哪个小区、几号楼，或扫楼道里的网格二维码，以后可以看到本网格的通知。"
        )
        return Said(Reply(f"您所在的区域现在没有正在执行的通知。{where}"), "answered")
    if len(found) == 1:
        return Said(Reply(_whole(found[0])), "answered")
    lines = [_line(notice) for notice in found[:_SHOWN]]
    how = f"回复编号看全文，例如：{found[0].number}。"
    return Said(Reply("\n".join([f"正在执行的通知{len(found)}件：", *lines, how])), "answered")


def _line(notice: Notice) -> str:
    first = render_lines(notice)[:1]
    return preview(f"{tag(notice)}{title_of(notice)} {first[0] if first else ''}", 60)


def _whole(notice: Notice) -> str:
    # A reply has room for so much; people with old eyes read six lines.
    lines = render_body_text(notice).split("\n")
    text = "\n".join([*lines[:5], "；".join(lines[5:])] if len(lines) > 6 else lines)
    return text if len(text) <= _TEXT else f"{text[: _TEXT - 1]}…"


async def show_notice(talk: ResidentTalk, number: str) -> Said:
    """The words of a notice that he may read."""
    found = next((notice for notice in await list_mine(talk) if notice.number == number), None)
    if found is None:
        return Said(Reply(f"没有查到发给您的通知 {number}，可能已结束。回复“通知”查看正在执行的通知。"), "answered")
    return Said(Reply(_whole(found)), "answered")
