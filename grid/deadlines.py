"""How long a case may take, per category and urgency, and the two moments that are promised when it opens.

Times differ from place to place, so every limit is a setting (`[deadlines]`); the defaults are below. Keys read
`CATEGORY.URGENCY.STAGE`, for example `urban_property.normal.resolve = "3wd"`; `all.normal.resolve` sets every category at once
and a category's own key wins over it, wherever it stands. `[deadlines.areas."CODE"]` has the same keys for an area and what lies in
it; the nearest area upwards wins.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from grid.calendar import Due, WorkCalendar
from grid.limits import Limit, LimitError, parse_limit
from nlp.reading import Category, Urgency

EVERY = "all"
STAGES = ("accept", "answer", "resolve", "check", "reply")
_AREAS = "areas."


class DeadlineFaults(ValueError):
    """A `[deadlines]` section that cannot be used; `faults` lists every fault, each a Chinese sentence."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Pace:
    """How soon somebody must accept a case, how soon its reporter hears anything of it (程序性答复), how soon it must be resolved,
    checked once it is, and how soon its reporter must have a final answer (实质性答复); all but the check count from its opening.
    """

    accept: Limit
    resolve: Limit
    answer: Limit
    check: Limit
    reply: Limit

    def limit(self, stage: str) -> Limit:
        """The limit of one of `STAGES`."""
        found: Limit = getattr(self, stage)
        return found


@dataclass(frozen=True, slots=True)
class Promise:
    """The moments promised for one case. `provisional` (暂定): one of them waits for a holiday notice."""

    accept: Due
    resolve: Due

    @property
    def provisional(self) -> bool:
        """Whether either moment may still move."""
        return self.accept.provisional or self.resolve.provisional


def _pace(accept: str, resolve: str, answer: str, check: str, reply: str) -> Pace:
    return Pace(*map(parse_limit, (accept, resolve, answer, check, reply)))


DEFAULT_PACES: Mapping[Urgency, Pace] = {
    Urgency.NORMAL: _pace("2wh", "3wd", "7d", "1wd", "3mo"),
    Urgency.URGENT: _pace("30m", "24h", "4h", "8h", "7d"),
    Urgency.EMERGENCY: _pace("10m", "4h", "1h", "2h", "3d"),
}
"""Ordinary matters keep office hours; urgent ones and emergencies run on the clock, day and night."""


class Deadlines:
    """The paces in force. Build it with `parse_deadlines`, or bare for the defaults."""

    def __init__(
        self,
        paces: Mapping[tuple[Category, Urgency], Pace] | None = None,
        by_area: Mapping[str, Mapping[tuple[str, str, str], Limit]] | None = None,
    ) -> None:
        self._paces, self._by_area = dict(paces or {}), dict(by_area or {})
        self._kept: dict[tuple[Category | None, Urgency, tuple[str, ...]], Pace] = {}

    @property
    def differs_by_area(self) -> bool:
        """Whether any area has times of its own."""
        return bool(self._by_area)

    def pace(self, category: Category | None, urgency: Urgency, chain: tuple[str, ...] = ()) -> Pace:
        """The limits of a case; None, a category not yet known, goes by the defaults. `chain`: its area and those above, nearest first."""
        default = DEFAULT_PACES[urgency]
        pace = self._paces.get((category, urgency), default) if category else default
        if not self._by_area:
            return pace
        own = tuple(code for code in chain if code in self._by_area)
        if not own:
            return pace
        key = category, urgency, own
        if key not in self._kept:
            self._kept[key] = self._pace_of_area(pace, category, urgency, own)
        return self._kept[key]

    def _pace_of_area(self, pace: Pace, category: Category | None, urgency: Urgency, own: tuple[str, ...]) -> Pace:
        kind = category.value if category else EVERY
        for code in reversed(own):
            set_here = self._by_area[code]
            for word in (EVERY, kind):
                found = {
                    stage: set_here[word, urgency.value, stage]
                    for stage in STAGES
                    if (word, urgency.value, stage) in set_here
                }
                pace = replace(pace, **found)
        return pace

    def promise(
        self,
        category: Category | None,
        urgency: Urgency,
        opened_at: datetime,
        calendar: WorkCalendar,
        chain: tuple[str, ...] = (),
    ) -> Promise:
        """The due moments of a case opened at the aware moment `opened_at`. Raises `MomentError` for a naive one."""
        pace = self.pace(category, urgency, chain)
        accept, resolve = calendar.due(opened_at, pace.accept), calendar.due(opened_at, pace.resolve)
        # Whatever is configured, nobody may accept later than he must have finished.
        return Promise(accept if accept.at <= resolve.at else resolve, resolve)


def parse_deadlines(section: Mapping[str, object]) -> Deadlines:
    """Read the section, with dotted or nested keys. Raises `DeadlineFaults` with all faults together."""
    faults: list[str] = []
    settings: dict[tuple[str, Urgency, str], Limit] = {}
    by_area: dict[str, dict[tuple[str, str, str], Limit]] = {}
    for key, value in _flatten(section):
        try:
            area, rest = _parse_area(key)
            category, urgency, stage = _parse_key(rest)
            limit = _parse_value(value)
        except LimitError as error:
            faults.append(f"[deadlines] {key}：{error}")
            continue
        if area:
            by_area.setdefault(area, {})[category, urgency.value, stage] = limit
        else:
            settings[category, urgency, stage] = limit
    if faults:
        raise DeadlineFaults(tuple(faults))
    paces = {(category, urgency): _chosen(settings, category, urgency) for category in Category for urgency in Urgency}
    return Deadlines(paces, by_area)


def _flatten(section: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, value in section.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _parse_area(key: str) -> tuple[str, str]:
    """`areas.2308.all.normal.accept` → its area and the rest; an area's code may have dots itself."""
    if not key.startswith(_AREAS):
        return "", key
    parts = key.removeprefix(_AREAS).rsplit(".", 3)
    if len(parts) != 4:
        raise LimitError('区域的配置项应写在 [deadlines.areas."区域编码"] 下。')
    return parts[0], ".".join(parts[1:])


def _parse_key(key: str) -> tuple[str, Urgency, str]:
    parts = key.split(".")
    if len(parts) != 3:
        raise LimitError("配置项应写成“类别.紧急程度.环节”，例如 all.normal.accept。")
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
    found = {
        stage: settings.get((category.value, urgency, stage))
        or settings.get((EVERY, urgency, stage))
        or default.limit(stage)
        for stage in STAGES
    }
    return Pace(**found)
