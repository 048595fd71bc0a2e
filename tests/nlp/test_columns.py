"""Sums of packed rows are the sums of the rows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.columns import Columns

WEIGHT = st.floats(-100, 100).map(lambda weight: round(weight, 4))


@given(st.data())
def test_packed_sums_are_exact_to_a_ten_thousandth(data: st.DataObject) -> None:
    width = data.draw(st.integers(1, 16))
    rows = data.draw(st.lists(st.lists(WEIGHT, min_size=width, max_size=width), min_size=1, max_size=8))
    places = st.sets(st.integers(0, len(rows) - 1))
    once, again = data.draw(places), data.draw(places)
    divisor = data.draw(st.floats(0.1, 10))
    sums = Columns(rows, width).add_up(once, again, divisor)
    for column in range(width):
        right = sum(rows[row][column] for row in once) + sum(rows[row][column] for row in again)
        assert sums[column] * divisor == pytest.approx(right, abs=1e-3)


def test_250_of_the_largest_weights_fill_no_neighbour() -> None:
    columns = Columns([[100.0, -100.0, 100.0]] * 250, 3)
    assert columns.add_up(range(250), range(250), 1.0) == pytest.approx([50_000.0, -50_000.0, 50_000.0])
