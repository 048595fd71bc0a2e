"""Made boundaries of the grids: each grid has the ground nearest to its centre. Written in CGCS2000, as a survey office would.

The centres of a made city are GCJ-02, so the file is hundreds of metres off WeChat's map: who forgets to convert it lands elsewhere.
"""

from collections.abc import Iterable
from pathlib import Path

import orjson

from grid.coordinates import Crs, from_gcj02
from grid.shapes import Shape, divide, list_rings
from lab.city_rows import AreaRow
from storage.columns import AreaKind, AreaLevel

FILE_NAME = "boundaries.geojson"
CRS_NAME = "urn:ogc:def:crs:EPSG::4490"
_SOURCE = "演示数据"
# Half the side of the square that a grid fills where no other is near, degrees: what city_areas puts between neighbours, and some.
_REACH = {AreaKind.URBAN: 0.0016, AreaKind.EXCLUSIVE: 0.0016, AreaKind.RURAL: 0.006, AreaKind.REMOTE: 0.01}
_PLACES = 7


def make_shapes(areas: Iterable[AreaRow]) -> dict[str, Shape]:
    """The ground of each grid in GCJ-02, by code; neighbours meet without overlap."""
    grids = [area for area in areas if area.level == AreaLevel.GRID]
    points = {grid.code: (float(grid.latitude), float(grid.longitude)) for grid in grids}
    return divide(points, {grid.code: _REACH[AreaKind(grid.kind)] for grid in grids})


def write_boundaries(areas: Iterable[AreaRow], path: Path) -> int:
    """Write the grids' ground as GeoJSON with its system stated; how many features."""
    shapes = make_shapes(areas)
    whole = {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": CRS_NAME}},
        "features": [_feature(code, shapes[code]) for code in sorted(shapes)],
    }
    path.write_bytes(orjson.dumps(whole, option=orjson.OPT_APPEND_NEWLINE))
    return len(shapes)


def _feature(code: str, shape: Shape) -> dict[str, object]:
    polygons = [[_survey(ring) for ring in rings] for rings in list_rings(shape)]
    return {
        "type": "Feature",
        "properties": {"code": code, "effective_from": "2026-01-01", "source": _SOURCE},
        "geometry": {"type": "MultiPolygon", "coordinates": polygons}
        if len(polygons) > 1
        else {"type": "Polygon", "coordinates": polygons[0]},
    }


def _survey(ring: Iterable[tuple[float, float]]) -> list[list[float]]:
    corners = (from_gcj02(Crs.CGCS2000, latitude, longitude) for longitude, latitude in ring)
    return [[round(longitude, _PLACES), round(latitude, _PLACES)] for latitude, longitude in corners]
