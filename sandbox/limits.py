"""Counting windows: how many of something happened within the last so many seconds."""

from collections import deque


class SlidingWindow:
    """At most `limit` events within any `seconds`. Times are the sandbox clock's; memory is bounded by `limit`."""

    __slots__ = ("_times", "limit", "seconds")

    def __init__(self, limit: int, seconds: float) -> None:
        self.limit = limit
        self.seconds = seconds
        self._times: deque[float] = deque()

    def count(self, now: float) -> int:
        """How many events the window holds at `now`."""
        while self._times and self._times[0] <= now - self.seconds:
            self._times.popleft()
        return len(self._times)

    def is_full(self, now: float) -> bool:
        """Whether one more would exceed the limit."""
        return self.count(now) >= self.limit

    def take(self, now: float) -> bool:
        """Counts one event when there is room; False when there is none, and then nothing is counted."""
        if self.is_full(now):
            return False
        self._times.append(now)
        return True


class BusiestMinute:
    """The largest number of events within any 60 seconds so far."""

    __slots__ = ("_times", "most")

    def __init__(self) -> None:
        self._times: deque[float] = deque()
        self.most = 0

    def add(self, now: float) -> None:
        """Counts one event at `now`."""
        while self._times and self._times[0] <= now - 60.0:
            self._times.popleft()
        self._times.append(now)
        self.most = max(self.most, len(self._times))


class DailyCount:
    """A quota per calendar day of the platform."""

    __slots__ = ("_day", "limit", "used")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0
        self._day = ""

    def take(self, day: str) -> bool:
        """Counts one use on `day` (`YYYY-MM-DD`); False when the day's quota is spent."""
        if day != self._day:
            self._day, self.used = day, 0
        if self.used >= self.limit:
            return False
        self.used += 1
        return True
