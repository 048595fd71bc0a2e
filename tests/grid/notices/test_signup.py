"""Places and the waiting list."""

import random
from datetime import timedelta

import pytest

from grid.notices.signup import Entry, SignedUp, count_left, list_moving_up, sign_up
from grid.workflow import Refusal
from storage.notice_columns import NoticeKind, NoticeState, SignupState
from storage.notice_tables import NoticeSignup
from storage.plan import Change
from storage.rows import fresh
from tests.clock import START
from tests.grid.notices.town import WANG, actor, make_desk, make_ids, make_notice


def row(number: int, people: int, state: SignupState) -> NoticeSignup:
    at = START + timedelta(minutes=number)
    return fresh(NoticeSignup, id=number, notice_id=1, person=f"worker:{number}", people=people, state=state, at=at)


@pytest.mark.parametrize("state", list(NoticeState))
def test_only_while_it_is_out(state: NoticeState) -> None:
    fields = {"quota": 3}
    notice = make_notice(NoticeKind.ACTIVITY, state=state, sent_at=START, fields=fields)
    made = sign_up(make_desk(), notice, [], Entry("worker:11", "张三"), {}, actor(WANG), make_ids())
    assert isinstance(made, SignedUp) is (state in (NoticeState.SENDING, NoticeState.SENT))


@pytest.mark.parametrize("people", [0, 4])
def test_none_and_too_many_are_refused(people: int) -> None:
    notice = make_notice(NoticeKind.ACTIVITY, state=NoticeState.SENT, sent_at=START, fields={"quota": 3})
    entry = Entry("worker:11", "张三", people)
    assert isinstance(sign_up(make_desk(), notice, [], entry, {}, actor(WANG), make_ids()), Refusal)


def test_every_place_is_guarded_by_the_notice() -> None:
    notice = make_notice(NoticeKind.ACTIVITY, state=NoticeState.SENT, sent_at=START, fields={"quota": 3}, version=7)
    made = sign_up(make_desk(), notice, [], Entry("worker:11", "张三"), {}, actor(WANG), make_ids())
    assert isinstance(made, SignedUp)
    assert Change(type(notice), notice.id, 7, {}) in made.plan.changes


def test_who_moves_up_never_makes_more_than_there_are() -> None:
    rng = random.Random(5)
    for _ in range(200):
        notice = make_notice(NoticeKind.ACTIVITY, fields={"quota": rng.randint(1, 9)})
        rows = [row(number, rng.randint(1, 4), SignupState.WAITING) for number in range(6)]
        moving = list_moving_up(notice, rows)
        assert sum(one.people for one in moving) <= count_left(notice, rows)
        left = count_left(notice, rows) - sum(one.people for one in moving)
        assert all(one.people > left for one in rows if one not in moving)
