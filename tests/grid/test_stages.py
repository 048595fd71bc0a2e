"""Which clocks run where: the table walked, and random ways of a case, after each step of which the clocks must be right."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid.actions.opening import Matter, open_case
from grid.actions.steps import step
from grid.desk import Actor, Desk
from grid.running import begin_clocks, follow_clocks, mark_told
from grid.stages import LADDER_STAGES, PAUSED, RUNNING, ClockState, Stage, StageClock, StageClocks
from grid.workflow import RULES, Move, Part, Refusal, Status
from storage.rows import with_changes
from storage.tables import Case
from tests.clock import START
from tests.grid.test_due_table import local
from tests.grid.town import make_actor, make_case, make_desk
from tests.handlers.worker.city import GRID3

EVERYBODY = make_actor(*Part)
# The law once more, written by hand: which clocks run, which stand still. Whatever is not named has stopped.
LAW: dict[Status, tuple[str, str]] = {
    Status.TRIAGE: ("triage answer resolve reply", ""),
    Status.DISPATCHED: ("accept answer resolve reply", ""),
    Status.ACCEPTED: ("resolve reply", ""),
    Status.HANDLING: ("resolve reply", ""),
    Status.SUSPENDED: ("suspend", "resolve reply"),
    Status.CHECKING: ("check reply", "resolve"),
    Status.RESOLVED: ("rate", ""),
    Status.RATED: ("rate", ""),
    Status.ARCHIVED: ("", ""),
    Status.VOID: ("", ""),
    Status.MERGED: ("", ""),
    Status.WITHDRAWN: ("", ""),
}
# How each status is reached from a case that was just dispatched.
WAYS: dict[Status, tuple[tuple[Move, Status], ...]] = {
    Status.TRIAGE: ((Move.RETURN, Status.TRIAGE),),
    Status.DISPATCHED: (),
    Status.ACCEPTED: ((Move.ACCEPT, Status.ACCEPTED),),
    Status.HANDLING: ((Move.ACCEPT, Status.ACCEPTED), (Move.HANDLE, Status.HANDLING)),
    Status.SUSPENDED: ((Move.ACCEPT, Status.ACCEPTED), (Move.SUSPEND, Status.SUSPENDED)),
    Status.CHECKING: ((Move.ACCEPT, Status.ACCEPTED), (Move.RESOLVE, Status.CHECKING)),
    Status.RESOLVED: ((Move.ACCEPT, Status.ACCEPTED), (Move.RESOLVE, Status.RESOLVED)),
    Status.RATED: (
        (Move.ACCEPT, Status.ACCEPTED),
        (Move.RESOLVE, Status.RESOLVED),
        (Move.RATE, Status.RATED),
    ),
    Status.ARCHIVED: (
        (Move.ACCEPT, Status.ACCEPTED),
        (Move.RESOLVE, Status.RESOLVED),
        (Move.ARCHIVE, Status.ARCHIVED),
    ),
    Status.VOID: ((Move.VOID, Status.VOID),),
    Status.MERGED: ((Move.MERGE, Status.MERGED),),
    Status.WITHDRAWN: ((Move.WITHDRAW, Status.WITHDRAWN),),
}


TERMINAL = frozenset(status for status, (running, _) in LAW.items() if not running)


def opened(desk: Desk | None = None, **values: Any) -> Case:
    matter = {"text": "下水道堵了", "category": "urban_property", "urgency": "normal", "area": GRID3, "resident_id": 5}
    reporter = Actor("resident:5", "居民", 5, frozenset({Part.REPORTER}))
    return open_case(desk or make_desk(), Matter(**{**matter, **values}), reporter, 7, 8).case  # type: ignore[arg-type]


def moved(case: Case, move: Move, to: Status | None = None, at: datetime = START, **payload: Any) -> Case:
    made = step(make_desk(now=at), case, move, EVERYBODY, to, **payload)
    assert not isinstance(made, Refusal), made.sentence
    return made[0]


def clocks_of(case: Case) -> StageClocks:
    return StageClocks.parse(case.clocks)


def clock_of(case: Case, stage: Stage) -> StageClock:
    clock = clocks_of(case).find(stage)
    assert clock is not None
    return clock


def brought_to(status: Status) -> Case:
    case = opened()
    for minute, (move, to) in enumerate(WAYS[status], start=1):
        case = moved(case, move, to, START + timedelta(minutes=minute))
    return case


def test_the_hand_written_law_is_the_table() -> None:
    assert {status: set(running.split()) for status, (running, _) in LAW.items()} == {
        status: {str(stage) for stage in stages} for status, stages in RUNNING.items()
    }
    assert {status: paused for status, (_, paused) in LAW.items() if paused} == {
        status: " ".join(stage for stage in Stage if stage in stages) for status, stages in PAUSED.items()
    }


@pytest.mark.parametrize(("status", "stage"), list(product(Status, Stage)), ids=str)
def test_what_the_table_names_runs_and_the_complement_does_not(status: Status, stage: Stage) -> None:
    case = brought_to(status)
    assert case.status == status
    running, paused = LAW[status]
    clock = clocks_of(case).find(stage)
    wanted = "running" if stage in running.split() else "paused" if stage in paused.split() else "stopped"
    assert (clock.state if clock else "stopped") == wanted


@pytest.mark.parametrize("status", list(Status))
def test_only_an_end_has_no_next_step(status: Status) -> None:
    case = brought_to(status)
    assert (case.next_step_at is None) == (status in TERMINAL)


class TestSingleMoves:
    def test_a_new_case(self) -> None:
        case = opened()
        assert clock_of(case, Stage.ACCEPT).due == case.accept_due_at
        assert clock_of(case, Stage.RESOLVE).due == case.resolve_due_at
        assert case.next_step_at == local("11-23T10:36")

    def test_a_case_that_nobody_reported_owes_nobody_an_answer(self) -> None:
        assert set(clocks_of(opened(resident_id=None)).clocks) == {Stage.ACCEPT, Stage.RESOLVE}

    def test_triage_waits_ten_minutes(self) -> None:
        case = opened(area=None)
        assert case.next_step_at == START + timedelta(minutes=10)
        told = with_changes(case, mark_told(make_desk(), case))
        assert told.accept_due_at is None
        assert told.next_step_at == local("11-23T14:00")

    def test_marking_what_does_not_wait_changes_no_clock(self) -> None:
        assert mark_told(make_desk(), opened()) == {"accept_due_at": None}

    def test_an_answer_is_given_once(self) -> None:
        case = moved(opened(), Move.ASK)
        assert not clock_of(case, Stage.ANSWER).is_running
        back = moved(moved(case, Move.ACCEPT, Status.ACCEPTED), Move.RETURN, Status.DISPATCHED)
        assert not clock_of(back, Stage.ANSWER).is_running

    def test_a_suspension_gives_its_working_time_back(self) -> None:
        case = moved(opened(), Move.ACCEPT, Status.ACCEPTED)
        assert case.resolve_due_at is not None
        rests = moved(case, Move.SUSPEND, Status.SUSPENDED, local("11-23T16:00"), limit="7d")
        assert clock_of(rests, Stage.SUSPEND).due == local("11-30T17:00")
        assert rests.next_step_at == local("11-30T17:00")
        goes_on = moved(rests, Move.RESUME, Status.HANDLING, local("11-25T09:30"))
        # An hour on Monday, all of Tuesday, an hour on Wednesday: from Thursday 9:00 that is Friday noon and half an hour.
        assert goes_on.resolve_due_at == clock_of(goes_on, Stage.RESOLVE).due == local("11-27T11:00")
        assert clock_of(goes_on, Stage.RESOLVE).held_seconds == int(9.5 * 3600)

    def test_a_check_takes_no_time_from_the_handler(self) -> None:
        case = moved(opened(), Move.ACCEPT, Status.ACCEPTED)
        checking = moved(case, Move.RESOLVE, Status.CHECKING, local("11-23T16:00"))
        back = moved(checking, Move.FAIL_CHECK, Status.HANDLING, local("11-24T09:30"))
        assert back.resolve_due_at == local("11-26T11:00")
        again = moved(back, Move.RESOLVE, Status.CHECKING, local("11-24T10:00"))
        assert clock_of(again, Stage.CHECK).since == local("11-24T10:00")

    def test_a_transfer_restarts_the_acceptance_only(self) -> None:
        case = moved(opened(), Move.ACCEPT, Status.ACCEPTED)
        later = START + timedelta(hours=1)
        made = step(
            make_desk(now=later),
            case,
            Move.TRANSFER,
            EVERYBODY,
            Status.DISPATCHED,
            {"accept_due_at": local("11-23T13:00")},
        )
        assert not isinstance(made, Refusal)
        assert clock_of(made[0], Stage.ACCEPT).since == later
        assert clock_of(made[0], Stage.ACCEPT).due == local("11-23T13:00")
        assert clock_of(made[0], Stage.RESOLVE).since == START

    def test_returns_are_counted(self) -> None:
        case = moved(opened(), Move.RETURN, Status.DISPATCHED)
        assert case.next_step_at != START
        twice = moved(case, Move.RETURN, Status.DISPATCHED, START + timedelta(minutes=5))
        assert clock_of(twice, Stage.RESOLVE).returns == 2
        assert twice.next_step_at == START + timedelta(minutes=5)

    def test_an_extension_moves_the_date_and_begins_a_new_blue(self) -> None:
        case = moved(opened(), Move.ACCEPT, Status.ACCEPTED)
        clocks = clocks_of(case)
        blue = replace(clock_of(case, Stage.RESOLVE), step="blue")
        case = with_changes(case, {"clocks": clocks.with_clock(Stage.RESOLVE, blue).render()})
        made = step(
            make_desk(), case, Move.EXTEND, EVERYBODY, None, {"resolve_due_at": local("11-30T17:00")}, limit="2wd"
        )
        assert not isinstance(made, Refusal)
        clock = clock_of(made[0], Stage.RESOLVE)
        assert (clock.due, clock.step, clock.more) == (local("11-30T17:00"), "", ("2wd",))

    def test_a_reopened_case_begins_anew(self) -> None:
        case = brought_to(Status.RESOLVED)
        later = START + timedelta(days=1)
        again = moved(with_changes(case, {"resolve_due_at": None}), Move.REOPEN, Status.DISPATCHED, later)
        assert {clock.since for clock in clocks_of(again).clocks.values()} == {later}
        assert again.resolve_due_at == clock_of(again, Stage.RESOLVE).due

    def test_what_was_issued_is_looked_at_once_more_when_its_clock_stops(self) -> None:
        case = opened()
        yellow = replace(clock_of(case, Stage.ACCEPT), step="yellow")
        case = with_changes(case, {"clocks": clocks_of(case).with_clock(Stage.ACCEPT, yellow).render()})
        for move, to in ((Move.ACCEPT, Status.ACCEPTED), (Move.RETURN, Status.DISPATCHED), (Move.VOID, Status.VOID)):
            assert moved(case, move, to).next_step_at == START

    def test_a_case_from_before_counts_from_its_opening(self) -> None:
        old = make_case(Status.DISPATCHED)
        columns = follow_clocks(make_desk(now=START + timedelta(days=1)), old, old, None)
        clocks = StageClocks.parse(columns["clocks"])
        assert {clock.since for clock in clocks.clocks.values()} == {START}
        assert columns["next_step_at"] is not None

    def test_the_kept_form_reads_back(self) -> None:
        full = StageClock(
            START, START, "3wd", ClockState.PAUSED, "blue", None, True, START, 60, ("2d",), 2, "2026-12-30"
        )
        clocks = StageClocks({Stage.RESOLVE: full, Stage.ACCEPT: StageClock(START, START, "2wh")})
        assert StageClocks.parse(clocks.render()) == clocks
        assert set(clocks.render()["accept"]) == {"from", "due", "limit", "state", "step", "next", "provisional"}


MOVES = [(move, Status(to) if to else None) for move, rule in RULES.items() for to in (rule.after or {""})]
WAY = st.lists(st.tuples(st.sampled_from(MOVES), st.integers(0, 60 * 24 * 3)), max_size=25)


@given(WAY, st.sampled_from(["normal", "urgent", "emergency"]))
def test_random_ways_keep_the_clocks_right(way: list[tuple[tuple[Move, Status | None], int]], urgency: str) -> None:
    desk = make_desk()
    case = opened(desk, urgency=urgency)
    case = with_changes(case, begin_clocks(desk, case))
    for (move, to), minutes in way:
        desk = replace(desk, now=desk.now + timedelta(minutes=minutes))
        before, made = case, step(desk, case, move, EVERYBODY, to)
        if isinstance(made, Refusal):
            continue
        case = made[0]
        check_invariants(before, case, move, desk)


def check_invariants(before: Case, case: Case, move: Move, desk: Desk) -> None:
    status, clocks = Status(case.status), clocks_of(case)
    running = {stage for stage, clock in clocks.clocks.items() if clock.is_running}
    # 程序性答复 is given once, and does not run again where the table would let it.
    assert RUNNING[status] - running <= {Stage.ANSWER}
    assert running <= RUNNING[status]
    # After an extension an ended case is looked at once more: a sheet from before it may still lie there.
    was_extended = any(clock.more for clock in clocks.clocks.values())
    assert (case.next_step_at is None) == (status in TERMINAL) or was_extended
    assert case.next_step_at == clocks.next_at
    for stage, clock in clocks.clocks.items():
        assert clock.due >= clock.since
        assert (clock.next_at is not None) == clock.is_running or bool(clock.more)
        assert clock.step == "" or stage in LADDER_STAGES
    promise = clocks.find_running(Stage.RESOLVE)
    assert promise is None or promise.due == case.resolve_due_at
    old = clocks_of(before).find(Stage.RESOLVE)
    if promise is not None and old is not None and move not in (Move.REOPEN, Move.SPLIT):
        assert promise.due >= old.due
    assert case.touched_at == desk.now
