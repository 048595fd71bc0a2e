"""A lease in the database: who alone may do a thing until when, on SQLite and PostgreSQL.

Every move is one SQL statement, so two processes cannot both believe that they won. `epoch` grows with each new holder: whoever acts in
the lease's name can check it inside his own transaction (`check`), which stops a holder that slept through the end of his lease.
"""

import asyncio
import os
import secrets
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Insert, Interval, func, literal, select, type_coerce, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage.columns import UtcDateTime
from storage.engine import is_sqlite
from storage.tables import Lease as LeaseRow
from storage.writing import writing

LEASE_SECONDS = 10.0
RENEW_SECONDS = 3.0
_TABLE: Any = LeaseRow.__table__  # type: ignore[attr-defined]
_ROW = _TABLE.c


class LeaseLost(Exception):
    """Somebody else holds the lease, or its time is over."""


class Lease:
    """One holder's view of one lease; `holder` must be unique to the process (`make_holder_name`).

    Time is real: the database's own clock, unless one is given. The database's is the better one where several machines share it.
    Never give a clock that runs faster than the holder works.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        name: str,
        holder: str,
        seconds: float = LEASE_SECONDS,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self._engine, self.name, self.holder, self.seconds, self._clock = engine, name, holder, seconds, clock
        self._epoch: int | None = None
        self._lock = asyncio.Lock()
        self._running: set[asyncio.Task[int | None]] = set()

    @property
    def epoch(self) -> int | None:
        """The number of this holding; None while not held as far as this process knows."""
        return self._epoch

    async def acquire(self) -> int | None:
        """Take the lease if it is free, over, or ours already; its new epoch, or None when somebody else holds it."""
        self._epoch = await self._run(self._acquire_statement())
        return self._epoch

    async def renew(self) -> bool:
        """Hold it for `seconds` more; False when it is not ours any more. An expired lease that nobody took is still ours."""
        if self._epoch is None:
            return False
        until = {"until": self._moment(self.seconds)}
        found = await self._run(update(_TABLE).where(self._is_ours(self._epoch)).values(until).returning(_ROW.epoch))
        if found is None:
            self._epoch = None
        return found is not None

    async def release(self) -> None:
        """Give it up, so that another process can take it at once. Harmless when it is not ours any more."""
        epoch, self._epoch = self._epoch, None
        if epoch is None:
            return
        free = {"until": self._moment(0), "holder": ""}
        await self._run(update(_TABLE).where(self._is_ours(epoch)).values(free).returning(_ROW.epoch))

    async def check(self, connection: AsyncConnection) -> None:
        """Inside another transaction: raises `LeaseLost` unless the lease is ours now; nobody can take it before that transaction ends.

        (On SQLite that holds for a transaction opened with `storage.engine.WRITES`.)
        """
        ours = self._is_ours(-1 if self._epoch is None else self._epoch)
        query = select(_ROW.epoch).where(ours, _ROW.until > self._moment(0)).with_for_update()
        if (await connection.execute(query)).first() is None:
            raise LeaseLost(self.name)

    async def _run(self, statement: Any) -> int | None:
        """Run to the end even when the caller is cancelled: a transaction broken off in the middle would keep SQLite's write lock."""
        task = asyncio.create_task(self._write(statement))
        self._running.add(task)
        task.add_done_callback(self._forget)
        return await asyncio.shield(task)

    async def _write(self, statement: Any) -> int | None:
        # One after the other: a release must not overtake the renewal before it.
        async with self._lock, writing(self._engine) as connection:
            found: int | None = (await connection.execute(statement)).scalar_one_or_none()
            return found

    def _forget(self, task: asyncio.Task[int | None]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            # Seen here too, since nobody else sees it when the caller was cancelled.
            task.exception()

    def _acquire_statement(self) -> Insert:
        insert = sqlite.insert if is_sqlite(self._engine) else postgresql.insert
        statement = insert(_TABLE).values(name=self.name, holder=self.holder, until=self._moment(self.seconds), epoch=1)
        return statement.on_conflict_do_update(
            index_elements=[_ROW.name],
            set_={"holder": self.holder, "until": self._moment(self.seconds), "epoch": _ROW.epoch + 1},
            where=(_ROW.until <= self._moment(0)) | (_ROW.holder == self.holder),
        ).returning(_ROW.epoch)

    def _is_ours(self, epoch: int) -> ColumnElement[bool]:
        ours: ColumnElement[bool] = (_ROW.name == self.name) & (_ROW.holder == self.holder) & (_ROW.epoch == epoch)
        return ours

    def _moment(self, seconds: float) -> ColumnElement[Any]:
        """Now and `seconds` more, as an SQL expression."""
        if self._clock is not None:
            return literal(self._clock() + timedelta(seconds=seconds), UtcDateTime())
        if is_sqlite(self._engine):
            # In the form in which the column stores it, since SQLite compares text.
            return type_coerce(func.strftime("%Y-%m-%d %H:%M:%f000", "now", f"{seconds:+.3f} seconds"), UtcDateTime())
        return func.clock_timestamp(type_=DateTime(timezone=True)) + literal(timedelta(seconds=seconds), Interval())


def make_holder_name() -> str:
    """A name that no other process has, in which a person still finds the machine."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
