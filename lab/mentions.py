"""Made addresses as residents write them, for the residents of a replay."""

from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from random import Random

from lab.city import City
from lab.city_rows import PlaceRow
from nlp.numerals import render_number
from storage.columns import AreaLevel

_ESTATE_STYLES: tuple[Callable[[str, int, int, int], str], ...] = (
    lambda name, building, unit, room: f"{name}{building}号楼{unit}单元",
    lambda name, building, unit, room: f"{name}{building}号楼{unit}单元{room}室",
    lambda name, building, unit, room: f"{name}{building}-{unit}-{room}",
    lambda name, building, unit, room: f"{name}{render_number(building)}号楼{render_number(unit)}单元",
    lambda name, building, unit, room: f"我家在{name}{building}栋{unit}单元{room}",
    lambda name, building, unit, room: f"{name} {building}号楼",
    lambda name, building, unit, room: f"就是{name},{building}号楼{unit}单元这里",
)
_ROAD_STYLES = ("{name}{number}号", "{name}{number}号门前", "在{name}{number}号附近")
_NAME_STYLES = ("{name}", "{name}门口", "在{name}这边", "{name}附近")
_VILLAGE_STYLES = ("{name}", "我们{name}", "{name}村头", "在{name}")


def make_mention(city: City, rng: Random) -> tuple[str, str]:
    """An address in one of many styles, and the code of the grid it lies in; never a name that stands in two communities."""
    place = rng.choice(_list_clear(city))
    return _render(place, rng), place.area_code


def _render(place: PlaceRow, rng: Random) -> str:
    if place.kind == "estate":
        return _render_estate(place, rng)
    if place.kind == "road":
        return rng.choice(_ROAD_STYLES).format(name=place.name, number=_door(place, rng))
    styles = _VILLAGE_STYLES if place.kind == "village" else _NAME_STYLES
    return rng.choice(styles).format(name=place.name)


def _render_estate(place: PlaceRow, rng: Random) -> str:
    name = rng.choice((place.name, place.name, place.aliases or place.name))
    building = rng.randint(place.building_from or 1, place.building_to or 1)
    room = rng.randint(1, 6) * 100 + rng.randint(1, 4)
    return rng.choice(_ESTATE_STYLES)(name, building, rng.randint(1, 6), room)


def _door(place: PlaceRow, rng: Random) -> int:
    first, last = place.from_number or 1, place.to_number or 1
    wanted = {"odd": (1,), "even": (0,), "": (0, 1)}[place.parity]
    return rng.choice([number for number in range(first, last + 1) if number % 2 in wanted])


# Keyed by what makes a city: hashing the whole of one for each mention would cost more than the mention.
def _list_clear(city: City) -> tuple[PlaceRow, ...]:
    return _clear_places(_Keyed(city))


class _Keyed:
    """A city that is equal to another of the same size and seed."""

    def __init__(self, city: City) -> None:
        self.city = city

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Keyed) and (self.city.size, self.city.seed) == (other.city.size, other.city.seed)

    def __hash__(self) -> int:
        return hash((self.city.size, self.city.seed))


@lru_cache(maxsize=4)
def _clear_places(keyed: _Keyed) -> tuple[PlaceRow, ...]:
    """The rules of grids whose name stands in one community only."""
    city = keyed.city
    parents = {area.code: area.parent_code for area in city.areas if area.level == AreaLevel.GRID}
    own = [place for place in city.places if place.area_code in parents]
    names = Counter(name for name, _ in {(place.name, parents[place.area_code]) for place in own})
    return tuple(place for place in own if names[place.name] == 1)
