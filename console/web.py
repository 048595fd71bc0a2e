"""The case page's HTTP: `/c/{token}`, its pictures, its forms. Everything is decided elsewhere; here it is only asked and laid out."""

import logging
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from typing import Any

import aiohttp_jinja2
import jinja2
from aiohttp import web

from console.contact import ACTION as CONTACT
from console.doing import Counter, Done, Refused, digest_of, offers_for
from console.export import make_export_page
from console.gallery import SERVED, may_have
from console.guard import BadRange, find_range, guard
from console.links import PATH
from console.pace import ACTS, VIEWS, Pace
from console.page import Material, Notice, make_view
from console.ports import Follow, GetReader, MakeDesk, Pictures, UploadLimits
from console.submission import BadForm, Submission, read_submission
from console.tickets import Scope, TicketKey
from console.visitors import Closed, Visitor, admit
from storage.archive import Archive
from storage.columns import MediaState
from storage.committer import StorageFailed
from storage.queries import Books
from storage.tables import Case, Media

log = logging.getLogger(__name__)

_ONCE = re.compile(r"[0-9a-f]{32}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_NOT_STORED = "系统刚才没能记下，什么都没有改变，请过一会儿再提交一次。如遇危险请直接拨打110、119或120。"
_STATIC = {
    "page.css": "text/css",
    "upload.js": "text/javascript",
    "chevron.svg": "image/svg+xml",
    "icon.svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Parts:
    """What the case page is made of."""

    archive: Archive
    books: Books
    desk: MakeDesk
    key: TicketKey
    pictures: Pictures
    reader: GetReader
    follow: Follow
    elapsed: Callable[[], float]
    limits: UploadLimits = field(default_factory=UploadLimits)


def make_case_pages(parts: Parts) -> web.Application:
    """The application that stands under `/c/`."""
    app = web.Application(middlewares=[guard])
    loader = jinja2.PackageLoader("console", "templates")
    aiohttp_jinja2.setup(app, loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    pages = CasePages(parts)
    app.add_routes(
        [
            web.get("/static/{name}", _static),
            web.get("/my/{token}", make_export_page(parts.archive, parts.desk, parts.key)),
            web.get("/{token}", pages.show),
            web.post("/{token}", pages.act),
            web.get("/{token}/media/{media}", pages.media),
        ]
    )
    return app


async def _static(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    if name not in _STATIC:
        raise Closed(404)
    content = files("console").joinpath("static", name).read_bytes()
    headers = {"Cache-Control": "public, max-age=3600"}
    return web.Response(body=content, content_type=_STATIC[name], charset="utf-8", headers=headers)


class CasePages:
    """The three things that can be asked of a link."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._pace = Pace(parts.elapsed)
        self._counter = Counter(
            parts.archive, parts.books, parts.desk, parts.key, parts.pictures, parts.reader, parts.follow
        )

    async def show(self, request: web.Request) -> web.Response:
        """GET: the page."""
        visitor = await self._admit(request)
        self._check_pace(visitor, is_act=False)
        did = request.query.get("did", "")
        news = await self._counter.find_news(visitor, did) if _DIGEST.fullmatch(did) else ""
        _note(request, visitor, "view", "shown")
        return await self._page(request, visitor, Notice("good", news) if news else None)

    async def act(self, request: web.Request) -> web.StreamResponse:
        """POST: one form. What was done leads back to the page, so that a reload repeats nothing; a refusal keeps what was typed."""
        visitor = await self._admit(request)
        self._check_pace(visitor, is_act=True)
        form = await read_submission(request, self._parts.limits, lambda form: self._check_form(visitor.token, form))
        action = form.text("action")
        try:
            outcome = await self._counter.carry_out(visitor.token, action, form)
        except (StorageFailed, OSError) as fault:
            log.error("page not stored: %s", type(fault).__name__)
            outcome = Refused(503, _NOT_STORED, "not_stored")
        known = action if action in {offer.action for offer in offers_for(self._parts.desk(), visitor)} else "other"
        _note(request, visitor, known, "done" if isinstance(outcome, Done) else outcome.outcome)
        return await self._answer(request, visitor, form, outcome)

    async def _answer(
        self, request: web.Request, before: Visitor, form: Submission, outcome: Done | Refused
    ) -> web.StreamResponse:
        token = before.token
        if isinstance(outcome, Done) and form.text("action") != CONTACT:
            raise web.HTTPSeeOther(f"{PATH}{token}?did={digest_of(token, form)}")
        # What was done may have ended the link's reason; then the page says so.
        visitor = await admit(self._parts.books, self._parts.desk(), self._parts.key, token)
        if isinstance(outcome, Done):
            return await self._page(request, visitor, Notice("calm", outcome.text), reveals=True)
        return await self._page(request, visitor, Notice("bad", outcome.text), form=form, status=outcome.status)

    async def media(self, request: web.Request) -> web.Response:
        """GET: one picture or recording, with the same checks as the page it stands on."""
        visitor = await self._admit(request)
        self._check_pace(visitor, is_act=False)
        row = await self._find_media(visitor, request.match_info["media"])
        try:
            content = await self._parts.pictures.read(row)
        except (LookupError, OSError):
            raise Closed(404) from None
        return _send(request, content, row.mime)

    async def _find_media(self, visitor: Visitor, number: str) -> Media:
        # Ids are 64-bit; a longer number is nobody's.
        row = await self._parts.books.find(Media, int(number)) if re.fullmatch(r"[0-9]{1,18}", number) else None
        if row is None or not may_have(visitor, row) or row.state is not MediaState.KEPT or row.mime not in SERVED:
            raise Closed(404)
        return row

    async def _admit(self, request: web.Request) -> Visitor:
        parts = self._parts
        return await admit(parts.books, parts.desk(), parts.key, request.match_info["token"])

    def _check_pace(self, visitor: Visitor, *, is_act: bool) -> None:
        if self._pace.is_over(visitor.token, ACTS if is_act else VIEWS):
            raise BadForm(429, "操作太频繁，请过一分钟再试。")

    def _check_form(self, token: str, form: Submission) -> None:
        if not self._parts.key.is_form_of(token, form.text("key")) or not _ONCE.fullmatch(form.text("once")):
            raise BadForm(403, "这不是本页面的表单，请返回页面重新填写。")

    async def _page(
        self,
        request: web.Request,
        visitor: Visitor,
        notice: Notice | None,
        *,
        form: Submission | None = None,
        status: int = 200,
        reveals: bool = False,
    ) -> web.Response:
        desk, key = self._parts.desk(), self._parts.key
        material = await self._gather(visitor)
        view = make_view(desk, visitor, material, offers_for(desk, visitor), PATH + visitor.token, reveals=reveals)
        view = replace(
            view,
            notice=notice,
            form_key=key.sign_form(visitor.token),
            version=visitor.case.version,
            once=secrets.token_hex(16),
            tried=form.text("action") if form else "",
            kept=_kept(form),
        )
        return render(request, "case.html", {"view": view}, status)

    async def _gather(self, visitor: Visitor) -> Material:
        books, case = self._parts.books, visitor.case
        members = await books.likeness.list_members(case.id)
        into = await books.find(Case, case.merged_into_id) if visitor.scope is Scope.RESIDENT else None
        return Material(await books.list_events(case.id), await books.list_media(case.id), len(members), into)


def _kept(form: Submission | None) -> Mapping[str, str]:
    return form.texts if form is not None else {}


def render(request: web.Request, template: str, context: Mapping[str, Any], status: int) -> web.Response:
    """A page from a template."""
    return aiohttp_jinja2.render_template(template, request, context, status=status)


def _send(request: web.Request, content: bytes, mime: str) -> web.Response:
    """The bytes, or the part that a player asked for: some phones play nothing without."""
    headers = {"Accept-Ranges": "bytes", "Content-Security-Policy": "default-src 'none'; sandbox"}
    try:
        part = find_range(request.headers.get("Range", ""), len(content))
    except BadRange:
        return web.Response(status=416, headers={**headers, "Content-Range": f"bytes */{len(content)}"})
    if part is None:
        return web.Response(body=content, content_type=mime, headers=headers)
    first, last = part
    headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
    return web.Response(status=206, body=content[first : last + 1], content_type=mime, headers=headers)


def _note(request: web.Request, visitor: Visitor, action: str, outcome: str) -> None:
    """One line for each use of a link: never the link, nor what was written."""
    log.info("page scope=%s action=%s outcome=%s", visitor.scope, action, outcome)
