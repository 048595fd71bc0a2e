"""Rows of weights that are added up often: each packed into one whole number, so that one addition adds all of its columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from struct import Struct

_UNIT = 10_000
"""Weights are counted in ten-thousandths …"""
_FIELD = 32
"""… and stand side by side in fields of so many bits: 250 features of a text cannot fill one with weights below 100."""
_MIDDLE = 1 << _FIELD - 1
"""Added to each field, so that one whose sum is negative borrows nothing from the next."""
_MOST = 100.0


class Columns:
    """Rows of the same width."""

    def __init__(self, rows: Sequence[Sequence[float]], width: int) -> None:
        self._packed = [_pack(row) for row in rows]
        self._fields = Struct(f"<{width}I")
        self._middles = sum(_MIDDLE << _FIELD * place for place in range(width))

    def add_up(self, numbers: Iterable[int], again: Iterable[int], divisor: float) -> list[float]:
        """The sum of each column over the rows of `numbers` and, once more, of `again`, divided."""
        packed, total = self._packed, self._middles
        for number in numbers:
            total += packed[number]
        for number in again:
            total += packed[number]
        units = _UNIT * divisor
        return [(field - _MIDDLE) / units for field in self._fields.unpack(total.to_bytes(self._fields.size, "little"))]


def _pack(row: Sequence[float]) -> int:
    return sum(round(max(-_MOST, min(_MOST, weight)) * _UNIT) << _FIELD * place for place, weight in enumerate(row))
