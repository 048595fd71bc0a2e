"""The service's HTTP: the official account's callback, and what operators look at."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from bot.dispatcher import TRY_AGAIN, Dispatcher, Running
from bot.official_account.door import AccountDoor
from bot.official_account.wall import NotFromPlatform, Unreadable
from handlers.reply import Reply
from handlers.update import Update
from storage.committer import StorageFailed

log = logging.getLogger(__name__)

# The part of the reply budget after which a slow update is written to the archive as it is, so that it can be answered later.
_KEEP_AFTER = 0.6


class OfficialAccountCallback:
    """GET and POST of `/wechat/oa`. A verified update never gets a 5xx; what was not persisted is never answered `success`."""

    def __init__(
        self,
        door: AccountDoor,
        dispatcher: Dispatcher,
        now: Callable[[], datetime],
        budget_seconds: float,
        refresh: Callable[[], Awaitable[bool]] | None = None,
    ) -> None:
        self._door, self._dispatcher, self._now, self._budget = door, dispatcher, now, budget_seconds
        self._refresh = refresh

    def routes(self) -> list[web.RouteDef]:
        """The two routes."""
        return [web.get("/wechat/oa", self.verify, allow_head=False), web.post("/wechat/oa", self.receive)]

    async def verify(self, request: web.Request) -> web.Response:
        """WeChat's check of the address: the echo, verbatim."""
        try:
            return web.Response(text=self._door.check_echo(request.query))
        except NotFromPlatform as refused:
            return self._refuse(refused)

    async def receive(self, request: web.Request) -> web.Response:
        """One push, answered inside the budget. Raises 413 for a body over the limit."""
        body = await _read_body(request)
        try:
            update = await self._open(request, body)
        except NotFromPlatform as refused:
            return self._refuse(refused)
        except Unreadable as fault:
            # Genuine, but nothing that can be understood: an error would only make WeChat send it three times.
            log.warning("unreadable push: %s", fault)
            return web.Response(text="success")
        known = self._dispatcher.find_reply(update.key)
        reply = known or await self._answer(self._dispatcher.begin(update))
        nonce = request.query.get("nonce", "")
        sealed = self._door.is_sealed(request.query)
        content = self._door.seal_reply(reply, update, nonce, self._now(), sealed)
        kind = "text/plain" if content == b"success" else "application/xml"
        return web.Response(body=content, content_type=kind, charset="utf-8")

    async def _open(self, request: web.Request, body: bytes) -> Update:
        try:
            return self._door.open_update(request.query, body, self._now())
        except NotFromPlatform as refused:
            # The shared clock of a demo may have been moved a moment ago: look at it once before calling a push stale.
            if refused.reason != "stale" or self._refresh is None or not await self._refresh():
                raise
        return self._door.open_update(request.query, body, self._now())

    def _refuse(self, refused: Exception) -> web.Response:
        log.warning("push refused: %s", refused)
        return web.Response(status=403, text="forbidden")

    async def _answer(self, running: Running) -> Reply:
        try:
            return await self._wait(running)
        except StorageFailed:
            return Reply(TRY_AGAIN)

    async def _wait(self, running: Running) -> Reply:
        deadline = asyncio.get_running_loop().time() + self._budget
        done, _ = await asyncio.wait({running.task}, timeout=self._budget * _KEEP_AFTER)
        if done:
            return running.task.result()
        kept = await self._keep(running, deadline)
        await asyncio.wait({running.task}, timeout=max(0.0, deadline - asyncio.get_running_loop().time()))
        if running.task.done():
            return running.task.result()
        # Also what could not be kept in time may be decided yet; then the person should hear of that.
        running.is_late = True
        return Reply("" if kept else TRY_AGAIN)

    async def _keep(self, running: Running, deadline: float) -> bool:
        left = max(0.05, deadline - asyncio.get_running_loop().time())
        try:
            return await asyncio.wait_for(self._dispatcher.keep(running), left)
        except (TimeoutError, StorageFailed):
            return False


async def _read_body(request: web.Request) -> bytes:
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge:
        log.warning("push refused: size")
        raise


Probe = Callable[[], Awaitable[dict[str, bool]]]


def operator_routes(registry: CollectorRegistry, probe: Probe) -> list[web.RouteDef]:
    """`/healthz` (the process lives), `/readyz` (database and doors), `/metrics`."""

    async def healthz(request: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def readyz(request: web.Request) -> web.Response:
        found = await probe()
        return web.json_response(found, status=200 if all(found.values()) else 503)

    async def metrics(request: web.Request) -> web.Response:
        return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return [web.get("/healthz", healthz), web.get("/readyz", readyz), web.get("/metrics", metrics)]
