"""Work groups and workers: one message after the other, as often as the channel takes them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.delivery.buckets import Bucket, Buckets
from bot.delivery.directory import VIA_AIBOT, VIA_WEBHOOK
from bot.delivery.merge import count_parts
from bot.delivery.tools import LaneTools, note_missing
from bot.delivery.verdict import GiveUp, Retry
from bot.delivery.waiting import Waiting
from bot.ports import Address, Attachment, Sent, Transport
from bot.refusals import Wire
from grid.message import Message

NOT_BOUND = "对方尚未绑定，或没有可用的发送方式"
NO_CHANNEL = "发送通道没有开通"
UNREADABLE = "消息格式有误"


@dataclass(frozen=True, slots=True)
class Halt:
    """The lane ends here; the target is not looked at again before `until` (None: as its queue says)."""

    until: datetime | None = None


class ChatLane:
    """Delivers to `group:` and `worker:`. `may_go_on` is asked before each message whether the target is still ours to serve."""

    def __init__(self, tools: LaneTools, transports: Mapping[str, Transport], buckets: Buckets) -> None:
        self._tools, self._transports, self._buckets = tools, transports, buckets

    async def deliver(
        self, due: Sequence[Waiting], address: Address | None, may_go_on: Callable[[], bool]
    ) -> datetime | None:
        """Send what is due, in order; the moment before which the target need not be looked at again."""
        for waiting in due:
            if not may_go_on():
                return None
            halt = await self._deliver_one(waiting, address)
            if halt is not None:
                return halt.until
        return None

    async def _deliver_one(self, waiting: Waiting, address: Address | None) -> Halt | None:
        transport = self._transports.get(address.via) if address else None
        if waiting.message is None or address is None or transport is None:
            reason = UNREADABLE if waiting.message is None else NO_CHANNEL if address else NOT_BOUND
            await self._tools.record_verdict([waiting], GiveUp(reason))
            return None
        pictures = await self._tools.load_pictures(waiting.message.pictures, address)
        bucket = self._buckets.open(address.via, bucket_name(address))
        cost = count_posts(waiting.message, len(pictures), address.via)
        wait_seconds = bucket.wait_seconds(cost, self._now_seconds())
        if wait_seconds > 0:
            return Halt(self._tools.clock() + timedelta(seconds=wait_seconds))
        if not await self._tools.keep_standing([waiting]):
            return None
        bucket.begin(cost)
        return await self._send(transport, address, waiting, pictures, bucket, cost)

    async def _send(
        self,
        transport: Transport,
        address: Address,
        waiting: Waiting,
        pictures: tuple[Attachment, ...],
        bucket: Bucket,
        cost: int,
    ) -> Halt | None:
        assert waiting.message is not None
        wire = Wire(address.via)
        try:
            sending = transport.send(address, waiting.message, pictures, waiting.key)
            result = await self._tools.attempt(sending, wire)
        finally:
            bucket.end(cost, self._now_seconds())
        if isinstance(result, Sent):
            note = note_missing(len(waiting.message.pictures), len(pictures))
            await self._tools.record_sent([waiting], result, note)
            return None
        verdict = self._tools.judge.judge(result, wire, waiting, self._tools.clock())
        await self._tools.record_verdict([waiting], verdict)
        return Halt() if isinstance(verdict, Retry) else None

    def _now_seconds(self) -> float:
        return self._tools.clock().timestamp()


def bucket_name(address: Address) -> str:
    """What the platform counts by: the robot's key, or the conversation."""
    return address.webhook_key if address.via == VIA_WEBHOOK else address.chat


def count_posts(message: Message, pictures: int, via: str) -> int:
    """How many messages the platform will count: text in parts, each picture, a card beside pictures."""
    if via == VIA_AIBOT:
        # Text and card are two; that a short card may go alone is not counted on.
        return 1 + pictures + (1 if message.card else 0)
    return count_parts(message.text) + pictures
