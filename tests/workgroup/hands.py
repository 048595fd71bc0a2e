"""Time whose hands the test turns: whoever sleeps, sleeps until `advance` says that it is over."""

import asyncio


class FakePace:
    """A `Pace`. `until_slept(seconds)` waits until somebody sleeps that long; `advance` ends what is due."""

    def __init__(self) -> None:
        self._now = 0.0
        self._sleepers: list[tuple[float, float, asyncio.Future[None]]] = []
        self._changed = asyncio.Event()

    def monotonic(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        bell: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (self._now + seconds, seconds, bell)
        self._sleepers.append(entry)
        self._changed.set()
        try:
            await bell
        finally:
            self._sleepers.remove(entry)
            self._changed.set()

    def spans(self) -> list[float]:
        """The seconds of every sleep that goes on now."""
        return sorted(seconds for _, seconds, bell in self._sleepers if not bell.done())

    async def until_slept(self, low: float, high: float | None = None) -> float:
        """Wait until somebody sleeps between `low` and `high` (else exactly `low`) seconds; how long."""
        while True:
            for seconds in self.spans():
                if low <= seconds <= (low if high is None else high):
                    return seconds
            self._changed.clear()
            await self._changed.wait()

    async def until_only(self, seconds: float) -> None:
        """Wait until nobody sleeps but one, that long."""
        while self.spans() != [seconds]:
            self._changed.clear()
            await self._changed.wait()

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += seconds
        for due, _, bell in tuple(self._sleepers):
            if due <= self._now and not bell.done():
                bell.set_result(None)


async def settle() -> None:
    """Let everything that can go on without time or network go on."""
    for _ in range(50):
        await asyncio.sleep(0)
