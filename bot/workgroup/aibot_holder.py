"""One process holds the bot's connection: the lease decides which, and everything here happens only while it is held."""

import asyncio
import logging
from enum import StrEnum

from sqlalchemy.exc import SQLAlchemyError

from bot.faults import describe_fault
from bot.lease import RENEW_SECONDS, Lease
from bot.ports import Unreachable
from bot.workgroup.aibot_connection import AibotConnection, LineState
from bot.workgroup.aibot_intake import AibotIntake
from bot.workgroup.pace import Pace, RealPace, within

log = logging.getLogger(__name__)

# At the end: how long what was taken in may still be answered.
GRACE_SECONDS = 5.0
# After so many failures in a row this machine may be the one without a network: another process gets its chance.
FAILURES_BEFORE_HANDING_ON = 5
_DATABASE_FAULTS = (SQLAlchemyError, OSError, Unreachable)


class HolderState(StrEnum):
    """What this process is to the bot."""

    STANDBY = "standby"
    HOLDING = "holding"
    STOPPED = "stopped"


class AibotHolder:
    """The task that holds the lease and, with it, the bot's connection. Takes over within the lease's seconds when another holder died."""

    def __init__(
        self,
        lease: Lease,
        connection: AibotConnection,
        intake: AibotIntake,
        *,
        pace: Pace | None = None,
        renew_seconds: float = RENEW_SECONDS,
        grace_seconds: float = GRACE_SECONDS,
    ) -> None:
        self._lease, self._connection, self._intake = lease, connection, intake
        self._pace = pace or RealPace()
        self._renew_seconds, self._grace_seconds = renew_seconds, grace_seconds
        self._stopping = asyncio.Event()
        self._state = HolderState.STANDBY
        self._deadline = 0.0
        self._forgiven = 0
        self._handed_on = False

    @property
    def state(self) -> HolderState:
        """Whether this process holds the bot, waits for it, or has ended."""
        return self._state

    @property
    def line(self) -> LineState:
        """How the line to the gateway stands, if this process holds it."""
        return self._connection.state

    @property
    def can_send(self) -> bool:
        """Whether this process may send the bot's outbox now."""
        return self._state is HolderState.HOLDING and self._connection.state is LineState.ONLINE

    def stop(self) -> None:
        """Ask `run` to end: what was taken in is answered (for at most the grace), the line closed, the lease given up."""
        self._stopping.set()

    async def run(self) -> None:
        """Wait for the lease, hold the line, over and over, until `stop` or cancellation; the lease is given up in either case."""
        stopped = asyncio.create_task(self._stopping.wait())
        try:
            while not self._stopping.is_set():
                if await self._try_acquire():
                    await self._hold(stopped)
                await self._rest(stopped, self._pause())
        finally:
            stopped.cancel()
            self._state = HolderState.STOPPED
            await self._intake.close()

    async def _try_acquire(self) -> bool:
        started = self._pace.monotonic()
        try:
            epoch = await self._lease.acquire()
        except _DATABASE_FAULTS as fault:
            log.error("aibot lease not asked: %s", type(fault).__name__)
            return False
        if epoch is None:
            return False
        self._deadline = started + self._lease.seconds
        self._state = HolderState.HOLDING
        log.info("aibot lease taken, epoch %d", epoch)
        return True

    async def _hold(self, stopped: asyncio.Task[bool]) -> None:
        keeper = asyncio.create_task(self._keep_lease())
        line = asyncio.create_task(self._connection.run(self._may_connect))
        try:
            await asyncio.wait({keeper, line, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if self._stopping.is_set() and not keeper.done():
                await self._finish_answers()
        finally:
            await asyncio.shield(self._let_go(keeper, line))

    async def _finish_answers(self) -> None:
        try:
            await within(self._pace, self._grace_seconds, self._intake.drain(), "answering what was taken in")
        except Unreachable:
            log.warning("aibot stops with %d updates unfinished", self._intake.lanes.count)

    async def _let_go(self, *tasks: asyncio.Task[None]) -> None:
        """First the line, then the lease: the next holder must not meet ours."""
        for task in tasks:
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(result, Exception):
                log.error("aibot holder: %s", describe_fault(result))
        self._state = HolderState.STANDBY
        try:
            await within(self._pace, self._lease.seconds, self._lease.release(), "releasing the lease")
        except _DATABASE_FAULTS as fault:
            log.error("aibot lease not released, it runs out by itself: %s", type(fault).__name__)

    def _pause(self) -> float:
        """Seconds until the lease is asked for again; long enough for another process to take it when this one hands it on."""
        handed_on, self._handed_on = self._handed_on, False
        return self._lease.seconds if handed_on else self._renew_seconds

    async def _rest(self, stopped: asyncio.Task[bool], seconds: float) -> None:
        """Wait that long; cut short by `stop`."""
        bell = asyncio.ensure_future(self._pace.sleep(seconds))
        try:
            await asyncio.wait({bell, stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            bell.cancel()

    async def _keep_lease(self) -> None:
        """Renew until it is lost, or until it cannot be shown to be ours any more."""
        while await self._renew():
            await self._pace.sleep(self._renew_seconds)
        log.error("aibot lease lost; closing the line")

    async def _renew(self) -> bool:
        started = self._pace.monotonic()
        try:
            left = max(self._deadline - started, 0.0)
            held = await within(self._pace, left, self._lease.renew(), "renewing the lease")
        except _DATABASE_FAULTS as fault:
            log.warning("aibot lease not renewed: %s", type(fault).__name__)
            return self._pace.monotonic() + self._renew_seconds < self._deadline
        if held:
            self._deadline = started + self._lease.seconds
        return held

    async def _may_connect(self) -> bool:
        """Asked before every opening: the lease must be ours now, and this machine not the one that fails."""
        failures = self._connection.failures
        self._forgiven = min(self._forgiven, failures)
        if failures - self._forgiven >= FAILURES_BEFORE_HANDING_ON:
            self._forgiven, self._handed_on = failures, True
            log.warning("aibot line failed %d times; another process may try", failures)
            return False
        return await self._renew()
