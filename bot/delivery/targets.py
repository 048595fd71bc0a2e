"""Holding targets: whoever holds one alone sends to it, so that the order per person and group stands with several processes.

Everything that must be one decision is one transaction. Row locks are taken in ascending key order, as the committer takes them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.delivery.order import find_next_due
from storage.columns import MessageState
from storage.tables import Outbox, Target
from storage.writing import writing

_TARGET: Any = Target.__table__  # type: ignore[attr-defined]  # SQLModel adds it
_OUTBOX: Any = Outbox.__table__  # type: ignore[attr-defined]  # SQLModel adds it
_T, _O = _TARGET.c, _OUTBOX.c


@dataclass(frozen=True, slots=True)
class Place:
    """A queued message as far as order goes."""

    due_at: datetime
    refusal: str


class Targets:
    """One process's holds. `holder` is unique to the process; a hold lasts `hold_seconds` and can be renewed."""

    def __init__(self, engine: AsyncEngine, holder: str, hold_seconds: float) -> None:
        self._engine = engine
        self.holder = holder
        self._hold = timedelta(seconds=hold_seconds)

    async def claim(
        self, now: datetime, prefixes: Sequence[str], limit: int, *, urgent_first: bool, busy: Iterable[str] = ()
    ) -> list[str]:
        """Take up to `limit` due targets that nobody holds; with `urgent_first`, those with an urgent message before all others.

        `busy` are those that this process is still about, even if its hold on them has run out.
        """
        if not prefixes:
            return []
        free = _is_free(now, prefixes, busy)
        if not await self._is_any_due(free):
            return []
        async with writing(self._engine) as connection:
            keys = await _pick(connection, limit, *free, _is_urgent(now)) if urgent_first else []
            if len(keys) < limit:
                keys += await _pick(connection, limit - len(keys), *free, _T.key.not_in(keys))
            if not keys:
                return []
            held = {"held_by": self.holder, "held_until": now + self._hold}
            await connection.execute(update(_TARGET).where(_T.key.in_(keys)).values(held))
        return keys

    async def renew(self, keys: Iterable[str], now: datetime) -> list[str]:
        """Hold these for as long again; which of them it was. One that the committer writes to this instant is left for the next time."""
        wanted = sorted(keys)
        if not wanted:
            return []
        ours = and_(_T.key.in_(wanted), _T.held_by == self.holder)
        locked = select(_T.key).where(ours).order_by(_T.key).with_for_update(skip_locked=True)
        async with writing(self._engine) as connection:
            found = (await connection.execute(locked)).scalars().all()
            await connection.execute(update(_TARGET).where(_T.key.in_(found)).values(held_until=now + self._hold))
        return list(found)

    async def release(self, not_before: Mapping[str, datetime | None]) -> None:
        """Let go of these targets; each is due again when its queue says so, but not before its moment, if it has one.

        The lock comes first and the queue is read in a second statement: with READ COMMITTED a single statement would still see the
        queue as it was before it waited for the lock, and a message committed meanwhile would lie there with nobody to look at it.
        """
        wanted = sorted(not_before)
        if not wanted:
            return
        locked = select(_T.key).where(_T.key.in_(wanted)).order_by(_T.key).with_for_update()
        async with writing(self._engine) as connection:
            await connection.execute(locked)
            queues = await _read_queues(connection, wanted)
            free = update(_TARGET).where(_T.key == bindparam("k"), _T.held_by == self.holder)
            free = free.values(held_by=None, held_until=None, due_at=bindparam("due"))
            rows = [{"k": key, "due": _later(find_next_due(queues[key]), not_before[key])} for key in wanted]
            await connection.execute(free, rows)

    async def _is_any_due(self, free: Sequence[ColumnElement[bool]]) -> bool:
        # A look without a lock: most looks find nothing, and on SQLite only one can hold the lock to write.
        async with self._engine.connect() as connection:
            return (await connection.execute(select(_T.key).where(*free).limit(1))).first() is not None


async def _pick(connection: AsyncConnection, limit: int, *conditions: ColumnElement[bool]) -> list[str]:
    query = select(_T.key).where(*conditions).order_by(_T.due_at).limit(limit).with_for_update(skip_locked=True)
    return list((await connection.execute(query)).scalars())


def _is_free(now: datetime, prefixes: Sequence[str], busy: Iterable[str]) -> tuple[ColumnElement[bool], ...]:
    kinds = or_(*(_T.key.startswith(prefix, autoescape=True) for prefix in prefixes))
    nobodys = or_(_T.held_by.is_(None), _T.held_until < now)
    return _T.due_at <= now, nobodys, kinds, _T.key.not_in(sorted(busy))


def _is_urgent(now: datetime) -> ColumnElement[bool]:
    queued = and_(_O.state == MessageState.QUEUED, _O.due_at <= now, _O.body["urgent"].as_boolean())
    urgent: ColumnElement[bool] = _T.key.in_(select(_O.target).where(queued))
    return urgent


async def _read_queues(connection: AsyncConnection, keys: Sequence[str]) -> dict[str, list[Place]]:
    query = select(_O.target, _O.due_at, _O.refusal).where(_O.target.in_(keys), _O.state == MessageState.QUEUED)
    queues: dict[str, list[Place]] = defaultdict(list)
    for target, due_at, refusal in await connection.execute(query.order_by(_O.target, _O.seq)):
        queues[target].append(Place(due_at, refusal))
    return queues


def _later(due_at: datetime | None, not_before: datetime | None) -> datetime | None:
    return max(due_at, not_before) if due_at and not_before else due_at
