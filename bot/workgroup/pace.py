"""The time of a wire: how long to wait for a peer. Real seconds even when the city's clock runs faster, since the peer is real."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from bot.ports import Unreachable

T = TypeVar("T")


class Pace(Protocol):
    """What a wire needs of time; given in, so that tests turn the hands themselves."""

    def monotonic(self) -> float:
        """Seconds that never go back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait that long."""
        ...


class RealPace:
    """The machine's own time."""

    def monotonic(self) -> float:
        """Seconds of the event loop's clock."""
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        """Wait that long."""
        await asyncio.sleep(seconds)


async def within(pace: Pace, seconds: float, work: Awaitable[T], what: str) -> T:
    """The result of `work`, or `Unreachable(what)` when `seconds` went by first; then `work` is cancelled."""
    job, bell = asyncio.ensure_future(work), asyncio.ensure_future(pace.sleep(seconds))
    try:
        await asyncio.wait({job, bell}, return_when=asyncio.FIRST_COMPLETED)
        if job.done():
            return job.result()
        raise Unreachable(f"no answer in {seconds:g} s: {what}")
    finally:
        job.cancel()
        bell.cancel()


@dataclass(slots=True)
class Backoff:
    """Growing waits, in seconds, with full jitter in the upper half so that many clients never come back together."""

    base_seconds: float = 1.0
    cap_seconds: float = 60.0
    draw: Callable[[], float] = field(default=random.random)
    failures: int = 0

    def next_seconds(self) -> float:
        """The wait after one more failure: half of it fixed, half drawn."""
        # The exponent is bounded: 2**1024 would not fit a float after a night without a network.
        span = min(self.cap_seconds, self.base_seconds * 2.0 ** min(self.failures, 30))
        self.failures += 1
        return span / 2 + span / 2 * self.draw()

    def reset(self) -> None:
        """After a success that lasted."""
        self.failures = 0
