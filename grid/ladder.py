"""The four-colour ladder 蓝→黄→橙→红: which colour a clock has come to, and when it comes to the next. Pure.

蓝 at a share of the limit, 黄 when it is over, 橙 when the yellow sheet is ignored or at the second 退回, 红 at N times the limit,
when the orange sheet is ignored, or at the third 退回; a red one again and again until it is written off. Each number is a setting.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Protocol

from grid.quiet import Quiet
from grid.stages import StageClock
from storage.columns import AreaLevel, Colour

ORDER = tuple(Colour)
NIGHT = Quiet(time(20, 0), time(8, 0))
_LEVELS = {
    Colour.BLUE: AreaLevel.GRID,
    Colour.YELLOW: AreaLevel.COMMUNITY,
    Colour.ORANGE: AreaLevel.STREET,
    Colour.RED: AreaLevel.DISTRICT,
}


@dataclass(frozen=True, slots=True)
class Ladder:
    """Settings of `[ladder]`. Limits as in `[deadlines]`; those with `urgent_` are for urgent matters and emergencies.

    `ignored_share`: a sheet is waited for no longer than this share of its clock's limit, so that a short one is orange before red.
    """

    blue_percent: int = 80
    ignored: str = "4wh"
    urgent_ignored: str = "1h"
    ignored_share: float = 0.5
    red_times: float = 2.0
    orange_returns: int = 2
    red_returns: int = 3
    again: str = "2wd"
    urgent_again: str = "6h"
    triage_again: str = "4wh"
    urgent_triage_again: str = "1h"
    look_again: str = "30d"
    quiet: Quiet | None = NIGHT
    round_minutes: int = 30
    morning: time | None = time(8, 30)
    afternoon: time | None = time(16, 30)
    digests_per_minute: int = 120
    levels: Mapping[Colour, AreaLevel] = field(default_factory=lambda: dict(_LEVELS))

    def ignored_after(self, urgency: str) -> str:
        """How long a sheet may stay without a word."""
        return self.ignored if urgency == "normal" else self.urgent_ignored

    def again_after(self, urgency: str) -> str:
        """How long until a red sheet is issued anew."""
        return self.again if urgency == "normal" else self.urgent_again

    def triage_again_after(self, urgency: str) -> str:
        """How long until the duty group hears again of what nobody has."""
        return self.triage_again if urgency == "normal" else self.urgent_triage_again


class Worktime(Protocol):
    """What the ladder needs of a calendar."""

    def share(self, clock: StageClock, times: float, area: str | None) -> datetime:
        """The moment at which `times` of a clock's limit have passed, measured as the limit itself is."""
        ...


@dataclass(frozen=True, slots=True)
class Last:
    """What is known of the newest sheet of a clock: until when it must be answered (None: it is answered, or nobody waits)."""

    colour: Colour
    answer_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Marks:
    """The moments of a clock at which colours fall due by time alone."""

    blue: datetime
    yellow: datetime
    red: datetime


def find_marks(clock: StageClock, ladder: Ladder, work: Worktime, area: str | None) -> Marks:
    """Computed anew each time, since a clock's date may move."""
    blue = work.share(clock, ladder.blue_percent / 100, area)
    return Marks(min(blue, clock.due), clock.due, work.share(clock, ladder.red_times, area))


def colour_at(clock: StageClock, last: Last | None, marks: Marks, ladder: Ladder, now: datetime) -> Colour | None:
    """The highest colour that a running clock has come to by `now`; None before the first."""
    found = [_by_time(marks, now), _by_returns(clock, ladder), _by_silence(last, now)]
    return max((colour for colour in found if colour is not None), key=ORDER.index, default=None)


def _by_time(marks: Marks, now: datetime) -> Colour | None:
    if now >= marks.red:
        return Colour.RED
    if now >= marks.yellow:
        return Colour.YELLOW
    return Colour.BLUE if now >= marks.blue else None


def _by_returns(clock: StageClock, ladder: Ladder) -> Colour | None:
    if clock.returns >= ladder.red_returns:
        return Colour.RED
    return Colour.ORANGE if clock.returns >= ladder.orange_returns else None


def _by_silence(last: Last | None, now: datetime) -> Colour | None:
    # A blue one wants the deed, not an answer.
    if last is None or last.answer_due_at is None or last.answer_due_at > now or last.colour is Colour.BLUE:
        return None
    return ORDER[min(ORDER.index(last.colour) + 1, len(ORDER) - 1)]


def next_mark(clock: StageClock, last: Last | None, ladder: Ladder, work: Worktime, area: str | None) -> datetime:
    """When a running clock comes to the colour after its `step`; for a red one that is for `again_after` to say."""
    if not clock.step:
        # Each case that is opened asks this for all its clocks: only what is needed is counted.
        return min(work.share(clock, ladder.blue_percent / 100, area), clock.due)
    if clock.step == Colour.BLUE:
        return clock.due
    red = work.share(clock, ladder.red_times, area)
    return red if last is None or last.answer_due_at is None else min(last.answer_due_at, red)


def is_higher(colour: Colour | None, step: str) -> bool:
    """Whether a colour is above what was issued so far."""
    if colour is None:
        return False
    return not step or ORDER.index(colour) > ORDER.index(Colour(step))


def list_skipped(step: str, colour: Colour) -> list[Colour]:
    """The colours between what was issued so far and `colour`: what a jump of the clock left out."""
    first = ORDER.index(Colour(step)) + 1 if step else 0
    return list(ORDER[first : ORDER.index(colour)])
