"""What every lane of delivery works with: one try on the wire, and writing down how it went."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot.clock import Clock
from bot.delivery.letters import Letters
from bot.delivery.metrics import DeliveryMetrics
from bot.delivery.notices import NoticeGuard
from bot.delivery.recorder import Recorder, WindowUse
from bot.delivery.results import plan_dead, plan_parked, plan_retry, plan_sent, plan_stopped
from bot.delivery.verdict import GiveUp, Judge, Park, Retry, Verdict
from bot.delivery.waiting import Waiting
from bot.ports import Address, Attachment, Refused, Sent, Unreachable, WireFailure
from bot.refusals import Wire

log = logging.getLogger(__name__)

# A transport has its own, shorter patience; this one only keeps a lane from hanging for ever.
SEND_SECONDS = 120.0
LoadPicture = Callable[[int], Awaitable[Attachment]]
DressPicture = Callable[[int, Address], Awaitable[Attachment | None]]
"""A notice's picture as this receiver may have it; None for what is no notice's picture. Raises `LookupError`, `OSError`."""


@dataclass(frozen=True, slots=True)
class LaneTools:
    """Shared by all lanes of one process."""

    clock: Clock
    judge: Judge
    letters: Letters
    recorder: Recorder
    metrics: DeliveryMetrics
    load_picture: LoadPicture
    guard: NoticeGuard
    dress_picture: DressPicture | None = None

    async def attempt(self, send: Awaitable[Sent], wire: Wire) -> Sent | Exception:
        """One try; a failure is a value. A transport's own mistake is one too: it must not stop the lane."""
        try:
            async with asyncio.timeout(SEND_SECONDS):
                return await send
        except TimeoutError:
            failure: Exception = Unreachable("no end in sight")
        except Exception as error:
            failure = error
        if not isinstance(failure, WireFailure):
            log.error("transport %s raised %s", wire, type(failure).__name__)
        why = str(failure.errcode) if isinstance(failure, Refused) else type(failure).__name__
        self.metrics.refused.labels(wire, why).inc()
        return failure

    async def load_pictures(self, ids: Sequence[int], address: Address) -> tuple[Attachment, ...]:
        """The pictures that can be had; the text works without them."""
        loaded = []
        for media_id in ids:
            try:
                loaded.append(await self._load_picture(media_id, address))
            except (LookupError, OSError) as error:
                log.warning("picture %d not attached: %s", media_id, type(error).__name__)
        return tuple(loaded)

    async def _load_picture(self, media_id: int, address: Address) -> Attachment:
        dressed = await self.dress_picture(media_id, address) if self.dress_picture else None
        return dressed or await self.load_picture(media_id)

    async def keep_standing(self, messages: Sequence[Waiting]) -> list[Waiting]:
        """Those whose notice still stands; the others are written down as stopped. To be asked right before sending."""
        stopped = [one for one in messages if one.notice is not None and not await self.guard.stands(one.notice)]
        if stopped:
            await self.recorder.write(plan_stopped(stopped))
        return [one for one in messages if one not in stopped]

    async def record_sent(
        self, messages: Sequence[Waiting], sent: Sent, note: str = "", use: WindowUse | None = None
    ) -> None:
        """They were taken."""
        now = self.clock()
        await self.recorder.write(plan_sent(messages, sent.via, now, note, sent.platform_id), use)
        self.metrics.sent.labels(sent.via).inc(len(messages))
        for message in messages:
            self.metrics.waited.observe(max(0.0, (now - message.due_at).total_seconds()))

    async def record_verdict(self, messages: Sequence[Waiting], verdict: Verdict, use: WindowUse | None = None) -> None:
        """They were not taken: what happens next, and the letter to the duty group where one is due, in one plan."""
        match verdict:
            case Retry():
                plan = plan_retry(messages, verdict)
            case Park():
                plan = plan_parked(messages, verdict.reason)
                self.metrics.parked.inc(len(messages))
            case GiveUp():
                plan = plan_dead(messages, verdict.reason, is_gone=verdict.is_gone)
                self.metrics.dead.inc(len(messages))
        plan.outbox += await self.letters.draft(messages, verdict, self.clock())
        await self.recorder.write(plan, use)


def note_missing(wanted: int, attached: int) -> str:
    """What the outbox row says about pictures that were left out; empty when all went along."""
    return f"有 {wanted - attached} 张图片未附上" if attached < wanted else ""
