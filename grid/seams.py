"""Where the grids of a city do not fit together: ground claimed twice, and ground inside a community that nobody has."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from grid.ground import Plot
from grid.shapes import Shape, ShapeIndex, fill, list_pieces, measure_square_metres, parse_shapes, subtract, unite

LEAST_SQUARE_METRES = 20.0
"""Smaller slivers come from drawing, and from bending straight edges onto WeChat's map; nobody lives on them."""


class SeamKind(StrEnum):
    """What is wrong."""

    OVERLAP = "overlap"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Seam:
    """Ground claimed by two grids (`areas`: both), or left out inside a community (`areas`: the community)."""

    kind: SeamKind
    areas: tuple[str, ...]
    square_metres: float


def seam_sentence(seam: Seam, names: Mapping[str, str]) -> str:
    """A seam as an operator reads it; `names`: areas by code."""
    areas = "与".join(f"“{names.get(code, '')}”（{code}）" for code in seam.areas)
    if seam.kind is SeamKind.GAP:
        return f"{areas}内有 {seam.square_metres:.0f} 平方米不属于任何网格。"
    return f"{areas}的边界重叠 {seam.square_metres:.0f} 平方米。"


def list_seams(plots: Iterable[Plot]) -> list[Seam]:
    """All seams of the ground in force, largest first. An exclusive grid may lie inside an ordinary one: its addresses win there."""
    surveyed = [plot for plot in plots if plot.shape is not None]
    shapes = dict(
        zip(
            (plot.area for plot in surveyed),
            parse_shapes([plot.shape for plot in surveyed if plot.shape is not None]),
            strict=True,
        )
    )
    grids = [plot for plot in surveyed if plot.is_grid]
    index = ShapeIndex([shapes[plot.area] for plot in grids])
    seams = _list_overlaps(grids, index) + _list_gaps(grids, index, shapes)
    return sorted(seams, key=lambda seam: (-seam.square_metres, seam.areas))


def _list_overlaps(grids: list[Plot], index: ShapeIndex) -> list[Seam]:
    found = []
    for pair in index.list_overlaps(LEAST_SQUARE_METRES):
        one, other = grids[pair.one], grids[pair.other]
        if one.is_exclusive == other.is_exclusive:
            found.append(Seam(SeamKind.OVERLAP, (one.area, other.area), pair.square_metres))
    return found


def _list_gaps(grids: list[Plot], index: ShapeIndex, shapes: dict[str, Shape]) -> list[Seam]:
    by_community: dict[str, list[Shape]] = defaultdict(list)
    for plot in grids:
        if len(plot.chain) > 1:
            by_community[plot.chain[1]].append(shapes[plot.area])
    found = []
    for community, own in by_community.items():
        united = unite(own)
        # Without a boundary of its own, a community is what its grids enclose.
        bare = subtract(shapes[community] if community in shapes else fill(united), united)
        taken = [index.shapes[one] for one in index.list_touching(bare)]
        for piece in list_pieces(subtract(bare, unite(taken)) if taken else bare):
            size = measure_square_metres(piece)
            if size >= LEAST_SQUARE_METRES:
                found.append(Seam(SeamKind.GAP, (community,), size))
    return found
