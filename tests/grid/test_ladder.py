"""The four colours by themselves: which one a clock has come to, and when it comes to the next."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid.actions.supervision import look
from grid.ladder import Ladder, Last, colour_at, find_marks, is_higher, list_skipped, next_mark
from grid.overseers import Overseer, find_overseer
from grid.quiet import Quiet, round_up
from grid.running import answer_due, find_next, keep_quiet
from grid.sheet_words import cut_sheet_number, find_bare_number, find_sheet_number, render_sheet_number
from grid.stages import Stage, StageClock
from grid.workflow import Status
from storage.columns import AreaLevel, Colour
from tests.grid.test_due_table import CLOCKS, ZONE, local
from tests.grid.town import make_case, make_city, make_desk
from tests.handlers.worker.city import COMMUNITY, GRID3, ROOT, STREET, SUN

LADDER = Ladder()
# From 9:00 to 11:00, two working hours: blue at 10:36, yellow at 11:00, red at 14:00.
CLOCK = StageClock(local("11-23T09:00"), local("11-23T11:00"), "2wh")
NEVER = None
COLOURS = [
    # (returns, newest sheet and until when it is waited for, now, colour)
    (0, None, "11-23T10:35", None),
    (0, None, "11-23T10:36", "blue"),
    (0, ("blue", NEVER), "11-23T10:59", "blue"),
    (0, ("blue", "11-23T10:40"), "11-23T10:59", "blue"),
    (0, ("blue", NEVER), "11-23T11:00", "yellow"),
    (0, ("yellow", "11-23T12:00"), "11-23T11:59", "yellow"),
    (0, ("yellow", "11-23T12:00"), "11-23T12:00", "orange"),
    (0, ("yellow", NEVER), "11-23T13:59", "yellow"),
    (0, ("orange", "11-23T13:30"), "11-23T13:29", "yellow"),
    (0, ("orange", "11-23T13:30"), "11-23T13:30", "red"),
    (0, ("orange", NEVER), "11-23T13:59", "yellow"),
    (0, None, "11-23T14:00", "red"),
    (0, ("red", "11-23T15:00"), "11-23T16:00", "red"),
    (1, None, "11-23T09:30", None),
    (2, None, "11-23T09:30", "orange"),
    (3, None, "11-23T09:30", "red"),
    (9, None, "11-23T09:30", "red"),
]


@pytest.mark.parametrize(("returns", "last", "now", "colour"), COLOURS)
def test_the_colour_of_a_moment(
    returns: int, last: tuple[str, str | None] | None, now: str, colour: str | None
) -> None:
    newest = Last(Colour(last[0]), local(last[1]) if last[1] else None) if last else None
    clock = replace(CLOCK, returns=returns)
    marks = find_marks(clock, LADDER, CLOCKS, None)
    assert colour_at(clock, newest, marks, LADDER, local(now)) == colour


@pytest.mark.parametrize(
    ("step", "last", "at"),
    [
        ("", None, "11-23T10:36"),
        ("blue", None, "11-23T11:00"),
        ("yellow", Last(Colour.YELLOW, local("11-23T12:00")), "11-23T12:00"),
        ("yellow", Last(Colour.YELLOW, None), "11-23T14:00"),
        ("orange", Last(Colour.ORANGE, local("11-23T16:00")), "11-23T14:00"),
        ("orange", None, "11-23T14:00"),
    ],
)
def test_when_the_next_colour_comes(step: str, last: Last | None, at: str) -> None:
    assert next_mark(replace(CLOCK, step=step), last, LADDER, CLOCKS, None) == local(at)


def test_colours_only_rise() -> None:
    assert is_higher(Colour.BLUE, "")
    assert not is_higher(None, "")
    assert [is_higher(Colour.ORANGE, step) for step in ("blue", "yellow", "orange", "red")] == [
        True,
        True,
        False,
        False,
    ]
    assert list_skipped("", Colour.ORANGE) == [Colour.BLUE, Colour.YELLOW]
    assert list_skipped("yellow", Colour.ORANGE) == []


@given(st.integers(0, 60 * 24 * 10), st.integers(0, 60 * 24 * 10))
def test_the_colour_never_falls_as_time_passes(one: int, other: int) -> None:
    first, second = sorted((one, other))
    marks = find_marks(CLOCK, LADDER, CLOCKS, None)
    order = [None, *Colour]
    early, late = (colour_at(CLOCK, None, marks, LADDER, CLOCK.since + timedelta(minutes=m)) for m in (first, second))
    assert order.index(early) <= order.index(late)


def test_settings_of_the_ladder() -> None:
    ladder = Ladder(blue_percent=50, red_times=1.5, orange_returns=1, red_returns=2)
    marks = find_marks(CLOCK, ladder, CLOCKS, None)
    assert (marks.blue, marks.red) == (local("11-23T10:00"), local("11-23T12:00"))
    assert colour_at(replace(CLOCK, returns=1), None, marks, ladder, CLOCK.since) is Colour.ORANGE


class TestQuiet:
    @pytest.mark.parametrize(
        ("at", "said"),
        [
            ("11-23T19:59", "11-23T19:59"),
            ("11-23T20:00", "11-24T08:00"),
            ("11-24T00:30", "11-24T08:00"),
            ("11-24T07:59", "11-24T08:00"),
            ("11-24T08:00", "11-24T08:00"),
            ("11-27T20:00", "11-30T08:00"),
            ("11-28T10:00", "11-30T08:00"),
            ("10-01T10:00", "10-08T08:00"),
            ("10-10T10:00", "10-10T10:00"),
        ],
    )
    def test_ordinary_words_wait(self, at: str, said: str) -> None:
        assert keep_quiet(make_desk(), local(at)) == local(said)

    def test_without_quiet_hours_nothing_waits(self) -> None:
        desk = make_desk()
        desk = replace(desk, house=replace(desk.house, ladder=Ladder(quiet=None)))
        assert keep_quiet(desk, local("11-28T03:00")) == local("11-28T03:00")

    def test_quiet_hours_of_one_day(self) -> None:
        noon = Quiet(time(12), time(14))
        assert noon.end_after(local("11-23T13:00"), ZONE) == local("11-23T14:00")
        assert noon.end_after(local("11-23T14:00"), ZONE) == local("11-23T14:00")

    @pytest.mark.parametrize(
        ("at", "met"), [("10:00", "10:00"), ("10:01", "10:30"), ("10:30", "10:30"), ("10:59", "11:00")]
    )
    def test_the_half_hour(self, at: str, met: str) -> None:
        assert round_up(local(f"11-23T{at}"), ZONE, 30) == local(f"11-23T{met}")
        assert round_up(local(f"11-23T{at}"), ZONE, 0) == local(f"11-23T{at}")

    def test_only_ordinary_blue_times_meet(self) -> None:
        # 80 % of eleven working hours are 8.8: seven and a half on Monday, to 9:48 on Tuesday.
        clock = StageClock(local("11-23T08:30"), local("11-24T12:00"), "11wh")
        desk = make_desk()
        assert find_next(desk, make_case(), Stage.RESOLVE, clock, None) == local("11-24T10:00")
        urgent = make_case(urgency="urgent")
        assert find_next(desk, urgent, Stage.RESOLVE, clock, None) == local("11-24T09:48")


class TestIgnored:
    @pytest.mark.parametrize(
        ("now", "clock", "urgency", "due"),
        [
            ("11-23T11:00", CLOCK, "normal", "11-23T12:00"),
            ("11-26T17:00", StageClock(local("11-23T09:00"), local("11-26T17:00"), "3wd"), "normal", "11-27T13:30"),
            ("11-28T22:00", StageClock(local("11-27T22:00"), local("11-28T22:00"), "24h"), "urgent", "11-28T23:00"),
            ("11-28T22:10", StageClock(local("11-28T22:00"), local("11-28T22:10"), "10m"), "emergency", "11-28T22:15"),
        ],
    )
    def test_how_long_a_sheet_is_waited_for(self, now: str, clock: StageClock, urgency: str, due: str) -> None:
        assert answer_due(make_desk(now=local(now)), make_case(urgency=urgency), clock) == local(due)


OVERSEERS: list[tuple[str, str, dict[str, Any], str, str | None]] = [
    ("accept", "blue", {}, "group:31", GRID3),
    ("accept", "yellow", {}, "group:32", COMMUNITY),
    ("accept", "orange", {}, "group:33", STREET),
    # The district has no group of its own here: the duty group at the root is the last resort.
    ("accept", "red", {}, "group:34", ROOT),
    ("check", "blue", {}, "group:32", COMMUNITY),
    ("resolve", "blue", {"group_id": 32}, "group:32", COMMUNITY),
    # Nobody is told by himself that he is late.
    ("resolve", "yellow", {"group_id": 32}, "group:33", STREET),
    ("resolve", "yellow", {"group_id": None, "area_code": None}, "group:34", ROOT),
    ("accept", "yellow", {"conduct": True, "group_id": None, "handler_id": 14}, f"worker:{SUN}", STREET),
    ("accept", "orange", {"conduct": True, "group_id": None, "handler_id": 14}, "group:34", ROOT),
    ("accept", "orange", {"conduct": True, "group_id": None, "handler_id": None}, f"worker:{SUN}", STREET),
]


class TestOverseers:
    @pytest.mark.parametrize(("stage", "colour", "values", "target", "area"), OVERSEERS)
    def test_who_hears(self, stage: str, colour: str, values: dict[str, Any], target: str, area: str | None) -> None:
        found = find_overseer(make_desk(), make_case(**values), Stage(stage), Colour(colour))
        assert found is not None
        assert (found.target, found.area) == (target, area)

    def test_an_unbound_level_is_passed_over(self) -> None:
        desk = make_desk(make_city(groups={32: {"chatid": None}}))
        found = find_overseer(desk, make_case(), Stage.ACCEPT, Colour.YELLOW)
        assert isinstance(found, Overseer)
        assert (found.target, found.level) == ("group:33", AreaLevel.STREET)

    def test_where_nobody_can_be_told(self) -> None:
        desk = make_desk(make_city(groups={key: {"chatid": None} for key in (31, 32, 33, 34)}))
        assert find_overseer(desk, make_case(), Stage.ACCEPT, Colour.RED) is None

    def test_a_sheet_that_nobody_can_be_told_of_is_issued_all_the_same(self) -> None:
        desk = make_desk(make_city(groups={key: {"chatid": None} for key in (31, 32, 33, 34)}))
        begun = look(desk, make_case(), [], None)
        case = make_case(clocks=begun.clocks.render())
        seen = look(replace(desk, now=local("11-23T11:00")), case, [], None)
        assert [(issue.colour, issue.overseer) for issue in seen.issues] == [(Colour.YELLOW, None)]

    def test_levels_are_a_setting(self) -> None:
        desk = make_desk()
        levels = {**desk.house.ladder.levels, Colour.YELLOW: AreaLevel.STREET}
        desk = replace(desk, house=replace(desk.house, ladder=Ladder(levels=levels)))
        found = find_overseer(desk, make_case(), Stage.ACCEPT, Colour.YELLOW)
        assert found is not None
        assert found.target == "group:33"


class TestLooks:
    def test_a_look_too_early_changes_nothing_but_what_was_left_for_later(self) -> None:
        desk = make_desk()
        first = look(desk, make_case(), [], None)
        again = look(desk, make_case(clocks=first.clocks.render()), [], None)
        assert again.issues == []
        assert again.clocks == first.clocks

    @pytest.mark.parametrize("status", [Status.VOID, Status.MERGED, Status.WITHDRAWN, Status.ARCHIVED])
    def test_an_end_is_never_supervised(self, status: Status) -> None:
        seen = look(make_desk(now=local("12-31T10:00")), make_case(status), [], None)
        assert seen.issues == []
        assert seen.columns["next_step_at"] is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("签收 督1123-01", "督1123-01"),
        ("回复督办 督 1123－7 好", "督1123-07"),
        ("督1123-104", "督1123-104"),
        ("工单 1123-08", None),
        ("督1323-01", None),
        ("", None),
    ],
)
def test_numbers_of_sheets(text: str, number: str | None) -> None:
    assert find_sheet_number(text) == number


def test_other_ways_with_numbers() -> None:
    assert render_sheet_number(datetime(2026, 11, 23, tzinfo=ZONE).date(), 7) == "督1123-07"
    assert find_bare_number("签收 1123-1") == "督1123-01"
    assert find_bare_number("电话 13911123-01") is None
    assert cut_sheet_number("督1123-01，已联系物业") == "已联系物业"
