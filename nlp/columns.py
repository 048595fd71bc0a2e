"""Rows of weights that are added up often: each packed into one whole number, so that one addition adds all of its columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from struct import Struct


@dataclass(frozen=True, slots=True)
class Scale:
    """Weights are counted in `units` to the one and stand side by side in fields of so many `bits`; none is larger than `most`."""

    bits: int
    units: int
    most: float


FINE = Scale(bits=32, units=10_000, most=100.0)
"""Exact to a ten-thousandth; 2,000 of the largest weights fill no field."""
COARSE = Scale(bits=16, units=50, most=6.0)
"""Half as wide: exact to a fiftieth; 109 of the largest weights fill no field, of usual ones many more."""
_LETTERS = {32: "I", 16: "H"}


class Columns:
    """Rows of the same width."""

    def __init__(self, rows: Sequence[Sequence[float]], width: int, scale: Scale = FINE) -> None:
        self._packed = [_pack(row, scale) for row in rows]
        self._fields = Struct(f"<{width}{_LETTERS[scale.bits]}")
        self._units = scale.units
        # Added to each field, so that one whose sum is negative borrows nothing from the next.
        self._middle = 1 << scale.bits - 1
        self._middles = sum(self._middle << scale.bits * place for place in range(width))

    def add_up(self, numbers: Iterable[int], again: Iterable[int], divisor: float) -> list[float]:
        """The sum of each column over the rows of `numbers` and, once more, of `again`, divided."""
        packed, total = self._packed, self._middles
        for number in numbers:
            total += packed[number]
        for number in again:
            total += packed[number]
        units, middle = self._units * divisor, self._middle
        return [(field - middle) / units for field in self._fields.unpack(total.to_bytes(self._fields.size, "little"))]


def _pack(row: Sequence[float], scale: Scale) -> int:
    most = scale.most
    units = (round(max(-most, min(most, weight)) * scale.units) for weight in row)
    return sum(unit << scale.bits * place for place, unit in enumerate(units))
