"""Time as tests hand it in: it stands still until somebody moves it."""

from datetime import UTC, datetime, timedelta

# A Monday morning in China (09:00), with ordinary working days around it.
START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


class FakeClock:
    """A clock that only `advance` and `set` move. Call it, or its `now()`, for an aware UTC moment."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start.astimezone(UTC)
        self._passed_seconds = 0.0

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return self._now

    __call__ = now

    def monotonic(self) -> float:
        """Seconds that have passed on this clock; moved by `advance` alone, as the machine's own counter is."""
        return self._passed_seconds

    def advance(
        self, by: timedelta = timedelta(), *, seconds: float = 0, hours: float = 0, days: float = 0
    ) -> datetime:
        """Let time pass and return the new moment. Raises `ValueError` for a negative span: use `set` for a wrong host clock."""
        span = by + timedelta(seconds=seconds, hours=hours, days=days)
        if span < timedelta():
            raise ValueError("time does not run backwards")
        self._passed_seconds += span.total_seconds()
        self._now += span
        return self._now

    def set(self, moment: datetime) -> None:
        """Jump to an aware moment, also backwards. Raises `ValueError` for a naive one."""
        if moment.tzinfo is None:
            raise ValueError("a moment needs its zone")
        self._now = moment.astimezone(UTC)
