"""The life of a notice: every move of the table works, and every move of the complement is refused."""

import pytest

from grid.notices.moves import NOT_OUT, OUT, OVER, TABLE, NoticeMove, find_move_refusal
from storage.notice_columns import NoticeState as S

# Written out once more, on purpose: a slip in the table must not be a slip in its test.
ALLOWED = {
    NoticeMove.EDIT: {S.DRAFT, S.WAITING, S.SCHEDULED},
    NoticeMove.SUBMIT: {S.DRAFT},
    NoticeMove.APPROVE: {S.WAITING},
    NoticeMove.REFUSE: {S.WAITING},
    NoticeMove.CONFIRM: {S.WAITING},
    NoticeMove.SCHEDULE: {S.DRAFT, S.WAITING, S.SCHEDULED},
    NoticeMove.CANCEL: {S.DRAFT, S.WAITING, S.SCHEDULED},
    NoticeMove.BEGIN: {S.SCHEDULED},
    NoticeMove.FINISH: {S.SENDING},
    NoticeMove.RECALL: {S.SENDING, S.SENT},
    NoticeMove.END: {S.SENDING, S.SENT},
    NoticeMove.RECEIVE: {S.SENDING, S.SENT},
    NoticeMove.COMPLETE: {S.SENDING, S.SENT},
}


@pytest.mark.parametrize("move", NoticeMove)
@pytest.mark.parametrize("state", S)
def test_the_table_and_its_complement(move: NoticeMove, state: S) -> None:
    refusal = find_move_refusal(move, state)
    assert (refusal is None) is (state in ALLOWED[move])
    if refusal is not None:
        assert state.label in refusal.sentence


def test_every_state_is_reached_and_every_end_is_one() -> None:
    reached = {state for _, to in TABLE.values() for state in to}
    assert reached | {S.DRAFT} == set(S)
    assert set(S) == NOT_OUT | OUT | OVER
    assert not any(OVER & froms for froms, _ in TABLE.values())


@pytest.mark.parametrize("move", NoticeMove)
def test_every_move_has_a_name(move: NoticeMove) -> None:
    assert move.label
