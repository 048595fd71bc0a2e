"""The words that people say a scope with: 全县, 本社区, 文采社区、学苑社区, 农村网格, 网格群, 不发居民, 周边网格."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from grid.city import City
from grid.notices.scope import Scope, list_neighbours
from grid.workflow import Refusal
from nlp.numerals import render_number
from storage.columns import AreaKind, AreaLevel, GroupKind

FindPlace = Callable[[str], str | None]
"""From an estate or address to the code of its grid; None where that is not sure."""

_LEVELS = {
    "市": AreaLevel.CITY,
    "县": AreaLevel.DISTRICT,
    "区": AreaLevel.DISTRICT,
    "街道": AreaLevel.STREET,
    "镇": AreaLevel.STREET,
    "乡": AreaLevel.STREET,
    "社区": AreaLevel.COMMUNITY,
    "村": AreaLevel.COMMUNITY,
    "网格": AreaLevel.GRID,
}
_OWN = re.compile(r"(?:全|本|我们?)(市|县|区|街道|镇|乡|社区|村|网格)(?:范围)?")
_KINDS = {
    "城市网格": AreaKind.URBAN,
    "农村网格": AreaKind.RURAL,
    "边远网格": AreaKind.REMOTE,
    "专属网格": AreaKind.EXCLUSIVE,
}
_GROUP_KINDS: dict[str, tuple[GroupKind, ...]] = {
    "工作群": (GroupKind.WORK,),
    "值班群": (GroupKind.DUTY,),
    "部门群": (GroupKind.DEPARTMENT,),
    "席位群": (GroupKind.DEPARTMENT,),
    "全部群": tuple(GroupKind),
    "所有群": tuple(GroupKind),
}
_GROUP_LEVELS = {"网格群": AreaLevel.GRID, "社区群": AreaLevel.COMMUNITY, "街道群": AreaLevel.STREET}
_WITH_RESIDENTS = frozenset({"居民", "发居民", "含居民", "和居民", "群和居民", "包括居民"})
_NO_RESIDENTS = frozenset({"不发居民", "不含居民", "只发群", "仅群", "只发工作群", "仅工作群"})
_ONLY_RESIDENTS = frozenset({"只发居民", "仅居民"})
_NEIGHBOURS = frozenset({"周边", "周边网格", "相邻网格", "邻近网格"})
_NUMBERED = re.compile(r"第?(\d{1,2})(?:号)?网格")
_LIST = re.compile(r"[、和]")
_MOST_SIMILAR = 5


@dataclass(frozen=True, slots=True)
class ScopeSaid:
    """What a word said of the scope; `place`: the estate or address that stood for its grid."""

    scope: Scope
    place: str = ""


def read_scope_word(city: City, scope: Scope, word: str, near: str | None, find_place: FindPlace) -> ScopeSaid | None:
    """The scope with what `word` says of it; None when it says nothing of a scope. `near`: where the speaker is at home."""
    changed = _read_groups(scope, word) or _read_areas(city, scope, word, near)
    if changed is not None:
        return ScopeSaid(changed)
    grid = find_place(word)
    if grid is None:
        return None
    return ScopeSaid(replace(scope, areas=tuple(dict.fromkeys((*scope.areas, grid)))), word)


def _read_groups(scope: Scope, word: str) -> Scope | None:
    if word in _NO_RESIDENTS:
        return replace(scope, residents=False)
    if word in _WITH_RESIDENTS:
        return replace(scope, residents=True)
    if word in _ONLY_RESIDENTS:
        return replace(scope, residents=True, groups=())
    if word in _GROUP_KINDS:
        return replace(scope, groups=_GROUP_KINDS[word])
    if word in _GROUP_LEVELS:
        return replace(scope, levels=(_GROUP_LEVELS[word],), groups=(GroupKind.WORK,))
    if word in _KINDS:
        return replace(scope, kinds=tuple(dict.fromkeys((*scope.kinds, _KINDS[word]))))
    return None


def _read_areas(city: City, scope: Scope, word: str, near: str | None) -> Scope | None:
    codes: list[str] = []
    for name in filter(None, _LIST.split(word)):
        found = _find_areas(city, name, near)
        if not found:
            return None
        codes += found
    return replace(scope, areas=tuple(dict.fromkeys((*scope.areas, *codes)))) if codes else None


def _find_areas(city: City, name: str, near: str | None) -> tuple[str, ...]:
    own = _OWN.fullmatch(name)
    if own and near is not None:
        return _own_area(city, near, _LEVELS[own[1]])
    if name in _NEIGHBOURS and near in city.areas and near is not None:
        return list_neighbours(city, near) if city.areas[near].level is AreaLevel.GRID else ()
    return _named(city, name.removeprefix("全"), near)


def _own_area(city: City, near: str, level: AreaLevel) -> tuple[str, ...]:
    return tuple(node.code for node in city.list_chain(near) if node.level is level)


def _named(city: City, name: str, near: str | None) -> tuple[str, ...]:
    spelling = _NUMBERED.sub(lambda found: f"第{render_number(int(found[1]))}网格", name)
    found = city.find_area_by_name(spelling, near)
    if len(found) > 1 and near in city.areas and near is not None:
        chain = set(city.areas[near].chain)
        shared = [len(chain & set(node.chain)) for node in found[:2]]
        # Two of one name equally far away: neither is meant for sure.
        return (found[0].code,) if shared[0] > shared[1] else ()
    return (found[0].code,) if len(found) == 1 else ()


def explain_unknown(city: City, word: str) -> Refusal:
    """What to say to a scope that nobody knows: names like it."""
    said = word.strip()
    similar = sorted({city.area_name(code) for code, node in city.areas.items() if said and said[:2] in node.name})
    names = "、".join(similar[:_MOST_SIMILAR])
    hint = f"相近的有：{names}。" if names else "可以写：本社区、全街道，或社区、网格的名称。"
    return Refusal(f"没有找到发送范围“{said[:20]}”。{hint}")
