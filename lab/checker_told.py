"""Findings on what was said: to nobody, twice, or in the night."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from lab.checker_finding import Figure, Finding
from lab.checker_rows import CaseRow, EventRow, Evidence, MessageRow
from lab.checker_rules import COLOURS, Rules
from lab.checker_runs import Run, Times

UNASKED = frozenset({"reminder", "sheet", "sheet_over", "digest", "callback_late", "whistle_late"})
"""Kinds of messages that the service sends by itself and that may wait for the morning."""

# What tells a reporter that his case has come to its end, by the status in which it is then.
_ENDS: Mapping[str, frozenset[str]] = {
    "resolved": frozenset({"resolved"}),
    "void": frozenset({"void"}),
    "merged": frozenset({"merged"}),
}
_SOON = timedelta(minutes=1)


def find_noise_at_night(evidence: Evidence, rules: Rules, times: Times) -> Iterator[Finding]:
    """Something that was not urgent, unasked, and sent in quiet hours or on a day off."""
    numbers = {case.id: case.number for case in evidence.cases}
    for message in evidence.messages:
        if message.kind not in UNASKED or message.urgent or message.sent_at is None:
            continue
        if rules.speak_at(message.sent_at, "normal", times(message.sent_at)) > message.sent_at:
            number, what = numbers.get(message.case_id or 0, ""), f"{message.kind} to {message.target}"
            yield Finding(Figure.QUIET_HOUR_BREACHES, number, message.sent_at, what)


def find_repeats(evidence: Evidence, events: Mapping[int, Sequence[EventRow]]) -> Iterator[Finding]:
    """The same sheet, colour or message twice."""
    yield from _find_same_messages(evidence.messages)
    yield from _find_same_numbers(evidence)
    for case in evidence.cases:
        yield from _find_same_colours(case, events[case.id])


def _find_same_messages(messages: Sequence[MessageRow]) -> Iterator[Finding]:
    seen: dict[tuple[str, str, int | None, str, datetime], int] = {}
    for message in messages:
        if message.kind in ("reply", "late_reply"):
            continue
        key = (message.target, message.kind, message.case_id, message.text, message.meant_at)
        if key in seen:
            what = f"{message.kind} to {message.target}: messages {seen[key]} and {message.id}"
            yield Finding(Figure.REPEATED, "", message.meant_at, what)
        seen[key] = message.id


def _find_same_numbers(evidence: Evidence) -> Iterator[Finding]:
    seen: set[str] = set()
    for sheet in evidence.sheets:
        if sheet.number in seen:
            yield Finding(Figure.REPEATED, "", sheet.issued_at, f"two sheets are numbered {sheet.number}")
        seen.add(sheet.number)


def _find_same_colours(case: CaseRow, events: Sequence[EventRow]) -> Iterator[Finding]:
    """On one run of a clock colours only rise, unless its date was moved; red alone comes again, for a sheet that was ignored."""
    heights: dict[str, int] = {}
    for event in events:
        stage = str(event.payload.get("stage", ""))
        if event.kind != "sheet_issued":
            _forget_heights(heights, event, stage)
            continue
        height = COLOURS.index(event.payload["colour"])
        before = heights.get(stage, -1)
        is_again = height == before == len(COLOURS) - 1 and bool(event.payload.get("again"))
        if height <= before and not is_again:
            what = f"{stage}: {event.payload['colour']} after {COLOURS[before]}"
            yield Finding(Figure.REPEATED, case.number, event.at, what)
        heights[stage] = max(height, before)


_NEW_HANDS = frozenset({"dispatch", "return", "transfer", "reclassify", "escalate"})


def _forget_heights(heights: dict[str, int], event: EventRow, stage: str) -> None:
    if event.kind in ("reopen", "split"):
        heights.clear()
    elif event.kind in _NEW_HANDS:
        heights.pop("accept", None)
    elif event.kind == "extend":
        heights.pop("resolve", None)
    elif event.kind == "replanned":
        heights.pop(stage, None)
    elif event.kind == "resolve":
        heights.pop("check", None)


def find_unanswered(
    evidence: Evidence,
    rules: Rules,
    events: Mapping[int, Sequence[EventRow]],
    runs: Mapping[int, Sequence[Run]],
    times: Times,
) -> Iterator[Finding]:
    """A resident whose case has ended, or passed the time for a first answer, without a word to him."""
    told: dict[int, list[MessageRow]] = {}
    for message in evidence.messages:
        if message.case_id is not None and message.target.startswith("oa:"):
            told.setdefault(message.case_id, []).append(message)
    for case in evidence.cases:
        if case.openid is None or case.parent_id is not None:
            continue
        own = told.get(case.id, [])
        yield from _find_silent_ends(case, events[case.id], own)
        yield from _find_left_out(case, evidence, events)
        yield from _find_no_first_answer(case, runs[case.id], own, evidence.ends_at, rules, times)


def _find_silent_ends(case: CaseRow, events: Sequence[EventRow], told: Sequence[MessageRow]) -> Iterator[Finding]:
    before = ""
    for event in events:
        status = str(event.payload.get("status", before))
        entered, before = status != before, status
        if not entered or status not in _ENDS or event.actor.startswith("resident:"):
            continue
        near = (event.at - _SOON, event.at + _SOON)
        if not any(one.kind in _ENDS[status] and near[0] <= one.meant_at <= near[1] for one in told):
            yield Finding(Figure.UNANSWERED, case.number, event.at, f"{status}, and he was not told")


def _find_left_out(case: CaseRow, evidence: Evidence, events: Mapping[int, Sequence[EventRow]]) -> Iterator[Finding]:
    """Whoever's case was merged into another hears how that one came out."""
    into = case.merged_into_id
    if into is None or case.status != "merged" or any(event.kind == "left" for event in events[into]):
        return
    merged_at = max((event.at for event in events[case.id] if event.payload.get("status") == "merged"), default=None)
    for event in events[into]:
        is_end = event.kind in ("resolve", "pass_check") and event.payload.get("status") == "resolved"
        if not is_end or merged_at is None or event.at < merged_at:
            continue
        told = (one for one in evidence.messages if one.case_id == into and one.target == f"oa:{case.openid}")
        if not any(one.kind == "resolved" and abs(one.meant_at - event.at) <= _SOON for one in told):
            yield Finding(
                Figure.UNANSWERED, case.number, event.at, "what it was merged into came out, and he was not told"
            )


def _find_no_first_answer(
    case: CaseRow, runs: Sequence[Run], told: Sequence[MessageRow], ends_at: datetime, rules: Rules, times: Times
) -> Iterator[Finding]:
    for run in runs:
        late = rules.speak_at(run.due, case.urgency, times(run.due)) + rules.patience
        if run.stage != "answer" or late > ends_at or (run.ended_at is not None and run.ended_at <= late):
            continue
        if not any(run.since <= one.meant_at <= late for one in told):
            yield Finding(Figure.UNANSWERED, case.number, run.due, "the time for a first answer passed in silence")
