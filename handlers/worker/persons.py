"""People by the names that workers type; namesakes are told apart by where they sit, or by the end of their number."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from grid.city import City, Person
from handlers.talk import WorkerTalk
from handlers.worker.answers import how_to

_EDGES = " ,，。、;；:：给到至为"
_TITLES = re.compile(r"^(?:同志|网格长|网格员|主任|书记|老师|师傅)")


@dataclass(frozen=True, slots=True)
class FoundPeople:
    """Everybody at work whom a typed name means, the nearest first, and what follows the name."""

    people: tuple[Person, ...]
    rest: str = ""


def take_person(city: City, text: str, near: str | None) -> FoundPeople:
    """The people that `text` begins with the name of; of namesakes those in the area, or with the number, that is written after it."""
    said = text.lstrip(_EDGES)
    names = {person.name for person in city.people.values() if person.name and said.startswith(person.name)}
    if not names:
        return FoundPeople(())
    name = max(names, key=len)
    rest = _TITLES.sub("", said[len(name) :].lstrip(), count=1).strip(_EDGES)
    people = [person for person in city.people.values() if person.name == name and person.is_at_work]
    people.sort(key=lambda person: (-_nearness(city, person, near), person.id))
    if len(people) <= 1:
        return FoundPeople(tuple(people), rest)
    return _narrow(city, people, rest)


def _nearness(city: City, person: Person, near: str | None) -> int:
    chain = set(city.areas[near].chain) if near is not None and near in city.areas else set()
    return max((len(chain & set(city.areas[seat.area].chain)) for seat in city.posts_of.get(person.id, ())), default=0)


def _narrow(city: City, people: Sequence[Person], rest: str) -> FoundPeople:
    digits = re.match(r"[（(]?(\d{4,11})[)）]?", rest)
    if digits:
        found = tuple(person for person in people if person.phone.endswith(digits[1]))
        return FoundPeople(found or tuple(people), rest[digits.end() :].strip(_EDGES))
    for person in people:
        area = next((name for name in _seats(city, person) if rest.startswith(name)), None)
        if area is not None:
            same = tuple(one for one in people if area in _seats(city, one))
            return FoundPeople(same, rest[len(area) :].strip(_EDGES))
    return FoundPeople(tuple(people), rest)


def _seats(city: City, person: Person) -> list[str]:
    return [city.area_name(seat.area) for seat in city.posts_of.get(person.id, ())]


def render_namesakes(talk: WorkerTalk, found: FoundPeople, start: str) -> str:
    """Who is called so, and how to say which one."""
    city = talk.desk.city
    lines = [
        f"{one.name}（{'、'.join(_seats(city, one)) or '没有岗位'}，尾号{one.phone[-4:]}）" for one in found.people[:8]
    ]
    first = found.people[0]
    example = how_to(talk, f"{start} {first.name} {first.phone[-4:]}")
    return "\n".join([f"有{len(found.people)}位{first.name}，请加上所在网格或手机尾号，例如：{example}。", *lines])
