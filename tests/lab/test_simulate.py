"""A town that lives for some days on the virtual clock: the real service leaves no fault, and a broken one is found out."""

import asyncio
import json
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.cli.simulating import SimulatedService, make_rules, open_simulated
from lab.checker import check
from lab.checker_finding import Figure
from lab.checker_rules import Rules
from lab.checker_time import ZONE, WorkTime
from lab.simulate.agenda import Agenda
from lab.simulate.clock import VirtualClock
from lab.simulate.days import NOTICE_DAY, Days, make_notice
from lab.simulate.habits import Habits, Temper
from lab.simulate.play import Span
from lab.simulate.run import START, Lived, Open, list_notices, live, make_habits
from lab.simulate.superiors import list_sayings
from lab.simulate.town import number_in

# Nobody takes anything and nobody drives anybody, so that every clock runs out.
LAZY = replace(make_habits("street", 5), tempers=((Temper.IDLE, 1.0),), heeds_reminder=0.0, drives_after_sheet=0.0)
RULES = make_rules()


def live_in_a_street(days: int, habits: Habits, open_service: Open = open_simulated, seed: int = 1) -> Lived:
    """A street lives for so many days, from a Thursday on."""
    return asyncio.run(live(open_service, "street", seed, Span(START, days), habits))


@pytest.fixture(scope="module")
def busy() -> Lived:
    """Six ordinary days."""
    return live_in_a_street(6, make_habits("street", 10))


@pytest.fixture(scope="module")
def lazy() -> Lived:
    """Four days on which nobody works."""
    return live_in_a_street(4, LAZY)


def test_a_street_lives_without_a_fault(busy: Lived) -> None:
    assert check(busy.evidence, RULES, busy.notices).findings == ()
    assert {"accepted", "resolved", "rated", "patrols", "sheets_answered"} <= {
        name for name, count in busy.done.items() if count
    }


def test_where_nobody_works_every_case_climbs_and_none_is_forgotten(lazy: Lived) -> None:
    assert check(lazy.evidence, RULES, lazy.notices).findings == ()
    assert lazy.done.get("accepted", 0) == 0
    # Taken in on the first day, red for the district on the second.
    first = [case for case in lazy.evidence.cases if case.status == "dispatched" and case.opened_at < _on(10)]
    red = {sheet.case_id for sheet in lazy.evidence.sheets if sheet.colour == "red" and sheet.issued_at < _on(12)}
    assert first
    assert {case.id for case in first} <= red


def _on(day: int) -> datetime:
    return datetime(2026, 12, day, 12, 0, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("rules", "figure"),
    [
        # What the service holds to is not what it is held to: other shares, limits, levels, quiet hours.
        (replace(RULES, blue_percent=40), Figure.WRONG_SHEET),
        (replace(RULES, red_times=1.2), Figure.WRONG_SHEET),
        (replace(RULES, ignored_share=0.1), Figure.WRONG_SHEET),
        (replace(RULES, levels={**RULES.levels, "yellow": "district"}), Figure.WRONG_SHEET),
        (
            replace(RULES, limits={**RULES.limits, "normal": {**RULES.limits["normal"], "accept": "3wh"}}),
            Figure.WRONG_SHEET,
        ),
        (replace(RULES, quiet=(time(8, 0), time(20, 0))), Figure.QUIET_HOUR_BREACHES),
    ],
    ids=["blue", "red", "ignored", "levels", "limits", "quiet"],
)
def test_other_rules_find_other_faults(rules: Rules, figure: Figure, lazy: Lived) -> None:
    assert check(lazy.evidence, rules, lazy.notices).count(figure) > 0


def test_the_same_seed_is_the_same_town() -> None:
    first, second = [live_in_a_street(1, make_habits("street", 8), seed=5) for _ in range(2)]
    assert first.done == second.done
    assert [case.number for case in first.evidence.cases] == [case.number for case in second.evidence.cases]


class Asleep(SimulatedService):
    """A service that does nothing unasked."""

    async def work(self, *, is_beat: bool) -> bool:
        return False


def open_asleep(folder: Path, clock: VirtualClock) -> AbstractAsyncContextManager[SimulatedService]:
    return open_simulated(folder, clock, Asleep)


def test_a_service_that_sleeps_is_found_out() -> None:
    lived = live_in_a_street(2, LAZY, open_asleep)
    verdict = check(lived.evidence, RULES, lived.notices)
    assert verdict.count(Figure.FORGOTTEN) > 0
    assert verdict.count(Figure.WRONG_SHEET) > 0


def test_the_command_prints_the_contracts_keys() -> None:
    answer = CliRunner().invoke(app, ["simulate", "--days", "1", "--size", "street", "--a-day", "4", "--json"])
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.stdout.splitlines()[-1])
    assert told.pop("cases") > 0
    assert {"forgotten", "repeated", "unanswered", "wrong_sheet", "quiet_hour_breaches"} <= set(told)
    assert set(told.values()) == {0}


def test_the_made_notice_moves_dates_later_and_would_move_some_earlier() -> None:
    span = Span(START, NOTICE_DAY + 5)
    ((known_at, days),) = list_notices(span).items()
    assert known_at == datetime(2026, 12, 30, 0, 1, tzinfo=ZONE)
    before, after = WorkTime({}), WorkTime(days)
    eve = datetime(2026, 12, 31, 10, 0, tzinfo=ZONE)
    assert after.due(eve, "1wd") > before.due(eve, "1wd")
    friday = datetime(2027, 1, 8, 10, 0, tzinfo=ZONE)
    assert after.due(friday, "1wd") < before.due(friday, "1wd")
    assert list_notices(Span(START, NOTICE_DAY)) == {}


def test_people_know_their_days_off() -> None:
    days = Days(make_notice())
    assert not days.is_worked(date(2027, 1, 4))
    assert days.is_worked(date(2027, 1, 9))
    assert days.is_worked(date(2026, 12, 10))
    assert not days.is_worked(date(2026, 12, 12))


def test_the_agenda_is_in_the_order_of_time() -> None:
    agenda, start = Agenda(), datetime(2026, 12, 10, 9, 0, tzinfo=ZONE)

    async def deed() -> None:
        raise AssertionError("only looked at")

    async def other() -> None:
        raise AssertionError("only looked at")

    agenda.put(start + timedelta(hours=1), other)
    agenda.put(start, deed)
    assert agenda.next_at == start
    assert agenda.take(start - timedelta(seconds=1)) is None
    assert agenda.take(start) is deed
    assert agenda.take(start) is None
    assert len(agenda) == 1


def test_the_clock_never_runs_backwards() -> None:
    clock = VirtualClock(datetime(2026, 12, 10, 9, 0, tzinfo=ZONE))
    before = clock()
    clock.move_to(before - timedelta(hours=1))
    assert clock() == before
    clock.move_to(before + timedelta(hours=1))
    assert clock() == before + timedelta(hours=1)


def test_people_write_what_a_message_proposes() -> None:
    text = "【督办·黄】督1214-02 【工单 1214-03】接单超时。请回复“@网格助手 签收 督1214-02”，再回复“@网格助手 回复督办 督1214-02 情况”。"
    assert list_sayings(text) == ["签收 督1214-02", "回复督办 督1214-02 情况"]
    assert number_in(text) == "1214-03"
