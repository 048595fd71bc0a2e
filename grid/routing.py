"""Who gets a case: grid × category → the specialist's group, else the grid's, else its community's, street's, district's.

The first group that is bound and staffed gets it. Every decision can be explained, dry-run, and checked for coverage.
"""

from dataclasses import dataclass

from grid.city import AreaNode, City, GroupNode, Person, Seat
from storage.columns import AreaLevel, GroupKind, PostRole

# A complaint about somebody's conduct must not be read by him or his colleagues: these levels never see one.
_TOO_NEAR_FOR_CONDUCT = (AreaLevel.GRID, AreaLevel.COMMUNITY)


@dataclass(frozen=True, slots=True)
class Route:
    """Where a case goes. No group and no contact: nobody was found, the duty group looks at it (待研判)."""

    group: GroupNode | None
    person: Person | None
    contact: Person | None
    why: tuple[str, ...]

    @property
    def is_found(self) -> bool:
        """Whether somebody answers for the case now."""
        return self.group is not None or self.contact is not None


def find_route(
    city: City, area: str | None, category: str, *, conduct: bool = False, above: str | None = None
) -> Route:
    """Route a case of `area` and `category` (a code, or empty when unknown).

    `above`: start above this area (an escalation or a return). Never raises; a route that was not found says why.
    """
    if area is None or area not in city.areas:
        return Route(None, None, None, ("地点不明，由值班群研判",))
    if conduct:
        return _find_conduct_route(city, area, above)
    why: list[str] = []
    for node in _chain(city, area, above):
        group = _pick_group(city, node, category, why)
        if group is not None:
            # Whoever gave it back, or had it taken from him, does not answer for it any more.
            asked = node.code if above else area
            return Route(group, _pick_person(city, asked, node, category), None, tuple(why))
    why.append("各级均无可派的工作群，由值班群研判")
    return Route(None, None, None, tuple(why))


def _chain(city: City, area: str, above: str | None) -> list[AreaNode]:
    chain = list(city.list_chain(area))
    codes = [node.code for node in chain]
    return chain[codes.index(above) + 1 :] if above in codes else chain


def _pick_group(city: City, node: AreaNode, category: str, why: list[str]) -> GroupNode | None:
    name = city.area_name(node.code)
    groups = [group for group in city.groups_in.get(node.code, ()) if group.kind is GroupKind.WORK]
    fitting = [group for group in groups if not group.categories or category in group.categories]
    # A group for this category alone comes before one for everything.
    fitting.sort(key=lambda group: (not group.categories, group.id))
    if not fitting:
        why.append(f"{name}：没有对应的工作群")
        return None
    for group in fitting:
        if not group.can_be_told:
            why.append(f"{name}：“{group.name}”尚未绑定")
        elif not _is_staffed(city, node.code):
            why.append(f"{name}：无人在岗")
        else:
            why.append(f"{name}：派至“{group.name}”")
            return group
    return None


def _is_staffed(city: City, area: str) -> bool:
    return any(seat.person.is_at_work for seat in city.seats.get(area, ()))


def _pick_person(city: City, area: str, told: AreaNode, category: str) -> Person | None:
    # The grid's own specialist answers for the matter even when the news reaches him through the community's group.
    for code in dict.fromkeys((area, told.code)):
        for seat in city.seats.get(code, ()):
            if _is_specialist(seat, category):
                return seat.person
        lead = city.find_lead(code)
        if lead is not None:
            return lead
    return None


def _is_specialist(seat: Seat, category: str) -> bool:
    return seat.role is PostRole.SPECIALIST and seat.category == category and seat.person.is_at_work


def _find_conduct_route(city: City, area: str, above: str | None) -> Route:
    why = ["作风投诉：不进入网格和社区工作群"]
    for node in _chain(city, area, above):
        if node.level in _TOO_NEAR_FOR_CONDUCT:
            continue
        for seat in city.seats.get(node.code, ()):
            if seat.role is PostRole.CONDUCT and seat.person.is_at_work and seat.person.userid:
                why.append(f"{city.area_name(node.code)}：由作风投诉联系人办理")
                return Route(None, seat.person, seat.person, tuple(why))
        why.append(f"{city.area_name(node.code)}：没有在岗的作风投诉联系人")
    return Route(None, None, None, tuple(why))


@dataclass(frozen=True, slots=True)
class Gap:
    """A grid × category whose cases would reach nobody, or only somebody above the grid's community."""

    area: str
    category: str
    why: tuple[str, ...]


def list_gaps(city: City, categories: list[str]) -> list[Gap]:
    """Each grid × category that nobody answers for."""
    gaps = []
    for node in city.list_grids():
        for category in categories:
            route = find_route(city, node.code, category)
            if not route.is_found:
                gaps.append(Gap(node.code, category, route.why))
    return gaps


def list_deaf_groups(city: City) -> list[GroupNode]:
    """Groups that cannot be told or cannot answer."""
    return [group for group in city.groups.values() if not (group.can_be_told and group.can_answer)]
