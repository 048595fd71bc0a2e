"""Quiet hours, and times at which several reminders meet."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Quiet:
    """Local hours in which only urgent things are said; over midnight where `begins` is later than `ends`."""

    begins: time
    ends: time

    def end_after(self, at: datetime, zone: ZoneInfo) -> datetime:
        """`at` itself, or the end of the quiet hours that it falls into."""
        local = at.astimezone(zone)
        if not self._covers(local.time()):
            return at
        end = datetime.combine(local.date(), self.ends, zone)
        return (end if end > local else end + _DAY).astimezone(at.tzinfo)

    def end_of_next(self, at: datetime, zone: ZoneInfo) -> datetime:
        """When the quiet hours of the next local day end."""
        tomorrow = at.astimezone(zone).date() + _DAY
        return datetime.combine(tomorrow, self.ends, zone).astimezone(at.tzinfo)

    def _covers(self, now: time) -> bool:
        if self.begins <= self.ends:
            return self.begins <= now < self.ends
        return now >= self.begins or now < self.ends


def round_up(at: datetime, zone: ZoneInfo, minutes: int) -> datetime:
    """The next full `minutes` of the local hour at or after `at`; `at` itself for 0."""
    if not minutes:
        return at
    local = at.astimezone(zone)
    past = timedelta(minutes=local.minute % minutes, seconds=local.second, microseconds=local.microsecond)
    return at + (timedelta(minutes=minutes) - past if past else timedelta())
