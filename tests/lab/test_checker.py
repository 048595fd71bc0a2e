"""The checker finds nothing in an archive without a fault, and each kind of fault once it is put there."""

import ast
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

import lab
from lab.checker import check
from lab.checker_finding import Figure
from lab.checker_rows import Evidence
from lab.checker_rules import Rules
from lab.checker_time import WorkTime
from tests.lab.story import (
    DONE,
    LATE,
    OPEN,
    at,
    make_evidence,
    told,
    with_case,
    with_event,
    with_message,
    with_more,
    without_message,
)

RULES = Rules()
BLUE, YELLOW, ORANGE, RED = 3, 5, 7, 9  # places in the history of the late case
Fault = Callable[[Evidence], Evidence]


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    verdict = check(make_evidence(), RULES)
    assert verdict.findings == ()
    assert verdict.facts() == {"cases": 3, **dict.fromkeys((figure.value for figure in Figure), 0)}


def _with_clock(evidence: Evidence, case_id: int, stage: str, **values: object) -> Evidence:
    case = next(one for one in evidence.cases if one.id == case_id)
    return with_case(evidence, case_id, clocks={**case.clocks, stage: {**case.clocks[stage], **values}})


def _without_sheet(evidence: Evidence, seq: int) -> Evidence:
    return with_event(evidence, LATE, seq, lambda _: None)


FAULTS: list[tuple[str, Figure, Fault]] = [
    ("an open case without a step", Figure.FORGOTTEN, lambda e: with_case(e, OPEN, next_step_at=None)),
    ("a step that nobody took", Figure.FORGOTTEN, lambda e: with_case(e, OPEN, next_step_at=at("12-23 11:00"))),
    (
        "clocks that want another step",
        Figure.FORGOTTEN,
        lambda e: _with_clock(e, OPEN, "resolve", next=at("12-25 16:00").isoformat()),
    ),
    (
        "the same message twice",
        Figure.REPEATED,
        lambda e: replace(e, messages=[*e.messages, replace(e.messages[3], id=99)]),
    ),
    (
        "the same colour twice",
        Figure.REPEATED,
        lambda e: with_event(e, LATE, ORANGE, lambda event: told(event, colour="yellow")),
    ),
    (
        "two sheets of one number",
        Figure.REPEATED,
        lambda e: replace(e, sheets=[*e.sheets, replace(e.sheets[2], id=99)]),
    ),
    (
        "the same digest twice",
        Figure.REPEATED,
        lambda e: replace(e, messages=[*e.messages, replace(e.messages[9], id=99)]),
    ),
    ("a result that nobody heard", Figure.UNANSWERED, lambda e: without_message(e, 2)),
    (
        "voided behind his back",
        Figure.UNANSWERED,
        lambda e: with_case(with_more(e, OPEN, "12-23 09:00", "void", status="void"), OPEN, status="void"),
    ),
    ("a late clock without a yellow sheet", Figure.WRONG_SHEET, lambda e: _without_sheet(e, YELLOW)),
    ("no blue one before it is late", Figure.WRONG_SHEET, lambda e: _without_sheet(e, BLUE)),
    ("a yellow one ignored and no orange one", Figure.WRONG_SHEET, lambda e: _without_sheet(e, ORANGE)),
    ("twice the limit and not red", Figure.WRONG_SHEET, lambda e: _without_sheet(e, RED)),
    (
        "a sheet too late",
        Figure.WRONG_SHEET,
        lambda e: with_event(e, LATE, YELLOW, lambda event: replace(event, at=at("12-14 11:40"))),
    ),
    (
        "a sheet before its time",
        Figure.WRONG_SHEET,
        lambda e: with_event(e, LATE, YELLOW, lambda event: replace(event, at=at("12-14 10:40"))),
    ),
    (
        "a grave colour without a reason",
        Figure.WRONG_SHEET,
        lambda e: with_event(e, LATE, YELLOW, lambda event: told(event, colour="red", level="district")),
    ),
    (
        "a red one for the community",
        Figure.WRONG_SHEET,
        lambda e: with_event(e, LATE, RED, lambda event: told(event, level="community")),
    ),
    (
        "a sheet for somebody else's group",
        Figure.WRONG_SHEET,
        lambda e: with_event(e, LATE, YELLOW, lambda event: told(event, target="group:9")),
    ),
    (
        "a date that the calendar does not know",
        Figure.WRONG_SHEET,
        lambda e: with_event(e, LATE, YELLOW, lambda event: told(event, due=at("12-14 10:30").isoformat())),
    ),
    (
        "a sheet on a clock that does not run",
        Figure.WRONG_SHEET,
        lambda e: with_event(e, LATE, YELLOW, lambda event: told(event, stage="check")),
    ),
    ("a sheet that nobody was told of", Figure.WRONG_SHEET, lambda e: without_message(e, 5)),
    (
        "a settled sheet that stays open",
        Figure.WRONG_SHEET,
        lambda e: replace(e, sheets=[*e.sheets[:3], replace(e.sheets[3], state="answered")]),
    ),
    (
        "a sheet that is over and was not offered",
        Figure.WRONG_SHEET,
        lambda e: without_message(replace(e, sheets=[*e.sheets[:3], replace(e.sheets[3], state="issued")]), 7),
    ),
    (
        "a reminder in the night",
        Figure.QUIET_HOUR_BREACHES,
        lambda e: with_message(e, 4, sent_at=at("12-14 23:10")),
    ),
    (
        "a digest before breakfast",
        Figure.QUIET_HOUR_BREACHES,
        lambda e: with_message(e, 10, sent_at=at("12-22 06:59")),
    ),
    (
        "a reminder on a Saturday",
        Figure.QUIET_HOUR_BREACHES,
        lambda e: with_message(e, 4, sent_at=at("12-19 10:36")),
    ),
    (
        "a date that came nearer",
        Figure.MOVED_EARLIER,
        lambda e: with_more(
            e,
            OPEN,
            "12-22 12:00",
            "replanned",
            stage="resolve",
            was=at("12-25 17:00").isoformat(),
            due=at("12-24 17:00").isoformat(),
            note="放假通知",
        ),
    ),
    (
        "a date that moved in silence",
        Figure.MOVED_EARLIER,
        lambda e: with_more(
            e,
            OPEN,
            "12-22 12:00",
            "replanned",
            stage="resolve",
            was=at("12-25 17:00").isoformat(),
            due=at("12-28 17:00").isoformat(),
        ),
    ),
    (
        "a clock that outlives its case",
        Figure.RUNNING_AFTER_END,
        lambda e: _with_clock(e, DONE, "resolve", state="running"),
    ),
    (
        "a clock that waits for a case that has ended",
        Figure.RUNNING_AFTER_END,
        lambda e: _with_clock(e, DONE, "resolve", state="paused"),
    ),
    ("a row that nobody wrote down", Figure.UNLIKE_HISTORY, lambda e: with_case(e, OPEN, status="handling")),
    ("a link that is missing", Figure.UNLIKE_HISTORY, lambda e: with_case(e, OPEN, head_seq=4)),
    ("a chain that does not hold", Figure.UNLIKE_HISTORY, lambda e: replace(e, broken="1214-01: link 2 of its chain")),
    ("ended and open", Figure.UNLIKE_HISTORY, lambda e: with_case(e, DONE, is_open=True)),
    (
        "a history that runs backwards",
        Figure.UNLIKE_HISTORY,
        lambda e: with_event(e, OPEN, 3, lambda event: replace(event, at=at("12-22 08:00"))),
    ),
]


@pytest.mark.parametrize(("figure", "put"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
def test_each_fault_is_found_under_its_own_name(figure: Figure, put: Fault) -> None:
    verdict = check(put(make_evidence()), RULES)
    assert verdict.count(figure) > 0, verdict.findings


def test_every_figure_has_a_fault_that_turns_it() -> None:
    assert {figure for _, figure, _ in FAULTS} == set(Figure)


def test_an_urgent_reminder_may_come_in_the_night() -> None:
    evidence = with_message(make_evidence(), 4, sent_at=at("12-14 23:10"), urgent=True)
    assert check(evidence, RULES).is_good


def test_what_he_did_himself_nobody_needs_to_tell_him() -> None:
    evidence = with_event(
        with_more(make_evidence(), OPEN, "12-23 09:00", "merge", status="merged"),
        OPEN,
        4,
        lambda event: replace(event, actor="resident:3"),
    )
    evidence = with_case(evidence, OPEN, status="merged", is_open=False, clocks={}, next_step_at=None)
    assert check(evidence, RULES).is_good


def _merged(evidence: Evidence) -> Evidence:
    """The first case was merged into the late one after an hour; both residents were told how that came out."""
    others = [event for event in evidence.events if event.case_id != DONE or event.seq <= 2]
    evidence = with_case(replace(evidence, events=others), DONE, head_seq=2, is_open=False, clocks={}, status="merged")
    evidence = with_more(evidence, DONE, "12-14 10:00", "merge", status="merged", into="1214-02")
    evidence = with_message(evidence, 2, kind="merged", meant_at=at("12-14 10:00"), sent_at=at("12-14 10:00"))
    result = replace(evidence.messages[7], id=98, target="oa:resident-1")
    return with_case(replace(evidence, messages=[*evidence.messages, result]), DONE, merged_into_id=LATE)


def test_whoever_was_merged_hears_how_it_came_out() -> None:
    assert check(_merged(make_evidence()), RULES).is_good
    forgotten = without_message(_merged(make_evidence()), 98)
    assert check(forgotten, RULES).count(Figure.UNANSWERED) == 1


def test_the_time_for_a_first_answer_passes_in_silence() -> None:
    evidence = with_event(make_evidence(), OPEN, 3, lambda _: None)
    evidence = without_message(with_case(evidence, OPEN, status="dispatched"), 9)
    later = replace(evidence, ends_at=evidence.ends_at + timedelta(days=10))
    assert check(evidence, RULES).count(Figure.UNANSWERED) == 0
    assert check(later, RULES).count(Figure.UNANSWERED) == 1


def _complains_of_silence(evidence: Evidence, rules: Rules) -> bool:
    return any("ignored" in finding.what for finding in check(evidence, rules).findings)


def test_an_ignored_sheet_must_rise() -> None:
    patient = Rules(red_times=20.0)
    # Nobody said a word to the yellow sheet of 11:00, and half of two working hours later (12:00) nobody above had heard.
    ignored = with_event(_without_sheet(make_evidence(), RED), LATE, ORANGE, lambda _: None)
    assert _complains_of_silence(ignored, patient)
    assert not _complains_of_silence(
        with_more(ignored, LATE, "12-14 11:30", "sheet_answered", number="督1214-02"), patient
    )
    # Who signed for it at 11:30 has until 13:30 for his answer, and gave none.
    signed = with_more(ignored, LATE, "12-14 11:30", "sheet_acknowledged", number="督1214-02")
    assert _complains_of_silence(signed, patient)
    late_answer = with_more(signed, LATE, "12-14 13:20", "sheet_answered", number="督1214-02")
    assert not _complains_of_silence(late_answer, patient)


def _left_lying(evidence: Evidence) -> Evidence:
    """The late case is still with nobody, on the third day after its red sheet."""
    events = [event for event in evidence.events if event.case_id != LATE or event.seq <= RED]
    sheets = [*evidence.sheets[:3], replace(evidence.sheets[3], state="issued")]
    lying = replace(evidence, events=events, sheets=sheets, ends_at=at("12-17 09:00"))
    return with_case(lying, LATE, status="dispatched", is_open=True, head_seq=RED)


def test_a_red_sheet_must_come_again_in_its_time() -> None:
    def complaints(evidence: Evidence) -> set[str]:
        return {
            finding.what.rpartition(": ")[2]
            for finding in check(evidence, RULES).findings
            if finding.what.startswith("accept red")
        }

    assert "not issued again" in complaints(_left_lying(make_evidence()))
    red = {"stage": "accept", "colour": "red", "level": "district", "target": "group:4", "again": True}
    red |= {"status": "dispatched", "due": at("12-14 11:00").isoformat(), "number": "督1216-01"}
    in_time = with_more(_left_lying(make_evidence()), LATE, "12-16 17:00", "sheet_issued", **red)
    assert complaints(in_time) == {"nobody was told"}
    too_soon = with_more(_left_lying(make_evidence()), LATE, "12-15 09:00", "sheet_issued", **red)
    assert "again, before its time" in complaints(too_soon)


def test_a_notice_counts_from_when_it_was_known() -> None:
    evidence = replace(make_evidence(), days={date(2026, 12, 14): False})
    known_later = {at("12-15 00:01"): {date(2026, 12, 14): False}}
    assert check(evidence, RULES, known_later).is_good
    # Known from the beginning, the 14th was no working day, and every sheet of that day came too early.
    assert check(evidence, RULES).count(Figure.WRONG_SHEET) > 0


WORK = WorkTime({date(2026, 12, 16): False, date(2026, 12, 19): True})


@pytest.mark.parametrize(
    ("opened", "limit", "due"),
    [
        ("12-14 09:00", "90m", "12-14 10:30"),
        ("12-14 22:00", "4h", "12-15 02:00"),
        ("12-14 09:00", "2wh", "12-14 11:00"),
        ("12-14 11:00", "2wh", "12-14 14:00"),
        ("12-14 16:30", "1wh", "12-15 09:00"),
        ("12-14 17:59", "2wh", "12-15 10:30"),
        ("12-15 16:00", "2wh", "12-17 09:30"),
        ("12-14 23:00", "1wd", "12-15 17:00"),
        ("12-15 09:00", "1wd", "12-17 17:00"),
        ("12-18 09:00", "1wd", "12-19 17:00"),
        ("12-18 09:00", "2wd", "12-21 17:00"),
        ("12-14 09:00", "2d", "12-17 17:00"),
        ("12-14 09:00", "7d", "12-21 17:00"),
        ("11-30 09:00", "3mo", "2027-03-01 17:00"),
        ("12-31 09:00", "1wd", "2027-01-04 17:00"),
    ],
)
def test_working_time_is_counted_by_hand(opened: str, limit: str, due: str) -> None:
    assert WORK.due(at(opened), limit) == at(due)


def test_time_between_is_the_time_after() -> None:
    since, until = at("12-14 10:15"), at("12-17 15:20")
    assert WORK.after(since, WORK.between(since, until)) == until


def test_the_checker_shares_no_code_with_the_clocks() -> None:
    folder = Path(lab.__file__ or "").parent
    files = sorted(folder.glob("checker*.py"))
    assert len(files) > 5
    for file in files:
        modules = [
            name
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names])
        ]
        assert not [name for name in modules if name.partition(".")[0] in ("grid", "bot", "handlers", "nlp")], file
