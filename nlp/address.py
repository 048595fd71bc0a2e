"""Read the parts of an address before any word is cut: 阳光水岸12号楼3单元402, 长安路88号, 向阳村三组.

All patterns repeat within bounds, so that the time stays linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from nlp.lexicon import read_table
from nlp.numerals import NUMERAL_CHARACTERS, normalise_number
from nlp.reading import PlaceMention


def _words(kind: str) -> frozenset[str]:
    return frozenset(word for _, (name, words) in read_table("places.tsv") if name == kind for word in words.split())


_NUMBER = rf"(?:\d{{1,4}}|[{NUMERAL_CHARACTERS}]{{1,5}})"
_HAN = r"[\u4e00-\u9fff]"
LONGEST_READ = 150
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
_HAS_INSIDE = re.compile(r"号楼|单元|栋|幢|座|#|楼|-\d")
_ESTATE_BEFORE = re.compile(rf"({_HAN}{{2,12}}(?:[a-z\d一二三四五六七八九]{{1,2}}[期区])?)$")
_ROADS = _words("road")
_VILLAGES = _words("village")
_ESTATES = _words("estate")
# What makes a name, found first: looking for the name from every character on would cost eight times as much.
_SUFFIX = re.compile("|".join(sorted([*_ROADS, *_VILLAGES, *_ESTATES], key=len, reverse=True)))
_AFTER_ROAD = re.compile(
    rf"(?![灯面况过人由程费径沿政坊])(?P<side>[东西南北中][段路街])?(?:(?P<number>{_NUMBER})(?:-\d{{1,4}})?号(?!楼|线|车)院?)?"
)
_AFTER_VILLAGE = re.compile(rf"(?!民|委|官|里|主任|支书|书记|干部|长|子里)(?:(?P<number>{_NUMBER})(?:组|队|社))?")
_AFTER_ESTATE = re.compile(r"(?!区)(?:[一二三四五六七八九\d]期)?")
_NAME_BEFORE = re.compile(rf"{_HAN}{{1,8}}$")
# What may stand before a name without belonging to it: 我家住在… , 请问…, 位于…
_LEAD = re.compile(
    r"^.*(?:我家|我们|咱们|俺们|你们|他们|家住|位于|地址|附近|旁边|对面|反映|投诉|举报|请问|您好|你好|领导|尊敬|业主|居民|这个|整个|"
    r"最近|现在|今天|昨天|昨晚|因为|关于|希望|本人|靠近|隔壁|门口|在|住|是|从|到|把|被|去|叫|就|的|请|问|我|你|他|这|那)"
)
_DISTRICT = re.compile(r"^.{1,6}(?:(?<!小)区|市|县|镇|乡)(?=.{2,}$)")
_NO_NAME = _words("no_name")


def find_mentions(text: str) -> list[PlaceMention]:
    """The places that a normalised text names, in its order; a name and the building that follows are one mention.

    Only the first `LONGEST_READ` characters are read: a petition says at its beginning where it is.
    """
    text = text[:LONGEST_READ]
    inside = [_inside(text, found) for found in _INSIDE.finditer(text)] if _HAS_INSIDE.search(text) else []
    return sorted(_joined(inside, list(_named(text, inside))), key=lambda mention: (mention.start, mention.end))


def merge(mentions: list[PlaceMention]) -> PlaceMention | None:
    """One mention with the parts of all, the first of each part; None of none.

    Its span is that of the first and what follows it closely: words between two mentions belong to the matter.
    """
    if not mentions:
        return None
    parts = {
        part: next((value for one in mentions if (value := getattr(one, part))), None)
        for part in ("estate", "building", "unit", "room", "road", "number", "village")
    }
    start, end = mentions[0].start, mentions[0].end
    for one in mentions[1:]:
        if one.start - end > _CLOSE:
            break
        end = max(end, one.end)
    return PlaceMention(**parts, start=start, end=end)


_CLOSE = 4
"""So few characters may stand between two parts of one address: 阳光水岸的12号楼."""


def blank(start: int, end: int) -> PlaceMention:
    """A mention without any part."""
    return PlaceMention(None, None, None, None, None, None, None, start, end)


def trim_name(name: str) -> str:
    """Cut what only leads up to a name: 我家住在阳光水岸 → 阳光水岸."""
    lead = _LEAD.match(name)
    name = name[lead.end() :] if lead else name
    district = _DISTRICT.match(name)
    rest = name[district.end() :] if district else name
    return name if rest in _NO_NAME else rest


def _inside(text: str, found: re.Match[str]) -> PlaceMention:
    part = found.groupdict()
    building = part["dash_building"] or part["building"]
    unit = part["dash_unit"] or part["unit"] or part["lone_unit"]
    room = part["dash_room"] or part["room"] or part["lone_room"]
    mention = replace(blank(*found.span()), building=_clean(building), unit=_clean(unit), room=_clean(room))
    before = _ESTATE_BEFORE.search(text, max(0, found.start() - 15), found.start())
    name = trim_name(before[1]) if before else ""
    if len(name) < 2 or name in _NO_NAME or mention.building is None:
        return mention
    return replace(mention, estate=name, start=found.start() - len(name))


def _clean(number: str | None) -> str | None:
    return None if number is None else normalise_number(number)


def _named(text: str, inside: list[PlaceMention]) -> Iterator[PlaceMention]:
    taken = [(one.start, one.end) for one in inside if one.estate]
    for suffix in _SUFFIX.finditer(text):
        before = _NAME_BEFORE.search(text, max(0, suffix.start() - 8), suffix.start())
        name = trim_name((before[0] if before else "") + suffix[0])
        start = suffix.end() - len(name)
        if len(name) > len(suffix[0]) and name not in _NO_NAME and not any(a <= start < b for a, b in taken):
            yield from _with_rest(text, suffix, name, start)


def _with_rest(text: str, suffix: re.Match[str], name: str, start: int) -> Iterator[PlaceMention]:
    if suffix[0] in _ROADS and (rest := _AFTER_ROAD.match(text, suffix.end())):
        yield replace(blank(start, rest.end()), road=name + (rest["side"] or ""), number=_clean(rest["number"]))
    elif suffix[0] in _VILLAGES and (rest := _AFTER_VILLAGE.match(text, suffix.end())):
        yield replace(blank(start, rest.end()), village=name, number=_clean(rest["number"]))
    elif suffix[0] in _ESTATES and len(name) > 2 and (rest := _AFTER_ESTATE.match(text, suffix.end())):
        yield replace(blank(start, rest.end()), estate=name + rest[0])


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
