"""Working time as the checker counts it: slowly, by whole intervals of each day, from the rows of the calendar alone.

It shares nothing with the clocks that it checks. A day that no row names is worked from Monday to Friday.
"""

import calendar
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
_DAY = timedelta(days=1)
_LIMIT = re.compile(r"(\d+)(m|h|wh|wd|d|mo)")
_FURTHEST_DAYS = 2000

# Days off that the law names (国务院令第 795 号) for years without any row, as dates; for the years that a simulation reaches.
STATUTORY: frozenset[date] = frozenset(
    date(2027, month, day)
    for month, day in (
        *((1, 1), (2, 5), (2, 6), (2, 7), (2, 8), (4, 5), (5, 1), (5, 2)),
        *((6, 9), (9, 15), (10, 1), (10, 2), (10, 3)),
    )
)


def is_on_the_clock(limit: str) -> bool:
    """Whether a limit such as `90m` or `24h` counts nights and days off too."""
    return _split(limit)[1] in ("m", "h")


def _split(limit: str) -> tuple[int, str]:
    found = _LIMIT.fullmatch(limit)
    if found is None:
        raise ValueError(f"no limit: {limit}")
    return int(found[1]), found[2]


@dataclass(frozen=True)
class WorkTime:
    """Which days are worked (`days`: what rows say; local dates), and from when to when."""

    days: Mapping[date, bool]
    hours: tuple[tuple[time, time], ...] = ((time(8, 30), time(12)), (time(13), time(17)))

    def is_worked(self, on: date) -> bool:
        """Whether the local date is worked."""
        if on in self.days:
            return self.days[on]
        return on.weekday() < 5 and on not in STATUTORY

    def due(self, at: datetime, limit: str) -> datetime:
        """When `limit`, opened at the aware moment `at`, runs out; in UTC. Raises ValueError for a limit that is none."""
        amount, unit = _split(limit)
        local = at.astimezone(ZONE)
        match unit:
            case "m":
                return at.astimezone(UTC) + timedelta(minutes=amount)
            case "h":
                return at.astimezone(UTC) + timedelta(hours=amount)
            case "wh":
                return self.after(at, timedelta(hours=amount))
            case "wd":
                return self._close(self._nth_worked(local.date() + _DAY, amount))
            case "d":
                return self._close(self._nth_worked(local.date() + _DAY * amount, 1))
            case _:
                return self._close(self._nth_worked(_months_later(local.date(), amount), 1))

    def after(self, at: datetime, worked: timedelta) -> datetime:
        """The moment at which so much working time has passed since `at`; in UTC."""
        left = worked
        for begin, end in self._intervals(at):
            if left <= end - begin:
                return (begin + left).astimezone(UTC)
            left -= end - begin
        raise ValueError("the calendar ends before the limit")

    def between(self, since: datetime, until: datetime) -> timedelta:
        """How much working time lies between two aware moments; nothing where `until` is not later."""
        passed = timedelta()
        for begin, end in self._intervals(since):
            if begin >= until:
                break
            passed += min(end, until.astimezone(ZONE)) - begin
        return passed

    def _intervals(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        local = at.astimezone(ZONE)
        for offset in range(_FURTHEST_DAYS):
            on = local.date() + _DAY * offset
            if not self.is_worked(on):
                continue
            for start, stop in self.hours:
                begin, end = datetime.combine(on, start, ZONE), datetime.combine(on, stop, ZONE)
                if end > local:
                    yield max(begin, local), end

    def _nth_worked(self, first: date, amount: int) -> date:
        left = amount
        for offset in range(_FURTHEST_DAYS):
            on = first + _DAY * offset
            left -= self.is_worked(on)
            if left == 0:
                return on
        raise ValueError("the calendar ends before the limit")

    def _close(self, on: date) -> datetime:
        return datetime.combine(on, self.hours[-1][1], ZONE).astimezone(UTC)


def _months_later(on: date, amount: int) -> date:
    years, month = divmod(on.month - 1 + amount, 12)
    year = on.year + years
    return date(year, month + 1, min(on.day, calendar.monthrange(year, month + 1)[1]))
