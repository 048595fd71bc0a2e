"""The simulation's own time: it stands still until it is moved, and never runs backwards."""

from datetime import UTC, datetime


class VirtualClock:
    """The service's `Clock`. Call it for the aware UTC moment."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def __call__(self) -> datetime:
        """The present moment, aware, in UTC."""
        return self._now

    def move_to(self, moment: datetime) -> None:
        """Let it be `moment` (aware); a moment that has passed already changes nothing."""
        self._now = max(self._now, moment.astimezone(UTC))
