"""Made addresses: which estates, roads, hamlets and landmarks lie in which grid."""

from dataclasses import replace
from random import Random

from lab.city_areas import EXAMPLE_COMMUNITY, Community
from lab.city_names import RESERVED_ESTATES, Names
from lab.city_rows import AreaRow, PlaceRow
from storage.columns import AreaKind

_EXAMPLE_ESTATE, _TWIN_ESTATE = RESERVED_ESTATES
# Estates put by hand, as (community, number of the grid) → (name, last building): the worked example, and twins of one name.
_BY_HAND = {
    (EXAMPLE_COMMUNITY, 3): (_EXAMPLE_ESTATE, 20),
    ("230803007002", 1): (_TWIN_ESTATE, 12),
    ("230803007004", 1): (_TWIN_ESTATE, 9),
}
_PARITY_NAMES = {"odd": "单号", "even": "双号", "": ""}


def make_places(
    communities: tuple[Community, ...], names: Names, rng: Random
) -> tuple[list[PlaceRow], list[Community]]:
    """All address rules, and the communities again with each grid's scope and exclusive name filled in."""
    places: list[PlaceRow] = []
    finished: list[Community] = []
    for community in communities:
        own = _of_community(community, names, rng)
        places += own
        finished.append(replace(community, grids=tuple(_with_scope(grid, own) for grid in community.grids)))
    return places, finished


def _of_community(community: Community, names: Names, rng: Random) -> list[PlaceRow]:
    area, ordinary = community.area, community.ordinary
    whole = ordinary[0].code if len(community.grids) == 1 else area.code
    rows = [PlaceRow(whole, "community" if area.kind == AreaKind.URBAN else "village", area.name)]
    if area.kind == AreaKind.URBAN:
        rows += _estates(community, names, rng)
        rows += _roads(ordinary, names)
        rows += [PlaceRow(grid.code, "landmark", names.landmarks.take()) for grid in ordinary if rng.random() < 0.3]
    else:
        rows += [PlaceRow(grid.code, "village", names.hamlets.take()) for grid in ordinary]
    own = {grid.code for grid in ordinary}
    rows += [_exclusive(grid, names) for grid in community.grids if grid.code not in own]
    return rows


def _estates(community: Community, names: Names, rng: Random) -> list[PlaceRow]:
    rows: list[PlaceRow] = []
    ordinary, index = community.ordinary, 0
    while index < len(ordinary):
        free = _free_run(community, index)
        if not free:
            rows.append(_estate(ordinary[index], *_BY_HAND[community.area.code, index + 1]))
            index += 1
            continue
        span = rng.choices((1, 2, 3), (75, 15, 10))[0]
        grids = ordinary[index : index + min(span, free)]
        rows += _spread(grids, names, rng) if len(grids) > 1 else _within(grids[0], names, rng)
        index += len(grids)
    return rows


def _free_run(community: Community, index: int) -> int:
    """How many grids from `index` on have no estate by hand, counting at most to the end."""
    run = 0
    while index + run < len(community.ordinary) and (community.area.code, index + run + 1) not in _BY_HAND:
        run += 1
    return run


def _estate(grid: AreaRow, name: str, last: int, first: int = 1) -> PlaceRow:
    aliases = "" if name.endswith(("小区", "楼", "院")) else f"{name}小区"
    return PlaceRow(grid.code, "estate", name, aliases, building_from=first, building_to=last)


def _spread(grids: tuple[AreaRow, ...], names: Names, rng: Random) -> list[PlaceRow]:
    """One large estate over neighbouring grids, by runs of buildings."""
    name, first, rows = names.estates.take(), 1, []
    for grid in grids:
        last = first + rng.randint(7, 15)
        rows.append(_estate(grid, name, last, first))
        first = last + 1
    return rows


def _within(grid: AreaRow, names: Names, rng: Random) -> list[PlaceRow]:
    """One estate, or a small one beside the old flats of a factory."""
    if rng.random() < 0.7:
        return [_estate(grid, names.estates.take(), rng.randint(6, 24))]
    return [
        _estate(grid, names.estates.take(), rng.randint(3, 9)),
        _estate(grid, names.compounds.take(), rng.randint(2, 8)),
    ]


def _roads(ordinary: tuple[AreaRow, ...], names: Names) -> list[PlaceRow]:
    """A road for every four grids: two share each hundred, odd numbers on one side, even ones on the other."""
    rows = []
    road = names.roads.take()
    for index, grid in enumerate(ordinary):
        if index and index % 4 == 0:
            road = names.roads.take()
        start = index % 4 // 2 * 100
        alone = index % 2 == 0 and index + 1 == len(ordinary)
        parity = "" if alone else ("odd", "even")[index % 2]
        rows.append(PlaceRow(grid.code, "road", road, from_number=start + 1, to_number=start + 100, parity=parity))
    return rows


def _exclusive(grid: AreaRow, names: Names) -> PlaceRow:
    name = names.exclusive()
    return PlaceRow(grid.code, "landmark", name, f"佳木斯市{name}", exclusive=1)


def _with_scope(grid: AreaRow, places: list[PlaceRow]) -> AreaRow:
    own = [place for place in places if place.area_code == grid.code and place.kind != "community"]
    name = f"{own[0].name}专属网格" if grid.kind == AreaKind.EXCLUSIVE else grid.name
    return replace(grid, name=name, scope="、".join(_describe(place) for place in own))


def _describe(place: PlaceRow) -> str:
    if place.building_from is not None:
        return f"{place.name}{place.building_from}-{place.building_to}号楼"
    if place.from_number is not None:
        parity = _PARITY_NAMES[place.parity]
        return f"{place.name}{place.from_number}-{place.to_number}号{f'（{parity}）' if parity else ''}"
    return place.name
