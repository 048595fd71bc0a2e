"""Coordinates between the systems in use in China. Pure; degrees in, degrees out, always as (latitude, longitude).

WeChat's points, and everything this house keeps, are GCJ-02: WGS-84 displaced by a few hundred metres. The displacement is not
published officially; its formula and constants have been known since 2013 and agree with the map services within about a metre
(https://en.wikipedia.org/wiki/Restrictions_on_geographic_data_in_China, "GCJ-02"). BD-09 is GCJ-02 turned a little more, by Baidu.

CGCS2000 (EPSG:4490), in which boundaries are surveyed, is taken as WGS-84: the ellipsoids differ by 0.1 mm in the minor axis, the
frames (ITRF97 at 2000.0 against the present ITRF) by plate motion of some 3 cm a year: under a metre, where a grid is hundreds wide.
"""

from collections.abc import Callable
from enum import StrEnum
from math import atan2, cos, hypot, pi, radians, sin, sqrt

Pair = tuple[float, float]
"""Latitude and longitude, degrees."""

# The Krasovsky ellipsoid of 1940, and its first eccentricity squared: what the displacement is reckoned on.
_SEMI_MAJOR_METRES = 6_378_245.0
_ECCENTRICITY_SQUARED = 0.006_693_421_622_965_943_23
_METRES_PER_DEGREE = 111_320.0
_BD_TURN = pi * 3000.0 / 180.0
# The map services displace nothing outside this rectangle: (south, north), (west, east).
_CHINA = ((0.8293, 55.8271), (72.004, 137.8347))
# 1e-8 degrees are a millimetre; each round leaves under a hundredth of what was wrong before.
_CLOSE_DEGREES = 1e-8
_MOST_ROUNDS = 12


class Crs(StrEnum):
    """A coordinate system by the name that this house stores."""

    GCJ02 = "GCJ-02"
    WGS84 = "WGS-84"
    CGCS2000 = "CGCS2000"
    BD09 = "BD-09"


_NAMES = {
    "gcj02": Crs.GCJ02,
    "wgs84": Crs.WGS84,
    "epsg4326": Crs.WGS84,
    "crs84": Crs.WGS84,
    "ogccrs84": Crs.WGS84,
    "cgcs2000": Crs.CGCS2000,
    "epsg4490": Crs.CGCS2000,
    "bd09": Crs.BD09,
    "bd09ll": Crs.BD09,
}


def parse_crs(name: str) -> Crs | None:
    """`EPSG:4490`, `urn:ogc:def:crs:OGC:1.3:CRS84`, `GCJ-02` …; None for a name that is unknown, or of a projected system."""
    plain = name.strip().lower()
    for opening, mark in (("urn:ogc:def:crs:", ":"), ("http://www.opengis.net/def/crs/", "/")):
        if plain.startswith(opening):
            parts = plain.removeprefix(opening).split(mark)
            plain = parts[0] + parts[-1]
    return _NAMES.get("".join(mark for mark in plain if mark.isalnum()))


def is_in_china(latitude: float, longitude: float) -> bool:
    """Whether the point lies where GCJ-02 displaces at all."""
    (south, north), (west, east) = _CHINA
    return south <= latitude <= north and west <= longitude <= east


def wgs84_to_gcj02(latitude: float, longitude: float) -> Pair:
    """Onto WeChat's map; a point outside China stays as it is."""
    if not is_in_china(latitude, longitude):
        return latitude, longitude
    north_metres, east_metres = _displacement_metres(longitude - 105.0, latitude - 35.0)
    phi = radians(latitude)
    flattened = 1.0 - _ECCENTRICITY_SQUARED * sin(phi) ** 2
    meridian = _SEMI_MAJOR_METRES * (1.0 - _ECCENTRICITY_SQUARED) / (flattened * sqrt(flattened))
    parallel = _SEMI_MAJOR_METRES / sqrt(flattened) * cos(phi)
    return latitude + north_metres * 180.0 / (meridian * pi), longitude + east_metres * 180.0 / (parallel * pi)


def gcj02_to_wgs84(latitude: float, longitude: float) -> Pair:
    """Back from WeChat's map, within a millimetre of what `wgs84_to_gcj02` would have displaced."""
    if not is_in_china(latitude, longitude):
        return latitude, longitude
    return _undo(wgs84_to_gcj02, latitude, longitude)


def gcj02_to_bd09(latitude: float, longitude: float) -> Pair:
    """Onto Baidu's map."""
    radius = hypot(longitude, latitude) + 0.00002 * sin(latitude * _BD_TURN)
    angle = atan2(latitude, longitude) + 0.000003 * cos(longitude * _BD_TURN)
    return radius * sin(angle) + 0.006, radius * cos(angle) + 0.0065


def bd09_to_gcj02(latitude: float, longitude: float) -> Pair:
    """Back from Baidu's map, exactly; the closed formula in use elsewhere is off by up to a metre."""
    return _undo(gcj02_to_bd09, latitude, longitude)


def to_gcj02(crs: Crs, latitude: float, longitude: float) -> Pair:
    """A point of any known system, on WeChat's map."""
    convert = _TO_GCJ02[crs]
    return convert(latitude, longitude) if convert else (latitude, longitude)


def from_gcj02(crs: Crs, latitude: float, longitude: float) -> Pair:
    """A point of WeChat's map in another system."""
    convert = _FROM_GCJ02[crs]
    return convert(latitude, longitude) if convert else (latitude, longitude)


def distance_metres(one: Pair, other: Pair) -> float:
    """Metres between two points; flat-earth, exact within a percent across a city."""
    north = (one[0] - other[0]) * _METRES_PER_DEGREE
    east = (one[1] - other[1]) * _METRES_PER_DEGREE * cos(radians((one[0] + other[0]) / 2))
    return hypot(north, east)


_Convert = Callable[[float, float], Pair]
_TO_GCJ02: dict[Crs, _Convert | None] = {
    Crs.GCJ02: None,
    Crs.WGS84: wgs84_to_gcj02,
    Crs.CGCS2000: wgs84_to_gcj02,
    Crs.BD09: bd09_to_gcj02,
}
_FROM_GCJ02: dict[Crs, _Convert | None] = {
    Crs.GCJ02: None,
    Crs.WGS84: gcj02_to_wgs84,
    Crs.CGCS2000: gcj02_to_wgs84,
    Crs.BD09: gcj02_to_bd09,
}


def _undo(convert: _Convert, latitude: float, longitude: float) -> Pair:
    """The point that `convert` brings here: guess, see how far off it lands, move the guess by that."""
    at, on = latitude, longitude
    for _ in range(_MOST_ROUNDS):
        landed = convert(at, on)
        north, east = latitude - landed[0], longitude - landed[1]
        at, on = at + north, on + east
        if abs(north) < _CLOSE_DEGREES and abs(east) < _CLOSE_DEGREES:
            break
    return at, on


def _displacement_metres(x: float, y: float) -> Pair:
    """How far GCJ-02 moves a point `x` degrees east of 105° and `y` north of 35°: metres northward and eastward."""
    ripple = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    root = sqrt(abs(x))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple
    north += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple
    east += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    return north, east
