"""Whom a notice is for: subtrees of areas × kinds of group × the residents bound there."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from grid.city import AreaNode, City, GroupNode
from grid.workflow import Refusal
from storage.columns import AreaKind, AreaLevel, GroupKind

NEIGHBOUR_METRES = 1500.0
"""Grids whose centres are as near as this are neighbours, besides those of the same community."""
_METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True, slots=True)
class Scope:
    """`areas`: whole subtrees; `groups`: kinds of group there (none: no group); `residents`: those bound there, too.

    `levels`, `kinds`: empty, or only groups (and residents) of areas of these levels and grids of these kinds.
    """

    areas: tuple[str, ...] = ()
    groups: tuple[GroupKind, ...] = (GroupKind.WORK,)
    residents: bool = False
    levels: tuple[AreaLevel, ...] = ()
    kinds: tuple[AreaKind, ...] = ()


def render_scope(scope: Scope) -> dict[str, Any]:
    """The scope as JSON; what is empty and optional is left out."""
    stored: dict[str, Any] = {
        "areas": list(scope.areas),
        "groups": [kind.value for kind in scope.groups],
        "residents": scope.residents,
    }
    optional = {"levels": [one.value for one in scope.levels], "kinds": [one.value for one in scope.kinds]}
    return stored | {name: values for name, values in optional.items() if values}


def parse_scope(stored: Mapping[str, Any]) -> Scope:
    """The scope back from its JSON. Raises `ValueError` for kinds that nobody knows."""
    return Scope(
        areas=tuple(stored.get("areas", ())),
        groups=tuple(GroupKind(one) for one in stored.get("groups", ())),
        residents=bool(stored.get("residents")),
        levels=tuple(AreaLevel(one) for one in stored.get("levels", ())),
        kinds=tuple(AreaKind(one) for one in stored.get("kinds", ())),
    )


def is_in_scope(city: City, scope: Scope, code: str) -> bool:
    """Whether the area `code` lies in the scope's areas and is of its kinds."""
    node = city.areas.get(code)
    if node is None or not any(area in node.chain for area in scope.areas):
        return False
    return not scope.kinds or (node.level is AreaLevel.GRID and node.kind in scope.kinds)


def list_groups(city: City, scope: Scope) -> list[GroupNode]:
    """The groups that the notice is for, also those that cannot be told; by area, then name."""
    found = [group for group in city.groups.values() if group.kind in scope.groups]
    found = [group for group in found if is_in_scope(city, scope, group.area)]
    if scope.levels:
        found = [group for group in found if city.areas[group.area].level in scope.levels]
    return sorted(found, key=lambda group: (group.area, group.name, group.id))


def find_common_area(city: City, codes: Iterable[str]) -> str | None:
    """The smallest area that holds all of these; None when there is none."""
    chains = [city.areas[code].chain for code in codes if code in city.areas]
    if not chains:
        return None
    shared = set(chains[0]).intersection(*map(set, chains[1:]))
    return next((code for code in chains[0] if code in shared), None)


def scope_name(city: City, scope: Scope) -> str:
    """`文采社区、学苑社区（农村网格）`."""
    names = "、".join(city.area_name(code) for code in scope.areas if code in city.areas)
    kinds = "、".join(KIND_NAMES[kind] for kind in scope.kinds)
    return f"{names}（{kinds}）" if kinds else names


KIND_NAMES = {
    AreaKind.URBAN: "城市网格",
    AreaKind.RURAL: "农村网格",
    AreaKind.REMOTE: "边远网格",
    AreaKind.EXCLUSIVE: "专属网格",
}


def find_scope_refusal(city: City, scope: Scope, residents: int) -> Refusal | None:
    """Why the scope reaches nobody at all, with what would; `residents`: how many it holds."""
    if not scope.areas:
        return Refusal("还没有发送范围，请写明区域名称，例如：本社区、全街道、文采社区。")
    groups = list_groups(city, scope)
    if any(group.can_be_told for group in groups) or (scope.residents and residents):
        return None
    where = scope_name(city, scope)
    why = f"{where}有{len(groups)}个群，但都还没有绑定，发不出去" if groups else f"{where}没有符合条件的群，也没有居民"
    return Refusal(f"{why}。{_would_match(city, scope)}")


def _would_match(city: City, scope: Scope) -> str:
    wider = [group for area in scope.areas for group in _groups_above(city, area)]
    names = list(dict.fromkeys(city.area_name(group.area) for group in wider))[:3]
    return f"可以改发：{'、'.join(names)}。" if names else "请换一个范围。"


def _groups_above(city: City, area: str) -> list[GroupNode]:
    inside = [group for group in city.groups.values() if city.is_inside(group.area, area) and group.can_be_told]
    above = [group for node in city.list_chain(area) for group in city.groups_in.get(node.code, ())]
    return inside + [group for group in above if group.can_be_told]


def list_neighbours(city: City, code: str) -> tuple[str, ...]:
    """The grids round the grid `code`, with itself: those of its community, and those with a centre near its own."""
    home = city.areas[code]
    near = [node.code for node in city.list_grids() if node.parent == home.parent or _is_near(home, node)]
    return tuple(dict.fromkeys((code, *near)))


def _is_near(one: AreaNode, other: AreaNode) -> bool:
    if one.latitude is None or one.longitude is None or other.latitude is None or other.longitude is None:
        return False
    north = (one.latitude - other.latitude) * _METRES_PER_DEGREE
    east = (one.longitude - other.longitude) * _METRES_PER_DEGREE * math.cos(math.radians(one.latitude))
    return math.hypot(north, east) <= NEIGHBOUR_METRES
