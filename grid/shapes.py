"""The door of shapely: areas of ground as shapes. Coordinates are degrees, longitude first, GCJ-02; lengths and areas are metric.

Nothing else of this room knows the library; what it makes of bad ground it says in its own English, so callers say it in theirs.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import Any

import numpy as np
import shapely

_METRES_PER_DEGREE = 111_320.0
# Degrees are kept to a centimetre.
_PLACES = 7
_SPOT = re.compile(r"\[(-?[\d.]+(?:e-?\d+)?) (-?[\d.]+(?:e-?\d+)?)\]")

Shape = Any
"""A polygon or several, as the library holds it."""
Ring = Sequence[tuple[float, float]]
"""Longitude and latitude of each corner; the last is the first again."""


@dataclass(frozen=True, slots=True)
class Near:
    """A shape near a point: its place in the index, metres to its border, and whether the point lies in it."""

    index: int
    border_metres: float
    is_inside: bool

    @property
    def metres(self) -> float:
        """Metres to the shape: 0 inside."""
        return 0.0 if self.is_inside else self.border_metres


@dataclass(frozen=True, slots=True)
class Overlap:
    """Ground that two shapes of an index both claim."""

    one: int
    other: int
    square_metres: float


class ShapeIndex:
    """Shapes that can be asked what lies near a point; built once, read by any thread."""

    def __init__(self, shapes: Sequence[Shape]) -> None:
        self.shapes = np.array(shapes, dtype=object)
        self._tree = shapely.STRtree(self.shapes)

    def list_near(self, latitude: float, longitude: float, within_metres: float) -> list[Near]:
        """What contains the point or comes within that distance; nearest first, and by index where equally near."""
        up = within_metres / _METRES_PER_DEGREE
        along = up / cos(radians(latitude))
        box = shapely.box(longitude - along, latitude - up, longitude + along, latitude + up)
        indexes = self._tree.query(box)
        flat, here = _flatten(self.shapes[indexes], latitude, longitude), shapely.Point(0.0, 0.0)
        borders = shapely.distance(shapely.boundary(flat), here).tolist()
        inside = shapely.intersects(flat, here).tolist()
        found = [Near(*one) for one in zip(indexes.tolist(), borders, inside, strict=True)]
        return sorted((one for one in found if one.metres <= within_metres), key=lambda one: (one.metres, one.index))

    def list_overlaps(self, least_square_metres: float) -> list[Overlap]:
        """Pairs that share at least so much ground, by index."""
        if not len(self.shapes):
            return []
        ones, others = self._tree.query(self.shapes, predicate="intersects")
        once = ones < others
        ones, others = ones[once], others[once]
        shared = shapely.intersection(self.shapes[ones], self.shapes[others])
        sizes = _square_metres(shared)
        pairs = zip(ones, others, sizes, strict=True)
        found = [Overlap(int(a), int(b), float(size)) for a, b, size in pairs if size >= least_square_metres]
        return sorted(found, key=lambda pair: (pair.one, pair.other))

    def list_touching(self, shape: Shape) -> list[int]:
        """The indexes of what meets a shape."""
        return sorted(int(index) for index in self._tree.query(shape, predicate="intersects"))


def _flatten(shapes: Any, latitude: float, longitude: float) -> Any:
    """The shapes in metres around a point: exact where it matters, near the point."""
    scale = np.array([_METRES_PER_DEGREE * cos(radians(latitude)), _METRES_PER_DEGREE])
    return shapely.transform(shapes, lambda corners: (corners - (longitude, latitude)) * scale)


def _square_metres(shapes: Any) -> Any:
    bounds = shapely.bounds(shapes)
    middle = np.nan_to_num((bounds[..., 1] + bounds[..., 3]) / 2)
    return shapely.area(shapes) * _METRES_PER_DEGREE**2 * np.cos(np.radians(middle))


def measure_square_metres(shape: Shape) -> float:
    """The ground of a shape."""
    return float(_square_metres(shape))


def parse_shapes(geometries: Sequence[str]) -> list[Shape]:
    """Shapes from GeoJSON texts as `render_shape` writes them."""
    return list(shapely.from_geojson(list(geometries))) if geometries else []


def render_shape(shape: Shape) -> str:
    """GeoJSON, compact, its corners in one order whatever the order in the file: equal ground is equal text."""
    return str(shapely.to_geojson(shapely.normalize(shape)))


def make_shape(polygons: Sequence[Sequence[Ring]]) -> Shape:
    """A shape from the rings of its polygons (the outer one first). Raises `ValueError` for a ring that is none."""
    made = [shapely.Polygon(_round(rings[0]), [_round(hole) for hole in rings[1:]]) for rings in polygons]
    return made[0] if len(made) == 1 else shapely.MultiPolygon(made)


def _round(ring: Ring) -> list[tuple[float, float]]:
    return [(round(longitude, _PLACES), round(latitude, _PLACES)) for longitude, latitude in ring]


def list_rings(shape: Shape) -> list[list[list[tuple[float, float]]]]:
    """The polygons of a shape, each as its rings."""
    return [
        [[(x, y) for x, y in shapely.get_coordinates(ring).tolist()] for ring in (one.exterior, *one.interiors)]
        for one in _polygons(shape)
    ]


def _polygons(shape: Shape) -> Iterator[Shape]:
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon":
            yield part
        elif part.geom_type not in ("Point", "LineString"):
            yield from _polygons(part)


def find_flaw(shape: Shape) -> tuple[str, tuple[float, float] | None] | None:
    """What is wrong with a shape, as the library says it, and where (latitude, longitude); None for a sound one."""
    if shapely.is_valid(shape):
        return None
    said = str(shapely.is_valid_reason(shape))
    spot = _SPOT.search(said)
    return said.partition("[")[0], (float(spot[2]), float(spot[1])) if spot else None


def mend(shape: Shape) -> Shape | None:
    """The sound shape that covers the same ground; None when no ground is left."""
    parts = [part for part in _polygons(shapely.make_valid(shape)) if part.area > 0]
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def unite(shapes: Sequence[Shape]) -> Shape:
    """All their ground as one shape."""
    return shapely.union_all(list(shapes))


def subtract(shape: Shape, taken: Shape) -> Shape:
    """What is left of a shape."""
    return shapely.difference(shape, taken)


def fill(shape: Shape) -> Shape:
    """A shape without its holes."""
    return shapely.union_all([shapely.Polygon(one.exterior) for one in _polygons(shape)])


def list_pieces(shape: Shape) -> list[Shape]:
    """The separate polygons of a shape."""
    return list(_polygons(shape))


def divide(points: Mapping[str, tuple[float, float]], reach: Mapping[str, float]) -> dict[str, Shape]:
    """Each named point (latitude, longitude) its own ground: what is nearer to it than to any other, at most `reach` degrees away.

    The names of points that coincide share no ground: only the first has any.
    """
    first = {place: name for name, place in reversed([*points.items()])}
    if len(first) == 1:
        return {name: _square(place, reach[name]) for place, name in first.items()}
    spots = [shapely.Point(longitude, latitude) for latitude, longitude in first]
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(spots)))
    tree = shapely.STRtree(cells)
    found = {}
    for spot, (place, name) in zip(spots, first.items(), strict=True):
        (index,) = tree.query(spot, predicate="within")[:1]
        found[name] = shapely.intersection(cells[index], _square(place, reach[name]))
    return found


def _square(place: tuple[float, float], reach: float) -> Shape:
    latitude, longitude = place
    return shapely.box(longitude - reach, latitude - reach, longitude + reach, latitude + reach)
