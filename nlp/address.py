"""Read the parts of an address before any word is cut: 阳光水岸12号楼3单元402, 长安路88号, 向阳村三组.

All patterns repeat within bounds, so that the time stays linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from nlp.numerals import NUMERAL_CHARACTERS, normalise_number
from nlp.reading import PlaceMention

_NUMBER = rf"(?:\d{{1,4}}|[{NUMERAL_CHARACTERS}]{{1,5}})"
_HAN = r"[\u4e00-\u9fff]"
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
_ROAD = re.compile(
    rf"(?P<road>{_HAN}{{1,8}}?(?:大道|大街|街道(?!办|社区|政府|工作|干部|领导)|路(?![灯面况过人由程费径沿政])|街(?!坊)|巷|胡同)(?:[东西南北中][段路街])?)"
    rf"(?:(?P<number>{_NUMBER})(?:-\d{{1,4}})?号(?!楼|线|车)(?P<yard>院)?)?"
)
_VILLAGE = re.compile(rf"(?P<village>{_HAN}{{1,6}}?(?:村|屯))(?P<group>{_NUMBER}(?:组|队|社))?(?!民|委|官|里|主任|支书|书记|干部|长|子里)")
_ESTATE_BEFORE = re.compile(rf"({_HAN}{{2,12}}(?:[a-z\d一二三四五六七八九]{{1,2}}[期区])?)$")
_ESTATE_NAMED = re.compile(
    rf"(?P<estate>{_HAN}{{1,8}}?(?:小区|花园|家园|花苑|公寓|嘉园|华庭|华府|名苑|雅苑|佳苑|新苑|水岸|名城|新城|豪庭|丽都|苑(?!区)|公馆|府邸|家属楼|家属院|大院|山庄|庄园|御园)(?:[一二三四五六七八九\d]期)?)"
)
# What may stand before a name without belonging to it: 我家住在… , 请问…, 位于…
_LEAD = re.compile(
    r"^.*(?:我家|我们|咱们|俺们|你们|他们|家住|位于|地址|附近|旁边|对面|反映|投诉|举报|请问|您好|你好|领导|尊敬|业主|居民|这个|整个|"
    r"最近|现在|今天|昨天|昨晚|因为|关于|希望|本人|靠近|隔壁|门口|在|住|是|从|到|把|被|去|叫|就|的|请|问|我|你|他|这|那)"
)
_DISTRICT = re.compile(r"^.{1,6}(?:(?<!小)区|市|县|镇|乡)(?=.{2,}$)")
_NO_NAME = frozenset(
    "小区 这小区 本小区 我小区 各小区 老旧小区 旧小区 老小区 新小区 住宅小区 安置小区 封闭小区 花园 家园 公寓 小区里 大院 新城 家属楼 家属院 "
    "农村 村 本村 我村 全村 各村 行政村 小区门口 自然村 同村 邻村 该村 新农村 某村 进村 出村 "
    "路 马路 公路 道路 街 大街 街道 修路 走路 这条路 条路 一条路 铁路 网路 线路 思路 出路 绕路 让路 堵路 占路 上路 过路 问路 小路 土路 大路 老路 "
    "水路 电路 旧路 烂路 主路 逛街 上街 步行街 商业街 小巷 巷 胡同 水泥路 柏油路 高速公路 国道 省道 乡村公路 乡道 回家的路 必经之路 断头路 套路 半路 一路 "
    "城中村 美丽乡村 小街 大马路".split()
)


def find_mentions(text: str) -> list[PlaceMention]:
    """The places that a normalised text names, in its order; a name and the building that follows are one mention."""
    inside = [_inside(text, found) for found in _INSIDE.finditer(text)]
    named = [*_roads(text), *_villages(text), *_estates(text, inside)]
    return sorted(_joined(inside, named), key=lambda mention: (mention.start, mention.end))


def merge(mentions: list[PlaceMention]) -> PlaceMention | None:
    """One mention with the parts of all, the first of each part; None of none."""
    if not mentions:
        return None
    parts = {
        part: next((value for one in mentions if (value := getattr(one, part))), None)
        for part in ("estate", "building", "unit", "room", "road", "number", "village")
    }
    return PlaceMention(**parts, start=min(one.start for one in mentions), end=max(one.end for one in mentions))


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


def _roads(text: str) -> Iterator[PlaceMention]:
    for found in _ROAD.finditer(text):
        name = trim_name(found["road"])
        if len(name) >= 2 and name not in _NO_NAME:
            start = found.start() + len(found["road"]) - len(name)
            yield replace(blank(start, found.end()), road=name, number=_clean(found["number"]))


def _villages(text: str) -> Iterator[PlaceMention]:
    for found in _VILLAGE.finditer(text):
        name = trim_name(found["village"])
        if len(name) >= 2 and name not in _NO_NAME:
            start = found.start() + len(found["village"]) - len(name)
            group = found["group"]
            number = _clean(group[:-1]) if group else None
            yield replace(blank(start, found.end()), village=name, number=number)


def _estates(text: str, inside: list[PlaceMention]) -> Iterator[PlaceMention]:
    taken = [(one.start, one.end) for one in inside if one.estate]
    for found in _ESTATE_NAMED.finditer(text):
        name = trim_name(found["estate"])
        start = found.end() - len(name)
        if len(name) >= 3 and name not in _NO_NAME and not any(a <= start < b or start <= a < found.end() for a, b in taken):
            yield replace(blank(start, found.end()), estate=name)


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
