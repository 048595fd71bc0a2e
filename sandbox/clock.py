"""The sandbox's clock: real time plus an offset that a test may push forward."""

import time

DAY_SECONDS = 86400.0
HOUR_SECONDS = 3600.0
MINUTE_SECONDS = 60.0
CHINA_OFFSET_SECONDS = 8 * 3600


class SandboxClock:
    """Epoch seconds that only run forward; everything the sandbox times (but the HTTP timeouts) reads it.

    Built on the monotonic clock, so that a host whose wall clock is set back never shortens a token's life.
    """

    def __init__(self, start_seconds: float | None = None) -> None:
        base = time.time() if start_seconds is None else start_seconds
        self._offset_seconds = base - time.monotonic()

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.monotonic() + self._offset_seconds

    def advance(self, seconds: float) -> float:
        """Moves the clock forward by `seconds` and returns the new time. Raises ValueError when negative."""
        if seconds < 0:
            raise ValueError("the clock never runs backwards")
        self._offset_seconds += seconds
        return self.now()


def china_month(at_seconds: float) -> str:
    """The calendar month in China, as `YYYY-MM`: the platform counts mass-send quotas by it."""
    return time.strftime("%Y-%m", time.gmtime(at_seconds + CHINA_OFFSET_SECONDS))


def china_day(at_seconds: float) -> str:
    """The calendar day in China, as `YYYY-MM-DD`: the platform's daily quotas start anew at midnight there."""
    return time.strftime("%Y-%m-%d", time.gmtime(at_seconds + CHINA_OFFSET_SECONDS))
