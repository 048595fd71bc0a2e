import pytest
from sqlmodel import SQLModel

from storage.rows import chunks, column_names, fresh, row_values, with_changes
from storage.tables import Case, CaseEvent, Lease, Resident
from tests.clock import START
from tests.storage.builders import make_case, make_resident


def test_defaults_are_filled_in() -> None:
    resident = make_resident(1, "o1")
    assert (resident.follows, resident.window_limit, resident.area_code, resident.conversation) == (True, 0, None, {})


def test_defaults_are_not_shared_between_rows() -> None:
    one, two = make_case(1), make_case(2)
    one.evidence.append("堵")
    assert two.evidence == []


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"name": "a", "holder": "h"}, id="missing"),
        pytest.param({"name": "a", "holder": "h", "until": START, "colour": "red"}, id="unknown"),
    ],
)
def test_a_missing_or_unknown_column_is_a_mistake(values: dict[str, object]) -> None:
    with pytest.raises(TypeError, match="missing or unknown"):
        fresh(Lease, **values)


@pytest.mark.parametrize("table", [Case, CaseEvent, Resident, Lease])
def test_a_row_has_just_the_columns(table: type[SQLModel]) -> None:
    columns = {column.name for column in table.__table__.columns}  # type: ignore[attr-defined]
    assert column_names(table) == columns


def test_a_fresh_row_equals_a_constructed_one() -> None:
    made = Lease(name="a", holder="h", until=START)
    assert row_values(fresh(Lease, name="a", holder="h", until=START)) == row_values(made)


def test_a_changed_copy_leaves_the_original_alone() -> None:
    case = make_case(1)
    later = with_changes(case, {"status": "accepted"})
    assert (case.status, later.status, later.id) == ("assigned", "accepted", 1)


def test_chunks_cover_everything_once() -> None:
    values = list(range(1201))
    pieces = list(chunks(values))
    assert [len(piece) for piece in pieces] == [500, 500, 201]
    assert [value for piece in pieces for value in piece] == values
