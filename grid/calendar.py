"""Working time: which days are worked, and when a limit runs out. Pure: the moment is always given, never read.

`Nwd` is due at the close of the Nth working day after the day of opening; `Nwh` counts working time, starting with the next
period when opened outside one; `Nd` and `Nmo` are due at the close of that calendar date, moved to the next working day when it
is none (Civil Code, article 203); `h` and `m` run on the clock.
"""

import calendar as months
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import assert_never
from zoneinfo import ZoneInfo

from grid.limits import DueError, Limit, LimitUnit, MomentError, parse_limit
from grid.statutory import statutory_days

WORKING_HOURS = ((time(8, 30), time(12, 0)), (time(13, 0), time(17, 0)))
"""The usual office periods; the end of the last one is the close of a day."""

_DAY = timedelta(days=1)
_YEARS = range(1900, 9000)
# A table that leaves fewer working days than this makes no calendar; counting stops instead of running on.
_LONGEST_WALK = 366 * 12
# Working time is counted from here; no case is older.
_FIRST_DAY = date(2020, 1, 1)
_FIRST_ORDINAL = _FIRST_DAY.toordinal()
_MOST_KEPT = 4096


@dataclass(frozen=True, slots=True)
class Day:
    """What a holiday notice says of one date. `name`: the holiday; `note`: where that is written."""

    works: bool
    name: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """When a limit runs out. `at`: aware UTC; `provisional` (暂定): counted through a year whose notice is not loaded."""

    at: datetime
    provisional: bool


class WorkCalendar:
    """Mon–Fri, corrected by holiday notices; a year without a notice goes by the statutory days and is 暂定."""

    def __init__(
        self,
        days: Mapping[date, Day],
        zone: ZoneInfo,
        hours: tuple[tuple[time, time], ...] = WORKING_HOURS,
    ) -> None:
        """`days`: the dates that notices name; `hours`: local working periods in order. Raises ValueError for bad hours."""
        edges = [edge for period in hours for edge in period]
        if not edges or any(edge.tzinfo for edge in edges) or any(a >= b for a, b in pairwise(edges)):
            raise ValueError("工作时段须按先后排列，且不能重叠。")
        self.zone = zone
        self.hours = hours
        self._days = dict(days)
        self._announced = {on.year for on, day in days.items() if not day.works and on in statutory_days(on.year)}
        self._periods = tuple((_seconds(start), _seconds(end)) for start, end in hours)
        self._seconds_a_day = sum(end - start for start, end in self._periods)
        # How many working days lie before each day since the first; grown as far as somebody asks.
        self._worked = [0]
        self._kept: dict[tuple[LimitUnit, int, date], Due] = {}
        self._kept_seconds: dict[datetime, int] = {}

    def with_hours(self, hours: tuple[tuple[time, time], ...]) -> "WorkCalendar":
        """The same days with other working periods. Raises ValueError for bad hours."""
        return self if hours == self.hours else WorkCalendar(self._days, self.zone, hours)

    def is_working(self, on: date) -> bool:
        """Whether the local date is worked."""
        if (day := self._days.get(on)) is not None:
            return day.works
        return on.weekday() < 5 and on not in statutory_days(on.year)

    def is_provisional(self, on: date) -> bool:
        """Whether the date's year has no notice yet: none of its statutory days is in the table.

        A single local day, or the last days of December in the next year's notice, announces nothing.
        """
        return on.year not in self._announced

    def due(self, at: datetime, limit: Limit) -> Due:
        """When `limit`, opened at the aware moment `at`, runs out. Raises `MomentError`; never fails for a missing notice."""
        if at.tzinfo is None:
            raise MomentError("起算时间缺少时区。")
        if at.year not in _YEARS:
            raise MomentError("起算时间超出日历范围。")
        local = at.astimezone(self.zone)
        match limit.unit:
            case LimitUnit.MINUTE:
                return Due(at.astimezone(UTC) + timedelta(minutes=limit.amount), False)
            case LimitUnit.HOUR:
                return Due(at.astimezone(UTC) + timedelta(hours=limit.amount), False)
            case LimitUnit.WORKING_HOUR:
                return self._after_hours(local.replace(tzinfo=None), timedelta(hours=limit.amount))
            case LimitUnit.WORKING_DAY | LimitUnit.DAY | LimitUnit.MONTH:
                return self._on_a_day(limit.unit, limit.amount, local.date())
            case _:
                assert_never(limit.unit)

    def worked_seconds(self, at: datetime) -> int:
        """How much working time lies before an aware moment, counted from 2020; only differences mean anything."""
        found = self._kept_seconds.get(at)
        if found is None:
            if len(self._kept_seconds) >= _MOST_KEPT:
                self._kept_seconds.clear()
            found = self._kept_seconds[at] = self._count_seconds(at.astimezone(self.zone))
        return found

    def _count_seconds(self, local: datetime) -> int:
        index = local.toordinal() - _FIRST_ORDINAL
        if index < 0:
            return 0
        self._grow(index + 1)
        worked = self._worked[index] * self._seconds_a_day
        if self._worked[index + 1] == self._worked[index]:
            return worked
        now = local.hour * 3600 + local.minute * 60 + local.second
        for start, end in self._periods:
            if now <= start:
                break
            worked += min(now, end) - start
        return worked

    def moment_after(self, worked_seconds: int) -> datetime:
        """The first moment (aware UTC) before which so much working time lies; the end of a day rather than the next morning."""
        days, rest = divmod(max(1, worked_seconds), self._seconds_a_day)
        full = days + 1 if rest else days
        while self._worked[-1] < full:
            self._grow(len(self._worked) + 366)
            if len(self._worked) > _LONGEST_WALK * 8:
                raise DueError("日历里没有足够的工作日。")
        on = _FIRST_DAY + timedelta(days=bisect_left(self._worked, full) - 1)
        return self._due(datetime.combine(on, self._time_after(rest or self._seconds_a_day)), False).at

    def _grow(self, index: int) -> None:
        for offset in range(len(self._worked) - 1, index):
            self._worked.append(self._worked[offset] + self.is_working(_FIRST_DAY + timedelta(days=offset)))

    def _time_after(self, seconds: int) -> time:
        for start, end in self._periods:
            if seconds <= end - start:
                whole = start + seconds
                return time(whole // 3600, whole // 60 % 60, whole % 60)
            seconds -= end - start
        return self.hours[-1][1]

    def _on_a_day(self, unit: LimitUnit, amount: int, opened: date) -> Due:
        # Hundreds of cases of one day have the same limits: the answer is kept.
        found = self._kept.get((unit, amount, opened))
        if found is None:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            found = self._kept[unit, amount, opened] = self._count_days(unit, amount, opened)
        return found

    def _count_days(self, unit: LimitUnit, amount: int, opened: date) -> Due:
        if unit is LimitUnit.WORKING_DAY:
            return self._after_working_days(opened, amount)
        last = opened + timedelta(days=amount) if unit is LimitUnit.DAY else _add_months(opened, amount)
        return self._at_close(last)

    def _after_hours(self, opened: datetime, left: timedelta) -> Due:
        provisional = False
        for on in self._working_days(opened.date()):
            provisional = provisional or self._counted_provisionally(opened.date(), on)
            for start, end in self.hours:
                begin, close = max(datetime.combine(on, start), opened), datetime.combine(on, end)
                if begin + left <= close and begin < close:
                    return self._due(begin + left, provisional)
                left -= max(close - begin, timedelta())
        raise DueError("日历里没有足够的工作日。")

    def _after_working_days(self, opened: date, amount: int) -> Due:
        for count, on in enumerate(self._working_days(opened + _DAY), start=1):
            if count == amount:
                return self._due(self._close_of(on), self._counted_provisionally(opened + _DAY, on))
        raise DueError("日历里没有足够的工作日。")

    def _at_close(self, on: date) -> Due:
        for worked in self._working_days(on):
            return self._due(self._close_of(worked), self._counted_provisionally(on, worked))
        raise DueError("日历里没有足够的工作日。")

    def _working_days(self, first: date) -> Iterator[date]:
        walk = (first + timedelta(days=offset) for offset in range(_LONGEST_WALK))
        return (on for on in walk if self.is_working(on))

    def _counted_provisionally(self, first: date, last: date) -> bool:
        return any(year not in self._announced for year in range(first.year, last.year + 1))

    def _close_of(self, on: date) -> datetime:
        return datetime.combine(on, self.hours[-1][1])

    def _due(self, local: datetime, provisional: bool) -> Due:
        return Due(local.replace(tzinfo=self.zone).astimezone(UTC), provisional)


def _seconds(at: time) -> int:
    return at.hour * 3600 + at.minute * 60 + at.second


def _add_months(on: date, amount: int) -> date:
    years, month = divmod(on.month - 1 + amount, 12)
    year = on.year + years
    # 1月31日 plus one month ends with February: a month's limit never spills into the month after.
    return date(year, month + 1, min(on.day, months.monthrange(year, month + 1)[1]))


def parse_moment(text: str, zone: ZoneInfo) -> datetime:
    """Read an ISO moment; a naive one is local. Raises `MomentError`."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise MomentError(f"看不懂时间“{text[:30]}”，请写成 2026-11-23T08:30。") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def due_line(at_text: str, limit_text: str, calendar: WorkCalendar) -> dict[str, str | bool]:
    """What `wangge due AT LIMIT` answers: `due` as local ISO with offset, `provisional`. Raises `DueError`."""
    due = calendar.due(parse_moment(at_text, calendar.zone), parse_limit(limit_text))
    return {"due": due.at.astimezone(calendar.zone).isoformat(timespec="seconds"), "provisional": due.provisional}
