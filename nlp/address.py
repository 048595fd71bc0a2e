"""Read the parts of an address before any word is cut: 阳光水岸12号楼3单元402, 长安路88号, 向阳村三组.

All patterns repeat within bounds, so that the time stays linear in the length of the text.
"""

from __future__ import annotations

import re

from nlp.lexicon import read_table
from nlp.numerals import NUMERAL_CHARACTERS, normalise_number
from nlp.reading import PlaceMention
from nlp.words import LongestFinder


def _words(kind: str) -> frozenset[str]:
    return frozenset(word for _, (name, words) in read_table("places.tsv") if name == kind for word in words.split())


_NUMBER = rf"(?:\d{{1,4}}|[{NUMERAL_CHARACTERS}]{{1,5}})"
_HAN = r"[\u4e00-\u9fff]"
LONGEST_READ = 100
"""Characters in which places are looked for."""
_SPACE = r"[ 的]?"

_INSIDE = re.compile(
    rf"""
    (?<![\d-])(?:(?P<dash_building>\d{{1,3}})[-#](?P<dash_unit>\d{{1,2}})-(?P<dash_room>\d{{2,4}})(?![\d-]))
    |
    (?P<building>[a-z]{{1,2}}?\d{{1,3}}|[a-z]|{_NUMBER})
      (?:号楼|栋楼?|幢楼?|座(?!机|谈|位|椅)|\#楼?|号(?=[ ,，]?{_NUMBER}单元)|楼(?=[ ,，]?{_NUMBER}(?:单元|门)))
      (?:{_SPACE}[,，]?(?P<unit>{_NUMBER})(?:单元|门(?!口|前|后|店|面)))?
      (?:{_SPACE}[,，]?(?:{_NUMBER}(?:楼|层))?(?P<room>\d{{3,4}}|{_NUMBER}(?=室|号房|户(?!型|口)))(?:室|号房|号|户(?!型|口))?(?![\d年元块万米平%度]))?
    |
    (?<![\d一二三四五六七八九十几每各个])(?P<lone_unit>{_NUMBER})单元
      (?:{_SPACE}[,，]?(?P<lone_room>\d{{3,4}}|{_NUMBER}(?=室|户))(?:室|户)?(?![\d年元块]))?
    """,
    re.VERBOSE,
)
_SIGN_INSIDE = re.compile(r"号楼|单元|栋|幢|座|#|楼|-\d")
_HAS_INSIDE = re.compile(
    rf"[\da-z{NUMERAL_CHARACTERS}](?:号楼|[栋幢座#]|单元|[号楼][ ,，]?[\d{NUMERAL_CHARACTERS}])|\d-\d"
)
"""Every match of `_INSIDE` contains one of these (and `_SIGN_INSIDE`, found faster still): where neither is, the long
pattern need not try each place."""
_ESTATE_BEFORE = re.compile(rf"({_HAN}{{2,12}}(?:[a-z\d一二三四五六七八九]{{1,2}}[期区])?)$")
_ROADS = _words("road")
_VILLAGES = _words("village")
_ESTATES = _words("estate")
# What makes a name, found first: looking for the name from every character on would cost eight times as much.
_SUFFIXES = LongestFinder([*_ROADS, *_VILLAGES, *_ESTATES])
_AFTER_ROAD = re.compile(
    rf"(?![灯面况过人由程费径沿政坊])(?P<side>[东西南北中][段路街])?(?:(?P<number>{_NUMBER})(?:-\d{{1,4}})?号(?!楼|线|车)院?)?"
)
_AFTER_VILLAGE = re.compile(rf"(?!民|委|官|里|主任|支书|书记|干部|长|子里)(?:(?P<number>{_NUMBER})(?:组|队|社))?")
_AFTER_ESTATE = re.compile(r"(?!区)(?:[一二三四五六七八九\d]期)?")
_LONGEST_NAME = 8
_NO_HAN = re.compile(r"[^\u4e00-\u9fff]")
# What may stand before a name without belonging to it: 我家住在… , 请问…, 位于…
_LEADS = _words("lead")
_LEAD_ENDS = frozenset(lead[-1] for lead in _LEADS)
_LED = re.compile(f".*(?:{'|'.join(sorted(_LEADS, key=len, reverse=True))})")
"""Up to the end of the last of them."""
_DISTRICTS = frozenset("区市县镇乡")
_DISTRICT = re.compile(r"^.{1,6}(?:(?<!小)区|市|县|镇|乡)(?=.{2,}$)")
_NO_NAME = _words("no_name")


def find_mentions(text: str) -> list[PlaceMention]:
    """The places that a normalised text names, in its order; a name and the building that follows are one mention.

    Only the first `LONGEST_READ` characters are read: a petition says at its beginning where it is.
    """
    text = text[:LONGEST_READ]
    has_inside = _SIGN_INSIDE.search(text) and _HAS_INSIDE.search(text)
    inside = [_inside(text, found) for found in _INSIDE.finditer(text)] if has_inside else []
    named = _named(text, inside)
    joined = _joined(inside, named) if inside else named
    return sorted(joined, key=lambda mention: (mention.start, mention.end)) if len(joined) > 1 else joined


def merge(mentions: list[PlaceMention]) -> PlaceMention | None:
    """One mention with the parts of all, the first of each part; None of none.

    Its span is that of the first and what follows it closely: words between two mentions belong to the matter.
    """
    if len(mentions) < 2:
        return mentions[0] if mentions else None
    first, end = mentions[0], mentions[0].end
    for one in mentions[1:]:
        if one.start - end > _CLOSE:
            break
        end = max(end, one.end)
    estate, building, unit, room = first.estate, first.building, first.unit, first.room
    road, number, village = first.road, first.number, first.village
    for one in mentions[1:]:
        estate, building = estate or one.estate, building or one.building
        unit, room = unit or one.unit, room or one.room
        road, number, village = road or one.road, number or one.number, village or one.village
    return PlaceMention(estate, building, unit, room, road, number, village, first.start, end)


_CLOSE = 4
"""So few characters may stand between two parts of one address: 阳光水岸的12号楼."""


def blank(start: int, end: int) -> PlaceMention:
    """A mention without any part."""
    return PlaceMention(None, None, None, None, None, None, None, start, end)


def trim_name(name: str) -> str:
    """Cut what only leads up to a name: 我家住在阳光水岸 → 阳光水岸."""
    if not _LEAD_ENDS.isdisjoint(name) and (led := _LED.match(name)):
        name = name[led.end() :]
    if _DISTRICTS.isdisjoint(name) or not (district := _DISTRICT.match(name)):
        return name
    rest = name[district.end() :]
    return name if rest in _NO_NAME else rest


def _inside(text: str, found: re.Match[str]) -> PlaceMention:
    dash_building, dash_unit, dash_room, building, unit, room, lone_unit, lone_room = found.groups()
    building, unit, room = dash_building or building, dash_unit or unit or lone_unit, dash_room or room or lone_room
    start, end = found.span()
    name = _estate_before(text, start) if building else None
    return PlaceMention(
        name, _clean(building), _clean(unit), _clean(room), None, None, None, start - len(name or ""), end
    )


def _estate_before(text: str, start: int) -> str | None:
    """The name that stands right before a building."""
    before = _ESTATE_BEFORE.search(text, max(0, start - 15), start)
    name = trim_name(before[1]) if before else ""
    return name if len(name) > 1 and name not in _NO_NAME else None


def _clean(number: str | None) -> str | None:
    return None if number is None else normalise_number(number)


def _named(text: str, inside: list[PlaceMention]) -> list[PlaceMention]:
    taken = [(one.start, one.end) for one in inside if one.estate]
    mentions = []
    for _, at, end in _SUFFIXES.find_all(text):
        # The 汉字 before it, as far as they can be its name.
        before = _NO_HAN.split(text[max(0, at - _LONGEST_NAME) : at])[-1]
        name = trim_name(before + text[at:end])
        start = end - len(name)
        if len(name) <= end - at or name in _NO_NAME or (taken and any(a <= start < b for a, b in taken)):
            continue
        if mention := _with_rest(text, text[at:end], name, start, end):
            mentions.append(mention)
    return mentions


def _with_rest(text: str, suffix: str, name: str, start: int, end: int) -> PlaceMention | None:
    if suffix in _ROADS and (rest := _AFTER_ROAD.match(text, end)):
        side, number = rest.groups()
        return PlaceMention(None, None, None, None, name + (side or ""), _clean(number), None, start, rest.end())
    if suffix in _VILLAGES and (rest := _AFTER_VILLAGE.match(text, end)):
        return PlaceMention(None, None, None, None, None, _clean(rest[1]), name, start, rest.end())
    if suffix in _ESTATES and len(name) > 2 and (rest := _AFTER_ESTATE.match(text, end)):
        return PlaceMention(name + rest[0], None, None, None, None, None, None, start, rest.end())
    return None


def _joined(inside: list[PlaceMention], named: list[PlaceMention]) -> list[PlaceMention]:
    # 长安路88号3号楼: the yard of a road and the building in it touch each other.
    rest = list(named)
    for place, one in enumerate(inside):
        for other in named:
            if other in rest and 0 <= one.start - other.end <= 2 and (joined := merge([other, one])):
                inside[place] = one = joined
                rest.remove(other)
            elif other in rest and other.start >= one.start and other.end <= one.end:
                rest.remove(other)
    return [*inside, *rest]
