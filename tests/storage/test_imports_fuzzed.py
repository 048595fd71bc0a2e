"""Whatever a file holds, an import says what is wrong with it and never breaks."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.columns import AreaLevel
from storage.imports import COLUMNS, KINDS, ImportRefused
from storage.imports.areas import KnownArea, parse_areas
from storage.imports.calendar import parse_calendar
from storage.imports.groups import parse_groups
from storage.imports.people import parse_people
from storage.imports.places import parse_places
from storage.imports.sheet import Line, Sheet, read_sheet
from storage.imports.writing import Parsed

AREAS = {"1": KnownArea(None, AreaLevel.CITY), "2": KnownArea("1", AreaLevel.GRID), "3": KnownArea("1", AreaLevel.GRID)}
CATEGORIES = {"dispute": "矛盾调处"}
PARSERS: dict[str, Callable[[Sheet], Parsed[Any]]] = {
    "areas": lambda sheet: parse_areas(sheet, AREAS),
    "people": lambda sheet: parse_people(sheet, AREAS, CATEGORIES),
    "groups": lambda sheet: parse_groups(sheet, AREAS, CATEGORIES),
    "places": lambda sheet: parse_places(sheet, AREAS),
    "calendar": parse_calendar,
}
CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ("", "1", "2", "3", "-1", "grid", "community", "lead", "专职", "estate", "道路", "odd", "webhook", "aibot")
    ),
    st.sampled_from(("13800000001", "2026-02-30", "2026/1/1", "0000-01-01", "是", "²", "1e9", "dispute", "1" * 400)),
)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_any_cells_give_records_or_faults(kind: str, data: st.DataObject) -> None:
    codes = [column.code for column in COLUMNS[kind]]
    rows = data.draw(st.lists(st.fixed_dictionaries(dict.fromkeys(codes, CELLS)), max_size=6))
    sheet = Sheet({code: code for code in codes}, tuple(Line(row, cells) for row, cells in enumerate(rows, start=2)))
    parsed = PARSERS[kind](sheet)
    assert len(parsed.records) <= len(rows)
    assert all(2 <= fault.row <= len(rows) + 1 and fault.column in codes and fault.message for fault in parsed.faults)


@given(st.sampled_from(KINDS), st.sampled_from(("a.csv", "a.xlsx", "a.txt")), st.binary(max_size=200), st.booleans())
def test_any_bytes_give_a_sheet_or_a_refusal(kind: str, name: str, content: bytes, as_zip: bool) -> None:
    with suppress(ImportRefused):
        read_sheet(name, b"PK\x03\x04" + content if as_zip else content, COLUMNS[kind])
