"""Whose ground a point lies on. Never a silent guess: what is found says how sure it is and why, and doubt becomes a short choice."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from grid.coordinates import distance_metres, is_in_china
from grid.shapes import Near, ShapeIndex, parse_shapes
from storage.columns import AreaKind, AreaLevel
from storage.imports.boundaries import is_in_force
from storage.tables import Area

BORDER_METRES = 30.0
"""So near to a border, a phone cannot tell on which side it is."""
NEAREST_METRES = 300.0
"""So far outside all ground, the nearest grid is still worth asking about."""
CENTRE_METRES = 1_500.0
"""So far from the centre of a grid without a boundary, the grid may still be meant."""
MOST_CHOICES = 4

# How sure: surveyed ground leaves a phone's own error; a centre alone says little of where a grid ends.
_INSIDE, _EXCLUSIVE, _COMMUNITY, _BY_CENTRE, _BORDER, _NEAREST = 0.95, 0.9, 0.7, 0.6, 0.5, 0.4
# A centre decides alone only where the next one is at least so many times as far.
_CLEARLY_NEARER = 2.0


@dataclass(frozen=True, slots=True)
class Plot:
    """An area as ground: `shape` GeoJSON in GCJ-02 (None: nobody has surveyed it), `centre` latitude and longitude in GCJ-02."""

    area: str
    chain: tuple[str, ...] = ()
    is_grid: bool = True
    is_exclusive: bool = False
    centre: tuple[float, float] | None = None
    shape: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Where a point lies: `area` when that is clear, else `candidates` to choose from (one: “is it here?”), else neither.

    `confidence` 0–1; `why` a Chinese sentence for the case's history; `metres` to the area or first candidate, 0 inside.
    """

    area: str | None
    candidates: tuple[str, ...]
    confidence: float
    why: str
    metres: float = 0.0


class Ground:
    """One version of the city's ground, read-only; may be built and asked in any thread."""

    def __init__(self, plots: Iterable[Plot]) -> None:
        kept = list(plots)
        self._surveyed = [plot for plot in kept if plot.shape is not None]
        self._index = ShapeIndex(parse_shapes([plot.shape for plot in self._surveyed if plot.shape is not None]))
        self._centred = [plot for plot in kept if plot.shape is None and plot.is_grid and plot.centre is not None]

    @property
    def surveyed(self) -> int:
        """How many areas have a boundary."""
        return len(self._surveyed)

    def find(self, latitude: float, longitude: float) -> Found:
        """Whose ground the point (GCJ-02, degrees) lies on."""
        # Written so that a NaN fails it.
        if not is_in_china(latitude, longitude):
            return Found(None, (), 0.0, "位置不在境内", float("inf"))
        near = self._index.list_near(latitude, longitude, BORDER_METRES)
        close = [one for one in near if self._plot(one).is_grid]
        inside = [one for one in close if one.is_inside]
        if inside:
            return self._found_inside(inside, close)
        near = self._index.list_near(latitude, longitude, NEAREST_METRES)
        grids = [one for one in near if self._plot(one).is_grid]
        return self._found_outside(near, grids) or self._found_by_centre(latitude, longitude)

    def _plot(self, near: Near) -> Plot:
        return self._surveyed[near.index]

    def _found_inside(self, inside: list[Near], close: list[Near]) -> Found:
        exclusive = [one for one in inside if self._plot(one).is_exclusive]
        over = len(inside) > 1 and len(exclusive) == 1
        winners = exclusive if over else inside
        beside = [one for one in close if not one.is_inside]
        if len(winners) == 1 and not beside:
            why = (
                "位置在专属网格内，专属网格优先"
                if over
                else f"位置在网格边界内，距边界{winners[0].border_metres:.0f}米"
            )
            return Found(self._plot(winners[0]).area, (), _EXCLUSIVE if over else _INSIDE, why)
        why = f"位置距网格边界不到{BORDER_METRES:.0f}米" if beside else "位置同时在几个网格的边界内"
        return self._choice([*winners, *beside], _BORDER, why)

    def _found_outside(self, near: list[Near], grids: list[Near]) -> Found | None:
        """Between the grids: the nearest is asked about; ground that is only a community's goes to the community."""
        around = [self._plot(one).area for one in near if one.is_inside]
        if around:
            grids = [one for one in grids if set(around) & set(self._plot(one).chain)]
            if not grids:
                return Found(around[0], (), _COMMUNITY, "位置在社区边界内，附近没有网格边界")
        if not grids:
            return None
        close = [one for one in grids if one.metres <= BORDER_METRES]
        if len(close) > 1:
            return self._choice(close, _BORDER, f"位置在几个网格之间，距边界都不到{BORDER_METRES:.0f}米")
        return self._choice(grids[:1], _NEAREST, f"位置在所有网格之外，距最近的网格{grids[0].metres:.0f}米")

    def _choice(self, near: Sequence[Near], confidence: float, why: str) -> Found:
        areas = tuple(dict.fromkeys(self._plot(one).area for one in near))
        return Found(None, areas[:MOST_CHOICES], confidence, why, near[0].metres)

    def _found_by_centre(self, latitude: float, longitude: float) -> Found:
        """No boundary far and wide: the grids of which only the centre is known."""
        here = (latitude, longitude)
        measured = [(distance_metres(here, plot.centre), plot.area) for plot in self._centred if plot.centre]
        near = sorted((metres, area) for metres, area in measured if metres <= CENTRE_METRES)
        if not near:
            return Found(None, (), 0.0, "附近没有网格", float("inf"))
        metres, area = near[0]
        clear = near[:1] + [other for other in near[1:] if other[0] < metres * _CLEARLY_NEARER]
        if len(clear) == 1:
            return Found(area, (), _BY_CENTRE, f"网格没有边界，按中心点推定，距中心{metres:.0f}米", metres)
        areas = tuple(area for _, area in clear[:MOST_CHOICES])
        return Found(None, areas, _NEAREST, "网格没有边界，几个网格的中心都相近", metres)


def list_plots(areas: Iterable[Area], shapes: Mapping[str, str], on: date) -> list[Plot]:
    """The ground on a local day: grids and communities; what lies above is too wide to send anybody to.

    `shapes`: GeoJSON in GCJ-02 by area, as it is in force on that day.
    """
    return [
        make_plot(area, shapes.get(area.code))
        for area in areas
        if area.level in (AreaLevel.GRID, AreaLevel.COMMUNITY)
        and is_in_force(area.effective_from, area.effective_to, on)
    ]


def make_plot(area: Area, shape: str | None) -> Plot:
    """One area as ground, of whatever level."""
    latitude, longitude = area.latitude, area.longitude
    return Plot(
        area=area.code,
        chain=tuple(reversed([code for code in area.path.split("/") if code])),
        is_grid=area.level is AreaLevel.GRID,
        is_exclusive=area.kind is AreaKind.EXCLUSIVE,
        centre=(latitude, longitude) if latitude is not None and longitude is not None else None,
        shape=shape,
    )


NOWHERE = Ground(())
"""Ground of a city of which nothing is known yet."""
