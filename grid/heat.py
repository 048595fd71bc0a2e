"""Hot matters: themes that a community reports far more often than it used to. Pure: counts in, figures out.

`now`: reports of the last three days, today among them. `usual`: the mean of the four weeks before, for as many days.
`growth` = now ÷ usual, where usual counts as half a report at least: what never happened before is not infinitely hot.
A cluster is hot from three reports and twice the usual on. Merged reports count: how many people speak is what the figure is about.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from grid.city import City
from storage.columns import AreaLevel
from storage.heat import ThemeCount

NOW_DAYS = 3
BEFORE_DAYS = 28
LEAST_REPORTS = 3
LEAST_GROWTH = 2.0
_LEAST_USUAL = 0.5

_Cluster = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Heat:
    """One hot cluster: a theme of a category in a community (or in the area itself, where cases name nothing smaller)."""

    area: str
    category: str
    theme: str
    now: int
    usual: float
    growth: float


def first_day(today: date) -> date:
    """The earliest local date that the figures of `today` look at."""
    return today - timedelta(days=NOW_DAYS + BEFORE_DAYS - 1)


def list_hot(city: City, counts: Iterable[ThemeCount], today: date) -> list[Heat]:
    """The hot clusters, those that grew by most reports first. `counts`: from `first_day(today)` on, by grid, theme and local date."""
    begin = today - timedelta(days=NOW_DAYS - 1)
    now: dict[_Cluster, int] = defaultdict(int)
    before: dict[_Cluster, int] = defaultdict(int)
    for one in counts:
        if one.theme and first_day(today) <= one.on <= today:
            cluster = (_community(city, one.area), one.category, one.theme)
            (now if one.on >= begin else before)[cluster] += one.count
    found = [_heat(cluster, count, before[cluster]) for cluster, count in now.items() if count >= LEAST_REPORTS]
    hot = [heat for heat in found if heat.growth >= LEAST_GROWTH]
    return sorted(hot, key=lambda heat: (heat.usual - heat.now, heat.area, heat.category, heat.theme))


def _heat(cluster: _Cluster, now: int, before: int) -> Heat:
    usual = before * NOW_DAYS / BEFORE_DAYS
    return Heat(*cluster, now=now, usual=round(usual, 1), growth=round(now / max(usual, _LEAST_USUAL), 1))


def _community(city: City, area: str) -> str:
    chain = city.list_chain(area) if area in city.areas else ()
    return next((node.code for node in chain if node.level is AreaLevel.COMMUNITY), area)
