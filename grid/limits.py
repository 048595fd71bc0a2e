"""Limits as people configure them: `90m` `2h` on the clock, `3wh` `3wd` in working time, `7d` `3mo` by the calendar."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class DueError(ValueError):
    """A due moment that cannot be given; the text is a Chinese sentence for the person who asked."""


class LimitError(DueError):
    """A limit that nobody can read, or one that is out of range."""


class MomentError(DueError):
    """A moment that nobody can read, or one that no calendar reaches."""


class LimitUnit(StrEnum):
    """What a limit counts."""

    MINUTE = "m"
    HOUR = "h"
    WORKING_HOUR = "wh"
    WORKING_DAY = "wd"
    DAY = "d"
    MONTH = "mo"

    @property
    def label(self) -> str:
        """The Chinese word that follows the amount."""
        return _UNIT_LABELS[self]


_UNIT_LABELS = {
    LimitUnit.MINUTE: "分钟",
    LimitUnit.HOUR: "小时",
    LimitUnit.WORKING_HOUR: "个工作小时",
    LimitUnit.WORKING_DAY: "个工作日",
    LimitUnit.DAY: "天",
    LimitUnit.MONTH: "个月",
}

# Ten years in each unit (250 working days a year of 7.5 hours): nobody promises more, and counting stays bounded.
_LARGEST = {
    LimitUnit.MINUTE: 3_653 * 24 * 60,
    LimitUnit.HOUR: 3_653 * 24,
    LimitUnit.WORKING_HOUR: 18_750,
    LimitUnit.WORKING_DAY: 2_500,
    LimitUnit.DAY: 3_653,
    LimitUnit.MONTH: 120,
}

# What people write instead of the short codes.
_SPELLINGS = {unit.value: unit for unit in LimitUnit} | {
    "分钟": LimitUnit.MINUTE,
    "分": LimitUnit.MINUTE,
    "小时": LimitUnit.HOUR,
    "个小时": LimitUnit.HOUR,
    "工作小时": LimitUnit.WORKING_HOUR,
    "个工作小时": LimitUnit.WORKING_HOUR,
    "工作日": LimitUnit.WORKING_DAY,
    "个工作日": LimitUnit.WORKING_DAY,
    "天": LimitUnit.DAY,
    "日": LimitUnit.DAY,
    "月": LimitUnit.MONTH,
    "个月": LimitUnit.MONTH,
}

_FORM = re.compile(r"([0-9]{1,9})\s*([a-z]+|[一-鿿]+)")


@dataclass(frozen=True, slots=True)
class Limit:
    """So much time: `str()` gives the short code, `label` the Chinese words. Raises `LimitError` when out of range."""

    amount: int
    unit: LimitUnit

    def __post_init__(self) -> None:
        if self.amount < 1:
            raise LimitError("时限至少为 1。")
        if self.amount > _LARGEST[self.unit]:
            raise LimitError(f"时限 {self} 超过十年，请改小。")

    def __str__(self) -> str:
        return f"{self.amount}{self.unit.value}"

    @property
    def label(self) -> str:
        """For people: 3个工作日, 30分钟."""
        return f"{self.amount}{self.unit.label}"


def parse_limit(text: str) -> Limit:
    """Read `90m` `2h` `3wh` `3wd` `7d` `3mo`, or the Chinese words (`3个工作日`). Raises `LimitError`."""
    match = _FORM.fullmatch(unicodedata.normalize("NFKC", text).strip().lower())
    unit = _SPELLINGS.get(match[2]) if match else None
    if match is None or unit is None:
        raise LimitError(f"看不懂时限“{text[:20]}”，请写成 90m、2h、3wh、3wd、7d 或 3mo。")
    return Limit(int(match[1]), unit)
