"""From the places that a text names to an area, with candidates where it is not sure.

The address rules come from outside (`PlaceRule`); a name found in the text is the strongest ground, parts of the
address narrow it, the writer's home area breaks ties. A guess is never silent: below `SURE` the caller may ask.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from rapidfuzz.distance import OSA

from nlp import address
from nlp.hits import Hit, list_common, list_meant, list_without_roads
from nlp.numerals import parse_number
from nlp.reading import PlaceMention, PlaceReading, PlaceRule
from nlp.text import normalise
from nlp.words import LongestFinder

SURE = 0.9
"""From here on a place is used without a word; below, the reply names it so that the person can object."""
MOST_CANDIDATES = 6

_HOME = re.compile(
    r"我家|我们(?:小区|楼|单元|这|院|村|家|社区)|咱们?(?:小区|楼|单元|这|院|村|社区)|俺们?(?:小区|楼|村|家)|本小区|本村|本楼|自家|家里|楼上|楼下|隔壁|对门|小区里|小区门口"
)
_SUFFIXES = {
    "estate": ("小区", "家属楼", "家属院"),
    "community": ("社区居委会", "社区居民委员会", "村委会", "居委会"),
    "village": ("村委会", "村民委员会"),
}
# Alone these are ordinary words; as the name of a place they count only next to a building, a number or 小区.
_SHORT = 2


class Gazetteer:
    """An index over address rules. Built once (60,000 names in about a second), then only read."""

    def __init__(self, rules: Iterable[PlaceRule]) -> None:
        by_name: defaultdict[str, list[PlaceRule]] = defaultdict(list)
        for rule in rules:
            for name in _spellings(rule):
                by_name[name].append(rule)
        self._names = list(by_name)
        self._rules = [tuple(dict.fromkeys(by_name[name])) for name in self._names]
        self._finder = LongestFinder(self._names)
        self._alike: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        for place, name in enumerate(self._names):
            for key in {("", name[:2]), (name[:1], name[-1:])}:
                self._alike[key].append(place)

    def __len__(self) -> int:
        return len(self._names)

    def read(self, text: str, home: str | None = None) -> PlaceReading | None:
        """All of a normalised text: its mention and the area. None where it names no place and no home is known."""
        mentions = address.find_mentions(text)
        buildings = tuple(dict.fromkeys(one.building for one in mentions if one.building)) if mentions[1:] else ()
        return self.find(text, address.merge(mentions[:3]), home, buildings)

    def find(
        self, text: str, mention: PlaceMention | None, home: str | None = None, buildings: tuple[str, ...] = ()
    ) -> PlaceReading | None:
        """The area for a normalised text whose address parts are known already. `home`: the writer's own area.

        `buildings`: every building that the text names, where there are several.
        """
        if hits := list_meant(text, self._list_hits(text, mention)):
            return _decide(text, hits, _with_name(mention, hits), home, buildings)
        if mention and mention.estate and (slips := self._slips(mention.estate)):
            return PlaceReading(None, 0.3, slips, True, mention, f"没有“{mention.estate}”，名称相近的有几处")
        return _without_name(text, mention, home)

    def _list_hits(self, text: str, mention: PlaceMention | None) -> list[Hit]:
        hits = []
        for place, start, end in self._finder.find_all(text[: address.LONGEST_READ]):
            name = self._names[place]
            if len(name) > _SHORT or _is_address(text, end, mention):
                hits.append(Hit(name, start, end, self._rules[place]))
        return hits

    def _slips(self, estate: str) -> tuple[str, ...]:
        """Whose name is one character off, or begins with what was said: 如意小区 for 如意云邸."""
        if len(estate) < 3:
            return ()
        short = estate.removesuffix("小区")
        near = [
            place
            for place in self._list_alike(estate, short)
            if _is_short_for(short, estate, self._names[place])
            or any(_is_slip(said, self._names[place]) for said in (estate, short) if len(said) > _SHORT)
        ]
        return _areas(rule for place in near for rule in self._rules[place])[:MOST_CANDIDATES]

    def _list_alike(self, *said: str) -> list[int]:
        """The names that one slip behind the first character can make of what was said: they have its first two characters, or
        its first and last, or (two characters changed places) its first and third."""
        keys = {key for one in said for key in (("", one[:2]), (one[:1], one[-1:]), ("", one[:1] + one[2:3]))}
        return sorted({place for key in keys for place in self._alike.get(key, ())})


def _is_short_for(short: str, estate: str, name: str) -> bool:
    return short != estate and len(short) >= 2 and name.startswith(short)


def _is_slip(estate: str, name: str) -> bool:
    return abs(len(name) - len(estate)) <= 1 and OSA.distance(name, estate, score_cutoff=1) <= 1


def _spellings(rule: PlaceRule) -> Iterator[str]:
    for name in (rule.name, *rule.aliases):
        plain = normalise(name).text.strip()
        if len(plain) >= 2:
            yield plain
        for suffix in _SUFFIXES.get(rule.kind, ()):
            stem = plain.removesuffix(suffix)
            if stem != plain and len(stem) >= 2:
                yield from _short_forms(rule.kind, stem)


def _short_forms(kind: str, stem: str) -> Iterator[str]:
    """What people call it: 向阳村村委会 → 向阳村, 文采社区居委会 → 文采社区, 阳光水岸小区 → 阳光水岸."""
    if kind == "estate":
        yield from [stem] if len(stem) > 2 else []
    elif stem.endswith(("村", "屯", "社区")):
        yield stem
    else:
        yield stem + ("社区" if kind == "community" else "村")


def _is_address(text: str, end: int, mention: PlaceMention | None) -> bool:
    return text.startswith(("小区", "家园", "花园"), end) or (
        mention is not None and mention.start <= end <= mention.end
    )


def _with_name(mention: PlaceMention | None, hits: list[Hit]) -> PlaceMention:
    """The mention with the names that the index is sure of."""
    hit = hits[0]
    known = mention or address.blank(hit.start, hit.end)
    names = {rule.kind: hit.name for hit in hits for rule in hit.rules}
    return known._replace(
        estate=names.get("estate") or names.get("landmark") or known.estate,
        road=names.get("road") or known.road,
        village=names.get("village") or known.village,
        start=min(known.start, hit.start),
        end=max(known.end, hit.end),
    )


def _decide(
    text: str, hits: list[Hit], mention: PlaceMention, home: str | None, buildings: tuple[str, ...]
) -> PlaceReading:
    names = "、".join(dict.fromkeys(hit.name for hit in hits))
    groups = [_areas(rule for rule in hit.rules if _fits(rule, mention, buildings)) for hit in hits]
    if not any(groups):
        areas = _areas(rule for hit in hits for rule in hit.rules)
        return PlaceReading(None, 0.3, areas[:MOST_CANDIDATES], True, mention, f"“{names}”没有这个门牌或楼号的网格")
    if exclusive := _exclusive(hits):
        return PlaceReading(exclusive, 0.97, (exclusive,), False, mention, f"“{names}”属于专属网格")
    if areas := list_common(groups):
        return _narrow(areas, names, mention, home)
    kept = list_without_roads(text, hits)
    areas = list_common(group for hit, group in zip(hits, groups, strict=True) if hit in kept)
    if len(areas) == 1:
        return PlaceReading(areas[0], 0.85, areas, False, mention, f"“{names}”不在一处，按小区名找到")
    every = tuple(dict.fromkeys(area for group in groups for area in group))
    return PlaceReading(None, 0.3, every[:MOST_CANDIDATES], True, mention, f"提到的“{names}”不在一处，需要确认")


def _exclusive(hits: list[Hit]) -> str | None:
    """The one 专属网格 that is named, unless another place of its own is named too: its road and its community are around it."""
    found = _areas(rule for hit in hits for rule in hit.rules if rule.exclusive)
    if len(found) != 1:
        return None
    ordinary = [hit for hit in hits if not any(rule.exclusive for rule in hit.rules)]
    return found[0] if all(hit.is_kind("road", "community") for hit in ordinary) else None


def _narrow(areas: tuple[str, ...], names: str, mention: PlaceMention, home: str | None) -> PlaceReading:
    if len(areas) == 1:
        return PlaceReading(areas[0], 0.95, areas, False, mention, f"按“{names}”找到")
    if home in areas:
        return PlaceReading(
            home, 0.75, areas[:MOST_CANDIDATES], False, mention, f"“{names}”有{len(areas)}处，取本人所在网格"
        )
    share = round(min(0.5, 1 / len(areas)), 2)
    return PlaceReading(
        None, share, areas[:MOST_CANDIDATES], True, mention, f"“{names}”分属{len(areas)}个网格，需要确认"
    )


def _without_name(text: str, mention: PlaceMention | None, home: str | None) -> PlaceReading | None:
    named = mention is not None and any((mention.estate, mention.road, mention.village))
    if home is None:
        return PlaceReading(None, 0.0, (), True, mention, "提到的地点不在地址库中") if mention else None
    if named:
        return PlaceReading(home, 0.4, (home,), True, mention, "提到的地点不在地址库中，暂按本人所在网格")
    if mention or _HOME.search(text):
        return PlaceReading(home, 0.9, (home,), False, mention, "说的是自己家附近，按本人所在网格")
    return PlaceReading(home, 0.6, (home,), False, mention, "没有提到地点，按本人所在网格")


def _areas(rules: Iterable[PlaceRule]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(rule.area for rule in rules))


def _fits(rule: PlaceRule, mention: PlaceMention, buildings: tuple[str, ...]) -> bool:
    if rule.kind == "estate" and rule.buildings and mention.building:
        if not buildings:
            return _has_building(rule.buildings, mention.building)
        return any(_has_building(rule.buildings, one) for one in buildings)
    number = parse_number(mention.number) if mention.number and rule.kind == "road" else None
    if number is None:
        return True
    in_range = (rule.from_number or 0) <= number and (rule.to_number is None or number <= rule.to_number)
    return in_range and rule.parity in ("", "odd" if number % 2 else "even")


def _has_building(buildings: tuple[int, int], name: str) -> bool:
    building = parse_number(name)
    return building is None or buildings[0] <= building <= buildings[1]
