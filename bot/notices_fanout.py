"""The fan-out: from a notice's waiting targets to the outbox, chunk by chunk, by as many processes as there are.

What a chunk does is one transaction (`notices_queueing`), so whoever dies leaves whole chunks; the next turn, of any process, goes on.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from prometheus_client import CollectorRegistry, Gauge
from sqlalchemy import Connection

from bot.cityhall import CityHall
from bot.delivery.notices import STOPPED
from bot.notices_queueing import Chunk, Render, queue_groups, queue_recall, queue_residents
from bot.notices_report import report_ends
from bot.notices_ways import MASS_PER_MONTH
from bot.notices_words import NoticeWords, Pictures
from bot.settings_notices import FanOutSettings
from grid.notices.kinds import FORMS
from grid.notices.sending import finish_sending
from grid.workflow import Refusal
from storage.archive import Archive
from storage.fanout import (
    count_targets,
    list_over,
    list_pictures,
    list_reasons,
    list_sending,
    list_unrecalled,
    stop_open,
)
from storage.notice_columns import TargetState
from storage.notice_tables import Notice
from storage.writing import writing

log = logging.getLogger(__name__)

URGENT = frozenset(kind for kind, form in FORMS.items() if form.urgent)
# The platforms' months are China's, whatever the city's own zone is.
_PLATFORM_ZONE = ZoneInfo("Asia/Shanghai")
_IDS = 64
# A template that waits for its platform, a recall that comes late: long enough for both.
_LOOK_BACK = timedelta(days=60)
_MOST_REASONS = 20


@dataclass(frozen=True, slots=True)
class ResidentDoor:
    """What the official account can do: mass messages, and the configured notice template."""

    can_mass: bool = False
    has_template: bool = False


class FanOut:
    """One per process. `wake` when a notice has begun to be sent."""

    def __init__(
        self,
        archive: Archive,
        hall: CityHall,
        words: NoticeWords,
        settings: FanOutSettings,
        door: ResidentDoor,
        registry: CollectorRegistry,
    ) -> None:
        self._archive, self._hall, self._words, self._settings, self._door = archive, hall, words, settings, door
        self._wake = asyncio.Event()
        self._gauge = Gauge(
            "wangge_notice_targets", "Targets of notices that are being sent.", ["state"], registry=registry
        )

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            self._wake.clear()
            try:
                moved = await self.turn()
            except Exception as error:
                log.error("fan-out turn failed: %s", type(error).__name__)
                moved = 0
            if not moved:
                await self._rest()

    def wake(self) -> None:
        """Look at once."""
        self._wake.set()

    async def turn(self) -> int:
        """Stop what must stop, tell of recalls, queue one chunk of the most urgent notice, finish what is done; how much moved."""
        stopped = await self._stop_over()
        recalled = await self._tell_recalls()
        sending = await list_sending(self._archive.engine, URGENT)
        queued = await self._queue_first(sending)
        finished = 0 if queued else await self._finish(sending)
        await self._measure(sending)
        return stopped + recalled + queued + finished

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.poll_seconds):
                await self._wake.wait()

    async def _stop_over(self) -> int:
        stopped = 0
        for notice_id in await list_over(self._archive.engine, self._now() - _LOOK_BACK):
            stopped += await self._write(stop_open, notice_id, STOPPED)
        return stopped

    async def _tell_recalls(self) -> int:
        told = 0
        for notice in await list_unrecalled(self._archive.engine, self._now() - _LOOK_BACK):
            told += await self._queue(queue_recall, notice, partial(self._words.recall, notice))
        return told

    async def _queue_first(self, sending: Sequence[Notice]) -> int:
        """One chunk: urgent kinds come first in `sending`, and one that becomes urgent meanwhile waits for one chunk at most."""
        for notice in sending:
            # A look without a lock: while the lanes are at work most turns find nothing new.
            if not (await count_targets(self._archive.engine, [notice.id])).get(TargetState.WAITING):
                continue
            pictures = await self._choose_pictures(notice)
            to_group = partial(self._words.group, notice, pictures=pictures)
            to_resident = partial(self._words.resident, notice, pictures=pictures)
            queued = await self._queue(queue_groups, notice, to_group)
            queued = queued or await self._queue(queue_residents, notice, to_resident)
            if queued:
                return queued
        return 0

    async def _choose_pictures(self, notice: Notice) -> Pictures:
        ids = await list_pictures(self._archive.engine, notice.id)
        return self._words.choose_pictures(notice, tuple(ids)) if ids else Pictures()

    async def _queue(self, work: Callable[[Connection, Chunk], int], notice: Notice, render: Render) -> int:
        limit = self._settings.mass_people if work is queue_residents else self._settings.chunk
        ids = await self._archive.numbers.take(limit + 1)
        chunk = Chunk(notice, limit, ids.start, ids.stop - 1, render, self._now(), self._month())
        if self._settings.mass and self._door.can_mass:
            most = MASS_PER_MONTH if notice.kind in URGENT else self._settings.mass_ordinary
            chunk = replace(chunk, most_mass=most)
        queued: int = await self._write(work, replace(chunk, has_template=self._door.has_template))
        if queued:
            self._archive.committer.written.set()
        return queued

    async def _write(self, work: Callable[..., int], *args: Any) -> int:
        async with writing(self._archive.engine) as connection:
            return await connection.run_sync(work, *args)

    async def _finish(self, sending: Sequence[Notice]) -> int:
        finished = 0
        for notice in sending:
            counts = await count_targets(self._archive.engine, [notice.id])
            if not (counts.get(TargetState.WAITING) or counts.get(TargetState.QUEUED)):
                finished += await self._finish_one(notice, counts)
        return finished

    async def _finish_one(self, notice: Notice, counts: dict[TargetState, int]) -> int:
        """SENT, and its maker hears what became of it: once, since the move is guarded by the notice's version."""
        desk = self._hall.desk()
        ids = iter(await self._archive.numbers.take(_IDS))
        moved = finish_sending(desk, notice, ids, **{state.value: number for state, number in counts.items()})
        if isinstance(moved, Refusal):
            return 0
        plan = moved[1]
        missed = {
            state: await list_reasons(self._archive.engine, notice.id, state, _MOST_REASONS)
            for state in (TargetState.FAILED, TargetState.LEFT)
        }
        plan.outbox += report_ends(desk, notice, counts, missed)
        await self._archive.committer.commit(plan)
        return 1

    async def _measure(self, sending: Sequence[Notice]) -> None:
        counts = await count_targets(self._archive.engine, [notice.id for notice in sending]) if sending else {}
        for state in TargetState:
            self._gauge.labels(state.value).set(counts.get(state, 0))

    def _now(self) -> datetime:
        return self._hall.desk().now

    def _month(self) -> date:
        return self._now().astimezone(_PLATFORM_ZONE).date().replace(day=1)
