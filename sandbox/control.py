"""`/sandbox/…`: the control API, by which tests and the page drive the phones, the groups and the clock."""

import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox.errors import Refused
from sandbox.fields import Json, number_of, parse_object
from sandbox.talk import Talk
from sandbox.world import WORLD, World

MAX_WAIT_SECONDS = 30.0

Control = Callable[[World, web.Request, Json], Awaitable[object]]
Route = tuple[str, str, Control]


def control_answer(value: object, status: int = 200) -> web.Response:
    """JSON in UTF-8."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return web.Response(text=text, content_type="application/json", charset="utf-8", status=status)


async def _body(request: web.Request) -> Json:
    raw = await request.read()
    if not raw.strip():
        return {}
    try:
        return parse_object(raw)
    except Refused:
        raise ValueError("a JSON object is needed") from None


def add_controls(app: web.Application, routes: tuple[Route, ...]) -> None:
    """Routes the control calls; a bad request is HTTP 400 with the reason."""
    for method, path, control in routes:
        app.router.add_route(method, path, _door(control))


def _door(control: Control) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def enter(request: web.Request) -> web.StreamResponse:
        try:
            return control_answer(await control(request.app[WORLD], request, await _body(request)))
        except ValueError as fault:
            return control_answer({"error": str(fault)}, status=400)

    return enter


async def rows(request: web.Request, talk: Talk, received_only: bool) -> list[Json]:
    """Rows after `?after=SEQ`; `?wait=SECONDS` (real, 30 at most) waits for the first. Raises ValueError."""
    query: Json = dict(request.query)
    after, wait_seconds = int(number_of(query, "after")), min(number_of(query, "wait"), MAX_WAIT_SECONDS)
    found = talk.after(after, received_only)
    if not found and wait_seconds > 0:
        found = await talk.wait_after(after, received_only, wait_seconds)
    return [row.as_json() for row in found]
