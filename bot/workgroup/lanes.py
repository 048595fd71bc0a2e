"""Work in lanes: in order within one chat, side by side across chats, bounded in number and in waiting."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)

Job = Callable[[], Awaitable[None]]


class Lanes:
    """`width` jobs run at once, at most `capacity` wait or run. A failing job is logged by its type and never stops its lane."""

    def __init__(self, width: int = 32, capacity: int = 2000) -> None:
        self._slots = asyncio.Semaphore(width)
        self._capacity = capacity
        self._waiting: dict[str, deque[Job]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._count = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def count(self) -> int:
        """Jobs that wait or run."""
        return self._count

    def offer(self, lane: str, job: Job) -> bool:
        """Put a job at the end of its lane; False when too much waits already, and then nothing was taken."""
        if self._count >= self._capacity:
            return False
        self._count += 1
        self._idle.clear()
        if (queue := self._waiting.get(lane)) is not None:
            queue.append(job)
            return True
        self._waiting[lane] = deque([job])
        task = asyncio.create_task(self._run(lane))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def drain(self) -> None:
        """Wait until nothing waits or runs."""
        await self._idle.wait()

    async def close(self) -> int:
        """Cancel what still waits or runs; how many jobs that were."""
        left = self._count
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._waiting.clear()
        self._count = 0
        self._idle.set()
        return left

    async def _run(self, lane: str) -> None:
        queue = self._waiting[lane]
        while queue:
            # The slot is given back between two jobs, so that a talkative chat does not keep the others waiting.
            async with self._slots:
                await self._run_one(queue.popleft())
            self._count -= 1
        del self._waiting[lane]
        if self._count == 0:
            self._idle.set()

    async def _run_one(self, job: Job) -> None:
        try:
            await job()
        except Exception as error:
            log.error("aibot job failed: %s", type(error).__name__)
