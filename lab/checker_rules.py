"""What the checker holds a service to, as plain words and numbers: who runs a simulation fills them in from the settings in force."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from lab.checker_time import ZONE, WorkTime

COLOURS = ("blue", "yellow", "orange", "red")
ENDED = frozenset({"archived", "void", "merged", "withdrawn"})
"""Nothing is left to do for a case in one of these."""

_DAY = timedelta(days=1)
_LIMITS: Mapping[str, Mapping[str, str]] = {
    "normal": {"accept": "2wh", "answer": "7d", "resolve": "3wd", "check": "1wd", "reply": "3mo"},
    "urgent": {"accept": "30m", "answer": "4h", "resolve": "24h", "check": "8h", "reply": "7d"},
    "emergency": {"accept": "10m", "answer": "1h", "resolve": "4h", "check": "2h", "reply": "3d"},
}
_LEVELS = {"blue": "grid", "yellow": "community", "orange": "street", "red": "district"}


@dataclass(frozen=True, slots=True)
class Rules:
    """`limits`: by urgency and stage. `ignored`: how long a sheet may stay without a word, for ordinary and for urgent matters, but
    no longer than `ignored_share` of its clock's limit; `again`: when a red one comes again.

    `quiet`: local hours, over midnight, in which only urgent things are said, as on days off; `round_minutes`: ordinary first sheets meet
    on these; `patience`: how late a step may be taken.
    """

    limits: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: dict(_LIMITS))
    blue_percent: int = 80
    red_times: float = 2.0
    ignored: str = "4wh"
    urgent_ignored: str = "1h"
    ignored_share: float = 0.5
    again: str = "2wd"
    urgent_again: str = "6h"
    orange_returns: int = 2
    red_returns: int = 3
    levels: Mapping[str, str] = field(default_factory=lambda: dict(_LEVELS))
    quiet: tuple[time, time] | None = (time(20, 0), time(8, 0))
    round_minutes: int = 30
    patience: timedelta = timedelta(minutes=2)

    def is_quiet(self, at: datetime) -> bool:
        """Whether ordinary things may not be said at the aware moment `at`."""
        if self.quiet is None:
            return False
        begins, ends = self.quiet
        local = at.astimezone(ZONE).time()
        return begins <= local < ends if begins <= ends else local >= begins or local < ends

    def round_up(self, at: datetime) -> datetime:
        """The next full `round_minutes` of the hour, at or after `at`."""
        minutes = self.round_minutes
        past = timedelta(minutes=at.minute % minutes, seconds=at.second, microseconds=at.microsecond)
        return at + (timedelta(minutes=minutes) - past) if past else at

    def speak_at(self, at: datetime, urgency: str, time: WorkTime) -> datetime:
        """`at`, or for an ordinary matter the next moment that is neither in quiet hours nor on a day off."""
        if self.quiet is None or urgency != "normal":
            return at
        while self.is_quiet(at) or not time.is_worked(at.astimezone(ZONE).date()):
            local = at.astimezone(ZONE)
            morning = datetime.combine(local.date(), self.quiet[1], ZONE)
            at = morning if morning > local else morning + _DAY
        return at
