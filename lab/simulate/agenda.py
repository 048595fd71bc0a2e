"""What people of a simulation are going to do, in the order of time: the clock jumps from one entry to the next."""

import heapq
from collections.abc import Awaitable, Callable
from datetime import datetime

Deed = Callable[[], Awaitable[None]]


class Agenda:
    """A queue of deeds by their moment (aware); of one moment those that were put in first come first."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int, Deed]] = []
        self._count = 0

    def __len__(self) -> int:
        return len(self._heap)

    @property
    def next_at(self) -> datetime | None:
        """When the next deed is to be done; None when nobody has any plan."""
        return self._heap[0][0] if self._heap else None

    def put(self, at: datetime, deed: Deed) -> None:
        """Plan `deed` for the aware moment `at`."""
        heapq.heappush(self._heap, (at, self._count, deed))
        self._count += 1

    def take(self, now: datetime) -> Deed | None:
        """The first deed that is due by `now`, taken out; None when there is none."""
        if not self._heap or self._heap[0][0] > now:
            return None
        return heapq.heappop(self._heap)[2]
