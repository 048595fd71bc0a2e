"""请示, 核查, 回访, 子单: what the walk over the table does not reach."""

from datetime import timedelta

import pytest

from grid.actions.callbacks import open_callback, record_callback, remind_callback
from grid.actions.checking import list_missing_legs, pass_check
from grid.actions.children import MOST_CHILDREN, Part, open_child
from grid.actions.closing import archive, rate, suspend, withdraw
from grid.actions.handling import Ending, extend, resolve
from grid.actions.moving import transfer_person
from grid.actions.opening import Opened
from grid.actions.requests import Wish, ask_superior, decline, grant, lapse
from grid.actions.routing import Sent
from grid.checks import Checks, Poor
from grid.desk import Actor, House
from grid.outcomes import Outcome
from grid.workflow import Part as Role
from grid.workflow import Refusal, Status
from storage.columns import CallbackState, RequestKind, RequestState
from storage.loop_tables import Callback, Request
from storage.plan import Plan
from storage.rows import fresh, with_changes
from storage.tables import Case
from tests.clock import START
from tests.grid.town import make_actor, make_case, make_city, make_desk, make_resident
from tests.handlers.worker.city import GRID3, OTHER1

HANDLER = Actor("worker:11", "王芳", 11, frozenset({Role.MEMBER, Role.HANDLER}))
ABOVE = make_actor(Role.COORDINATOR)
RESIDENT = Actor("resident:5", "居民", 5, frozenset({Role.REPORTER}))
AT_WORK = make_case(Status.HANDLING, handler_id=11)


def asked(kind: RequestKind = RequestKind.EXTEND, **values: object) -> Request:
    known: dict[str, object] = {"limit": "2d", "reason": "等配件", "group_id": 32, **values}
    row = fresh(Request, id=31, case_id=7, kind=kind, state=RequestState.PENDING, asked_by=11, asked_at=START)
    return with_changes(row, known)


def change_of(plan: Plan, table: type = Case) -> dict[str, object]:
    return dict(next(change for change in plan.changes if change.table is table).values)


class TestRequests:
    @pytest.mark.parametrize(
        ("wish", "fault"),
        [
            (Wish(RequestKind.EXTEND, "2d", ""), "请写明延期原因"),
            (Wish(RequestKind.SUSPEND, "2d", ""), "请写明挂账原因"),
            (Wish(RequestKind.EXTEND, "2x", "等"), "例如"),
        ],
    )
    def test_what_nobody_can_ask(self, wish: Wish, fault: str) -> None:
        made = ask_superior(make_desk(), AT_WORK, HANDLER, wish, 31)
        assert isinstance(made, Refusal)
        assert fault in made.sentence

    def test_nobody_answers_himself(self) -> None:
        both = Actor("worker:11", "王芳", 11, frozenset({Role.HANDLER, Role.COORDINATOR}))
        for made in (
            grant(make_desk(), AT_WORK, asked(), both, None),
            decline(make_desk(), AT_WORK, asked(), both, "不行"),
        ):
            assert isinstance(made, Refusal)
            assert "须由上级指挥员批复" in made.sentence

    @pytest.mark.parametrize(
        "case", [make_case(Status.RESOLVED, handler_id=11), make_case(Status.HANDLING, handler_id=12), make_case()]
    )
    def test_a_case_that_moved_on_has_nothing_to_decide(self, case: Case) -> None:
        made = grant(make_desk(), case, asked(), ABOVE, None)
        assert isinstance(made, Refusal)
        assert "已失效" in made.sentence

    def test_an_extension_counts_from_the_date_that_held(self) -> None:
        # Asked in time, answered late: what was asked for is what is given.
        desk = make_desk(now=START + timedelta(days=3, hours=1))
        made = grant(desk, AT_WORK, asked(), ABOVE, make_resident())
        assert isinstance(made, Plan)
        assert change_of(made)["resolve_due_at"] == START + timedelta(days=5)
        assert change_of(made, Request)["state"] is RequestState.APPROVED

    def test_lapsing_is_guarded(self) -> None:
        (change,) = lapse(make_desk(), [asked()])
        assert (change.version, change.values["state"]) == (0, RequestState.LAPSED)

    def test_a_handler_extends_no_further_than_the_house_lets_him(self) -> None:
        desk = make_desk(house=House(checks=Checks(extension_without_approval="1d")))
        assert isinstance(extend(desk, AT_WORK, HANDLER, None, "1d", "等"), Plan)
        assert isinstance(extend(desk, AT_WORK, HANDLER, None, "2d", "等"), Refusal)
        assert isinstance(extend(make_desk(), AT_WORK, HANDLER, None, "1d", "等"), Refusal)
        assert isinstance(extend(make_desk(), AT_WORK, ABOVE, None, "2d", "等"), Plan)

    def test_a_suspension_has_its_day(self) -> None:
        made = suspend(make_desk(), AT_WORK, ABOVE, make_resident(), "冬天", "20d")
        assert isinstance(made, Plan)
        assert made.events[0].payload["until"] == (START + timedelta(days=20)).isoformat()
        assert isinstance(suspend(make_desk(), AT_WORK, ABOVE, None, "冬天", "2x"), Refusal)


class TestChecks:
    @pytest.mark.parametrize(("share", "least", "most"), [(0, 0, 0), (100, 1000, 1000), (10, 60, 140)])
    def test_a_sample_is_as_large_as_it_says(self, share: int, least: int, most: int) -> None:
        checks = Checks(shares={"urban_property": share, "all": 100 - share})
        assert least <= sum(checks.needs_check("urban_property", case_id) for case_id in range(1000)) <= most

    def test_the_same_case_always_gets_the_same_answer(self) -> None:
        checks = Checks(shares={"all": 50})
        assert [checks.needs_check("", number) for number in range(50)] == [
            checks.needs_check("x", number) for number in range(50)
        ]

    def test_who_resolved_for_the_handler_does_not_check_either(self) -> None:
        case = make_case(Status.CHECKING, handler_id=11, result="好", routing={"resolved_by": 13, "check": "wanted"})
        assert isinstance(pass_check(make_desk(), case, ABOVE, None), Refusal)
        other = Actor("worker:15", "周杰", 15, frozenset({Role.COORDINATOR}))
        made = pass_check(make_desk(), case, other, None)
        assert isinstance(made, Plan)
        assert change_of(made)["checker_id"] == 15

    @pytest.mark.parametrize(
        ("values", "missing"),
        [
            ({"result": "好", "rating": "good"}, []),
            ({"rating": "good"}, ["答复"]),
            ({"result": "好"}, ["评价"]),
            ({"result": "好", "rating": "good", "routing": {"check": "wanted"}}, ["核查"]),
            ({"result": "好", "rating": "good", "routing": {"check": "wanted"}, "checker_id": 15}, []),
            ({"result": "好", "resolved_at": START - timedelta(days=7)}, []),
            ({"result": "好", "resolved_at": START - timedelta(days=6)}, ["评价"]),
        ],
    )
    def test_no_archive_while_a_leg_is_missing(self, values: dict[str, object], missing: list[str]) -> None:
        case = make_case(Status.RESOLVED, **values)
        assert list_missing_legs(make_desk(), case) == missing
        made = archive(make_desk(), case)
        assert isinstance(made, Refusal) == bool(missing)
        if isinstance(made, Refusal):
            assert all(name in made.sentence for name in missing)


class TestCallbacks:
    def poor(self, house: House | None = None, reason: str = "") -> Plan:
        case = make_case(Status.RESOLVED, result="好", handler_id=11, resolved_at=START)
        made = rate(make_desk(house=house), case, RESIDENT, "poor", reason, 41)
        assert isinstance(made, Plan)
        return made

    def test_poor_joins_the_queue(self) -> None:
        (row,) = self.poor().rows
        assert isinstance(row, Callback)
        assert (row.id, row.why, row.group_id, row.due_at) == (41, "poor", 32, START + timedelta(days=2))

    def test_or_is_opened_again_at_once(self) -> None:
        plan = self.poor(House(checks=Checks(poor=Poor.REOPEN)), "还是堵")
        assert not plan.rows
        assert change_of(plan)["status"] == "dispatched"
        assert [event.kind for event in plan.events] == ["rate", "reopen"]
        assert len([change for change in plan.changes if change.table is Case]) == 1

    def test_a_call_is_recorded_by_somebody_else(self) -> None:
        case = make_case(Status.ARCHIVED, handler_id=13)
        row = fresh(Callback, id=41, case_id=7, why="poor", state=CallbackState.WAITING, made_at=START)
        assert isinstance(record_callback(make_desk(), case, row, ABOVE, "good", "好"), Refusal)
        made = record_callback(make_desk(), make_case(Status.ARCHIVED, rating="poor"), row, ABOVE, "good", "好了")
        assert isinstance(made, Plan)
        # What he said himself stays; what was said on the phone stands beside it.
        assert "rating" not in change_of(made)
        assert change_of(made, Callback)["satisfied"] == "good"

    def test_a_late_call_is_told_again_and_then_above(self) -> None:
        case = make_case(Status.ARCHIVED)
        (row,) = open_callback(make_desk(), case, "poor", 41).rows
        assert isinstance(row, Callback)
        row = with_changes(row, {"group_id": 31})
        later = make_desk(now=START + timedelta(days=3))
        first = remind_callback(later, case, row)
        assert [draft.target for draft in first.outbox] == ["group:31"]
        second = remind_callback(later, case, with_changes(row, dict(first.changes[0].values)))
        assert [draft.target for draft in second.outbox] == ["group:31", "group:32"]
        assert second.changes[0].values["reminded"] == 2


class TestOutcomes:
    @pytest.mark.parametrize("outcome", list(Outcome))
    def test_the_reporter_reads_what_it_is(self, outcome: Outcome) -> None:
        ending = Ending(outcome, "城管局" if outcome is Outcome.NOT_OURS else "")
        made = resolve(make_desk(), AT_WORK, HANDLER, make_resident(), "已看过", ending)
        assert isinstance(made, Plan)
        assert change_of(made)["outcome"] == outcome.value
        assert made.events[0].payload["outcome"] == outcome.value
        (text,) = [str(draft.body["text"]) for draft in made.outbox if draft.target == "oa:o5"]
        assert ("已办结：" in text) == outcome.is_fixed


class TestChildren:
    def test_ten_and_no_more_and_none_below(self) -> None:
        desk, part = make_desk(), Part("挖开路面", area=OTHER1)
        nine = [make_case(id=100 + number, parent_id=7) for number in range(MOST_CHILDREN - 1)]
        assert isinstance(open_child(desk, AT_WORK, HANDLER, part, nine, 50, 50), Opened)
        assert isinstance(open_child(desk, AT_WORK, HANDLER, part, [*nine, nine[0]], 50, 50), Refusal)
        child = make_case(Status.HANDLING, parent_id=3)
        assert isinstance(open_child(desk, child, HANDLER, part, [], 50, 50), Refusal)
        assert isinstance(open_child(desk, AT_WORK, HANDLER, Part("同群", area=GRID3), [], 50, 50), Refusal)
        assert isinstance(open_child(desk, make_case(conduct=True), HANDLER, part, [], 50, 50), Refusal)

    def test_a_part_is_promised_within_the_whole(self) -> None:
        made = open_child(make_desk(), AT_WORK, HANDLER, Part("挖", area=OTHER1), [], 50, 50)
        assert isinstance(made, Opened)
        assert made.case.resolve_due_at == AT_WORK.resolve_due_at
        late = make_desk(now=START + timedelta(days=4))
        made = open_child(late, AT_WORK, HANDLER, Part("挖", area=OTHER1), [], 50, 50)
        assert isinstance(made, Opened)
        assert made.case.resolve_due_at is not None
        assert made.case.resolve_due_at > late.now

    def test_taking_back_the_whole_ends_its_parts(self) -> None:
        child = make_case(id=50, number="1123-50", parent_id=7, group_id=37)
        made = withdraw(make_desk(), AT_WORK, RESIDENT, [child, make_case(Status.RESOLVED, id=51, parent_id=7)])
        assert isinstance(made, Plan)
        assert [change.key for change in made.changes] == [7, 50]
        assert [event.kind for event in made.events] == ["withdraw", "void"]


class TestPeople:
    def test_without_a_group_the_person_himself_gets_it(self) -> None:
        city = make_city(groups={key: {"chatid": None} for key in (31, 32, 37)})
        made = transfer_person(make_desk(city), AT_WORK, HANDLER, city.people[18], "")
        assert isinstance(made, Sent)
        assert (made.case.group_id, made.case.handler_id) == (None, 18)
        assert [draft.target for draft in made.plan.outbox if draft.kind == "dispatch"] == ["worker:u-he"]

    def test_nobody_who_cannot_hear_and_not_himself(self) -> None:
        city = make_city()
        assert isinstance(transfer_person(make_desk(), AT_WORK, HANDLER, city.people[19], ""), Refusal)
        assert isinstance(transfer_person(make_desk(), AT_WORK, HANDLER, city.people[11], ""), Refusal)
