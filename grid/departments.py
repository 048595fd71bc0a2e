"""Whom a whistle (吹哨) can reach: departments above a place, by their groups or seats, and neighbouring grids."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grid.city import City, GroupNode, Seat
from grid.routing import find_route
from nlp.reading import Category
from storage.columns import AreaLevel, GroupKind, PostRole

# What lies higher is no neighbour: it is asked by 提级, and 向阳区住建局 means the department.
_NEIGHBOURS = (AreaLevel.GRID, AreaLevel.COMMUNITY)


@dataclass(frozen=True, slots=True)
class Department:
    """Whom a whistle reaches: a department's or a grid's group, or the people on its seats where the group cannot be told."""

    name: str
    group_id: int | None
    worker_ids: tuple[int, ...]
    targets: tuple[str, ...]


def find_departments(city: City, area: str | None, name: str) -> list[Department]:
    """The departments called `name` (part of a group's name, or a category) that are nearest above `area`; [] for none.

    Without an area those of the whole city are looked through.
    """
    for level in _levels(city, area):
        groups = [group for group in _departments_in(city, level) if _is_called(group, name)]
        exact = [group for group in groups if name in (group.name, _short_name(city, group))]
        found = [one for one in (_department(city, group) for group in exact or groups) if one is not None]
        if found:
            return found
        seats = _seats(city, level, _codes_of(name))
        if seats:
            return [_of_seats(name, seats)]
    return []


def list_department_names(city: City, area: str | None) -> list[str]:
    """The departments that can be called from `area`, nearest first."""
    groups = [group for level in _levels(city, area) for group in _departments_in(city, level)]
    return list(dict.fromkeys(_short_name(city, group) for group in groups if _department(city, group) is not None))


def _levels(city: City, area: str | None) -> list[list[str]]:
    if area is None or area not in city.areas:
        return [list(city.areas)]
    return [[node.code] for node in city.list_chain(area)]


def _departments_in(city: City, codes: Iterable[str]) -> list[GroupNode]:
    return [group for code in codes for group in city.groups_in.get(code, ()) if group.kind is GroupKind.DEPARTMENT]


def _is_called(group: GroupNode, name: str) -> bool:
    return name in group.name or any(code in group.categories for code in _codes_of(name))


def _codes_of(name: str) -> list[str]:
    return [category.value for category in Category if len(name) > 1 and name in category.label]


def _short_name(city: City, group: GroupNode) -> str:
    """`向阳区住建局席位群` in 向阳区 → `住建局`."""
    name = group.name.removeprefix(city.areas[group.area].name)
    return name.removesuffix("群").removesuffix("席位") or group.name


def _department(city: City, group: GroupNode) -> Department | None:
    name = _short_name(city, group)
    if group.can_be_told:
        return Department(name, group.id, (), (f"group:{group.id}",))
    seats = _seats(city, [group.area], sorted(group.categories))
    return _of_seats(name, seats, group.id) if seats else None


def _seats(city: City, codes: Iterable[str], categories: Sequence[str]) -> list[Seat]:
    seats = [seat for code in codes for seat in city.seats.get(code, ()) if seat.role is PostRole.DEPARTMENT]
    return [seat for seat in seats if seat.category in categories and seat.person.is_at_work and seat.person.userid]


def _of_seats(name: str, seats: Sequence[Seat], group_id: int | None = None) -> Department:
    people = {seat.person.id: seat.person for seat in seats}
    return Department(name, group_id, tuple(people), tuple(f"worker:{one.userid}" for one in people.values()))


def neighbour(city: City, area: str) -> Department | None:
    """The grid (or other area) `area` as one that can be called: by its own group; None where it has none that can be told."""
    route = find_route(city, area, "")
    if city.areas[area].level not in _NEIGHBOURS or route.group is None or route.group.area != area:
        return None
    return Department(city.area_name(area), route.group.id, (), (f"group:{route.group.id}",))
