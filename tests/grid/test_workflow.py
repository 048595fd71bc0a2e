"""The law of a case's way, walked whole: what is allowed works, and everything else is refused and changes nothing.

The table below is written by hand from the words of the design, not taken from the code.
"""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from grid.actions import callbacks, checking, children, closing, handling, joint, moving, reporter, requests
from grid.actions.opening import Opened
from grid.actions.routing import Sent
from grid.checks import Checks
from grid.desk import Actor, Desk, House
from grid.workflow import OPEN, RULES, Move, Part, Refusal, Status, find_refusal, list_moves
from storage.columns import CallbackState, RequestKind, RequestState
from storage.loop_tables import Callback, Request
from storage.plan import Plan
from storage.rows import fresh, with_changes
from storage.tables import Case
from tests.clock import START
from tests.grid.town import make_actor, make_case, make_desk, make_resident

Try = Callable[[Desk, Case, Actor], Any]
_WHO = make_resident()
_OTHER = make_case(id=9, number="1123-09", serial=9)

WORKING = "accepted handling"
WITH_GROUP = "dispatched accepted handling"
LIVE = "triage dispatched accepted handling suspended checking"
_WISH = requests.Wish(RequestKind.EXTEND, "2d", "配件")
# A handler may extend by himself only where the house lets him: here it does, so that the walk sees the table alone.
_HOUSE = House(checks=Checks(extension_without_approval="9d"))


def _request() -> Request:
    return fresh(
        Request, id=31, case_id=7, kind=RequestKind.EXTEND, state=RequestState.PENDING, asked_by=11, asked_at=START
    )


def _callback() -> Callback:
    return fresh(Callback, id=32, case_id=7, why="poor", state=CallbackState.WAITING, made_at=START)


# move: (from, by, to; "-" stays, how it is done)
LAW: dict[Move, tuple[str, str, str, Try]] = {
    Move.ACCEPT: ("dispatched", "member handler", "accepted", lambda d, c, a: handling.accept(d, c, a, _WHO, "1")),
    Move.HANDLE: (WORKING, "handler", "handling", lambda d, c, a: handling.note_progress(d, c, a, "到现场")),
    Move.RESOLVE: (WORKING, "handler coordinator", "resolved", lambda d, c, a: handling.resolve(d, c, a, _WHO, "好")),
    Move.PASS_CHECK: (
        "checking",
        "coordinator system",
        "resolved",
        lambda d, c, a: checking.pass_check(d, c, a, _WHO),
    ),
    Move.FAIL_CHECK: ("checking", "coordinator", "handling", lambda d, c, a: checking.fail_check(d, c, a, "积水")),
    Move.RATE: ("resolved", "reporter", "rated archived", lambda d, c, a: closing.rate(d, c, a, "good")),
    Move.RETURN: (
        WITH_GROUP,
        "member handler coordinator",
        "dispatched triage",
        lambda d, c, a: moving.return_case(d, c, a, "不属本网格"),
    ),
    Move.TRANSFER: (
        WITH_GROUP,
        "member handler coordinator",
        "dispatched triage",
        lambda d, c, a: moving.transfer_category(d, c, a, "law_enforcement", "违规"),
    ),
    Move.ESCALATE: (
        f"triage {WITH_GROUP}",
        "member handler coordinator system",
        "dispatched triage",
        lambda d, c, a: moving.escalate(d, c, a, ""),
    ),
    Move.DISPATCH: (
        "triage dispatched",
        "coordinator system",
        "dispatched triage",
        lambda d, c, a: moving.assign(d, c, a, "2308070501"),
    ),
    Move.RECLASSIFY: (
        "triage dispatched",
        "reporter coordinator",
        "dispatched triage",
        lambda d, c, a: moving.reclassify(d, c, a, "dispute"),
    ),
    Move.SUSPEND: (WORKING, "coordinator", "suspended", lambda d, c, a: closing.suspend(d, c, a, _WHO, "冬天")),
    Move.RESUME: ("suspended", "handler coordinator system", "handling", lambda d, c, a: closing.resume(d, c, a, _WHO)),
    Move.EXTEND: (WORKING, "handler coordinator", "-", lambda d, c, a: handling.extend(d, c, a, _WHO, "2d", "配件")),
    Move.VOID: (
        f"triage {WITH_GROUP} suspended",
        "coordinator system",
        "void",
        lambda d, c, a: closing.void(d, c, a, _WHO, "重复"),
    ),
    Move.SPLIT: (
        "merged",
        "coordinator",
        "dispatched triage",
        lambda d, c, a: joint.split_case(d, with_changes(c, {"merged_into_id": 9}), _OTHER, a, [_WHO], []),
    ),
    Move.MERGE: (
        f"triage {WITH_GROUP}",
        "reporter coordinator",
        "merged",
        lambda d, c, a: closing.merge(d, c, _OTHER, a, _WHO),
    ),
    Move.REOPEN: (
        "resolved rated archived",
        "reporter coordinator",
        "dispatched triage",
        lambda d, c, a: closing.reopen(d, c, a, "没修好"),
    ),
    Move.WITHDRAW: (f"triage {WITH_GROUP}", "reporter", "withdrawn", lambda d, c, a: closing.withdraw(d, c, a)),
    Move.HURRY: (LIVE, "reporter", "-", lambda d, c, a: reporter.hurry(d, c, a)),
    Move.SUPPLEMENT: (
        LIVE,
        "reporter member handler coordinator",
        "-",
        lambda d, c, a: reporter.supplement(d, c, a, "还有三楼"),
    ),
    Move.ASK: (
        WITH_GROUP,
        "member handler coordinator",
        "-",
        lambda d, c, a: handling.ask_resident(d, c, a, _WHO, "几单元"),
    ),
    Move.ANSWER: (LIVE, "reporter", "-", lambda d, c, a: reporter.answer_worker(d, c, a, "三单元")),
    Move.REQUEST: (WORKING, "handler", "-", lambda d, c, a: requests.ask_superior(d, c, a, _WISH, 31)),
    Move.DECLINE: (
        WORKING,
        "coordinator",
        "-",
        lambda d, c, a: requests.decline(d, with_changes(c, {"handler_id": 11}), _request(), a, "先办"),
    ),
    Move.CHILD: (
        WITH_GROUP,
        "member handler coordinator",
        "-",
        lambda d, c, a: children.open_child(d, c, a, children.Part("挖开路面", area="2308070601"), [], 21, 21),
    ),
    Move.CALL_BACK: (
        "resolved rated archived",
        "coordinator",
        "-",
        lambda d, c, a: callbacks.record_callback(d, c, _callback(), a, "good", "已通水"),
    ),
}
EVERYTHING = list(product(LAW, Status, Part))


def test_the_hand_written_law_covers_the_table() -> None:
    # 受理 comes from nowhere and 归档 is the system's alone: both have tests of their own.
    assert set(LAW) == set(RULES) - {Move.RECEIVE, Move.ARCHIVE}


@pytest.mark.parametrize(("move", "status", "part"), EVERYTHING, ids=lambda word: str(word))
def test_what_is_allowed_works_and_the_complement_is_refused(move: Move, status: Status, part: Part) -> None:
    before, by, after, make = LAW[move]
    case = make_case(status)
    made = make(make_desk(house=_HOUSE), case, make_actor(part))
    assert case.status == status
    if status.value not in before.split() or part.value not in by.split():
        assert isinstance(made, Refusal)
        assert made.sentence.endswith("。")
        return
    plan = made.plan if isinstance(made, Sent | Opened) else made
    assert isinstance(plan, Plan)
    change = next(change for change in plan.changes if change.table is Case)
    assert (change.key, change.version) == (7, 3)
    reached = str(change.values["status"])
    assert reached in (after.split() if after != "-" else [status.value])
    assert change.values["is_open"] == (Status(reached) in OPEN)
    assert plan.events[0].kind == move.value
    assert plan.events[0].payload["status"]


@pytest.mark.parametrize(("status", "part"), list(product(Status, Part)), ids=str)
def test_archiving_is_the_systems_alone(status: Status, part: Part) -> None:
    ends = {Status.RESOLVED, Status.RATED, Status.VOID, Status.MERGED, Status.WITHDRAWN}
    refusal = find_refusal(Move.ARCHIVE, status, frozenset({part}))
    assert (refusal is None) == (status in ends and part is Part.SYSTEM)
    made = closing.archive(make_desk(), make_case(status, result="已疏通", rating="good"))
    assert isinstance(made, Plan) == (status in ends)


@pytest.mark.parametrize("status", list(Status))
def test_nobody_in_particular_may_do_nothing(status: Status) -> None:
    assert list_moves(status, frozenset()) == []


@pytest.mark.parametrize(("status", "part"), list(product(Status, Part)), ids=str)
def test_a_refusal_names_exactly_what_would_be_accepted(status: Status, part: Part) -> None:
    possible = set(list_moves(status, frozenset({part})))
    for move in RULES:
        refusal = find_refusal(move, status, frozenset({part}))
        assert (refusal is None) == (move in possible)
        if refusal is not None and possible - {Move.ARCHIVE}:
            assert all(one.label in refusal.sentence for one in possible - {Move.ARCHIVE})


def test_several_parts_add_up() -> None:
    both = make_actor(Part.MEMBER, Part.COORDINATOR)
    assert isinstance(closing.void(make_desk(), make_case(), both, _WHO, "重复"), Plan)


def test_every_status_and_move_has_its_word() -> None:
    assert len({status.label for status in Status}) == len(Status)
    assert len({move.label for move in Move}) == len(Move)
    assert len({part.label for part in Part}) == len(Part)


def test_resolving_waits_for_a_check_where_the_category_asks_for_one() -> None:
    desk = make_desk(house=House(checks=Checks(shares={"urban_property": 100})))
    made = handling.resolve(desk, make_case(Status.HANDLING), make_actor(Part.HANDLER), _WHO, "好")
    assert isinstance(made, Plan)
    assert made.changes[0].values["status"] == "checking"
    assert not any(draft.target.startswith("oa:") for draft in made.outbox)


def test_nobody_checks_his_own_work() -> None:
    case = with_changes(make_case(Status.CHECKING), {"handler_id": 13})
    actor = make_actor(Part.HANDLER, Part.COORDINATOR)
    assert isinstance(checking.pass_check(make_desk(), case, actor, _WHO), Refusal)
    assert isinstance(checking.fail_check(make_desk(), case, actor, "积水"), Refusal)


# Who may do what to a case in which status, said by person and status (the law says it by move). Written by hand as well.
BY_PERSON = {
    "reporter": {
        "triage": "merge withdraw hurry supplement reclassify answer",
        "dispatched": "merge withdraw hurry supplement reclassify answer",
        "accepted": "merge withdraw hurry supplement answer",
        "handling": "merge withdraw hurry supplement answer",
        "suspended": "hurry supplement answer",
        "checking": "hurry supplement answer",
        "resolved": "rate reopen",
        "rated": "reopen",
        "archived": "reopen",
    },
    "member": {
        "triage": "escalate supplement",
        "dispatched": "accept return transfer escalate supplement ask child",
        "accepted": "return transfer escalate supplement ask child",
        "handling": "return transfer escalate supplement ask child",
        "suspended": "supplement",
        "checking": "supplement",
    },
    "handler": {
        "triage": "escalate supplement",
        "dispatched": "accept return transfer escalate supplement ask child",
        "accepted": "handle resolve return transfer extend escalate supplement ask request child",
        "handling": "handle resolve return transfer extend escalate supplement ask request child",
        "suspended": "resume supplement",
        "checking": "supplement",
    },
    "coordinator": {
        "triage": "dispatch escalate void merge supplement reclassify",
        "dispatched": "dispatch return transfer escalate void merge supplement reclassify ask child",
        "accepted": "resolve return transfer suspend extend escalate void merge supplement ask decline child",
        "handling": "resolve return transfer suspend extend escalate void merge supplement ask decline child",
        "suspended": "resume void supplement",
        "checking": "pass_check fail_check supplement",
        "resolved": "reopen call_back",
        "rated": "reopen call_back",
        "archived": "reopen call_back",
        "merged": "split",
    },
    "system": {
        "triage": "dispatch escalate void",
        "dispatched": "dispatch escalate void",
        "accepted": "escalate void",
        "handling": "escalate void",
        "suspended": "resume void",
        "checking": "pass_check",
        "resolved": "archive",
        "rated": "archive",
        "void": "archive",
        "merged": "archive",
        "withdrawn": "archive",
    },
}


@pytest.mark.parametrize(("part", "status"), list(product(Part, Status)), ids=str)
def test_everybody_may_exactly_what_is_written_for_him(part: Part, status: Status) -> None:
    written = BY_PERSON[part].get(status, "").split()
    assert {move.value for move in list_moves(status, frozenset({part}))} == set(written)
    for move in Move:
        refusal = find_refusal(move, status, frozenset({part}))
        assert (refusal is None) == (move in written)
