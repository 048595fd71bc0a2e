"""Writing results down. What was sent is a fact: it is written again and again rather than sent again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.delivery.residents import Residents
from storage.committer import Committer, StorageFailed
from storage.plan import Change, Conflict, Plan
from storage.tables import Resident

log = logging.getLogger(__name__)

_TRIES = 8
_TRIES_WITH_HISTORY = 3
_FIRST_PAUSE_SECONDS = 0.5


class NotRecorded(Exception):
    """The archive could not be written for long: the target stays held, and what was in flight may be sent once more."""


@dataclass(frozen=True, slots=True)
class WindowUse:
    """What a try did to a resident's reply window: `used` messages of it, or (None) the platform says that it is closed.

    `opened_at` is the window that was seen before the try. `left_channel`: he does not follow any more.
    """

    openid: str
    opened_at: datetime | None
    used: int | None = None
    left_channel: bool = False


class Recorder:
    """Commits results until they are in."""

    def __init__(
        self,
        committer: Committer,
        residents: Residents,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._committer, self._residents, self._pause = committer, residents, pause

    async def write(self, plan: Plan, use: WindowUse | None = None) -> None:
        """Write a result, and what the try used of the window. Raises `NotRecorded`."""
        failures = 0
        while failures < _TRIES:
            try:
                outcome = await self._committer.commit(plan.merge(await self._plan_use(use)))
            except StorageFailed:
                failures += 1
                plan = self._lighten(plan, failures)
                await self._pause(_FIRST_PAUSE_SECONDS * 2 ** (failures - 1))
                continue
            if not isinstance(outcome, Conflict):
                return
            # He wrote at this very moment: the window is read anew.
        raise NotRecorded("result not written")

    def _lighten(self, plan: Plan, failures: int) -> Plan:
        if failures < _TRIES_WITH_HISTORY or not plan.events:
            return plan
        # A case that is gone would refuse its event for ever, and with it the fact that this was sent.
        log.error("history of %d cases left out of a result", len(plan.events))
        return replace(plan, events=[])

    async def _plan_use(self, use: WindowUse | None) -> Plan:
        resident = await self._residents.find(use.openid) if use else None
        if use is None or resident is None:
            return Plan()
        values = _window_values(use, resident)
        return Plan(changes=[Change(Resident, resident.id, resident.version, values)]) if values else Plan()


def _window_values(use: WindowUse, resident: Resident) -> dict[str, Any]:
    values: dict[str, Any] = {"follows": False} if use.left_channel else {}
    if use.used:
        # Even if a new window opened meanwhile: which of the two the platform counted is unknown.
        values["window_used"] = resident.window_used + use.used
    elif (
        use.used is None and resident.window_opened_at == use.opened_at and resident.window_used < resident.window_limit
    ):
        values["window_used"] = resident.window_limit
    return values
