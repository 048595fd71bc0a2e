"""What the checker can find."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Figure(StrEnum):
    """The kinds of findings; the value is the key in the JSON of `wangge simulate`."""

    FORGOTTEN = "forgotten"
    REPEATED = "repeated"
    UNANSWERED = "unanswered"
    WRONG_SHEET = "wrong_sheet"
    QUIET_HOUR_BREACHES = "quiet_hour_breaches"
    MOVED_EARLIER = "moved_earlier"
    RUNNING_AFTER_END = "running_after_end"
    UNLIKE_HISTORY = "unlike_history"

    @property
    def label(self) -> str:
        """What people read in the table."""
        return _LABELS[self]


_LABELS = {
    Figure.FORGOTTEN: "被遗忘的工单",
    Figure.REPEATED: "重复的步骤",
    Figure.UNANSWERED: "没有得到答复的居民",
    Figure.WRONG_SHEET: "督办单缺失或不当",
    Figure.QUIET_HOUR_BREACHES: "静默时段的提醒",
    Figure.MOVED_EARLIER: "时限提前",
    Figure.RUNNING_AFTER_END: "结束后仍在计时",
    Figure.UNLIKE_HISTORY: "与历史不符",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: of which kind, on which case (its number; empty for none), when, and what exactly in words for an engineer."""

    figure: Figure
    number: str
    at: datetime | None
    what: str
