"""What this process holds at the moment, and until when; kept in step with the archive."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.delivery.targets import Targets

log = logging.getLogger(__name__)

# Targets are let go of together: on SQLite each transaction waits for the disk.
GATHER_SECONDS = 0.05


class Holds:
    """Targets taken and not yet let go of. A hold that could not be renewed in time is no longer ours, whatever is under way."""

    def __init__(self, targets: Targets, hold_seconds: float, clock: Clock) -> None:
        self._targets, self._clock = targets, clock
        self._life = timedelta(seconds=hold_seconds)
        self._until: dict[str, datetime] = {}
        self._finished: dict[str, datetime | None] = {}
        self._finished_at = 0.0

    @property
    def has_finished(self) -> bool:
        """Whether some wait to be let go of."""
        return bool(self._finished)

    def is_ours(self, target: str) -> bool:
        """Whether nobody else can hold it now."""
        until = self._until.get(target)
        return until is not None and self._clock() < until

    async def take(self, now: datetime, prefixes: Sequence[str], limit: int, *, urgent_first: bool) -> list[str]:
        """Take due targets (see `Targets.claim`)."""
        keys = await self._targets.claim(now, prefixes, limit, urgent_first=urgent_first, busy=self._until)
        self._until.update(dict.fromkeys(keys, now + self._life))
        return keys

    def finish(self, target: str, not_before: datetime | None = None) -> None:
        """It was served; it is let go of with the others, and not looked at again before that moment."""
        if not self._finished:
            self._finished_at = asyncio.get_running_loop().time()
        self._finished[target] = not_before

    def forget(self, target: str) -> None:
        """Neither renew it nor let go of it: its hold runs out by itself."""
        self._until.pop(target, None)

    async def release(self, *, at_once: bool) -> int:
        """Let go of what was served, all together; how many."""
        age = asyncio.get_running_loop().time() - self._finished_at
        if not self._finished or not (at_once or age >= GATHER_SECONDS):
            return 0
        finished, self._finished = self._finished, {}
        try:
            await self._targets.release(finished)
        except Exception:
            self._finished = finished | self._finished
            raise
        for target in finished:
            self._until.pop(target, None)
        return len(finished)

    async def keep(self) -> None:
        """Renew all of them three times in a hold's life, until cancelled."""
        while True:
            await asyncio.sleep(self._life.total_seconds() / 3)
            try:
                await self.renew()
            except Exception as error:
                log.error("holds not renewed: %s", type(error).__name__)

    async def renew(self) -> None:
        """Hold for as long again."""
        now = self._clock()
        for target in await self._targets.renew(self._until, now):
            if target in self._until:
                self._until[target] = now + self._life
