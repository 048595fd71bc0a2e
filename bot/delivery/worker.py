"""The outbox worker: takes due targets, serves many of them side by side, each in order, and lets go of them."""

import asyncio
import heapq
import logging
import random
import secrets
from collections.abc import Awaitable, Callable, Container, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count

from prometheus_client import CollectorRegistry

from bot.clock import Clock
from bot.delivery.buckets import Buckets, Pace
from bot.delivery.chat_lane import ChatLane, bucket_name
from bot.delivery.directory import VIA_AIBOT, VIA_WEBHOOK, Directory
from bot.delivery.holds import GATHER_SECONDS, Holds
from bot.delivery.letters import Letters
from bot.delivery.metrics import DeliveryMetrics
from bot.delivery.notices import NoticeGuard
from bot.delivery.outbox import OutboxReader
from bot.delivery.recorder import NotRecorded, Recorder
from bot.delivery.resident_lane import ResidentLane
from bot.delivery.residents import Residents
from bot.delivery.targets import Targets
from bot.delivery.tools import DressPicture, LaneTools, LoadPicture
from bot.delivery.verdict import Judge
from bot.delivery.waiting import Waiting, prefix_of
from bot.ports import Address, ResidentTransport, Transport
from bot.settings import DeliverySettings
from storage.archive import Archive

log = logging.getLogger(__name__)

_RESIDENTS = "oa:"
PREFIXES = (_RESIDENTS, "group:", "worker:")
_HOUR = timedelta(hours=1)
# Each result that is written down wakes the worker; it looks for more only so often: a look is half a dozen statements.
_LOOK_SECONDS = 0.1
# A long backlog is searched for urgent messages only so often.
_URGENT_SECONDS = 0.25
_STOCK = 4


def make_buckets(settings: DeliverySettings) -> Buckets:
    """The platforms' limits as configured (wechat.md §3.2, §3.4). The bot's answers into a chat must be noted in them as well."""
    return Buckets(
        {
            VIA_WEBHOOK: (Pace(settings.webhook_per_minute, 60.0),),
            VIA_AIBOT: (Pace(settings.aibot_per_minute, 60.0), Pace(settings.aibot_per_hour, 3600.0)),
        }
    )


class Delivery:
    """One per process. `can_send(prefix)`: whether this process may send to `oa:`, `group:` or `worker:` now."""

    def __init__(
        self,
        archive: Archive,
        directory: Directory,
        *,
        account: ResidentTransport | None,
        chats: Mapping[str, Transport],
        templates: Container[str],
        load_picture: LoadPicture,
        settings: DeliverySettings,
        registry: CollectorRegistry,
        clock: Clock,
        can_send: Callable[[str], bool],
        buckets: Buckets | None = None,
        draw: Callable[[], float] = random.random,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        holder: str | None = None,
        dress_picture: DressPicture | None = None,
    ) -> None:
        """`chats`: transports by `Address.via` (`aibot`, `webhook`); `templates`: names of those configured; `draw`: jitter in [0, 1)."""
        self._archive, self._directory, self._settings = archive, directory, settings
        self._clock, self._can_send = clock, can_send
        self._reader = OutboxReader(archive.engine)
        targets = Targets(archive.engine, holder or secrets.token_hex(8), settings.hold_seconds)
        self._holds = Holds(targets, settings.hold_seconds, clock)
        self.metrics = DeliveryMetrics(registry)
        self._buckets = buckets or make_buckets(settings)
        residents = Residents(archive)
        tools = LaneTools(
            clock=clock,
            judge=Judge(settings, draw),
            letters=Letters(directory, self._reader, self.metrics),
            recorder=Recorder(archive.committer, residents, pause),
            metrics=self.metrics,
            load_picture=load_picture,
            guard=NoticeGuard(archive.engine),
            dress_picture=dress_picture,
        )
        self._resident_lane = ResidentLane(tools, residents, account, templates)
        self._chat_lane = ChatLane(tools, chats, self._buckets)
        self._ready: list[tuple[int, int, str, list[Waiting], Address | None]] = []
        self._order = count()
        self._active: dict[str, asyncio.Task[None]] = {}
        self._looked_at = self._urgent_at = 0.0
        self._wants_look = False
        self._wake = asyncio.Event()
        self._stopping = False

    async def run(self) -> None:
        """Deliver until `stop`. What goes wrong with the archive is logged and tried again."""
        helpers = [asyncio.create_task(self._listen()), asyncio.create_task(self._holds.keep())]
        try:
            while not self._stopping:
                self._wake.clear()
                if not await self._try_turn():
                    await self._rest()
        finally:
            self._stopping = True
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)
            await self._wind_down()

    async def stop(self) -> None:
        """Begin no further message; `run` then ends what is under way (for at most `stop_seconds`) and lets go of its targets."""
        self._stopping = True
        self._wake.set()

    async def deliver_due(self) -> None:
        """Deliver all that is due now, then return: for a single pass, without `run`."""
        while True:
            is_busy = await self._turn(at_once=True)
            if self._active:
                await asyncio.wait(self._active.values(), return_when=asyncio.FIRST_COMPLETED)
            elif not is_busy:
                return

    async def _try_turn(self) -> bool:
        try:
            return await self._turn(at_once=False)
        except Exception as error:
            # The archive is away: messages stay where they are, and so do the holds until they run out.
            log.error("delivery turn failed: %s", type(error).__name__)
            return False

    async def _turn(self, *, at_once: bool) -> bool:
        """Let go, take, begin; whether anything moved, so that another turn may find more."""
        moved = await self._holds.release(at_once=at_once)
        if len(self._ready) < self._settings.at_once and (at_once or self._is_time_to_look()):
            moved += await self._take()
        while self._ready and len(self._active) < self._settings.at_once:
            _, _, target, due, address = heapq.heappop(self._ready)
            self._active[target] = asyncio.create_task(self._serve(target, due, address), name="delivery")
        return moved > 0

    def _is_time_to_look(self) -> bool:
        return asyncio.get_running_loop().time() - self._looked_at >= _LOOK_SECONDS

    def _is_time_for_urgent(self) -> bool:
        now = asyncio.get_running_loop().time()
        if now - self._urgent_at < _URGENT_SECONDS:
            return False
        self._urgent_at = now
        return True

    async def _take(self) -> int:
        self._looked_at, self._wants_look = asyncio.get_running_loop().time(), False
        prefixes = [prefix for prefix in PREFIXES if self._can_send(prefix)]
        now, limit = self._clock(), self._settings.at_once * _STOCK
        keys = await self._holds.take(now, prefixes, limit, urgent_first=self._is_time_for_urgent())
        if not keys:
            return 0
        try:
            queues = await self._reader.read_due(keys, now)
            addresses = await self._find_addresses([key for key in keys if not key.startswith(_RESIDENTS)])
            await self._remember_recent(addresses, now)
        except Exception:
            for key in keys:
                self._holds.finish(key)
            raise
        for key in keys:
            self._stock(key, queues[key], addresses.get(key))
        return len(keys)

    def _stock(self, target: str, due: list[Waiting], address: Address | None) -> None:
        if not due:
            # It was settled meanwhile, or its moment has not come.
            self._holds.finish(target)
            return
        is_urgent = any(waiting.message is not None and waiting.message.urgent for waiting in due)
        heapq.heappush(self._ready, (0 if is_urgent else 1, next(self._order), target, due, address))

    async def _find_addresses(self, targets: list[str]) -> dict[str, Address | None]:
        """All at once: look-ups that are asked together are one query."""
        found = await asyncio.gather(*(self._directory.find(target) for target in targets))
        return dict(zip(targets, found, strict=True))

    async def _remember_recent(self, addresses: Mapping[str, Address | None], now: datetime) -> None:
        """After a restart the platform still counts what went before: new buckets begin with what the archive knows."""
        new = {
            target: address
            for target, address in addresses.items()
            if address is not None and not self._buckets.is_known(address.via, bucket_name(address))
        }
        if not new:
            return
        recent = await self._reader.list_recent(list(new), now - _HOUR)
        for target, address in new.items():
            self._buckets.open(address.via, bucket_name(address), [at.timestamp() for at in recent.get(target, ())])

    async def _serve(self, target: str, due: list[Waiting], address: Address | None) -> None:
        not_before: datetime | None = None
        try:
            if target.startswith(_RESIDENTS):
                await self._resident_lane.deliver(due, lambda: self._may_go_on(target))
            else:
                not_before = await self._chat_lane.deliver(due, address, lambda: self._may_go_on(target))
        except NotRecorded:
            # What was sent is not in the archive: another try soon would say it again.
            log.error("a result of a %s target could not be written", prefix_of(target))
            self._holds.forget(target)
            return
        except Exception as error:
            log.error("serving a %s target failed: %s", prefix_of(target), type(error).__name__)
            not_before = self._clock() + timedelta(seconds=self._settings.first_retry_seconds)
        finally:
            self._active.pop(target, None)
            self._wake.set()
        self._holds.finish(target, not_before)

    def _may_go_on(self, target: str) -> bool:
        return not self._stopping and self._holds.is_ours(target) and self._can_send(prefix_of(target))

    async def _rest(self) -> None:
        is_soon = self._holds.has_finished or self._wants_look
        with suppress(TimeoutError):
            async with asyncio.timeout(GATHER_SECONDS if is_soon else self._settings.poll_seconds):
                await self._wake.wait()

    async def _listen(self) -> None:
        # Delivery is the one reader of this flag.
        written = self._archive.committer.written
        while True:
            await written.wait()
            written.clear()
            self._wants_look = True
            self._wake.set()

    async def _wind_down(self) -> None:
        if self._active:
            await asyncio.wait(self._active.values(), timeout=self._settings.stop_seconds)
        late = list(self._active.values())
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        for _, _, target, _, _ in self._ready:
            self._holds.finish(target)
        self._ready.clear()
        try:
            await self._holds.release(at_once=True)
        except Exception as error:
            log.error("targets not let go of: %s", type(error).__name__)
