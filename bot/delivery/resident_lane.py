"""Residents: few messages, so what is due together goes together; past the reply window only templates, or it waits until they write."""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.delivery.chat_lane import NO_CHANNEL, UNREADABLE
from bot.delivery.directory import VIA_ACCOUNT
from bot.delivery.merge import count_parts, count_together, merge
from bot.delivery.recorder import WindowUse
from bot.delivery.residents import Residents
from bot.delivery.tools import LaneTools, note_missing
from bot.delivery.verdict import GiveUp, Park, Retry
from bot.delivery.waiting import Waiting, name_of
from bot.delivery.window import count_free, count_left
from bot.ports import Address, Refused, ResidentTransport, Sent
from bot.refusals import Told, Wire
from grid.message import Message, Template

WINDOW_CLOSED = "回复窗口已关闭或条数已用完，等居民下次来信"
# wechat.md §2.7: the window is closed or used up; the account may not send such messages at all (unverified accounts).
_CLOSED_CODES = frozenset({45015, 45047})
_NO_RIGHT = 48001
# He unfollowed (43004, 50005).
_LEFT_CODES = frozenset({43004, 50005})


@dataclass(frozen=True, slots=True)
class _Batch:
    """What goes out as one, the room that the window has for it, and the window it was read from."""

    address: Address
    messages: Sequence[Waiting]
    merged: Message
    room: int
    opened_at: datetime | None

    @property
    def key(self) -> str:
        """Names all that is in it: a transport that remembers how far it came under a key must not take another batch for this one."""
        return "outbox:" + "+".join(str(message.id) for message in self.messages)


class ResidentLane:
    """Delivers to `oa:`. `templates` are the names of the configured templates; without a transport the door is closed."""

    def __init__(
        self, tools: LaneTools, residents: Residents, transport: ResidentTransport | None, templates: Container[str]
    ) -> None:
        self._tools, self._residents, self._transport, self._templates = tools, residents, transport, templates

    async def deliver(self, due: Sequence[Waiting], may_go_on: Callable[[], bool]) -> None:
        """Send what is due, in order, in as few messages as it takes."""
        if self._transport is None:
            await self._tools.record_verdict(due, GiveUp(NO_CHANNEL))
            return
        left = await self._tools.keep_standing(due)
        while left and may_go_on():
            batch = await self._take_batch(left)
            if batch and not await self._deliver_batch(self._transport, batch, may_go_on):
                return

    async def _take_batch(self, left: list[Waiting]) -> _Batch | None:
        """The next messages that fit into one, taken from `left`."""
        readable = []
        for waiting in left:
            if waiting.message is None:
                break
            readable.append(waiting.message)
        if not readable:
            await self._tools.record_verdict([left.pop(0)], GiveUp(UNREADABLE))
            return None
        count = count_together(readable)
        messages, left[:] = left[:count], left[count:]
        return await self._make_batch(messages, merge(readable[:count]))

    async def _make_batch(self, messages: Sequence[Waiting], merged: Message) -> _Batch:
        target = messages[0].target
        resident = await self._residents.find(name_of(target))
        room = count_free(count_left(resident, self._tools.clock()), may_use_last=merged.reserve)
        address = Address(target, name_of(target), via=VIA_ACCOUNT)
        return _Batch(address, messages, merged, room, resident.window_opened_at if resident else None)

    async def _deliver_batch(self, transport: ResidentTransport, batch: _Batch, may_go_on: Callable[[], bool]) -> bool:
        """Whether what is behind may go on."""
        if batch.room < count_parts(batch.merged.text):
            return await self._deliver_past_window(transport, batch, None, may_go_on)
        return await self._deliver_in_window(transport, batch, may_go_on)

    async def _deliver_in_window(
        self, transport: ResidentTransport, batch: _Batch, may_go_on: Callable[[], bool]
    ) -> bool:
        parts, openid = count_parts(batch.merged.text), batch.address.chat
        pictures = await self._tools.load_pictures(batch.merged.pictures[: batch.room - parts], batch.address)
        sending = transport.send(batch.address, batch.merged, pictures, batch.key)
        result = await self._tools.attempt(sending, Wire.OFFICIAL_ACCOUNT)
        if isinstance(result, Sent):
            note = note_missing(len(batch.merged.pictures), len(pictures))
            use = WindowUse(openid, batch.opened_at, parts + len(pictures))
            await self._tools.record_sent(batch.messages, result, note, use)
            return True
        if isinstance(result, Refused) and result.errcode in _CLOSED_CODES:
            return await self._deliver_past_window(transport, batch, WindowUse(openid, batch.opened_at), may_go_on)
        return await self._settle(transport, batch, result, may_go_on)

    async def _settle(
        self, transport: ResidentTransport, batch: _Batch, failure: Exception, may_go_on: Callable[[], bool]
    ) -> bool:
        verdict = self._tools.judge.judge(failure, Wire.OFFICIAL_ACCOUNT, batch.messages[0], self._tools.clock())
        if isinstance(verdict, GiveUp) and verdict.is_content and len(batch.messages) > 1:
            # One of them is what the platform does not take: the others must not die with it.
            return await self._deliver_apart(transport, batch, may_go_on)
        if isinstance(failure, Refused) and failure.errcode == _NO_RIGHT:
            verdict = Park(verdict.reason, Told.NOBODY)
        await self._tools.record_verdict(batch.messages, verdict, _left(failure, batch))
        return not isinstance(verdict, Retry)

    async def _deliver_apart(self, transport: ResidentTransport, batch: _Batch, may_go_on: Callable[[], bool]) -> bool:
        for waiting in batch.messages:
            assert waiting.message is not None
            alone = await self._make_batch([waiting], merge([waiting.message]))
            if not may_go_on() or not await self._deliver_batch(transport, alone, may_go_on):
                return False
        return True

    async def _deliver_past_window(
        self, transport: ResidentTransport, batch: _Batch, use: WindowUse | None, may_go_on: Callable[[], bool]
    ) -> bool:
        for waiting in batch.messages:
            template = waiting.message.template if waiting.message else None
            if template is None or template.name not in self._templates:
                await self._tools.record_verdict([waiting], Park(WINDOW_CLOSED), use)
            elif not may_go_on() or not await self._send_template(transport, batch, waiting, template, use):
                return False
            use = None
        return True

    async def _send_template(
        self, transport: ResidentTransport, batch: _Batch, waiting: Waiting, template: Template, use: WindowUse | None
    ) -> bool:
        sending = transport.send_template(batch.address, template, waiting.key)
        result = await self._tools.attempt(sending, Wire.OFFICIAL_ACCOUNT)
        if isinstance(result, Sent):
            await self._tools.record_sent([waiting], result, use=use)
            return True
        verdict = self._tools.judge.judge(result, Wire.OFFICIAL_ACCOUNT, waiting, self._tools.clock())
        if isinstance(result, Refused) and result.errcode == _NO_RIGHT:
            verdict = Park(verdict.reason, verdict.told)
        await self._tools.record_verdict([waiting], verdict, _left(result, batch) or use)
        return not isinstance(verdict, Retry)


def _left(failure: Exception, batch: _Batch) -> WindowUse | None:
    """He does not follow the account any more: the archive should know."""
    if isinstance(failure, Refused) and failure.errcode in _LEFT_CODES:
        return WindowUse(batch.address.chat, batch.opened_at, left_channel=True)
    return None
