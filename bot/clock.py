"""The time: the machine's own, or the sandbox's for a demo. Rules never read a clock; they are given the moment."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import aiohttp

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
"""The present moment, aware, in UTC."""

_REFRESH_SECONDS = 1.0
_ANSWER_SECONDS = 2.0
# The sandbox answers with its own moment; a difference below this is the way there and back, not a clock that was moved.
_JITTER_SECONDS = 0.05
_LAST_SECONDS = 32_503_680_000  # the year 3000


def system_clock() -> datetime:
    """The machine's own time."""
    return datetime.now(UTC)


class SharedClock:
    """Follows a clock served over HTTP (`{"now": epoch seconds}`) by its distance from the machine's counter; never runs backwards.

    Between two refreshes it runs by itself, so reading it costs nothing; while the other side does not answer it keeps running.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        counter: Callable[[], float] = time.monotonic,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._session, self._url, self._counter, self._pause = session, url, counter, pause
        self._offset_seconds = time.time() - counter()
        self._latest_seconds = 0.0
        self._is_known = False

    def __call__(self) -> datetime:
        """The shared moment, aware, in UTC; never before one that was given out already."""
        self._latest_seconds = max(self._latest_seconds, self._counter() + self._offset_seconds)
        return datetime.fromtimestamp(self._latest_seconds, UTC)

    async def refresh(self) -> bool:
        """Ask once; False when there was no usable answer, and then nothing changes."""
        asked = self._counter()
        seconds = await self._ask()
        if seconds is None:
            return False
        # The answer was true about halfway between asking and hearing.
        offset = seconds - (asked + self._counter()) / 2
        if not self._is_known or abs(offset - self._offset_seconds) > _JITTER_SECONDS:
            self._offset_seconds = offset
        self._is_known = True
        return True

    async def follow(self) -> None:
        """Refresh each second until cancelled."""
        while True:
            await self.refresh()
            await self._pause(_REFRESH_SECONDS)

    async def _ask(self) -> float | None:
        timeout = aiohttp.ClientTimeout(total=_ANSWER_SECONDS)
        try:
            async with self._session.get(self._url, timeout=timeout, allow_redirects=False) as response:
                answer = await response.json(content_type=None) if response.status == 200 else None
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            log.warning("shared clock not heard: %s", type(error).__name__)
            return None
        now = answer.get("now") if isinstance(answer, dict) else None
        # A moment that datetime cannot hold would stop the whole service.
        if isinstance(now, bool) or not isinstance(now, int | float) or not 0 < now < _LAST_SECONDS:
            return None
        return float(now)
