"""The address rules of a made city, as the reader takes them."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from lab.city import City
from lab.city_rows import PlaceRow
from nlp.reading import PlaceRule


def list_rules(city: City) -> list[PlaceRule]:
    """The rules of a city in memory."""
    return [_rule(row) for row in city.places]


def read_rules(path: Path) -> list[PlaceRule]:
    """The rules of a `places.csv` as `wangge city` writes it. Raises `OSError`, and `ValueError` for a file of another form."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [_rule(_parse(row)) for row in csv.DictReader(file)]


def _parse(row: Mapping[str, str | None]) -> PlaceRow:
    def number(name: str) -> int | None:
        value = row.get(name)
        return int(value) if value else None

    return PlaceRow(
        area_code=row.get("area_code") or "",
        kind=row.get("kind") or "",
        name=row.get("name") or "",
        aliases=row.get("aliases") or "",
        from_number=number("from_number"),
        to_number=number("to_number"),
        parity=row.get("parity") or "",
        building_from=number("building_from"),
        building_to=number("building_to"),
        exclusive=number("exclusive") or 0,
    )


def _rule(row: PlaceRow) -> PlaceRule:
    buildings = (row.building_from, row.building_to)
    return PlaceRule(
        area=row.area_code,
        kind=row.kind,
        name=row.name,
        aliases=tuple(_split(row.aliases)),
        from_number=row.from_number,
        to_number=row.to_number,
        parity=row.parity,
        buildings=(buildings[0], buildings[1]) if buildings[0] is not None and buildings[1] is not None else None,
        exclusive=bool(row.exclusive),
    )


def _split(aliases: str) -> Iterable[str]:
    return (alias for alias in aliases.split("|") if alias)
