"""A notice's page: its text and its pictures, each marked for whom the link was made and when he looked; every look is kept."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp_jinja2
import jinja2
from aiohttp import web
from sqlalchemy import select

from console.guard import HEADERS
from console.notice_links import NoticeLinks
from console.pace import VIEWS, Pace
from grid.city import City
from grid.desk import Desk
from grid.notices.moves import OUT
from grid.notices.wording import render_body_text
from storage.archive import Archive
from storage.committer import StorageFailed
from storage.notice_tables import Notice, NoticeEvent, NoticePicture, NoticeTarget
from storage.plan import Plan
from storage.rows import columns_of, fresh, from_line

log = logging.getLogger(__name__)

VIEWED = "viewed"
ShowPicture = Callable[[int, str], Awaitable[bytes]]
"""A picture as a JPEG, marked with these words. Raises `LookupError` once it is erased, `OSError`."""

_UNKNOWN = ("这个链接打不开了", "链接不完整，请从原消息里重新打开。")
_OVER = ("这件通知已经结束", "照片和内容已按规定删除。感谢您的关注和帮助；如有线索，仍可随时告诉网格助手或拨打110。")
_BUSY = ("请稍后再看", "打开得太频繁了，请过一会儿再试。")
_CALM = ("请稍后再试", "页面暂时打不开，请过一会儿再试。如遇危险请直接拨打110、119或120。")
_PICTURE: Any = NoticePicture.__table__  # type: ignore[attr-defined]  # SQLModel adds it
_P = _PICTURE.c


class _Shut(Exception):
    """Nothing to show: the status, and a title with a sentence."""

    def __init__(self, status: int, words: tuple[str, str]) -> None:
        super().__init__(str(status))
        self.status, self.words = status, words


@dataclass(frozen=True, slots=True)
class NoticeParts:
    """What the page is made of. `elapsed`: seconds on a counter that only grows."""

    archive: Archive
    desk: Callable[[], Desk]
    links: NoticeLinks
    show: ShowPicture
    elapsed: Callable[[], float]


@dataclass(frozen=True, slots=True)
class _Look:
    """Somebody with a good link."""

    notice: Notice
    target: NoticeTarget
    pictures: tuple[int, ...]
    now: datetime


def make_notice_pages(parts: NoticeParts) -> web.Application:
    """The application that stands under `/n/`."""
    app = web.Application(middlewares=[_guard])
    loader = jinja2.PackageLoader("console", "templates")
    aiohttp_jinja2.setup(app, loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    pages = NoticePages(parts)
    app.add_routes([web.get("/{token}", pages.show), web.get("/{token}/{position}", pages.picture)])
    return app


@web.middleware
async def _guard(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        response = await handler(request)
    except _Shut as shut:
        response = _shut(request, shut.status, shut.words)
    except web.HTTPException as fault:
        response = _shut(request, fault.status, _UNKNOWN)
    except (StorageFailed, OSError) as fault:
        log.error("notice page failed: %s", type(fault).__name__)
        response = _shut(request, 503, _CALM)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _shut(request: web.Request, status: int, words: tuple[str, str]) -> web.StreamResponse:
    context = {"title": words[0], "text": words[1]}
    return aiohttp_jinja2.render_template("notice_closed.html", request, context, status=status)


class NoticePages:
    """What can be asked of a link."""

    def __init__(self, parts: NoticeParts) -> None:
        self._parts, self._pace = parts, Pace(parts.elapsed)

    async def show(self, request: web.Request) -> web.StreamResponse:
        """The page. 404 for a link that nobody made, 410 once the notice is over."""
        look = await self._admit(request)
        await self._note(look, None)
        token = request.match_info["token"]
        context = {
            "text": render_body_text(look.notice),
            "pictures": [f"{token}/{position}" for position in range(len(look.pictures))],
            "whom": self._name(look),
        }
        return aiohttp_jinja2.render_template("notice.html", request, context)

    async def picture(self, request: web.Request) -> web.StreamResponse:
        """One picture, marked."""
        look, position = await self._admit(request), request.match_info["position"]
        if not (position.isascii() and position.isdigit() and int(position) < len(look.pictures)):
            raise _Shut(404, _UNKNOWN)
        picture_id = look.pictures[int(position)]
        try:
            content = await self._parts.show(picture_id, self._mark(look))
        except LookupError:
            raise _Shut(410, _OVER) from None
        # Written down before it is shown: what cannot be kept is not seen.
        await self._note(look, picture_id)
        return web.Response(body=content, content_type="image/jpeg")

    async def _admit(self, request: web.Request) -> _Look:
        token = request.match_info["token"]
        ticket = self._parts.links.open(token)
        if ticket is None:
            raise _Shut(404, _UNKNOWN)
        if self._pace.is_over(token, VIEWS):
            raise _Shut(429, _BUSY)
        async with self._parts.archive.reads() as session:
            notice = await session.get(Notice, ticket.notice_id)
            target = await session.get(NoticeTarget, ticket.target_id)
        if notice is None or target is None or target.notice_id != notice.id:
            raise _Shut(404, _UNKNOWN)
        now = self._parts.desk().now
        if notice.state not in OUT or (notice.ends_at is not None and notice.ends_at <= now):
            raise _Shut(410, _OVER)
        return _Look(notice, target, await self._list_pictures(notice.id), now)

    async def _list_pictures(self, notice_id: int) -> tuple[int, ...]:
        query = select(*columns_of(NoticePicture)).where(_P.notice_id == notice_id, _P.erased_at.is_(None))
        async with self._parts.archive.engine.connect() as connection:
            lines = (await connection.execute(query.order_by(_P.position, _P.id))).all()
        return tuple(from_line(NoticePicture, line).id for line in lines)

    async def _note(self, look: _Look, picture_id: int | None) -> None:
        payload = {"target": look.target.target} | ({"picture": picture_id} if picture_id is not None else {})
        row = fresh(
            NoticeEvent,
            id=await self._parts.archive.numbers.take_id(),
            notice_id=look.notice.id,
            at=look.now,
            kind=VIEWED,
            actor="link",
            payload=payload,
        )
        await self._parts.archive.committer.commit(Plan(rows=[row]))

    def _name(self, look: _Look) -> str:
        return name_target(self._parts.desk().city, look.target)

    def _mark(self, look: _Look) -> str:
        at = look.now.astimezone(self._parts.desk().zone)
        return f"{self._name(look)} #{look.target.id} {at:%m-%d %H:%M:%S}"


def name_target(city: City, target: NoticeTarget) -> str:
    """The group's name; a resident is never named, the number beside it tells who he is."""
    prefix, _, number = target.target.partition(":")
    group = city.groups.get(int(number)) if prefix == "group" and number.isdigit() else None
    return group.name if group else "居民"
