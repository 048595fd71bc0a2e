"""HTTP to the platform: one session, bounded time and bytes, and every fault as one of `bot.ports`' three.

The token travels in the address (the platform wants it there), so no exception of aiohttp ever leaves this file: their texts
carry the address. Texts of residents travel in bodies, so bodies are never logged either.
"""

import asyncio
import random
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import aiohttp
import orjson

from bot.ports import BadAnswer, Refused, Unreachable, WireFailure

JSON_SECONDS = 8.0
MEDIA_SECONDS = 30.0
MAX_JSON_BYTES = 1 << 20
TRIES = 3
BUSY = -1
_FIRST_PAUSE_SECONDS = 0.3
_RETRY_SECONDS = {45011: 60.0, 45066: 60.0}
_RID = re.compile(r"rid: ?([0-9a-zA-Z-]{1,64})")
_IP = re.compile(r"invalid ip ([0-9a-fA-F.:]{3,45})")

Json = dict[str, Any]
_Got = TypeVar("_Got")
MakeBody = Callable[[], bytes | aiohttp.FormData]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back with HTTP 200."""

    content: bytes
    mime: str


@dataclass(frozen=True, slots=True)
class Waits:
    """How the client waits between tries (tests need no time). `sleep` takes seconds, `jitter` gives 0.0 to 1.0."""

    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[], float] = random.random


class PlatformHttp:
    """Single requests to one platform. The session is the caller's to close."""

    def __init__(self, session: aiohttp.ClientSession, api_base: str, waits: Waits) -> None:
        self._session = session
        self._base = api_base.rstrip("/")
        self._waits = waits

    async def post(self, path: str, body: MakeBody, *, query: Mapping[str, str], seconds: float) -> Answer:
        """One POST; raises `Unreachable`, `BadAnswer`. The body is made anew for each request, so a repeat is never empty."""
        return await self._request("POST", self._base + path, query, seconds, MAX_JSON_BYTES, body())

    async def get(self, path: str, *, query: Mapping[str, str], seconds: float, limit_bytes: int) -> Answer:
        """One GET of at most `limit_bytes`; `path` may be a whole address. Raises `Unreachable`, `BadAnswer`."""
        url = path if path.startswith(("http://", "https://")) else self._base + path
        return await self._request("GET", url, query, seconds, limit_bytes, None)

    async def _request(
        self,
        method: str,
        url: str,
        query: Mapping[str, str],
        seconds: float,
        limit_bytes: int,
        body: bytes | aiohttp.FormData | None,
    ) -> Answer:
        timeout = aiohttp.ClientTimeout(total=seconds)
        headers = {"Content-Type": "application/json; charset=utf-8"} if isinstance(body, bytes) else {}
        try:
            async with self._session.request(
                method, url, params=query, data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                return await _read(response, limit_bytes)
        except aiohttp.ClientConnectorError:
            raise NotConnected("not connected") from None
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise Unreachable("no answer in time") from None

    async def repeat(self, send: Callable[[], Awaitable[_Got]], *, repeatable: bool) -> _Got:
        """Try up to three times with growing pauses.

        `repeatable` says that a second arrival does no harm; otherwise only what surely did not arrive is sent again.
        """
        pause_seconds = _FIRST_PAUSE_SECONDS
        for _ in range(TRIES - 1):
            try:
                return await send()
            except WireFailure as failure:
                if not _is_worth_repeating(failure, repeatable):
                    raise
            await self._waits.sleep(pause_seconds * (0.5 + self._waits.jitter()))
            pause_seconds *= 3
        return await send()


class NotConnected(Unreachable):
    """Nobody listened: the message certainly did not arrive."""


def _is_worth_repeating(failure: WireFailure, repeatable: bool) -> bool:
    if isinstance(failure, Refused):
        return failure.errcode == BUSY
    return isinstance(failure, NotConnected) or repeatable


async def _read(response: aiohttp.ClientResponse, limit_bytes: int) -> Answer:
    if response.status != 200:
        raise BadAnswer(f"HTTP status {response.status}")
    content = bytearray()
    async for chunk in response.content.iter_chunked(1 << 16):
        content += chunk
        if len(content) > limit_bytes:
            raise BadAnswer(f"more than {limit_bytes} bytes")
    return Answer(bytes(content), response.content_type)


def render_json(payload: Mapping[str, Any]) -> bytes:
    """JSON in plain UTF-8: WeChat refuses, or shows, `\\uXXXX` escapes (40033)."""
    return orjson.dumps(payload)


def parse_json(answer: Answer) -> Json:
    """The answer's object; raises `Refused` when it holds an errcode, `BadAnswer` when it is no such object."""
    try:
        found = orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        raise BadAnswer("not JSON") from None
    if not isinstance(found, dict):
        raise BadAnswer("not a JSON object")
    errcode = found.get("errcode", 0)
    if not isinstance(errcode, int):
        raise BadAnswer("errcode is not a number")
    if errcode:
        trace = _trace(errcode, str(found.get("errmsg", "")))
        raise Refused(errcode, trace, _RETRY_SECONDS.get(errcode), str(found.get("msg_id", "")))
    return found


def _trace(errcode: int, errmsg: str) -> str:
    # The rest of an errmsg may repeat what was sent. Of 40164 the address is ours, and what the administrator must enter.
    found = [_RID.search(errmsg), _IP.search(errmsg) if errcode == 40164 else None]
    return " ".join(match[0] for match in found if match)


def take(found: Mapping[str, Any], name: str, kind: type[str] | type[int] = str) -> Any:
    """A field of the wanted type; raises `BadAnswer`."""
    value = found.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise BadAnswer(f"{name} is missing")
    return value
