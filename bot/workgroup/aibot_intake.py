"""From a frame to the sink and back to the chat: each chat in order, different chats side by side, nothing without an answer."""

import logging
from collections.abc import Callable
from datetime import datetime

from bot.ports import BadAnswer, WireFailure
from bot.workgroup.aibot_parse import parse_update
from bot.workgroup.aibot_transport import CLICK, AibotTransport
from bot.workgroup.frames import Frame
from bot.workgroup.lanes import Lanes
from bot.workgroup.sink import Reply, UpdateSink
from grid.message import Message
from handlers.update import Update

log = logging.getLogger(__name__)

BUSY = Reply(Message("busy", "现在消息太多，这一条没有收下，请过一两分钟再发一次。"))
FAILED = Reply(Message("failed", "这一条没有处理成功，请过一会儿再发一次；急事请直接打值班电话。"))
# Apologies for a flood must not become a second flood.
MAX_APOLOGIES = 200

Unanswered = Callable[[Update, Reply], None]


class AibotIntake:
    """`take` is the connection's `on_frame`.

    `on_unanswered` hears of replies that the wire did not carry, so that they can go by the outbox.
    """

    def __init__(
        self,
        sink: UpdateSink,
        transport: AibotTransport,
        *,
        bot_id: str,
        bot_name: str,
        now: Callable[[], datetime],
        lanes: Lanes | None = None,
        on_unanswered: Unanswered | None = None,
    ) -> None:
        self._sink, self._transport = sink, transport
        self._bot_id, self._bot_name, self._now = bot_id, bot_name, now
        self.lanes = lanes or Lanes()
        self._apologies = Lanes(width=4, capacity=MAX_APOLOGIES)
        self._on_unanswered = on_unanswered

    def take(self, frame: Frame) -> None:
        """Put one callback into its chat's lane; never waits, never raises for what came in."""
        try:
            update = parse_update(frame, bot_id=self._bot_id, bot_name=self._bot_name, received_at=self._now())
        except BadAnswer as fault:
            log.warning("aibot callback skipped: %s", fault)
            return
        lane = update.chat or update.person
        if not self.lanes.offer(lane, lambda: self._handle(update)):
            log.error("aibot update not taken, too many wait: kind=%s", update.kind)
            self._apologies.offer(lane, lambda: self._give(update, BUSY))

    async def drain(self) -> None:
        """Wait until everything that was taken is answered."""
        await self.lanes.drain()
        await self._apologies.drain()

    async def close(self) -> None:
        """Stop at once; what was not finished is logged (the platform does not send it again)."""
        left = await self.lanes.close() + await self._apologies.close()
        if left:
            log.error("aibot updates left unfinished: %d", left)

    async def _handle(self, update: Update) -> None:
        try:
            reply = await self._sink.feed(update)
        except Exception as error:
            # The sink has its own apology with a trace number; this is for when even that failed.
            log.error("aibot sink failed: %s", type(error).__name__)
            reply = FAILED if _wants_answer(update) else None
        if reply is not None:
            await self._give(update, reply)

    async def _give(self, update: Update, reply: Reply) -> None:
        try:
            await self._transport.reply(update, reply)
        except WireFailure as fault:
            log.warning("aibot reply not delivered: kind=%s %s", update.kind, fault)
            if self._on_unanswered is not None:
                self._on_unanswered(update, reply)


def _wants_answer(update: Update) -> bool:
    return update.event is None or update.event.name == CLICK
