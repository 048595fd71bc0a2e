"""How long a case may take, per category and urgency, and the two moments that are promised when it opens.

Times differ from place to place, so every limit is a setting (`[deadlines]`); the defaults are below. Keys read
`CATEGORY.URGENCY.STAGE`, for example `urban_property.normal.resolve = "3wd"`; `all.normal.resolve` sets every category at once
and a category's own key wins over it, wherever it stands.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from grid.calendar import Due, WorkCalendar
from grid.limits import Limit, LimitError, parse_limit
from nlp.reading import Category, Urgency

EVERY = "all"
STAGES = ("accept", "resolve")


class DeadlineFaults(ValueError):
    """A `[deadlines]` section that cannot be used; `faults` lists every fault, each a Chinese sentence."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Pace:
    """How soon somebody must accept a case, and how soon it must be resolved; both count from its opening."""

    accept: Limit
    resolve: Limit


@dataclass(frozen=True, slots=True)
class Promise:
    """The moments promised for one case. `provisional` (暂定): one of them waits for a holiday notice."""

    accept: Due
    resolve: Due

    @property
    def provisional(self) -> bool:
        """Whether either moment may still move."""
        return self.accept.provisional or self.resolve.provisional


def _pace(accept: str, resolve: str) -> Pace:
    return Pace(parse_limit(accept), parse_limit(resolve))


DEFAULT_PACES: Mapping[Urgency, Pace] = {
    Urgency.NORMAL: _pace("2wh", "3wd"),
    Urgency.URGENT: _pace("30m", "24h"),
    Urgency.EMERGENCY: _pace("10m", "4h"),
}
"""Ordinary matters keep office hours; urgent ones and emergencies run on the clock, day and night."""


class Deadlines:
    """The paces in force. Build it with `parse_deadlines`, or bare for the defaults."""

    def __init__(self, paces: Mapping[tuple[Category, Urgency], Pace] | None = None) -> None:
        self._paces = dict(paces or {})

    def pace(self, category: Category | None, urgency: Urgency) -> Pace:
        """The limits of a case; None, a category not yet known, goes by the defaults."""
        default = DEFAULT_PACES[urgency]
        return self._paces.get((category, urgency), default) if category else default

    def promise(
        self, category: Category | None, urgency: Urgency, opened_at: datetime, calendar: WorkCalendar
    ) -> Promise:
        """The due moments of a case opened at the aware moment `opened_at`. Raises `MomentError` for a naive one."""
        pace = self.pace(category, urgency)
        accept, resolve = calendar.due(opened_at, pace.accept), calendar.due(opened_at, pace.resolve)
        # Whatever is configured, nobody may accept later than he must have finished.
        return Promise(accept if accept.at <= resolve.at else resolve, resolve)


def parse_deadlines(section: Mapping[str, object]) -> Deadlines:
    """Read the section, with dotted or nested keys. Raises `DeadlineFaults` with all faults together."""
    faults: list[str] = []
    settings: dict[tuple[str, Urgency, str], Limit] = {}
    for key, value in _flatten(section):
        try:
            settings[_parse_key(key)] = _parse_value(value)
        except LimitError as error:
            faults.append(f"[deadlines] {key}：{error}")
    if faults:
        raise DeadlineFaults(tuple(faults))
    return Deadlines(
        {(category, urgency): _chosen(settings, category, urgency) for category in Category for urgency in Urgency}
    )


def _flatten(section: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, value in section.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _parse_key(key: str) -> tuple[str, Urgency, str]:
    parts = key.split(".")
    if len(parts) != 3:
        raise LimitError("配置项应写成“类别.紧急程度.accept 或 resolve”。")
    category, urgency, stage = parts
    known = (EVERY, *Category)
    if category not in known:
        raise LimitError(f"没有类别“{category}”，可用：{'、'.join(known)}。")
    if urgency not in tuple(Urgency):
        raise LimitError(f"没有紧急程度“{urgency}”，可用：{'、'.join(Urgency)}。")
    if stage not in STAGES:
        raise LimitError(f"没有环节“{stage}”，可用：{'、'.join(STAGES)}。")
    return category, Urgency(urgency), stage


def _parse_value(value: object) -> Limit:
    if not isinstance(value, str):
        raise LimitError('时限要加引号，例如 "3wd"。')
    return parse_limit(value)


def _chosen(settings: Mapping[tuple[str, Urgency, str], Limit], category: Category, urgency: Urgency) -> Pace:
    default = DEFAULT_PACES[urgency]
    accept, resolve = (
        settings.get((category.value, urgency, stage)) or settings.get((EVERY, urgency, stage)) or limit
        for stage, limit in zip(STAGES, (default.accept, default.resolve), strict=True)
    )
    return Pace(accept, resolve)
