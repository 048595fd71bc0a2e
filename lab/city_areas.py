"""The tree of a made city: real divisions down to communities and villages, made grids below them."""

from dataclasses import dataclass
from random import Random

from lab.city_rows import AreaRow
from lab.jiamusi import ROOT_CODE, ROOT_NAME, Division, list_districts, list_streets, list_villages
from nlp.numerals import render_number
from storage.columns import AreaKind, AreaLevel

EXAMPLE_COMMUNITY = "230803007001"
"""Becomes 文采社区 of the worked example (DESIGN §4); the real community of that code is 安民社区."""
SPECIALISED_COMMUNITY = "230803007003"
"""Has specialists and a group for some categories only, whatever the seed."""

_EXAMPLE_NAME = "文采社区"
_CENTRES = {
    "230803": (46.81, 130.36),
    "230804": (46.80, 130.39),
    "230805": (46.82, 130.42),
    "230811": (46.84, 130.33),
    "230822": (46.24, 130.55),
    "230826": (47.02, 130.72),
    "230828": (46.73, 129.90),
    "230881": (47.64, 132.51),
    "230882": (47.25, 132.04),
    "230883": (48.36, 134.31),
}
# How many grids a community of each kind gets, against the others; a remote place is always one grid.
_WEIGHTS = {AreaKind.URBAN: 12.0, AreaKind.RURAL: 4.0, AreaKind.REMOTE: 0.0}
_HOUSEHOLDS = {
    AreaKind.URBAN: (150, 260),
    AreaKind.RURAL: (40, 65),
    AreaKind.REMOTE: (12, 120),
    AreaKind.EXCLUSIVE: (0, 0),
}
_HOURS = "8:30-12:00,13:00-17:00"


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of the city is made: which districts and streets (None: all), how many grids and workers."""

    districts: tuple[str, ...] | None
    streets: tuple[str, ...] | None
    grids: int
    workers: int


EXTENTS = {
    "street": Extent(("230803",), ("230803007",), 40, 170),
    "district": Extent(("230803",), None, 800, 3_300),
    "city": Extent(None, None, 8_541, 35_000),
    # For benchmarks only: as many grids as the largest city of the field has.
    "large": Extent(None, None, 19_000, 35_000),
}


@dataclass(frozen=True, slots=True)
class Community:
    """A community or village with its grids, in order; the exclusive ones come last."""

    area: AreaRow
    grids: tuple[AreaRow, ...]

    @property
    def ordinary(self) -> tuple[AreaRow, ...]:
        """The grids that are no 专属网格."""
        return tuple(grid for grid in self.grids if grid.kind != AreaKind.EXCLUSIVE)


@dataclass(frozen=True, slots=True)
class Tree:
    """Everything above the grids as rows, and the communities with theirs."""

    upper: tuple[AreaRow, ...]
    communities: tuple[Community, ...]


def make_tree(extent: Extent, rng: Random) -> Tree:
    """The areas of a city of that extent; scope, duty phone and exclusive names come later."""
    districts = [one for one in list_districts() if extent.districts is None or one.code in extent.districts]
    kept = {one.code for one in districts}
    streets = [
        one
        for one in list_streets()
        if one.parent_code in kept and (extent.streets is None or one.code in extent.streets)
    ]
    kept = {one.code for one in streets}
    villages = [one for one in list_villages() if one.parent_code in kept]
    points = _place_points(districts, streets, villages, rng)
    root = AreaRow(ROOT_CODE, "", AreaLevel.CITY, AreaKind.URBAN, ROOT_NAME, service_hours=_HOURS)
    upper = [root, *(_row(one, AreaLevel.DISTRICT, points) for one in districts)]
    upper += [_row(one, AreaLevel.STREET, points) for one in streets]
    counts = _share_grids([_kind_of(one.name) for one in villages], extent.grids, rng)
    communities = [_community(one, number, points, rng) for one, number in zip(villages, counts, strict=True)]
    return Tree(tuple(upper), tuple(communities))


def _row(one: Division, level: AreaLevel, points: dict[str, tuple[float, float]]) -> AreaRow:
    latitude, longitude = points[one.code]
    kind = AreaKind.URBAN if level is AreaLevel.DISTRICT or one.name.endswith("街道") else AreaKind.RURAL
    if level is AreaLevel.COMMUNITY:
        kind = _kind_of(one.name)
    name = _EXAMPLE_NAME if one.code == EXAMPLE_COMMUNITY else _short(one.name)
    return AreaRow(
        one.code,
        one.parent_code,
        level,
        kind,
        name,
        service_hours=_HOURS,
        latitude=f"{latitude:.6f}",
        longitude=f"{longitude:.6f}",
    )


def _community(one: Division, number: int, points: dict[str, tuple[float, float]], rng: Random) -> Community:
    area = _row(one, AreaLevel.COMMUNITY, points)
    alone = number // 10 + (number >= 6 and rng.random() < 0.5) if area.kind == AreaKind.URBAN else 0
    if one.code == EXAMPLE_COMMUNITY:
        alone = max(alone, 1)
    kinds = [area.kind] * (number - alone) + [AreaKind.EXCLUSIVE.value] * alone
    grids = [_grid(area, index, kind, rng) for index, kind in enumerate(kinds, start=1)]
    return Community(area, tuple(grids))


def _grid(area: AreaRow, index: int, kind: str, rng: Random) -> AreaRow:
    step = 0.0022 if area.kind == AreaKind.URBAN else 0.008
    row, column = divmod(index - 1, 5)
    return AreaRow(
        f"{area.code}-{index:02d}",
        area.code,
        AreaLevel.GRID,
        kind,
        f"第{render_number(index)}网格",
        households=rng.randint(*_HOUSEHOLDS[AreaKind(kind)]),
        service_hours=_HOURS,
        latitude=f"{float(area.latitude) + (row - 1) * step:.6f}",
        longitude=f"{float(area.longitude) + (column - 2) * step:.6f}",
    )


def _share_grids(kinds: list[AreaKind], total: int, rng: Random) -> list[int]:
    """One grid each, the rest by weight and a little luck; the sum is exactly `total`."""
    weights = [_WEIGHTS[kind] * rng.uniform(0.75, 1.25) for kind in kinds]
    spare, whole = total - len(kinds), sum(weights)
    shares = [weight / whole * spare for weight in weights]
    counts = [1 + int(share) for share in shares]
    by_remainder = sorted(range(len(kinds)), key=lambda index: (int(shares[index]) - shares[index], index))
    for index in by_remainder[: total - sum(counts)]:
        counts[index] += 1
    return counts


def _place_points(
    districts: list[Division], streets: list[Division], villages: list[Division], rng: Random
) -> dict[str, tuple[float, float]]:
    points = {one.code: _CENTRES[one.code] for one in districts}
    for group, urban, wide in ((streets, 0.015, 0.18), (villages, 0.006, 0.04)):
        for one in group:
            reach = urban if one.name.endswith(("街道", "居委会", "社区")) else wide
            latitude, longitude = points[one.parent_code]
            points[one.code] = (latitude + rng.uniform(-reach, reach), longitude + rng.uniform(-reach, reach))
    return points


def _kind_of(name: str) -> AreaKind:
    if "虚拟" in name or name.endswith(("管理区", "生活区", "监区", "监狱", "农垦", "林场", "农场")):
        return AreaKind.REMOTE
    return AreaKind.RURAL if name.endswith(("村委会", "村")) else AreaKind.URBAN


def _short(name: str) -> str:
    """The name as people say it: 光明社区居委会 → 光明社区, 万发村委会 → 万发村."""
    if name.endswith("村委会"):
        return name.removesuffix("委会")
    return name.removesuffix("居委会") if name.endswith("社区居委会") else name.replace("居民委员会", "居委会")
