"""`/c/my/{token}`: all that is kept of a resident, for nobody but himself (导出我的信息)."""

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp_jinja2
from aiohttp import web

from console.ports import MakeDesk
from console.tickets import Scope, TicketKey, is_over
from console.visitors import Closed
from grid.desk import Desk
from grid.wording import category_name, long_moment, place_line, rating_name, status_name
from storage.archive import Archive
from storage.export import Kept, list_kept
from storage.tables import Case

Page = Callable[[web.Request], Awaitable[web.StreamResponse]]


def make_export_page(archive: Archive, desk: MakeDesk, key: TicketKey) -> Page:
    """The handler of the page."""

    async def show(request: web.Request) -> web.StreamResponse:
        kept = await _find(archive, desk(), key, request.match_info["token"])
        return aiohttp_jinja2.render_template("export.html", request, render_kept(desk(), kept))

    return show


async def _find(archive: Archive, desk: Desk, key: TicketKey, token: str) -> Kept:
    ticket = key.open(token)
    if ticket is None or ticket.scope is not Scope.EXPORT:
        raise Closed(404)
    kept = None if is_over(ticket, desk.now) else await list_kept(archive, ticket.subject)
    if kept is None:
        raise Closed(410)
    return kept


def render_kept(desk: Desk, kept: Kept) -> dict[str, Any]:
    """What the page shows, in words."""
    resident = kept.resident
    home = desk.city.area_name(resident.area_code) if resident.area_code in desk.city.areas else ""
    person = {
        "称呼": resident.name,
        "电话": resident.phone,
        "所在网格": home if resident.area_code else "",
        "住址": resident.home,
        "第一次联系": long_moment(resident.first_seen_at, desk.zone),
        "照片和录音": f"{kept.media}份" if kept.media else "",
    }
    return {
        "person": [(name, value or "没有") for name, value in person.items()],
        "cases": [_case(desk, case) for case in kept.cases],
        "letters": [
            {"at": long_moment(one.at, desk.zone), "text": one.text, "is_his": one.is_his} for one in kept.letters
        ],
    }


def _case(desk: Desk, case: Case) -> dict[str, Any]:
    lines = {
        "反映时间": long_moment(case.opened_at, desk.zone),
        "类别": category_name(case.category),
        "状态": status_name(case.status),
        "地点": place_line(case, desk.city),
        "内容": case.text,
        "留的电话": case.phone,
        "处理情况": case.result,
        "您的评价": rating_name(case.rating) if case.rating else "",
    }
    return {"number": case.number, "lines": [(name, value) for name, value in lines.items() if value]}
