"""The days of the simulated world: which of them people work, and the holiday notice that is made up for the year to come.

People know their days off by themselves; the service knows only what was imported.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from lab.city_rows import CalendarRow

ZONE = ZoneInfo("Asia/Shanghai")
NOTICE_DAY = 20
"""On this day of the simulation the made notice is imported."""

_SOURCE = "模拟通知（非真实放假安排）"
_OPENS, _CLOSES = time(8, 30), time(17, 30)
_DAY = timedelta(days=1)


def make_notice() -> tuple[CalendarRow, ...]:
    """A holiday notice for 2027 that nobody has issued: days off that no rule foretells, and make-up days at weekends.

    The spring holiday is longer than the statute's, so that dates promised before must move; the make-up days would let some of
    them fall earlier, which must not happen.
    """
    rows = [
        *_off("元旦", date(2027, 1, 1), date(2027, 1, 4)),
        *_made_up("元旦", date(2027, 1, 9)),
        *_off("春节", date(2027, 2, 4), date(2027, 2, 12)),
        *_made_up("春节", date(2027, 1, 30), date(2027, 2, 14), date(2027, 2, 20)),
        *_off("清明节", date(2027, 4, 3), date(2027, 4, 5)),
        *_off("劳动节", date(2027, 5, 1), date(2027, 5, 5)),
        *_made_up("劳动节", date(2027, 4, 25), date(2027, 5, 8)),
        *_off("端午节", date(2027, 6, 9), date(2027, 6, 11)),
        *_off("国庆节", date(2027, 10, 1), date(2027, 10, 7)),
        *_made_up("国庆节", date(2027, 9, 26), date(2027, 10, 9)),
    ]
    return tuple(sorted(rows, key=lambda row: row.on))


def _off(name: str, first: date, last: date) -> list[CalendarRow]:
    length = (last - first).days + 1
    return [CalendarRow((first + _DAY * offset).isoformat(), 0, name, _SOURCE) for offset in range(length)]


def _made_up(name: str, *days: date) -> list[CalendarRow]:
    return [CalendarRow(on.isoformat(), 1, f"{name}调休上班", _SOURCE) for on in days]


class Days:
    """When people are at work, as the world really has it."""

    def __init__(self, rows: Iterable[CalendarRow]) -> None:
        self._works: Mapping[date, bool] = {date.fromisoformat(row.on): bool(row.works) for row in rows}

    def is_worked(self, on: date) -> bool:
        """Whether the local date is worked."""
        return self._works.get(on, on.weekday() < 5)

    def is_office_hour(self, at: datetime) -> bool:
        """Whether somebody sits at his desk at the aware moment `at`."""
        local = at.astimezone(ZONE)
        return self.is_worked(local.date()) and _OPENS <= local.time() < _CLOSES

    def next_office_hour(self, at: datetime, rng: Random) -> datetime:
        """`at` itself in office hours, else within the first hour and a half of the next working day."""
        if self.is_office_hour(at):
            return at
        local = at.astimezone(ZONE)
        on = local.date() if local.time() < _OPENS else local.date() + _DAY
        while not self.is_worked(on):
            on += _DAY
        return datetime.combine(on, _OPENS, ZONE) + timedelta(minutes=rng.uniform(0, 90))

    def list_days(self, first: date, count: int) -> list[date]:
        """`count` local dates from `first` on."""
        return [first + _DAY * offset for offset in range(count)]
