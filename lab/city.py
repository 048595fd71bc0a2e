"""The made city: real divisions of Jiamusi, everything below them invented from a seed (`wangge city`)."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path
from random import Random

from grid.holidays import built_in_days
from lab.city_areas import EXTENTS, Community, make_tree
from lab.city_boundaries import FILE_NAME, write_boundaries
from lab.city_groups import make_groups
from lab.city_names import Names
from lab.city_people import make_people
from lab.city_places import make_places
from lab.city_rows import AreaRow, CalendarRow, GroupRow, PersonRow, PlaceRow, Row
from storage.columns import PostRole

SIZES = ("street", "district", "city")
"""street: one street of 40 grids; district: 800 grids; city: 8,541 grids and 35,000 workers. (`large`, for benchmarks: 19,000.)"""


@dataclass(frozen=True, slots=True)
class City:
    """All rows of a made city, parents before children; each list is one file."""

    size: str
    seed: int
    areas: tuple[AreaRow, ...]
    people: tuple[PersonRow, ...]
    groups: tuple[GroupRow, ...]
    places: tuple[PlaceRow, ...]
    calendar: tuple[CalendarRow, ...]


def make_city(size: str, seed: int) -> City:
    """A city of that size; the same size and seed give the same city, always. Raises ValueError for an unknown size."""
    if size not in EXTENTS:
        raise ValueError(f"没有这种规模：{size}，可用：{'、'.join(SIZES)}。")
    rng = Random(f"wangge:{size}:{seed}")
    names, extent = Names(rng), EXTENTS[size]
    tree = make_tree(extent, rng)
    places, communities = make_places(tree.communities, names, rng)
    people = make_people(tree, communities, names, rng, extent.workers)
    return City(
        size=size,
        seed=seed,
        areas=_with_phones((*tree.upper, *_flat(communities)), people),
        people=tuple(people),
        groups=tuple(make_groups(tree, communities, rng)),
        places=tuple(places),
        calendar=_calendar(),
    )


def write_city(city: City, folder: Path) -> Mapping[str, int]:
    """Write areas, people, groups, places and calendar as UTF-8 CSV, the grids' boundaries as GeoJSON; rows per file.

    `folder` is made if absent.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tables: dict[str, Sequence[Row]] = {
        "areas.csv": city.areas,
        "people.csv": city.people,
        "groups.csv": city.groups,
        "places.csv": city.places,
        "calendar.csv": city.calendar,
    }
    for name, rows in tables.items():
        _write(folder / name, rows)
    drawn = write_boundaries(city.areas, folder / FILE_NAME)
    return {**{name: len(rows) for name, rows in tables.items()}, FILE_NAME: drawn}


def _write(path: Path, rows: Sequence[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(field.name for field in fields(rows[0]))
        writer.writerows(astuple(row) for row in rows)


def _flat(communities: Sequence[Community]) -> list[AreaRow]:
    """All communities, then all grids."""
    return [one.area for one in communities] + [grid for one in communities for grid in one.grids]


def _with_phones(areas: Sequence[AreaRow], people: Sequence[PersonRow]) -> tuple[AreaRow, ...]:
    """Each area's duty phone is its lead's or coordinator's; a vacant grid has none."""
    phones = {one.area_code: one.phone for one in people if one.role in (PostRole.LEAD, PostRole.COORDINATOR)}
    return tuple(replace(area, duty_phone=phones.get(area.code, "")) for area in areas)


def _calendar() -> tuple[CalendarRow, ...]:
    days = sorted(built_in_days().items())
    return tuple(CalendarRow(on.isoformat(), int(day.works), day.name, day.note) for on, day in days)
