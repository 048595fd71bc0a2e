"""The way of an update: repeats dropped → who speaks → what is said → written together → answered.

A repeat that comes while the first still runs awaits the same future; one that comes later (also after a restart, also in another
process) meets the stored reply, because the inbound key is unique in the archive and is written in the same transaction as all
that the update brought about.
"""

import asyncio
import logging
import secrets
from collections import OrderedDict, defaultdict
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

from bot.cityhall import CityHall
from bot.deciding import Decider
from bot.faults import describe_fault
from bot.workgroup.sink import Reply as ChatReply
from grid.actions.steps import say
from grid.message import Message
from handlers.reply import Reply, Said, parse_reply, render_reply
from handlers.stored import render_update
from handlers.update import Door, Update
from storage.archive import Archive
from storage.columns import InboundState
from storage.committer import NotUnique, StorageFailed
from storage.plan import Committed, Plan, Repeated
from storage.queries import Books
from storage.rows import fresh
from storage.tables import Inbound, Setting

log = logging.getLogger(__name__)

_DECISIONS = 6
_REMEMBERED_REPLIES = 4096

TRY_AGAIN = "抱歉，系统刚才没能记下您的消息，请稍后再发一次。如遇危险请直接拨打110、119或120。"
CALM = "抱歉，这条消息没能自动办理，已转给值班人员查看（编号{trace}）。如遇危险请直接拨打110、119或120。"


@dataclass(slots=True)
class Running:
    """An update on its way. `kept_id`: it is in the archive already; `is_late`: nobody waits for the reply any more."""

    update: Update
    task: asyncio.Task[Reply]
    kept_id: int | None = None
    is_late: bool = False


class Dispatcher:
    """Feeds updates to handlers, one at a time per person, and writes what they decide."""

    def __init__(self, archive: Archive, books: Books, hall: CityHall) -> None:
        self._archive, self._hall = archive, hall
        self._decider = Decider(archive, books, hall)
        self._running: dict[str, Running] = {}
        self._replies: OrderedDict[str, Reply] = OrderedDict()
        # A lock lives as long as somebody holds it or waits for it.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._later: set[asyncio.Task[None]] = set()
        self.counts: dict[tuple[str, str], int] = defaultdict(int)

    def begin(self, update: Update, kept_id: int | None = None) -> Running:
        """Start on an update, or join the run that is already on it."""
        running = self._running.get(update.key)
        if running is None:
            running = Running(update, asyncio.create_task(self._run(update), name="update"), kept_id)
            self._running[update.key] = running
            running.task.add_done_callback(lambda _: self._running.pop(update.key, None))
        return running

    def find_reply(self, key: str) -> Reply | None:
        """What was answered to this key a moment ago."""
        return self._replies.get(key)

    async def feed_chat(self, update: Update) -> ChatReply | None:
        """`UpdateSink.feed` of the work-group wire."""
        reply = self._replies.get(update.key)
        try:
            if reply is None:
                reply = await asyncio.shield(self.begin(update).task)
        except StorageFailed:
            reply = Reply("抱歉，系统刚才没能记下这条消息，请稍后再发一次。")
        if not reply.text and reply.card is None:
            return None
        message = Message("reply", reply.text) if reply.text else None
        return ChatReply(message=message, updated_card=reply.card)

    def answer_later(self, update: Update, reply: ChatReply) -> None:
        """A group's answer that the wire did not carry goes by the outbox."""
        task = asyncio.create_task(self._answer_by_outbox(update, reply), name="answer later")
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def _answer_by_outbox(self, update: Update, reply: ChatReply) -> None:
        group = self._hall.city.by_chat.get(update.chat or "")
        target = f"group:{group.id}" if group else f"worker:{update.person}"
        if reply.message is not None and (group or update.chat is None):
            plan = Plan(outbox=[say(target, reply.message, None, self._hall.desk().now)])
            await self._archive.committer.commit(plan)

    async def keep(self, running: Running) -> bool:
        """Make sure that a slow update is in the archive before anybody says `success`; whether it is."""
        if running.kept_id is not None or running.task.done():
            return True
        row_id = await self._archive.numbers.take_id()
        outcome = await self._archive.committer.commit(Plan(inbound=self._pending_row(running.update, row_id)))
        if isinstance(outcome, Committed):
            running.kept_id = row_id
        return True

    def _pending_row(self, update: Update, row_id: int) -> Inbound:
        return self._inbound(update, row_id, InboundState.PENDING, "", None, None)

    async def _run(self, update: Update) -> Reply:
        began = asyncio.get_running_loop().time()
        outcome = "failed"
        lock = self._locks.setdefault(f"{update.door}:{update.person}", asyncio.Lock())
        try:
            async with lock:
                reply, outcome = await self._decide_and_write(update)
        except StorageFailed:
            outcome = "not_stored"
            raise
        finally:
            took_ms = (asyncio.get_running_loop().time() - began) * 1000
            self.counts[update.door.value, outcome] += 1
            log.info("update door=%s kind=%s outcome=%s ms=%.1f", update.door, update.kind, outcome, took_ms)
        self._replies[update.key] = reply
        if len(self._replies) > _REMEMBERED_REPLIES:
            self._replies.popitem(last=False)
        return reply

    async def _decide_and_write(self, update: Update) -> tuple[Reply, str]:
        for _ in range(_DECISIONS):
            try:
                said = await self._decider.decide(update)
            except StorageFailed:
                raise
            except Exception as fault:
                return await self._own_up(update, describe_fault(fault))
            was_late = self._tell_late(update, said)
            try:
                outcome = await self._archive.committer.commit(
                    await self._with_inbound(update, said, InboundState.DONE)
                )
            except NotUnique:
                # Another process wrote the same person or number first: decide again on what is there now.
                continue
            if isinstance(outcome, Committed):
                await self._after(update, said, was_late)
                return said.reply, said.outcome
            if isinstance(outcome, Repeated) and not self._is_own_row(update, said):
                return parse_reply(outcome.reply), "repeated"
        return await self._own_up(update, f"{_DECISIONS} decisions in vain")

    def _is_own_row(self, update: Update, said: Said) -> bool:
        # The update was kept under another row id while it was being decided: it is not a repeat, only decided too early.
        running = self._running.get(update.key)
        kept_id = running.kept_id if running is not None else None
        return kept_id is not None and said.plan.inbound is not None and said.plan.inbound.id != kept_id

    async def _after(self, update: Update, said: Said, was_late: bool) -> None:
        running = self._running.get(update.key)
        if running is not None and running.is_late and not was_late and said.reply.text:
            await self._archive.committer.commit(Plan(outbox=self._late(update, said.reply)))
        if any(change.table is Setting for change in said.plan.changes):
            await self._hall.follow()

    def _tell_late(self, update: Update, said: Said) -> bool:
        """Whether nobody waits for the reply any more; then it goes with the plan."""
        running = self._running.get(update.key)
        is_late = running is not None and running.is_late
        if is_late:
            said.plan.outbox += self._late(update, said.reply)
        return is_late

    def _late(self, update: Update, reply: Reply) -> list[Any]:
        if not reply.text or update.door is not Door.OFFICIAL_ACCOUNT:
            return []
        return [say(f"oa:{update.person}", Message("late_reply", reply.text), None, self._hall.desk().now)]

    async def _with_inbound(self, update: Update, said: Said, state: InboundState, trace: str = "") -> Plan:
        running = self._running.get(update.key)
        row_id = running.kept_id if running is not None else None
        row_id = row_id or await self._archive.numbers.take_id()
        said.plan.inbound = self._inbound(update, row_id, state, said.outcome, said.case_id, said.reply, trace)
        return said.plan

    def _inbound(
        self,
        update: Update,
        row_id: int,
        state: InboundState,
        outcome: str,
        case_id: int | None,
        reply: Reply | None,
        trace: str = "",
    ) -> Inbound:
        return fresh(
            Inbound,
            id=row_id,
            key=update.key,
            door=update.door.value,
            kind=update.kind.value,
            person=update.person,
            received_at=self._hall.desk().now,
            body=render_update(update),
            state=state,
            outcome=outcome,
            case_id=case_id,
            reply=render_reply(reply) if reply else None,
            trace=trace,
        )

    async def _own_up(self, update: Update, fault: str) -> tuple[Reply, str]:
        """A fault of ours: the message is kept, the duty group hears of it, the person gets a calm sentence and a trace number."""
        trace = secrets.token_hex(3)
        log.error("update failed trace=%s door=%s kind=%s: %s", trace, update.door, update.kind, fault)
        desk = self._hall.desk()
        said = Said(Reply(CALM.format(trace=trace)), "failed")
        duty = desk.city.find_duty_group()
        if duty is not None:
            where = "居民" if update.door is Door.OFFICIAL_ACCOUNT else "工作群"
            text = f"有一条{where}消息没能自动办理（编号{trace}），原文已留存，请联系运维人员查看。"
            said.plan.outbox.append(say(f"group:{duty.id}", Message("failure", text, urgent=True), None, desk.now))
        was_late = self._tell_late(update, said)
        outcome = await self._archive.committer.commit(
            await self._with_inbound(update, said, InboundState.FAILED, trace)
        )
        if isinstance(outcome, Repeated):
            return parse_reply(outcome.reply), "repeated"
        await self._after(update, said, was_late)
        return said.reply, "failed"
