"""Reading the outbox: what waits for which target, and what was sent lately."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.delivery.merge import count_parts
from bot.delivery.notices import find_ref
from bot.delivery.order import list_due
from bot.delivery.waiting import Waiting
from grid.message import Message, parse_body
from storage.columns import MessageState
from storage.tables import Case, Outbox, Target

log = logging.getLogger(__name__)

_OUTBOX: Any = Outbox.__table__  # type: ignore[attr-defined]  # SQLModel adds it
_TARGET: Any = Target.__table__  # type: ignore[attr-defined]  # SQLModel adds it
_CASE: Any = Case.__table__  # type: ignore[attr-defined]  # SQLModel adds it
_O, _T = _OUTBOX.c, _TARGET.c
_COLUMNS = (_O.id, _O.target, _O.kind, _O.case_id, _O.body, _O.created_at, _O.due_at, _O.tries, _O.refusal)
# How far back a target's own numbers are searched for recent sends: more than any channel takes in an hour.
_RECENT_NUMBERS = 1000
# About what a chat takes in half a minute: a long queue must not be read whole for each message that leaves it.
_MOST_AT_ONCE = 12


class OutboxReader:
    """Plain reads; nothing is locked, since the caller holds the targets."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def read_due(self, targets: Sequence[str], now: datetime) -> dict[str, list[Waiting]]:
        """What may go now for each target, in order; of a long queue the first part, since a channel takes so many in a minute."""
        # What is meant for later is passed over, but what waits for another try holds back the rest.
        counts = or_(_O.due_at <= now, _O.refusal != "")
        place = func.row_number().over(partition_by=_O.target, order_by=_O.seq).label("place")
        queue = select(_O.id, place).where(_O.target.in_(targets), _O.state == MessageState.QUEUED, counts).subquery()
        query = select(*_COLUMNS).join(queue, queue.c.id == _O.id).where(queue.c.place <= _MOST_AT_ONCE)
        queues: dict[str, list[Waiting]] = defaultdict(list)
        async with self._engine.connect() as connection:
            for row in await connection.execute(query.order_by(_O.target, _O.seq)):
                queues[row.target].append(_make_waiting(row))
        return {target: list_due(queues[target], now) for target in targets}

    async def list_recent(self, targets: Sequence[str], since: datetime) -> dict[str, list[datetime]]:
        """When something was sent to each target since then; a message counts as often as the platform counted its parts."""
        query = select(_O.target, _O.sent_at, _O.body).join(_TARGET, _T.key == _O.target)
        query = query.where(
            _O.target.in_(targets),
            _O.state == MessageState.SENT,
            _O.seq > _T.last_seq - _RECENT_NUMBERS,
            _O.sent_at > since,
        )
        recent: dict[str, list[datetime]] = defaultdict(list)
        async with self._engine.connect() as connection:
            for target, sent_at, body in await connection.execute(query):
                recent[target] += [sent_at] * _count_posts(body)
        return recent

    async def find_numbers(self, case_ids: Iterable[int]) -> dict[int, str]:
        """The numbers that people know cases by."""
        query = select(_CASE.c.id, _CASE.c.number).where(_CASE.c.id.in_(list(case_ids)))
        async with self._engine.connect() as connection:
            return {row[0]: row[1] for row in await connection.execute(query)}

    async def read_parked(self, target: str) -> list[Waiting]:
        """A target's parked messages, in order."""
        query = select(*_COLUMNS).where(_O.target == target, _O.state == MessageState.PARKED).order_by(_O.seq)
        async with self._engine.connect() as connection:
            return [_make_waiting(row) for row in await connection.execute(query)]


def _count_posts(body: Any) -> int:
    """Text in parts and each picture; a card besides counts too, whatever the channel: rather one too many."""
    if not isinstance(body, dict):
        return 1
    pictures, text = body.get("pictures"), body.get("text")
    parts = count_parts(text) if isinstance(text, str) else 1
    return parts + (len(pictures) if isinstance(pictures, list) else 0) + (1 if body.get("card") else 0)


def _make_waiting(row: Any) -> Waiting:
    return Waiting(
        row.id,
        row.target,
        row.kind,
        row.case_id,
        _read_message(row.id, row.body),
        row.created_at,
        row.due_at,
        row.tries,
        row.refusal,
        find_ref(row.body),
    )


def _read_message(row_id: int, body: Any) -> Message | None:
    try:
        return parse_body(body)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        # One that nobody can read must not stop those behind it; it becomes a dead letter.
        log.error("outbox %d has no readable body: %s", row_id, type(error).__name__)
        return None
