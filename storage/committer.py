"""The one committer of a process: it writes the plans that wait, together (group commit)."""

import asyncio
import logging
from collections import deque

from sqlalchemy.exc import DBAPIError, IntegrityError

from storage.batch import count_outbox, write_batch
from storage.counters import Numbers
from storage.lane import Lane
from storage.plan import Outcome, Plan

log = logging.getLogger(__name__)
MAX_BATCH = 128
_TRIES = 3
_GATHER_SECONDS = 0.02


class StorageFailed(Exception):
    """The archive could not be written; whether a later try would do better is unknown.

    Nothing of the plan was kept, unless the connection was cut in the middle of the commit itself: nobody can know then.
    """


class NotUnique(StorageFailed):
    """The plan met a row that another process wrote first (or one that breaks a rule of the tables): decide again."""


class Committer:
    """Writes plans; `written` is set after each batch, so that delivery need not wait for its next look."""

    def __init__(self, lane: Lane, numbers: Numbers) -> None:
        self._lane, self._numbers = lane, numbers
        self._waiting: deque[tuple[Plan, asyncio.Future[Outcome]]] = deque()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self._last = 0
        self.written = asyncio.Event()

    def start(self) -> None:
        """Begin to write what is handed in."""
        self._task = asyncio.create_task(self._run(), name="committer")

    async def stop(self) -> None:
        """Write what still waits, then end."""
        self._closing = True
        self._wake.set()
        if self._task is not None:
            await self._task

    async def commit(self, plan: Plan) -> Outcome:
        """Hand in a plan and wait until it is durable. Raises `StorageFailed`.

        A caller that is cancelled before the writing began takes its plan back.
        """
        if self._closing:
            raise StorageFailed("closed")
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((plan, future))
        self._wake.set()
        return await future

    async def _run(self) -> None:
        while self._waiting or not self._closing:
            while self._waiting:
                await self._write(await self._gather())
            if not self._closing:
                await self._wake.wait()
                self._wake.clear()

    async def _gather(self) -> list[tuple[Plan, asyncio.Future[Outcome]]]:
        # A transaction costs about as much for one plan as for thirty. Where several came together last time, a few
        # milliseconds more fill the next one; whoever comes alone never waits.
        if self._last > 1 and not self._closing:
            await asyncio.sleep(_GATHER_SECONDS)
        taken = self._take_waiting()
        self._last = len(taken)
        return taken

    def _take_waiting(self) -> list[tuple[Plan, asyncio.Future[Outcome]]]:
        taken: list[tuple[Plan, asyncio.Future[Outcome]]] = []
        while self._waiting and len(taken) < MAX_BATCH:
            plan, future = self._waiting.popleft()
            if not future.cancelled():
                taken.append((plan, future))
        return taken

    async def _write(self, batch: list[tuple[Plan, asyncio.Future[Outcome]]]) -> None:
        if not batch:
            return
        try:
            outcomes = await self._write_together([plan for plan, _ in batch])
        except Exception as error:
            await self._write_apart(batch, error)
            return
        for (_, future), outcome in zip(batch, outcomes, strict=True):
            if not future.done():
                future.set_result(outcome)
        self.written.set()

    async def _write_apart(self, batch: list[tuple[Plan, asyncio.Future[Outcome]]], error: Exception) -> None:
        # One plan that the engine refuses must not fail the others that happened to wait with it.
        if len(batch) > 1:
            for item in batch:
                await self._write([item])
            return
        # Its type only: an exception's own words may quote what somebody wrote.
        log.error("plan not written: %s", type(error).__name__)
        kind = NotUnique if isinstance(error, IntegrityError) else StorageFailed
        _, future = batch[0]
        if not future.done():
            future.set_exception(kind(type(error).__name__))

    async def _write_together(self, plans: list[Plan]) -> list[Outcome]:
        first_id = (await self._numbers.take(max(1, count_outbox(plans)))).start
        for attempt in range(1, _TRIES + 1):
            try:
                return await self._lane.run(write_batch, plans, first_id)
            except IntegrityError:
                raise
            except DBAPIError:
                # A deadlock between processes or a connection that was cut: the transaction is gone, try it anew.
                if attempt == _TRIES:
                    raise
        raise AssertionError("unreachable")
