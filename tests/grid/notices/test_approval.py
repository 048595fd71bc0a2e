"""Who may make, approve and take back, and what may never go out: tables, each with its complement refused."""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from grid.desk import House
from grid.notices.approval import RESIDENTS, SEND, count_wanted, decide, submit
from grid.notices.checks import find_fault
from grid.notices.recall import recall
from grid.notices.rights import find_approve_refusal, find_make_refusal, find_recall_refusal, list_approvers
from grid.notices.rules import NoticeRules
from grid.workflow import Refusal
from storage.columns import Colour
from storage.notice_columns import NoticeKind, NoticeState
from storage.tables import Worker
from tests.clock import START
from tests.grid.notices.town import (
    FENG,
    WANG,
    WU,
    ZHAO,
    ZHOU,
    actor,
    make_approval,
    make_city,
    make_desk,
    make_ids,
    make_notice,
)
from tests.handlers.worker.city import COMMUNITY, DISTRICT, GRID1, GRID3, OTHER, ROOT, STREET, make_worker

CITY = make_city()
# Who may make an ordinary notice where: a coordinator at or above; nobody else, nowhere.
MAY_MAKE = {
    WU: {ROOT, DISTRICT, STREET, COMMUNITY, OTHER, GRID3},
    ZHAO: {STREET, COMMUNITY, OTHER, GRID3},
    ZHOU: {COMMUNITY, GRID3},
    WANG: set(),
    FENG: set(),
}
POLICE = {DISTRICT, STREET, COMMUNITY, OTHER, GRID3}
AREAS = (ROOT, DISTRICT, STREET, COMMUNITY, OTHER, GRID3)


@pytest.mark.parametrize(("person", "area", "kind"), list(product(MAY_MAKE, AREAS, NoticeKind)))
def test_who_may_make_what_where(person: int, area: str, kind: NoticeKind) -> None:
    may = area in MAY_MAKE[person] or (person == FENG and kind is NoticeKind.SUSPECT and area in POLICE)
    assert (find_make_refusal(CITY, CITY.people[person], kind, [area]) is None) is may


def test_one_area_beyond_is_too_much() -> None:
    assert find_make_refusal(CITY, CITY.people[ZHOU], NoticeKind.TASK, [GRID1, GRID3]) is None
    assert find_make_refusal(CITY, CITY.people[ZHOU], NoticeKind.TASK, [GRID3, OTHER]) is not None
    assert find_make_refusal(CITY, CITY.people[ZHOU], NoticeKind.TASK, []) is not None


@pytest.mark.parametrize("person", MAY_MAKE)
@pytest.mark.parametrize("area", AREAS)
def test_who_may_approve(person: int, area: str) -> None:
    notice = make_notice(scope={"areas": [area], "groups": ["work"], "residents": False}, area_code=area)
    # ZHOU made it: nobody approves his own.
    may = area in MAY_MAKE[person] and person != ZHOU
    assert (find_approve_refusal(CITY, notice, CITY.people[person]) is None) is may


def test_approvers_come_nearest_first() -> None:
    assert [one.id for one in list_approvers(CITY, make_notice())] == [ZHAO, 21, WU]


@pytest.mark.parametrize("person", MAY_MAKE)
@pytest.mark.parametrize("agreed", [True, False])
def test_who_may_take_back(person: int, agreed: bool) -> None:
    notice = make_notice(made_by=ZHOU)
    words = [make_approval(person, agrees=agreed)]
    may = person in (ZHOU, ZHAO, WU) or agreed
    assert (find_recall_refusal(CITY, notice, words, CITY.people[person]) is None) is may


@pytest.mark.parametrize("kind", NoticeKind)
@pytest.mark.parametrize("configured", [0, 1, 2])
def test_how_many_must_agree(kind: NoticeKind, configured: int) -> None:
    desk = replace(make_desk(), house=House(notices=NoticeRules(approvals={kind: configured})))
    wanted = count_wanted(desk, make_notice(kind))
    assert wanted == (2 if kind is NoticeKind.SUSPECT else configured)


def submitted(kind: NoticeKind, approvals: int) -> NoticeState:
    desk = replace(make_desk(), house=House(notices=NoticeRules(approvals={kind: approvals})))
    colour = Colour.ORANGE if kind is NoticeKind.WARNING else None
    moved = submit(desk, make_notice(kind, colour=colour), actor(ZHOU), (), make_ids())
    assert not isinstance(moved, Refusal), moved
    return moved[0].state


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_kind_goes_its_way(kind: NoticeKind) -> None:
    assert submitted(kind, 0) is (NoticeState.WAITING if kind is NoticeKind.SUSPECT else NoticeState.SCHEDULED)
    assert submitted(kind, 1) is NoticeState.WAITING


def worker(worker_id: int) -> Worker:
    person = CITY.people[worker_id]
    return make_worker(worker_id, person.userid, person.name, COMMUNITY)


WAITING = {"state": NoticeState.WAITING}


@pytest.mark.parametrize(
    ("who", "agrees", "note", "before", "after"),
    [
        (ZHAO, True, "", (), NoticeState.WAITING),
        (WU, True, "", (ZHAO,), NoticeState.SCHEDULED),
        (ZHAO, True, "", (ZHAO,), None),
        (ZHOU, True, "", (ZHAO,), None),
        (WANG, True, "", (ZHAO,), None),
        (FENG, True, "", (ZHAO,), None),
        (ZHAO, False, "时间有误", (), NoticeState.REFUSED),
        (ZHAO, False, "", (), None),
        (WANG, False, "不行", (), None),
    ],
)
def test_two_different_persons(
    who: int, agrees: bool, note: str, before: tuple[int, ...], after: NoticeState | None
) -> None:
    notice = make_notice(NoticeKind.SUSPECT, **WAITING)
    words = [make_approval(one) for one in before]
    moved = decide(make_desk(), notice, worker(who), words, agrees, note, make_ids())
    assert (None if isinstance(moved, Refusal) else moved[0].state) is after


def test_what_was_void_does_not_count() -> None:
    notice = make_notice(NoticeKind.SUSPECT, **WAITING)
    words = [make_approval(ZHAO, agrees=False)]
    moved = decide(make_desk(), notice, worker(WU), words, True, "", make_ids())
    assert not isinstance(moved, Refusal)
    assert moved[0].state is NoticeState.WAITING


FACE_OUTSIDE = {
    "scope": {"areas": [COMMUNITY], "groups": ["work"], "residents": True},
    "fields": {**make_notice(NoticeKind.SUSPECT).fields, "police_ref": "佳公发〔2026〕7号"},
}


@pytest.mark.parametrize(
    ("step", "send", "residents", "after"),
    [
        (SEND, (ZHAO,), (), NoticeState.WAITING),
        (RESIDENTS, (ZHAO,), (), None),
        (RESIDENTS, (ZHAO, WU), (), NoticeState.SCHEDULED),
        (SEND, (ZHAO, WU), (), None),
    ],
)
def test_a_face_leaves_the_groups_after_a_second_confirmation(
    step: str, send: tuple[int, ...], residents: tuple[int, ...], after: NoticeState | None
) -> None:
    notice = make_notice(NoticeKind.SUSPECT, **WAITING, **FACE_OUTSIDE)
    words = [make_approval(one) for one in send] + [make_approval(one, RESIDENTS) for one in residents]
    moved = decide(make_desk(), notice, worker(WU), words, True, "", make_ids(), step)
    assert (None if isinstance(moved, Refusal) else moved[0].state) is after


def test_a_confirmation_that_nobody_asked_for_is_refused() -> None:
    notice = make_notice(NoticeKind.SUSPECT, **WAITING)
    words = [make_approval(ZHAO), make_approval(21)]
    assert isinstance(decide(make_desk(), notice, worker(WU), words, True, "", make_ids(), RESIDENTS), Refusal)


def suspect(**fields: Any) -> dict[str, Any]:
    return {"fields": {**make_notice(NoticeKind.SUSPECT).fields, **fields}}


def scope(groups: tuple[str, ...] = ("work",), residents: bool = False) -> dict[str, Any]:
    return {"scope": {"areas": [COMMUNITY], "groups": list(groups), "residents": residents}}


FORBIDDEN: list[tuple[NoticeKind, dict[str, Any], str]] = [
    (NoticeKind.SUSPECT, suspect(station=""), "发布单位"),
    (NoticeKind.SUSPECT, suspect(document=""), "文号"),
    (NoticeKind.SUSPECT, suspect(approver=""), "批准人"),
    (NoticeKind.SUSPECT, suspect(until=None), "截止日期"),
    (NoticeKind.SUSPECT, suspect(until="2026-11-22T23:59+08:00"), "已经过去"),
    (NoticeKind.SUSPECT, suspect(age=17), "未成年"),
    (NoticeKind.SUSPECT, suspect(age=1), "未成年"),
    (NoticeKind.SUSPECT, suspect(minor=True), "未成年"),
    (NoticeKind.SUSPECT, suspect(age="不详", minor=True), "未成年"),
    (NoticeKind.SUSPECT, suspect(age=None), "年龄"),
    (NoticeKind.SUSPECT, suspect(age="四十"), "年龄"),
    (NoticeKind.SUSPECT, suspect(face=None), "人脸"),
    (NoticeKind.SUSPECT, {**suspect(), **scope(("work", "duty"))}, "工作群"),
    (NoticeKind.SUSPECT, {**suspect(), **scope(("department",))}, "工作群"),
    (NoticeKind.SUSPECT, {**suspect(), **scope(residents=True)}, "公开发布依据"),
    (NoticeKind.TASK, scope(residents=True), "不发给居民"),
    (NoticeKind.TASK, {"fields": {}}, "完成时限"),
    (NoticeKind.TASK, {"text": " "}, "正文"),
    (NoticeKind.TASK, {"scope": {"areas": [], "groups": ["work"]}}, "发送范围"),
    (NoticeKind.OUTAGE, {"fields": {"what": "停水"}}, "开始时间"),
    (
        NoticeKind.OUTAGE,
        {"fields": {"what": "停水", "starts": "2026-11-25T08:00+08:00", "until": "2026-11-24T08:00+08:00"}},
        "晚于",
    ),
    (
        NoticeKind.ACTIVITY,
        {"fields": {**make_notice(NoticeKind.ACTIVITY).fields, "cutoff": "2026-11-29T17:00+08:00"}},
        "早于活动开始",
    ),
    (NoticeKind.ACTIVITY, {"fields": {**make_notice(NoticeKind.ACTIVITY).fields, "quota": None}}, "名额"),
    (NoticeKind.WARNING, {"colour": None}, "级别"),
    (NoticeKind.FRAUD, {"colour": Colour.RED}, "分级别"),
    (NoticeKind.MISSING, {"fields": {"name": "某"}}, "体貌特征"),
    (NoticeKind.ANNOUNCEMENT, {"ends_at": START - timedelta(minutes=1)}, "已经过去"),
]


@pytest.mark.parametrize(("kind", "values", "words"), FORBIDDEN)
def test_every_forbidden_combination_is_refused_at_every_gate(
    kind: NoticeKind, values: dict[str, Any], words: str
) -> None:
    values = {"colour": Colour.RED if kind is NoticeKind.WARNING else None, **values}
    notice = make_notice(kind, **values)
    fault = find_fault(notice, START)
    assert fault is not None
    assert words in fault.sentence
    assert isinstance(submit(make_desk(), notice, actor(ZHOU), (), make_ids()), Refusal)
    waiting = make_notice(kind, **{**values, **WAITING})
    assert isinstance(decide(make_desk(), waiting, worker(WU), (), True, "", make_ids()), Refusal)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (NoticeKind.SUSPECT, suspect()),
        (NoticeKind.SUSPECT, suspect(age=18)),
        (NoticeKind.SUSPECT, suspect(age="不详")),
        (NoticeKind.SUSPECT, {**suspect(face=False), **scope(("work", "duty"), residents=True)}),
        (NoticeKind.SUSPECT, FACE_OUTSIDE),
        (NoticeKind.WARNING, {"colour": Colour.BLUE}),
        *((kind, {}) for kind in NoticeKind if kind is not NoticeKind.WARNING),
    ],
)
def test_the_others_are_not(kind: NoticeKind, values: dict[str, Any]) -> None:
    assert find_fault(make_notice(kind, **values), START) is None


def test_without_enough_approvers_nothing_is_submitted() -> None:
    notice = make_notice(
        NoticeKind.SUSPECT, made_by=WU, scope={"areas": [ROOT], "groups": ["work"], "residents": False}, area_code=ROOT
    )
    refusal = submit(make_desk(), notice, actor(WU), (), make_ids())
    assert isinstance(refusal, Refusal)
    assert "只有0名在岗" in refusal.sentence


def test_a_recall_needs_a_reason_of_some_length() -> None:
    notice = make_notice(state=NoticeState.SENT)
    assert isinstance(recall(make_desk(), notice, (), actor(ZHOU), "", make_ids()), Refusal)
    assert isinstance(recall(make_desk(), notice, (), actor(ZHOU), "长" * 201, make_ids()), Refusal)
    assert not isinstance(recall(make_desk(), notice, (), actor(ZHOU), "有误", make_ids()), Refusal)
