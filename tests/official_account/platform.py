"""A platform in a few lines: it hands out tokens and answers what a test put into its mouth."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web
from aiohttp.test_utils import TestServer

Say = Callable[["Call"], web.StreamResponse]
OK = {"errcode": 0, "errmsg": "ok"}


@dataclass
class Call:
    """One request as the platform saw it."""

    path: str
    query: dict[str, str]
    body: bytes
    content_type: str

    @property
    def json(self) -> dict[str, Any]:
        return orjson.loads(self.body)

    @property
    def token(self) -> str:
        return self.query.get("access_token", "")


@dataclass
class Platform:
    """`answers[path]` are used up one after the other, the last for ever; without any, `ok`."""

    base: str = ""
    token: str = "T1"
    seconds: int = 7200
    calls: list[Call] = field(default_factory=list)
    answers: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    bad_tokens: set[str] = field(default_factory=set)

    def says(self, path: str, *answers: Any) -> None:
        self.answers[f"/cgi-bin/{path}"] = list(answers)

    def heard(self, path: str) -> list[Call]:
        return [call for call in self.calls if call.path == f"/cgi-bin/{path}"]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        call = Call(request.path, dict(request.query), await request.read(), request.content_type)
        self.calls.append(call)
        queue = self.answers[request.path]
        if queue:
            return _respond(queue.pop(0) if len(queue) > 1 else queue[0], request)
        if request.path == "/cgi-bin/stable_token":
            return self._give_token(call)
        if call.token in self.bad_tokens:
            return web.json_response({"errcode": 40001, "errmsg": "invalid credential rid: 1a-2b-3c"})
        return web.json_response(OK)

    def _give_token(self, call: Call) -> web.StreamResponse:
        if call.json["force_refresh"]:
            self.bad_tokens.add(self.token)
            self.token += "f"
        return web.json_response({"access_token": self.token, "expires_in": self.seconds})


def _respond(answer: Any, request: web.Request) -> web.StreamResponse:
    if answer == "hang up":
        assert request.transport is not None
        request.transport.abort()
        return web.Response()
    if isinstance(answer, int):
        return web.json_response({"errcode": answer, "errmsg": "some words rid: 1a-2b-3c"})
    if isinstance(answer, dict):
        # As the platform's older machines do: JSON that calls itself text.
        return web.Response(body=orjson.dumps(answer), content_type="text/plain")
    if isinstance(answer, tuple):
        return web.Response(body=answer[0], content_type=answer[1])
    return answer() if callable(answer) else answer


@asynccontextmanager
async def run_platform() -> AsyncIterator[Platform]:
    """A platform on loopback."""
    platform = Platform()
    app = web.Application(client_max_size=1 << 26)
    app.router.add_route("*", "/{path:.*}", platform.handle)
    async with TestServer(app) as server:
        platform.base = str(server.make_url("")).rstrip("/")
        yield platform
