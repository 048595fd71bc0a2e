"""Whose ground a point lies on: sure, a short choice, or nobody's; and always with its reason."""

import json
from datetime import date
from math import cos, inf, nan, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid.ground import BORDER_METRES, MOST_CHOICES, NEAREST_METRES, NOWHERE, Ground, Plot, list_plots
from storage.columns import AreaKind, AreaLevel
from storage.rows import fresh
from storage.tables import Area

NORTH, EAST = 46.8, 130.3
PER_DEGREE = 111_320.0


def at(east_metres: float, north_metres: float) -> tuple[float, float]:
    """Latitude and longitude of a point so many metres from the corner of the town."""
    return NORTH + north_metres / PER_DEGREE, EAST + east_metres / (PER_DEGREE * cos(radians(NORTH)))


def square(west: float, south: float, side: float = 400.0) -> str:
    """A square by its corner and side, metres, as stored."""
    corners = [(0, 0), (side, 0), (side, side), (0, side), (0, 0)]
    points = [at(west + east, south + north) for east, north in corners]
    return json.dumps({"type": "Polygon", "coordinates": [[[longitude, latitude] for latitude, longitude in points]]})


WEST = Plot("west", ("west", "c"), shape=square(0, 0))
MIDDLE = Plot("middle", ("middle", "c"), shape=square(400, 0))
SCHOOL = Plot("school", ("school", "c"), is_exclusive=True, shape=square(100, 100, 100))
FAR = Plot("far", ("far", "d"), shape=square(2_000, 0))
TOWN = Ground([WEST, MIDDLE, SCHOOL, FAR])


@pytest.mark.parametrize(
    ("east", "north", "area", "candidates"),
    [
        (300, 300, "west", ()),
        (600, 200, "middle", ()),
        (390, 300, None, ("west", "middle")),
        (410, 300, None, ("middle", "west")),
        (5, 350, "west", ()),
        (150, 150, "school", ()),
        (105, 150, "school", ()),
        (90, 150, None, ("west", "school")),
        (600, 500, None, ("middle",)),
        (600, 690, None, ("middle",)),
        (600, 720, None, ()),
        (400, 410, None, ("west", "middle")),
        (1_500, 200, None, ()),
    ],
)
def test_where_a_point_lies(east: float, north: float, area: str | None, candidates: tuple[str, ...]) -> None:
    found = TOWN.find(*at(east, north))
    assert (found.area, found.candidates) == (area, candidates), found
    assert found.why
    assert (found.area is not None) == (found.confidence >= 0.9)


def test_the_distance_to_the_nearest_is_told() -> None:
    found = TOWN.find(*at(600, 520))
    assert found.metres == pytest.approx(120, abs=1)
    assert "120米" in found.why


def test_two_ordinary_grids_that_overlap_are_a_choice() -> None:
    found = Ground([WEST, Plot("double", shape=square(200, 0))]).find(*at(300, 200))
    assert (found.area, set(found.candidates)) == (None, {"west", "double"})


def test_two_exclusive_grids_that_overlap_are_a_choice() -> None:
    other = Plot("market", is_exclusive=True, shape=square(100, 100, 150))
    found = Ground([WEST, SCHOOL, other]).find(*at(150, 150))
    assert (found.area, len(found.candidates)) == (None, 3)


def test_ground_that_is_only_a_communitys_goes_to_the_community() -> None:
    community = Plot("c", ("c",), is_grid=False, shape=square(-3_000, -3_000, 6_000))
    ground = Ground([community, WEST])
    assert ground.find(*at(-1_000, -1_000)).area == "c"
    assert ground.find(*at(-100, 100)).candidates == ("west",)
    assert ground.find(*at(200, 200)).area == "west"
    # A neighbour community's grid is not offered to somebody who stands in this one.
    other = Ground([Plot("e", ("e",), is_grid=False, shape=square(-3_000, -3_000, 3_000)), WEST])
    assert other.find(*at(-100, -100)).area == "e"


def test_a_choice_stays_short() -> None:
    plots = [Plot(f"g{number}", shape=square(0, 0)) for number in range(MOST_CHOICES + 3)]
    assert len(Ground(plots).find(*at(200, 200)).candidates) == MOST_CHOICES


def test_without_boundaries_centres_are_guessed_by() -> None:
    ground = Ground(
        [Plot("a", centre=at(0, 0)), Plot("b", centre=at(1_000, 0)), Plot("c", is_grid=False, centre=at(0, 0))]
    )
    found = ground.find(*at(100, 0))
    assert (found.area, found.confidence < 0.7) == ("a", True)
    assert "推定" in found.why
    assert ground.find(*at(0, 0)).area == "a"
    assert ground.find(*at(480, 0)).candidates == ("a", "b")
    assert ground.find(*at(0, 1_600)).area is None


def test_boundaries_and_centres_side_by_side() -> None:
    ground = Ground([WEST, Plot("unsurveyed", centre=at(3_000, 0))])
    assert ground.find(*at(200, 200)).area == "west"
    assert ground.find(*at(2_900, 0)).area == "unsurveyed"


@pytest.mark.parametrize("point", [(nan, 130.0), (46.0, nan), (inf, 0.0), (90.0, 130.0), (51.5, -0.1)])
def test_points_elsewhere_find_nothing(point: tuple[float, float]) -> None:
    assert (TOWN.find(*point).area, TOWN.find(*point).candidates) == (None, ())


def test_a_city_without_anything_finds_nothing() -> None:
    assert NOWHERE.find(NORTH, EAST).area is None
    assert NOWHERE.surveyed == 0


SQUARES = [(column * 400.0, row * 400.0) for column in range(4) for row in range(4)]
TILED = Ground([Plot(f"{int(west)}-{int(south)}", shape=square(west, south)) for west, south in SQUARES])


@given(st.floats(0, 1_600), st.floats(0, 1_600))
def test_a_tiled_town_never_misplaces(east: float, north: float) -> None:
    """The true square is the answer or among the choices; alone it is exactly where no border is near."""
    truth = f"{min(int(east // 400), 3) * 400}-{min(int(north // 400), 3) * 400}"
    found = TILED.find(*at(east, north))
    assert truth in (found.area, *found.candidates), found
    inner = [offset for offset in (east, north) for line in (400, 800, 1_200) if abs(offset - line) < BORDER_METRES - 1]
    assert (found.area is None) or not inner


@given(st.floats(-2_000, 4_000), st.floats(-2_000, 4_000))
def test_nothing_is_offered_from_too_far(east: float, north: float) -> None:
    found = TILED.find(*at(east, north))
    beyond = max(-east, -north, east - 1_600, north - 1_600)
    if beyond > NEAREST_METRES + 5:
        assert (found.area, found.candidates) == (None, ())
    elif beyond > 5:
        assert found.area is None


def make_area(code: str, level: AreaLevel, **values: object) -> Area:
    known = {"kind": AreaKind.URBAN, "name": code, "path": f"/1/{code}/"}
    return fresh(Area, code=code, level=level, **{**known, **values})


def test_plots_are_what_is_in_force() -> None:
    areas = [
        make_area("1", AreaLevel.STREET),
        make_area("2", AreaLevel.COMMUNITY),
        make_area("3", AreaLevel.GRID, kind=AreaKind.EXCLUSIVE, latitude=46.8, longitude=130.3),
        make_area("4", AreaLevel.GRID, effective_to=date(2026, 6, 30)),
        make_area("5", AreaLevel.GRID, effective_from=date(2027, 1, 1)),
    ]
    plots = list_plots(areas, {"3": square(0, 0)}, date(2026, 11, 23))
    assert [plot.area for plot in plots] == ["2", "3"]
    assert plots[1] == Plot("3", ("3", "1"), True, True, (46.8, 130.3), square(0, 0))
