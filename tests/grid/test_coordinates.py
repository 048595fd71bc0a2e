"""Coordinates at points that others have published, and there and back everywhere in China."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid.coordinates import (
    Crs,
    Pair,
    bd09_to_gcj02,
    distance_metres,
    from_gcj02,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    is_in_china,
    parse_crs,
    to_gcj02,
    wgs84_to_gcj02,
)

# WGS-84 and GCJ-02. The first three: test tables of googollee/eviltransform (Shanghai, Shenzhen, Beijing); the fourth: the results
# that wandergis/coordtransform prints; the last: read off the map services themselves (tests of BruceZhaoR/pjutils).
PUBLISHED = [
    ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215), 0.01),
    ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363), 0.01),
    ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657), 0.01),
    ((39.915, 116.404), (39.91640428150164, 116.41024449916938), 0.01),
    ((31.1601435400, 121.4295896700), (31.1582660190, 121.4342191628), 2.0),
]
# GCJ-02 and BD-09: wandergis/coordtransform; Beijing railway station as in the manual of caijun/geoChina; the map services again.
BAIDU = [
    ((39.915, 116.404), (39.92133699351021, 116.41036949371029), 0.01),
    ((39.90245, 116.42703), (39.90851, 116.43351), 1.0),
    ((31.1582660190, 121.4342191628), (31.1646093426, 121.4406138425), 2.0),
]
# Well inside the rectangle, so that a displaced point is inside too.
IN_CHINA = st.tuples(st.floats(3.0, 53.5), st.floats(73.0, 136.0))
JIAMUSI = (46.81, 130.36)


@pytest.mark.parametrize(("surveyed", "on_map", "metres"), PUBLISHED)
def test_published_points_of_wechats_map(surveyed: Pair, on_map: Pair, metres: float) -> None:
    assert distance_metres(wgs84_to_gcj02(*surveyed), on_map) < metres
    assert distance_metres(gcj02_to_wgs84(*on_map), surveyed) < metres + 0.5


@pytest.mark.parametrize(("on_map", "baidu", "metres"), BAIDU)
def test_published_points_of_baidus_map(on_map: Pair, baidu: Pair, metres: float) -> None:
    assert distance_metres(gcj02_to_bd09(*on_map), baidu) < metres
    assert distance_metres(bd09_to_gcj02(*baidu), on_map) < metres


def test_the_displacement_is_wider_than_a_grid() -> None:
    assert 500 < distance_metres(wgs84_to_gcj02(*JIAMUSI), JIAMUSI) < 800


@given(IN_CHINA)
def test_there_and_back_is_the_same_point(point: Pair) -> None:
    assert distance_metres(gcj02_to_wgs84(*wgs84_to_gcj02(*point)), point) < 0.01
    assert distance_metres(bd09_to_gcj02(*gcj02_to_bd09(*point)), point) < 0.01


@given(IN_CHINA, st.sampled_from(Crs))
def test_every_system_comes_back(point: Pair, crs: Crs) -> None:
    assert distance_metres(to_gcj02(crs, *from_gcj02(crs, *point)), point) < 0.01


@pytest.mark.parametrize(
    "point", [(51.5074, -0.1278), (40.7128, -74.006), (-33.87, 151.21), (0.0, 0.0), (43.06, 141.35)]
)
def test_outside_china_nothing_moves(point: Pair) -> None:
    assert wgs84_to_gcj02(*point) == gcj02_to_wgs84(*point) == point
    assert not is_in_china(*point)


def test_a_missing_number_is_not_in_china() -> None:
    assert not is_in_china(float("nan"), 120.0)
    assert not is_in_china(40.0, float("nan"))


@pytest.mark.parametrize(
    ("name", "crs"),
    [
        ("EPSG:4490", Crs.CGCS2000),
        ("urn:ogc:def:crs:EPSG::4490", Crs.CGCS2000),
        ("http://www.opengis.net/def/crs/EPSG/0/4490", Crs.CGCS2000),
        ("cgcs 2000", Crs.CGCS2000),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", Crs.WGS84),
        ("EPSG:4326", Crs.WGS84),
        ("WGS-84", Crs.WGS84),
        ("gcj02", Crs.GCJ02),
        ("GCJ-02", Crs.GCJ02),
        ("BD-09", Crs.BD09),
        ("EPSG:4525", None),
        ("urn:ogc:def:crs:EPSG::3857", None),
        ("urn:ogc:def:crs:", None),
        ("西安80", None),
        ("", None),
    ],
)
def test_names_of_systems(name: str, crs: Crs | None) -> None:
    assert parse_crs(name) is crs
