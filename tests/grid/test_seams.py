"""Ground claimed twice and ground that nobody has, with their sizes."""

import pytest

from grid.ground import Plot
from grid.seams import SeamKind, list_seams, seam_sentence
from tests.grid.test_ground import MIDDLE, SCHOOL, WEST, square

COMMUNITY = Plot("c", ("c",), is_grid=False, shape=square(0, 0, 800))
NORTH_WEST = Plot("nw", ("nw", "c"), shape=square(0, 400))
NORTH_EAST = Plot("ne", ("ne", "c"), shape=square(400, 400))


def test_a_sound_division_has_no_seams() -> None:
    assert list_seams([WEST, MIDDLE, NORTH_WEST, NORTH_EAST, SCHOOL, COMMUNITY]) == []
    assert list_seams([]) == []


def test_an_overlap_is_measured() -> None:
    (seam,) = list_seams([WEST, Plot("wide", ("wide", "c"), shape=square(380, 0))])
    assert (seam.kind, set(seam.areas)) == (SeamKind.OVERLAP, {"west", "wide"})
    assert seam.square_metres == pytest.approx(20 * 400, rel=0.01)
    assert seam_sentence(seam, {"west": "甲", "wide": "乙"}).startswith("“甲”（west）与“乙”（wide）的边界重叠 ")


def test_an_exclusive_grid_may_lie_inside_but_not_in_another_exclusive_one() -> None:
    assert list_seams([WEST, SCHOOL]) == []
    market = Plot("market", ("market", "c"), is_exclusive=True, shape=square(150, 100, 100))
    assert [set(seam.areas) for seam in list_seams([WEST, SCHOOL, market])] == [{"school", "market"}]


def test_a_gap_inside_a_communitys_boundary() -> None:
    (seam,) = list_seams([WEST, MIDDLE, NORTH_WEST, COMMUNITY])
    assert (seam.kind, seam.areas) == (SeamKind.GAP, ("c",))
    assert seam.square_metres == pytest.approx(400 * 400, rel=0.01)
    assert "不属于任何网格" in seam_sentence(seam, {"c": "文采社区"})


def test_a_hole_between_grids_is_a_gap_without_the_communitys_boundary() -> None:
    ring = [
        Plot(f"r{west}{south}", (f"r{west}{south}", "c"), shape=square(west, south))
        for west in (0, 400, 800)
        for south in (0, 400, 800)
    ]
    middle = ring.pop(4)
    (seam,) = list_seams(ring)
    assert (seam.kind, seam.areas) == (SeamKind.GAP, ("c",))
    assert seam.square_metres == pytest.approx(400 * 400, rel=0.01)
    # Another community's grid may lie there.
    assert list_seams([*ring, Plot("foreign", ("foreign", "d"), shape=middle.shape)]) == []


def test_slivers_are_left_alone() -> None:
    assert list_seams([WEST, Plot("close", ("close", "c"), shape=square(399.99, 0))]) == []
