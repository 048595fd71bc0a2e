"""Messages that wait until somebody writes: taken up again by the plan that handles what he wrote."""

from datetime import datetime

from bot.delivery.outbox import OutboxReader
from storage.archive import Archive
from storage.columns import MessageState
from storage.plan import Change, Plan
from storage.tables import Outbox, Target


def target_of_resident(openid: str) -> str:
    """The outbox target of a resident."""
    return f"oa:{openid}"


async def count_parked(archive: Archive, target: str) -> int:
    """How many messages wait for this target to write."""
    return len(await OutboxReader(archive.engine).find_parked(target))


async def requeue_parked(archive: Archive, target: str, now: datetime) -> Plan:
    """What puts them back into the queue, oldest first, to be merged into the plan that answers; an empty plan when none wait.

    `target` is `oa:OPENID` when a resident writes (his reply window is open again), `group:ID` when somebody speaks to the bot there.
    """
    ids = await OutboxReader(archive.engine).find_parked(target)
    values = {"state": MessageState.QUEUED, "due_at": now, "tries": 0, "refusal": ""}
    changes = [Change(Outbox, row_id, None, values) for row_id in ids]
    if changes:
        # The target must be looked at again; a release that runs now waits for this row or is overwritten by it.
        changes.append(Change(Target, target, None, {"due_at": now}))
    return Plan(changes=changes)
