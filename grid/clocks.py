"""The clocks of a desk: configured paces over the working calendar, each area by its own service hours."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache

from grid.calendar import Due, WorkCalendar
from grid.city import AreaNode
from grid.deadlines import Deadlines
from grid.desk import Promise
from grid.hours import parse_hours
from grid.limits import Limit, LimitUnit, parse_limit
from grid.stages import StageClock
from nlp.reading import Category, Urgency

_ON_THE_CLOCK = frozenset({LimitUnit.MINUTE, LimitUnit.HOUR})
_read = lru_cache(maxsize=512)(parse_limit)


class WorkClocks:
    """`grid.desk.Clocks` as the city runs it. `areas`: the city's, for their service hours; the nearest that names any wins."""

    def __init__(
        self, deadlines: Deadlines, calendar: WorkCalendar, areas: Mapping[str, AreaNode] | None = None
    ) -> None:
        self._deadlines, self._calendar, self._areas = deadlines, calendar, areas or {}
        self._by_area: dict[str, WorkCalendar] = {}
        self._by_hours: dict[str, WorkCalendar] = {}
        self._paces: dict[tuple[str, str, str, str | None], str] = {}

    def promise(self, category: str, urgency: str, at: datetime, area: str | None = None) -> Promise:
        """The dates promised for a case of `area` opened at `at`."""
        kind = Category(category) if category else None
        made = self._deadlines.promise(kind, Urgency(urgency), at, self.calendar(area), self._chain(area))
        return Promise(made.accept.at, made.resolve.at, made.provisional)

    def extend(self, due: datetime, limit: str, area: str | None = None) -> datetime:
        """`due` moved by a limit; raises `LimitError`, whose text is a Chinese sentence."""
        return self.calendar(area).due(due, _read(limit)).at

    def pace(self, stage: str, category: str, urgency: str, area: str | None = None) -> str:
        """The configured limit of a stage (`accept answer resolve check reply`)."""
        key = stage, category, urgency, area if self._deadlines.differs_by_area else None
        found = self._paces.get(key)
        if found is None:
            kind = Category(category) if category else None
            limit = self._deadlines.pace(kind, Urgency(urgency), self._chain(area)).limit(stage)
            found = self._paces[key] = str(limit)
        return found

    def due(self, at: datetime, limit: str, area: str | None = None) -> Due:
        """When a limit, opened at `at`, runs out; raises `LimitError`."""
        return self.calendar(area).due(at, _read(limit))

    def share(self, clock: StageClock, times: float, area: str | None = None) -> datetime:
        """The moment at which `times` of a clock's limit have passed: in working time, unless the limit runs on the clock."""
        if is_on_the_clock(clock.limit):
            return clock.since + (clock.due - clock.since) * times
        calendar = self.calendar(area)
        since, due = calendar.worked_seconds(clock.since), calendar.worked_seconds(clock.due)
        return calendar.moment_after(since + int((due - since) * times))

    def between(self, since: datetime, until: datetime, limit: str, area: str | None = None) -> int:
        """How many seconds pass between two moments, measured as `limit` is."""
        if is_on_the_clock(limit):
            return max(0, int((until - since).total_seconds()))
        calendar = self.calendar(area)
        return max(0, calendar.worked_seconds(until) - calendar.worked_seconds(since))

    def later(self, due: datetime, seconds: int, limit: str, area: str | None = None) -> datetime:
        """`due` moved by so many seconds, measured as `limit` is."""
        if not seconds or is_on_the_clock(limit):
            return due + timedelta(seconds=seconds)
        calendar = self.calendar(area)
        return calendar.moment_after(calendar.worked_seconds(due) + seconds)

    def is_working(self, at: datetime) -> bool:
        """Whether the moment's local date is worked."""
        return self._calendar.is_working(at.astimezone(self._calendar.zone).date())

    def calendar(self, area: str | None) -> WorkCalendar:
        """The calendar with an area's hours."""
        if area is None or area not in self._areas:
            return self._calendar
        found = self._by_area.get(area)
        if found is None:
            found = self._by_area[area] = self._find_calendar(area)
        return found

    def _find_calendar(self, area: str) -> WorkCalendar:
        for code in self._areas[area].chain:
            text = self._areas[code].service_hours if code in self._areas else ""
            if text and text not in self._by_hours:
                hours = parse_hours(text)
                self._by_hours[text] = self._calendar.with_hours(hours) if hours else self._calendar
            if text and parse_hours(text):
                return self._by_hours[text]
        return self._calendar

    def _chain(self, area: str | None) -> tuple[str, ...]:
        node = self._areas.get(area) if area else None
        return node.chain if node else ()


def is_on_the_clock(limit: str) -> bool:
    """Whether a limit counts every hour of the day and night."""
    return _unit(limit) in _ON_THE_CLOCK


@lru_cache(maxsize=512)
def _unit(limit: str) -> LimitUnit:
    read: Limit = _read(limit)
    return read.unit
