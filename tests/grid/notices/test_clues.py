"""Where a clue goes, and what takes none."""

from itertools import product

import pytest

from grid.notices.clues import COLLECTING, Given, Giver, find_collecting_refusal, find_station, give_clue
from grid.notices.moves import NOT_OUT
from storage.notice_columns import NoticeKind, NoticeState
from tests.clock import START
from tests.grid.notices.town import FENG, make_city, make_desk, make_ids, make_notice

POLICE_SEAT, DUTY = "worker:u-feng", 34


@pytest.mark.parametrize("made_by", [15, FENG])
def test_the_police_of_the_area_have_it(made_by: int) -> None:
    station = find_station(make_city(), make_notice(NoticeKind.SUSPECT, made_by=made_by))
    assert station is not None
    assert (station.target, station.is_police) == (POLICE_SEAT, True)


def test_a_department_that_the_notice_names_has_it_and_a_work_group_never() -> None:
    notice = make_notice(NoticeKind.MISSING)
    named = find_station(make_city(), make_notice(NoticeKind.MISSING, fields={**notice.fields, "issuer": "住建局"}))
    assert named is not None
    assert named.target == "group:35"
    work = find_station(make_city(), make_notice(NoticeKind.MISSING, fields={**notice.fields, "issuer": "文采社区"}))
    assert work is not None
    assert work.target == POLICE_SEAT


def test_the_duty_group_stands_in_but_not_for_itself() -> None:
    city = make_city()
    del city.seats["2308"][:]
    station = find_station(city, make_notice(NoticeKind.SUSPECT))
    assert station is not None
    assert (station.target, station.is_police) == (f"group:{DUTY}", False)
    assert find_station(city, make_notice(NoticeKind.SUSPECT), away_from=DUTY) is None


@pytest.mark.parametrize(("kind", "state"), list(product(NoticeKind, NoticeState)))
def test_which_notices_take_clues(kind: NoticeKind, state: NoticeState) -> None:
    sent_at = None if state in NOT_OUT or state in (NoticeState.REFUSED, NoticeState.CANCELLED) else START
    refusal = find_collecting_refusal(make_notice(kind, state=state, sent_at=sent_at))
    assert (refusal is None) is (kind in COLLECTING and sent_at is not None)


def test_the_answer_holds_no_word_of_it() -> None:
    notice = make_notice(NoticeKind.SUSPECT, state=NoticeState.SENT, sent_at=START)
    giver = Giver("resident:7", "居民，电话13900000001")
    given = give_clue(make_desk(), notice, giver, "南门的台球室", (), 5, "线1123-01", make_ids())
    assert isinstance(given, Given)
    assert "台球室" not in given.text
    assert "13900000001" not in given.text
    (draft,) = given.plan.outbox
    assert draft.target == POLICE_SEAT
    assert "台球室" in draft.body["text"]
