"""The section `[ladder]`: the four colours, reminders, quiet hours and digests."""

import re
from datetime import time
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from grid.ladder import Ladder
from grid.limits import parse_limit
from grid.quiet import Quiet
from storage.columns import AreaLevel, Colour

_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


def _check_limit(text: str) -> str:
    return str(parse_limit(text))


def _check_quiet(text: str) -> str:
    if text and not _HOURS.fullmatch(text):
        raise ValueError('应写成 "20:00-08:00"；留空表示没有免打扰时段。')
    return text


def _check_time(text: str) -> str:
    if text and not _TIME.fullmatch(text):
        raise ValueError('应写成 "08:30"；留空表示不发。')
    return text


LimitText = Annotated[str, AfterValidator(_check_limit)]
QuietText = Annotated[str, AfterValidator(_check_quiet)]
TimeText = Annotated[str, AfterValidator(_check_time)]


class LadderSettings(BaseModel):
    """Limits as in `[deadlines]`; what begins with `urgent_` is for 紧急 and 特急."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, validate_default=True)

    blue_percent: Annotated[int, Field(ge=10, le=99)] = 80
    ignored: LimitText = "4wh"
    urgent_ignored: LimitText = "1h"
    ignored_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    red_times: Annotated[float, Field(ge=1.1, le=20)] = 2.0
    orange_returns: Annotated[int, Field(ge=1, le=20)] = 2
    red_returns: Annotated[int, Field(ge=1, le=20)] = 3
    again: LimitText = "2wd"
    urgent_again: LimitText = "6h"
    triage_again: LimitText = "4wh"
    urgent_triage_again: LimitText = "1h"
    look_again: LimitText = "30d"
    quiet: QuietText = "20:00-08:00"
    round_minutes: Annotated[int, Field(ge=0, le=60)] = 30
    blue_level: AreaLevel = AreaLevel.GRID
    yellow_level: AreaLevel = AreaLevel.COMMUNITY
    orange_level: AreaLevel = AreaLevel.STREET
    red_level: AreaLevel = AreaLevel.DISTRICT
    morning: TimeText = "08:30"
    afternoon: TimeText = "16:30"
    digests_per_minute: Annotated[int, Field(ge=1, le=10_000)] = 120

    def make_ladder(self) -> Ladder:
        """The law's own form of it."""
        levels = (self.blue_level, self.yellow_level, self.orange_level, self.red_level)
        return Ladder(
            blue_percent=self.blue_percent,
            ignored=self.ignored,
            urgent_ignored=self.urgent_ignored,
            ignored_share=self.ignored_share,
            red_times=self.red_times,
            orange_returns=self.orange_returns,
            red_returns=self.red_returns,
            again=self.again,
            urgent_again=self.urgent_again,
            triage_again=self.triage_again,
            urgent_triage_again=self.urgent_triage_again,
            look_again=self.look_again,
            quiet=_parse_quiet(self.quiet),
            round_minutes=self.round_minutes,
            morning=_parse_time(self.morning),
            afternoon=_parse_time(self.afternoon),
            digests_per_minute=self.digests_per_minute,
            levels=dict(zip(Colour, levels, strict=True)),
        )


def _parse_quiet(text: str) -> Quiet | None:
    begins, _, ends = text.partition("-")
    return Quiet(time.fromisoformat(begins), time.fromisoformat(ends)) if text else None


def _parse_time(text: str) -> time | None:
    return time.fromisoformat(text) if text else None
