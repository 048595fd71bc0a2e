"""Who hears of a delay: the group of the level that a colour belongs to, the next one up where that has none, at last the duty group."""

from dataclasses import dataclass

from grid.city import City, GroupNode, Person
from grid.desk import Desk
from grid.stages import Stage
from storage.columns import AreaLevel, Colour, GroupKind, PostRole
from storage.tables import Case

_HEIGHT = {level: height for height, level in enumerate(reversed(AreaLevel))}
# The lowest level that may read a complaint about somebody's conduct (docs/adr/0008).
_LOWEST_FOR_CONDUCT = AreaLevel.STREET


@dataclass(frozen=True, slots=True)
class Overseer:
    """Where a sheet goes. `target` as the outbox names it; without a group it is somebody's single chat."""

    target: str
    area: str | None
    level: str
    group_id: int | None = None


def find_overseer(desk: Desk, case: Case, stage: Stage, colour: Colour) -> Overseer | None:
    """Whoever a sheet of this colour goes to; None when nobody at all can be told."""
    level = desk.house.ladder.levels[colour]
    if case.conduct:
        return _find_contact(desk, case, colour, level) or _duty(desk.city)
    holder = desk.city.groups.get(case.group_id) if case.group_id else None
    # The check is somebody else's than the handler's: its first reminder goes above him too.
    if colour is Colour.BLUE and stage is not Stage.CHECK and holder is not None and holder.can_be_told:
        return _of_group(desk.city, holder)
    found = _find_group(desk.city, case, level, holder)
    if found is not None:
        return _of_group(desk.city, found)
    duty = _duty(desk.city)
    return duty if duty is not None or holder is None or not holder.can_be_told else _of_group(desk.city, holder)


def find_responsible(desk: Desk, case: Case) -> Person | None:
    """Whoever a delay is due to: the handler, else the person the case was routed to, else the lead of the group that has it."""
    city = desk.city
    routed = (case.routing or {}).get("person")
    for person_id in (case.handler_id, routed):
        person = city.people.get(person_id) if person_id else None
        if person is not None:
            return person
    group = city.groups.get(case.group_id) if case.group_id else None
    return city.find_lead(group.area) if group is not None else None


def _find_group(city: City, case: Case, level: AreaLevel, holder: GroupNode | None) -> GroupNode | None:
    if case.area_code is None or case.area_code not in city.areas:
        return None
    for node in city.list_chain(case.area_code):
        if _HEIGHT[node.level] < _HEIGHT[level]:
            continue
        fitting = [group for group in city.groups_in.get(node.code, ()) if _oversees(group, case.category)]
        # One for everything steers; a special group works itself.
        fitting.sort(key=lambda group: (bool(group.categories), group.id))
        for group in fitting:
            if holder is None or group.id != holder.id:
                return group
    return None


def _oversees(group: GroupNode, category: str) -> bool:
    return group.kind is GroupKind.WORK and group.can_be_told and (not group.categories or category in group.categories)


def _find_contact(desk: Desk, case: Case, colour: Colour, level: AreaLevel) -> Overseer | None:
    city = desk.city
    own = city.people.get(case.handler_id) if case.handler_id else None
    if own is not None and own.userid and colour in (Colour.BLUE, Colour.YELLOW):
        return Overseer(f"worker:{own.userid}", _area_of_contact(city, case, own), level.value)
    if case.area_code is None or case.area_code not in city.areas:
        return None
    lowest = max(_HEIGHT[level], _HEIGHT[_LOWEST_FOR_CONDUCT])
    for node in city.list_chain(case.area_code):
        if _HEIGHT[node.level] < lowest:
            continue
        for seat in city.seats.get(node.code, ()):
            is_contact = seat.role is PostRole.CONDUCT and seat.person.is_at_work and bool(seat.person.userid)
            if is_contact and (own is None or seat.person.id != own.id):
                return Overseer(f"worker:{seat.person.userid}", node.code, node.level.value)
    return None


def _area_of_contact(city: City, case: Case, person: Person) -> str | None:
    codes = [seat.area for seat in city.posts_of.get(person.id, ()) if seat.role is PostRole.CONDUCT]
    return next((code for code in codes if case.area_code and city.is_inside(case.area_code, code)), case.area_code)


def _of_group(city: City, group: GroupNode) -> Overseer:
    return Overseer(f"group:{group.id}", group.area, city.areas[group.area].level.value, group.id)


def _duty(city: City) -> Overseer | None:
    duty = city.find_duty_group()
    return _of_group(city, duty) if duty is not None and duty.can_be_told else None


def is_for_everybody(overseer: Overseer, case: Case) -> bool:
    """Whether what the case says may stand in the message: a complaint about conduct is never read out in a group."""
    return not case.conduct or overseer.group_id is None
