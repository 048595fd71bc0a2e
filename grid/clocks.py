"""The clocks of a desk: configured paces over the working calendar."""

from datetime import datetime

from grid.calendar import WorkCalendar
from grid.deadlines import Deadlines
from grid.desk import Promise
from grid.limits import parse_limit
from nlp.reading import Category, Urgency


class WorkClocks:
    """`grid.desk.Clocks` as the city runs it."""

    def __init__(self, deadlines: Deadlines, calendar: WorkCalendar) -> None:
        self._deadlines, self._calendar = deadlines, calendar

    def promise(self, category: str, urgency: str, at: datetime) -> Promise:
        """The dates promised for a case opened at `at`."""
        kind = Category(category) if category else None
        made = self._deadlines.promise(kind, Urgency(urgency), at, self._calendar)
        return Promise(made.accept.at, made.resolve.at, made.provisional)

    def extend(self, due: datetime, limit: str) -> datetime:
        """`due` moved by a limit; raises `LimitError`, whose text is a Chinese sentence."""
        return self._calendar.due(due, parse_limit(limit)).at
