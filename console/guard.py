"""What holds for every answer under `/c/`: headers that keep the link to itself, and faults as one kind page."""

import logging
import re
from collections.abc import Awaitable, Callable

import aiohttp_jinja2
from aiohttp import web

from console.submission import BadForm
from console.visitors import Closed

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HEADERS = {
    # The link is the key: no other site learns it from a click, no cache keeps what it opened, no page frames it.
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Content-Security-Policy": (
        "default-src 'none'; img-src 'self' blob:; media-src 'self'; style-src 'self'; script-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
}
_CLOSED = "这个链接打不开了"
_WHY_CLOSED = "链接可能已经过期，或者这件事已转给别人办理。"
_CALM = "页面暂时打不开，请过一会儿再试。如遇危险请直接拨打110、119或120。"
_RANGE = re.compile(r"bytes=([0-9]{0,12})-([0-9]{0,12})")


class BadRange(ValueError):
    """A range that the content does not have."""


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every answer with its headers; what went wrong as a page that tells nothing."""
    response = await _answer(request, handler)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        _check_site(request)
        return await handler(request)
    except Closed as closed:
        return _page(request, closed.status, _CLOSED, _WHY_CLOSED)
    except BadForm as fault:
        return _page(request, fault.status, "没有提交成功", str(fault))
    except web.HTTPRedirection as moved:
        return web.Response(status=moved.status, headers={"Location": moved.headers["Location"]})
    except web.HTTPException as fault:
        return _page(request, fault.status, _CLOSED, _WHY_CLOSED)
    except ConnectionError:
        raise
    except Exception as fault:
        log.error("page failed: %s", type(fault).__name__)
        return _page(request, 500, "请稍后再试", _CALM)


def _check_site(request: web.Request) -> None:
    """A form that another site sends is not ours, whatever it knows. Browsers too old to say stay welcome."""
    site = request.headers.get("Sec-Fetch-Site", "none")
    if request.method == "POST" and site not in ("same-origin", "none"):
        raise BadForm(403, "这不是本页面的表单，请返回页面重新填写。")


def _page(request: web.Request, status: int, title: str, text: str) -> web.Response:
    context = {
        "title": title,
        "text": text,
        "shows_how": status in (404, 410),
        "back": request.path if request.method == "POST" else "",
    }
    return aiohttp_jinja2.render_template("closed.html", request, context, status=status)


def find_range(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte that are asked for; None for the whole. Raises `BadRange`."""
    match = _RANGE.fullmatch(header.strip())
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        first, last = max(0, size - int(match[2])), size - 1
    else:
        first, last = int(match[1]), min(int(match[2]) if match[2] else size - 1, size - 1)
    if first > last:
        raise BadRange(header)
    return first, last
