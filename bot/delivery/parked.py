"""Messages that wait until somebody writes: taken up again by the plan that handles what he wrote."""

from dataclasses import dataclass
from datetime import datetime

from bot.delivery.merge import count_together
from bot.delivery.outbox import OutboxReader
from bot.delivery.results import plan_sent
from bot.delivery.waiting import Waiting
from grid.message import Message
from storage.archive import Archive
from storage.columns import MessageState
from storage.plan import Change, Plan
from storage.tables import Outbox, Target

PASSIVE = "passive"


@dataclass(frozen=True, slots=True)
class TakenUp:
    """What a passive reply can say for parked messages, and the plan that must be committed together with that reply."""

    messages: tuple[Message, ...]
    plan: Plan


def target_of_resident(openid: str) -> str:
    """The outbox target of a resident."""
    return f"oa:{openid}"


async def count_parked(archive: Archive, target: str) -> int:
    """How many messages wait for this target to write."""
    return len(await OutboxReader(archive.engine).read_parked(target))


async def requeue_parked(archive: Archive, target: str, now: datetime) -> Plan:
    """What puts them back into the queue, oldest first, to be merged into the plan that answers; an empty plan when none wait.

    `target` is `oa:OPENID` when a resident writes (his reply window is open again), `group:ID` when somebody speaks to the bot there.
    """
    return _plan_requeue(await OutboxReader(archive.engine).read_parked(target), target, now)


async def take_parked(archive: Archive, target: str, now: datetime, room_bytes: int) -> TakenUp:
    """Parked messages for the passive reply, which costs nothing of the window and is open to every account.

    As many texts as fit into `room_bytes` (UTF-8, blank lines between), oldest first; what does not fit or needs pictures or
    something to tap is put back into the queue.
    """
    parked = await OutboxReader(archive.engine).read_parked(target)
    said: list[Waiting] = []
    texts: list[Message] = []
    for waiting in parked:
        message = waiting.message
        if message is None or message.pictures or message.choices:
            break
        if not _fits([*texts, message], room_bytes):
            break
        said.append(waiting)
        texts.append(message)
    plan = plan_sent(said, PASSIVE, now) if said else Plan()
    return TakenUp(tuple(texts), plan.merge(_plan_requeue(parked[len(said) :], target, now)))


def _fits(messages: list[Message], room_bytes: int) -> bool:
    size = sum(len(message.text.encode()) + 2 for message in messages)
    return size <= room_bytes and count_together(messages) == len(messages)


def _plan_requeue(parked: list[Waiting], target: str, now: datetime) -> Plan:
    values = {"state": MessageState.QUEUED, "due_at": now, "tries": 0, "refusal": ""}
    changes = [Change(Outbox, waiting.id, None, values) for waiting in parked]
    if changes:
        # The target must be looked at again; a release that runs now waits for this row or is overwritten by it.
        changes.append(Change(Target, target, None, {"due_at": now}))
    return Plan(changes=changes)
