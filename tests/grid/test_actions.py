"""Decisions that the workflow walk does not reach: what they write, who is told, and what they refuse besides."""

from datetime import timedelta

import pytest

from grid.actions.closing import give_reason, merge, rate, reopen
from grid.actions.handling import Ending, accept, extend, resolve
from grid.actions.moving import escalate, place_case, return_case, transfer_area
from grid.actions.opening import Matter, Opened, open_case
from grid.actions.routing import Sent
from grid.actions.steps import case_card, case_of_task, moment_of_task, task_id, tell_group
from grid.actions.whistle import arrive, finish_call, remind_call, whistle
from grid.departments import find_departments, list_department_names
from grid.desk import Actor, Desk, worker_on
from grid.message import Message, parse_body
from grid.workflow import Part, Refusal, Status
from storage.loop_tables import WhistleCall
from storage.plan import Plan
from storage.rows import with_changes
from storage.tables import Case
from tests.clock import START
from tests.grid.town import make_actor, make_case, make_city, make_desk, make_resident
from tests.handlers.worker.city import GRID1, GRID3, HE, LI, OTHER1, SUN, WANG, WU, ZHAO, ZHOU

RESIDENT = Actor("resident:5", "居民", 5, frozenset({Part.REPORTER}))
MEMBER = make_actor(Part.MEMBER)
HANDLER = make_actor(Part.HANDLER)
COORDINATOR = make_actor(Part.COORDINATOR)


def open_matter(desk: Desk, **values: object) -> Opened:
    known: dict[str, object] = {"text": "下水道堵了", "category": "urban_property", "urgency": "normal", "area": GRID3}
    return open_case(desk, Matter(**{**known, **values}), RESIDENT, 7, 8)  # type: ignore[arg-type]  # a test's shorthand


def told(plan: Plan, target: str) -> list[str]:
    return [parse_body(draft.body).text for draft in plan.outbox if draft.target == target]


def targets(plan: Plan) -> list[str]:
    return [draft.target for draft in plan.outbox]


def change_of(plan: Plan) -> dict[str, object]:
    return dict(next(change for change in plan.changes if change.table is Case).values)


class TestOpening:
    def test_a_case_is_received_and_sent_in_one_decision(self) -> None:
        opened = open_matter(make_desk(), phone="13900000001")
        assert (opened.case.number, opened.case.status, opened.case.group_id) == ("1123-08", "dispatched", 31)
        assert [event.kind for event in opened.plan.events] == ["receive", "dispatch"]
        (text,) = told(opened.plan, "group:31")
        assert "【工单 1123-08】" in text
        assert "139****0001" in text
        assert "13900000001" not in text

    def test_a_case_without_a_place_waits_quietly_first(self) -> None:
        opened = open_matter(make_desk(), area=None)
        assert opened.case.status == "triage"
        assert opened.plan.outbox == []
        assert opened.case.accept_due_at == START + timedelta(minutes=10)

    def test_what_nobody_can_take_goes_to_the_duty_group_at_once(self) -> None:
        city = make_city(groups={key: {"chatid": None} for key in (31, 32, 33)})
        opened = open_matter(make_desk(city))
        assert opened.case.status == "triage"
        assert "指派 1123-08" in told(opened.plan, "group:34")[0]

    def test_an_emergency_is_told_to_both(self) -> None:
        opened = open_matter(make_desk(), urgency="emergency", emergency="fire")
        assert targets(opened.plan) == ["group:31", "group:34"]

    def test_a_conduct_complaint_is_told_to_its_contact_alone(self) -> None:
        opened = open_matter(make_desk(), conduct=True, text="网格员态度恶劣")
        assert targets(opened.plan) == [f"worker:{SUN}"]
        assert opened.case.group_id is None
        assert opened.case.handler_id == 14

    def test_a_conduct_complaint_without_a_contact_is_not_spread(self) -> None:
        city = make_city(workers={14: {"userid": None}})
        opened = open_matter(make_desk(city), conduct=True, text="网格员态度恶劣")
        (text,) = told(opened.plan, "group:34")
        assert "态度恶劣" not in text
        assert targets(opened.plan) == ["group:34"]


class TestHandling:
    def test_the_first_who_accepts_stays_accountable(self) -> None:
        first = change_of(accept(make_desk(), make_case(), MEMBER, None, ""))  # type: ignore[arg-type]  # a plan
        assert (first["handler_id"], first["first_handler_id"]) == (13, 13)
        again = make_case(first_handler_id=11)
        second = change_of(accept(make_desk(), again, MEMBER, None, ""))  # type: ignore[arg-type]  # a plan
        assert (second["handler_id"], second["first_handler_id"]) == (13, 11)

    def test_accepting_twice_is_answered_kindly(self) -> None:
        case = make_case(Status.ACCEPTED, handler_id=13)
        made = accept(make_desk(), case, HANDLER, None, "")
        assert isinstance(made, Refusal)
        assert "您已接单" in made.sentence

    def test_no_extension_after_the_date(self) -> None:
        desk = make_desk(now=START + timedelta(days=4))
        made = extend(desk, make_case(Status.ACCEPTED), HANDLER, None, "2d", "等配件")
        assert isinstance(made, Refusal)
        assert "不能再延期" in made.sentence

    def test_a_limit_that_nobody_can_read_is_refused(self) -> None:
        for limit in ("2x", "0d", "99999d"):
            assert isinstance(extend(make_desk(), make_case(Status.ACCEPTED), HANDLER, None, limit, "等"), Refusal)

    def test_a_patrols_case_tells_no_resident(self) -> None:
        made = resolve(make_desk(), make_case(Status.ACCEPTED, resident_id=None), HANDLER, None, "已清理")
        assert isinstance(made, Plan)
        assert made.outbox == []

    def test_the_resident_is_asked_to_rate(self) -> None:
        made = resolve(make_desk(), make_case(Status.ACCEPTED), HANDLER, make_resident(), "已疏通")
        assert isinstance(made, Plan)
        message = parse_body(made.outbox[-1].body)
        assert [choice.reply for choice in message.choices] == ["1", "2", "3"]
        assert message.template is not None


class TestMoving:
    def test_a_return_goes_above_the_group_that_had_it(self) -> None:
        made = return_case(make_desk(), make_case(), MEMBER, "不属本网格")
        assert isinstance(made, Sent)
        assert made.case.group_id == 32
        assert targets(made.plan) == ["group:31", "group:32"]
        assert made.case.resolve_due_at == make_case().resolve_due_at

    def test_a_return_from_the_last_group_waits_for_the_duty_group(self) -> None:
        made = return_case(make_desk(), make_case(group_id=33), MEMBER, "不属")
        assert isinstance(made, Sent)
        assert made.case.status == "triage"
        assert "group:34" in targets(made.plan)

    def test_nothing_lies_above_the_root(self) -> None:
        made = escalate(make_desk(), make_case(group_id=34), MEMBER, "")
        assert isinstance(made, Refusal)
        assert "最高一级" in made.sentence

    def test_a_contact_who_gives_a_complaint_back_does_not_get_it_again(self) -> None:
        case = make_case(conduct=True, group_id=None, handler_id=14)
        made = return_case(make_desk(), case, HANDLER, "应由上级办理")
        assert isinstance(made, Sent)
        assert made.case.handler_id is None
        assert made.case.status == "triage"

    def test_what_was_handed_up_may_be_handed_down_again(self) -> None:
        assert isinstance(transfer_area(make_desk(), make_case(group_id=32), MEMBER, GRID3, ""), Sent)
        assert isinstance(transfer_area(make_desk(), make_case(), MEMBER, GRID3, ""), Refusal)
        moved = transfer_area(make_desk(), make_case(), MEMBER, OTHER1, "")
        assert isinstance(moved, Sent)
        assert moved.case.group_id == 37

    def test_a_place_sends_a_waiting_case(self) -> None:
        case = make_case(Status.TRIAGE, area_code=None, group_id=None)
        made = place_case(make_desk(), case, RESIDENT, GRID1, "长安小区")
        assert isinstance(made, Sent)
        assert (made.case.area_code, made.case.group_id, made.case.place) == (GRID1, 32, "长安小区")


class TestClosing:
    def test_a_good_rating_archives_along(self) -> None:
        plan = rate(make_desk(), make_case(Status.RESOLVED), RESIDENT, "good")
        assert isinstance(plan, Plan)
        assert (change_of(plan)["status"], change_of(plan)["rating"]) == ("archived", "good")
        assert [event.kind for event in plan.events] == ["rate", "archive"]
        assert len([change for change in plan.changes if change.table is Case]) == 1

    def test_a_poor_rating_waits_for_its_reason(self) -> None:
        plan = rate(make_desk(), make_case(Status.RESOLVED), RESIDENT, "poor")
        assert isinstance(plan, Plan)
        assert change_of(plan)["status"] == "rated"
        reason = give_reason(make_desk(), make_case(Status.RATED, rating="poor"), RESIDENT, "没修好")
        assert isinstance(reason, Plan)
        assert change_of(reason)["rating_reason"] == "没修好"

    def test_reopening_has_its_time(self) -> None:
        case = make_case(Status.ARCHIVED, resolved_at=START)
        soon, late = make_desk(now=START + timedelta(days=15)), make_desk(now=START + timedelta(days=16))
        made = reopen(soon, case, RESIDENT, "没修好")
        assert isinstance(made, Sent)
        assert made.case.reopened == 1
        assert made.case.resolve_due_at == soon.now + timedelta(days=3)
        assert isinstance(reopen(late, case, RESIDENT, "没修好"), Refusal)

    def test_what_cannot_be_merged(self) -> None:
        desk, case = make_desk(), make_case()
        assert isinstance(merge(desk, case, case, COORDINATOR, None), Refusal)
        closed = make_case(Status.ARCHIVED, id=9, number="1123-09")
        assert isinstance(merge(desk, case, closed, COORDINATOR, None), Refusal)


class TestParts:
    @pytest.mark.parametrize(
        ("userid", "group", "parts"),
        [
            (WANG, 31, {Part.MEMBER}),
            (WANG, None, {Part.MEMBER}),
            (LI, 31, {Part.MEMBER}),
            (HE, 31, {Part.MEMBER}),
            (HE, 37, set()),
            (ZHAO, None, {Part.COORDINATOR}),
            (ZHOU, 32, {Part.COORDINATOR}),
            (WU, 34, {Part.COORDINATOR}),
            (SUN, None, set()),
        ],
    )
    def test_what_somebody_is_to_a_case(self, userid: str, group: int | None, parts: set[Part]) -> None:
        actor = worker_on(make_city(), make_case(), userid, group)
        assert actor is not None
        assert actor.parts == parts

    def test_whoever_is_unknown_or_away_is_nobody(self) -> None:
        assert worker_on(make_city(), make_case(), "nobody", 31) is None
        assert worker_on(make_city(workers={11: {"status": "away"}}), make_case(), WANG, 31) is None

    def test_the_duty_group_has_what_nobody_has(self) -> None:
        waiting = make_case(Status.TRIAGE, group_id=None)
        for case, parts in (
            (waiting, {Part.COORDINATOR}),
            (with_changes(waiting, {"conduct": True}), set()),
            (make_case(), set()),
        ):
            actor = worker_on(make_city(), case, LI if case.group_id is None else HE, 34)
            assert actor is not None
            assert actor.parts == parts


class TestCards:
    def test_a_cards_name_says_its_case_and_its_moment(self) -> None:
        name = task_id(make_case(), START)
        assert case_of_task(name) == 7
        assert moment_of_task(name) == int(START.timestamp() * 1000)

    @pytest.mark.parametrize("name", ["", "c", "cx-v1-2", "n7-v1-2", "c7", "c7-v1-zz", "c٣-v1-1"])
    def test_foreign_names(self, name: str) -> None:
        assert moment_of_task(name) is None

    def test_buttons_follow_the_status(self) -> None:
        keys = {
            status: [button.key for button in case_card(make_desk(), make_case(status)).buttons] for status in Status
        }
        assert keys[Status.DISPATCHED] == ["accept", "return"]
        assert keys[Status.ACCEPTED] == ["progress"]


class TestTelling:
    def test_without_a_group_the_contact_hears(self) -> None:
        desk, message = make_desk(), Message("note", "x")
        conduct = make_case(conduct=True, group_id=None, handler_id=14)
        assert [draft.target for draft in tell_group(desk, conduct, message)] == [f"worker:{SUN}"]
        assert tell_group(desk, make_case(group_id=None), message) == []
        assert [draft.target for draft in tell_group(desk, make_case(handler_id=11), message)] == ["group:31"]


class TestWhistle:
    def test_departments_are_found_by_name_and_category(self) -> None:
        city = make_city()
        assert [one.name for one in find_departments(city, GRID3, "住建局")] == ["住建局"]
        assert [one.group_id for one in find_departments(city, GRID3, "城建物业")] == [35]
        (police,) = find_departments(city, GRID3, "公安局")
        assert police.targets == ("worker:u-feng",)
        assert find_departments(city, GRID3, "教育局") == []
        assert len(find_departments(city, GRID3, "局")) == 2
        assert list_department_names(city, GRID3) == ["住建局", "公安局"]

    def test_a_whistle_is_heard_and_answered_once(self) -> None:
        desk, case = make_desk(), make_case()
        call = call_of(blow(desk, case, "住建局", "需关闭总阀"))
        assert (call.department, call.group_id, call.arrive_due_at) == ("住建局", 35, START + timedelta(hours=2))
        (department,) = find_departments(desk.city, GRID3, "住建局")
        again = whistle(desk, case, MEMBER, department, "", [call], 3)
        assert isinstance(again, Refusal)
        assert "正等待报到" in again.sentence
        came = arrive(make_desk(now=START + timedelta(minutes=25)), case, HANDLER, call)
        assert isinstance(came, Plan)
        assert came.events[0].payload["minutes"] == 25
        assert "25分钟。" in told(came, "group:31")[0]
        there = with_changes(call, dict(came.changes[0].values))
        assert isinstance(arrive(desk, case, HANDLER, there), Refusal)
        done = finish_call(desk, case, HANDLER, there, "已关闭总阀")
        assert isinstance(done, Plan)
        assert "已关闭总阀" in told(done, "group:31")[0]
        over = with_changes(there, dict(done.changes[0].values))
        assert isinstance(finish_call(desk, case, HANDLER, over, "又来"), Refusal)
        assert isinstance(whistle(desk, case, MEMBER, department, "", [over], 3), Plan)

    def test_an_urgent_call_runs_on_the_clock(self) -> None:
        call = call_of(blow(make_desk(), make_case(urgency="urgent"), "住建局"))
        assert call.arrive_due_at == START + timedelta(minutes=30)

    def test_who_does_not_come_is_reminded_and_the_level_above_hears(self) -> None:
        case = make_case()
        call = call_of(blow(make_desk(), case, "住建局"))
        for times in (1, 2, 3):
            plan = remind_call(make_desk(now=START + timedelta(hours=3 * times)), case, call)
            assert targets(plan) == ["group:35", "group:32"]
            call = with_changes(call, dict(plan.changes[0].values))
            assert call.reminded == times
        # The case's own clocks go on; the call is not repeated for ever.
        assert call.arrive_due_at is None
        late = arrive(make_desk(now=START + timedelta(hours=12)), case, HANDLER, call)
        assert isinstance(late, Plan)
        assert "超时" in told(late, "group:31")[0]

    def test_a_call_done_without_arriving_has_arrived(self) -> None:
        call = call_of(blow(make_desk(), make_case(), "住建局"))
        done = finish_call(make_desk(now=START + timedelta(minutes=9)), make_case(), HANDLER, call, "已关闭总阀")
        assert isinstance(done, Plan)
        assert done.changes[0].values["arrived_at"] == START + timedelta(minutes=9)
        assert done.events[0].payload["minutes"] == 9
        assert isinstance(finish_call(make_desk(), make_case(), HANDLER, call, ""), Refusal)

    def test_one_closure_ends_all_calls(self) -> None:
        call = call_of(blow(make_desk(), make_case(), "住建局"))
        made = resolve(make_desk(), make_case(Status.HANDLING), HANDLER, None, "已疏通", Ending(calls=[call]))
        assert isinstance(made, Plan)
        assert [change.table for change in made.changes] == [Case, WhistleCall]
        assert "统一办结" in told(made, "group:35")[0]

    def test_who_may_not_and_what_may_not(self) -> None:
        desk = make_desk()
        (department,) = find_departments(desk.city, GRID3, "住建局")
        for case, actor in (
            (make_case(conduct=True), HANDLER),
            (make_case(Status.RESOLVED), HANDLER),
            (make_case(Status.TRIAGE), COORDINATOR),
            (make_case(), make_actor(Part.REPORTER)),
            (make_case(group_id=35), HANDLER),
        ):
            assert isinstance(whistle(desk, case, actor, department, "", [], 2), Refusal)


def blow(desk: Desk, case: Case, name: str, reason: str = "") -> Plan:
    (department,) = find_departments(desk.city, GRID3, name)
    made = whistle(desk, case, MEMBER, department, reason, [], 2)
    assert isinstance(made, Plan)
    return made


def call_of(plan: Plan) -> WhistleCall:
    (call,) = plan.rows
    assert isinstance(call, WhistleCall)
    return call
