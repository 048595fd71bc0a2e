"""The door of the platforms' HTTP APIs: counts, faults, tokens, and refusals as HTTP 200 with an errcode."""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property

from aiohttp import web

from sandbox.errors import Refused
from sandbox.faults import Fault
from sandbox.fields import Json, check_unescaped, parse_object
from sandbox.world import WORLD, World


@dataclass
class ApiCall:
    """One call of a platform API."""

    world: World
    request: web.Request
    body: bytes

    @property
    def query(self) -> dict[str, str]:
        """The query parameters; of a repeated one the first."""
        return {key: self.request.query[key] for key in self.request.query}

    @cached_property
    def json(self) -> Json:
        """The body as an object, whatever Content-Type says. Raises Refused 44002, 47001."""
        return parse_object(self.body)

    @cached_property
    def message(self) -> Json:
        """As `json`, for texts that people will read. Raises Refused 40033 for \\uXXXX escapes."""
        check_unescaped(self.body)
        return self.json


Answer = Json | web.StreamResponse
Handler = Callable[[ApiCall], Awaitable[Answer]]


@dataclass(frozen=True)
class Api:
    """One path of a platform. `method` empty means that both GET and POST will do."""

    path: str
    handler: Handler
    method: str = "POST"
    needs_token: bool = True
    reads_body: bool = True


def json_answer(body: Json) -> web.Response:
    """HTTP 200 as the platforms send it."""
    return web.Response(text=json.dumps(body, ensure_ascii=False), content_type="application/json", charset="utf-8")


def refusal_answer(refused: Refused) -> web.Response:
    """A refusal, with the trace number that the platform adds."""
    errmsg = f"{refused.errmsg} rid: {secrets.token_hex(4)}-{secrets.token_hex(4)}"
    return json_answer({"errcode": refused.errcode, "errmsg": errmsg, **refused.extra})


def add_apis(app: web.Application, apis: tuple[Api, ...]) -> None:
    """Routes each API through the door."""
    for api in apis:
        app.router.add_route("*", api.path, _door(api))


def _door(api: Api) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def enter(request: web.Request) -> web.StreamResponse:
        world = request.app[WORLD]
        world.books.call(request.path)
        fault = world.faults.take(request.path)
        if fault is None:
            return await _answer(world, api, request)
        return await _answer_with_fault(world, api, request, fault)

    return enter


async def _answer(world: World, api: Api, request: web.Request) -> web.StreamResponse:
    try:
        answer = await _run(world, api, request)
    except Refused as refused:
        world.books.refuse(request.path, refused.errcode)
        return refusal_answer(refused)
    if isinstance(answer, web.StreamResponse):
        return answer
    return json_answer(answer)


async def _run(world: World, api: Api, request: web.Request) -> Answer:
    if api.method and request.method != api.method:
        raise Refused(43002 if api.method == "POST" else 43001)
    if api.needs_token:
        world.tokens.check(request.query.get("access_token", ""))
    body = await request.read() if api.reads_body else b""
    return await api.handler(ApiCall(world, request, body))


async def _answer_with_fault(world: World, api: Api, request: web.Request, fault: Fault) -> web.StreamResponse:
    if fault.latency_seconds:
        await asyncio.sleep(fault.latency_seconds)
    is_delay_only = fault.errcode is None and fault.status is None and not fault.disconnect
    if is_delay_only:
        return await _answer(world, api, request)
    if fault.perform:
        await _answer(world, api, request)
    return _broken_answer(world, request, fault)


def _broken_answer(world: World, request: web.Request, fault: Fault) -> web.StreamResponse:
    if fault.disconnect:
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)
    if fault.status is not None:
        return web.Response(status=fault.status, text="")
    assert fault.errcode is not None
    world.books.refuse(request.path, fault.errcode)
    return refusal_answer(Refused(fault.errcode))


def ok(**extra: object) -> Json:
    """The usual good answer."""
    return {"errcode": 0, "errmsg": "ok", **extra}
