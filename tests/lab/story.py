"""A small archive written by hand, as a service without a fault leaves it; tests change one row of it at a time."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from lab.checker_rows import CaseRow, EventRow, Evidence, MessageRow, SheetRow
from lab.checker_time import ZONE

GRID, COMMUNITY, STREET, DISTRICT = "g", "c", "s", "d"
GROUPS = {1: GRID, 2: COMMUNITY, 3: STREET, 4: DISTRICT, 9: "elsewhere"}
CHAIN = (GRID, COMMUNITY, STREET, DISTRICT)
LEVELS = {GRID: "grid", COMMUNITY: "community", STREET: "street", DISTRICT: "district"}


def at(text: str) -> datetime:
    """`12-14 09:00` in China; a year may stand before it."""
    full = text if len(text) > len("12-14 09:00") else f"2026-{text}"
    return datetime.fromisoformat(full).replace(tzinfo=ZONE)


# The first of three: taken, done, rated. The second: left lying until it was red, then done. The third: with its worker still.
DONE, LATE, OPEN = 1, 2, 3
_ENDS_AT = at("12-23 12:00")


def _case(case_id: int, opened: str, status: str, links: int, **more: Any) -> CaseRow:
    values: dict[str, Any] = {"clocks": {}, "next_step_at": None, **more}
    return CaseRow(
        id=case_id,
        number=f"1214-{case_id:02d}",
        status=status,
        is_open=status in ("dispatched", "accepted", "handling"),
        category="urban_property",
        urgency="normal",
        conduct=False,
        source="official_account",
        area=GRID,
        group_id=1,
        openid=f"resident-{case_id}",
        opened_at=at(opened),
        head_seq=links,
        merged_into_id=None,
        parent_id=None,
        **values,
    )


def _clock(since: str, due: str, limit: str, state: str = "stopped", following: str = "") -> dict[str, Any]:
    return {
        "from": at(since).isoformat(),
        "due": at(due).isoformat(),
        "limit": limit,
        "state": state,
        "step": "",
        "next": at(following).isoformat() if following else None,
        "provisional": False,
    }


def _events(case_id: int, *told: tuple[str, str, str, dict[str, Any]]) -> list[EventRow]:
    return [
        EventRow(case_id, seq, kind, at(when), actor, payload)
        for seq, (when, kind, actor, payload) in enumerate(told, start=1)
    ]


def _sheet(number: str, stage: str, colour: str, level: str, due: str, group: int, **more: Any) -> dict[str, Any]:
    return {
        "status": "dispatched",
        "number": number,
        "stage": stage,
        "colour": colour,
        "level": level,
        "due": at(due).isoformat(),
        "target": f"group:{group}",
        **more,
    }


def _message(row_id: int, when: str, target: str, kind: str, case_id: int | None, text: str = "") -> MessageRow:
    return MessageRow(row_id, target, kind, case_id, text, False, at(when), at(when))


def make_evidence() -> Evidence:
    """Three cases from Monday, 14 December 2026 on, looked at on the 23rd at noon."""
    return Evidence(
        cases=_make_cases(),
        events=_make_events(),
        messages=_make_messages(),
        sheets=[
            SheetRow(1, "督1214-01", LATE, "blue", "accept", "grid", "reissued", at("12-14 10:36")),
            SheetRow(2, "督1214-02", LATE, "yellow", "accept", "community", "reissued", at("12-14 11:00")),
            SheetRow(3, "督1214-03", LATE, "orange", "accept", "street", "reissued", at("12-14 12:00")),
            SheetRow(4, "督1214-04", LATE, "red", "accept", "district", "written_off", at("12-14 14:00")),
        ],
        days={},
        ends_at=_ENDS_AT,
        groups=GROUPS,
        chains={GRID: CHAIN},
        levels=LEVELS,
    )


def _make_cases() -> list[CaseRow]:
    return [
        _case(DONE, "12-14 09:00", "archived", 6, clocks={"resolve": _clock("12-14 09:00", "12-17 17:00", "3wd")}),
        _case(LATE, "12-14 09:00", "archived", 14, clocks={"accept": _clock("12-14 09:00", "12-14 11:00", "2wh")}),
        _case(
            OPEN,
            "12-22 09:00",
            "accepted",
            3,
            clocks={"resolve": _clock("12-22 09:00", "12-25 17:00", "3wd", "running", "12-24 16:00")},
            next_step_at=at("12-24 16:00"),
        ),
    ]


def _make_events() -> list[EventRow]:
    resident, worker, system = "resident:1", "worker:12", "system"
    return [
        *_events(
            DONE,
            ("12-14 09:00", "receive", resident, {"status": "triage", "urgency": "normal"}),
            ("12-14 09:00", "dispatch", system, {"status": "dispatched"}),
            ("12-14 09:20", "accept", worker, {"status": "accepted"}),
            ("12-15 10:00", "resolve", worker, {"status": "resolved"}),
            ("12-15 19:00", "rate", resident, {"status": "rated"}),
            ("12-15 19:00", "archive", system, {"status": "archived"}),
        ),
        *_events(
            LATE,
            ("12-14 09:00", "receive", resident, {"status": "triage", "urgency": "normal"}),
            ("12-14 09:00", "dispatch", system, {"status": "dispatched"}),
            ("12-14 10:36", "sheet_issued", system, _sheet("督1214-01", "accept", "blue", "grid", "12-14 11:00", 1)),
            ("12-14 11:00", "sheet_reissued", system, {"number": "督1214-01", "by": "督1214-02"}),
            (
                "12-14 11:00",
                "sheet_issued",
                system,
                _sheet("督1214-02", "accept", "yellow", "community", "12-14 11:00", 2),
            ),
            ("12-14 12:00", "sheet_reissued", system, {"number": "督1214-02", "by": "督1214-03"}),
            (
                "12-14 12:00",
                "sheet_issued",
                system,
                _sheet("督1214-03", "accept", "orange", "street", "12-14 11:00", 3),
            ),
            ("12-14 14:00", "sheet_reissued", system, {"number": "督1214-03", "by": "督1214-04"}),
            ("12-14 14:00", "sheet_issued", system, _sheet("督1214-04", "accept", "red", "district", "12-14 11:00", 4)),
            ("12-14 14:30", "accept", worker, {"status": "accepted"}),
            ("12-14 15:00", "sheet_written_off", "worker:3", {"number": "督1214-04"}),
            ("12-15 10:00", "resolve", worker, {"status": "resolved"}),
            ("12-15 19:00", "rate", resident, {"status": "rated"}),
            ("12-15 19:00", "archive", system, {"status": "archived"}),
        ),
        *_events(
            OPEN,
            ("12-22 09:00", "receive", resident, {"status": "triage", "urgency": "normal"}),
            ("12-22 09:00", "dispatch", system, {"status": "dispatched"}),
            ("12-22 09:10", "accept", worker, {"status": "accepted"}),
        ),
    ]


def _make_messages() -> list[MessageRow]:
    return [
        _message(1, "12-14 09:00", "group:1", "dispatch", DONE),
        _message(2, "12-15 10:00", "oa:resident-1", "resolved", DONE),
        _message(3, "12-14 09:00", "group:1", "dispatch", LATE),
        _message(4, "12-14 10:36", "group:1", "reminder", LATE, "【督办·蓝】督1214-01"),
        _message(5, "12-14 11:00", "group:2", "sheet", LATE, "【督办·黄】督1214-02"),
        _message(6, "12-14 14:00", "group:4", "sheet", LATE, "【督办·红】督1214-04"),
        _message(7, "12-14 14:30", "group:4", "sheet_over", LATE, "销号 督1214-04"),
        _message(8, "12-15 10:00", "oa:resident-2", "resolved", LATE),
        _message(9, "12-22 09:10", "oa:resident-3", "accepted", OPEN),
        _message(10, "12-22 08:30", "group:1", "digest", None, "今日待办1件"),
        _message(11, "12-14 12:00", "group:3", "sheet", LATE, "【督办·橙】督1214-03"),
    ]


def with_case(evidence: Evidence, case_id: int, **values: Any) -> Evidence:
    """One case's row is another."""
    return replace(evidence, cases=[replace(one, **values) if one.id == case_id else one for one in evidence.cases])


def with_message(evidence: Evidence, row_id: int, **values: Any) -> Evidence:
    """One message is another."""
    return replace(
        evidence, messages=[replace(one, **values) if one.id == row_id else one for one in evidence.messages]
    )


def without_message(evidence: Evidence, row_id: int) -> Evidence:
    """One message was never written."""
    return replace(evidence, messages=[one for one in evidence.messages if one.id != row_id])


def with_more(evidence: Evidence, case_id: int, when: str, kind: str, **payload: Any) -> Evidence:
    """One event more in a case's history, at the right place of it."""
    extra = EventRow(case_id, 0, kind, at(when), "system", payload)
    own = sorted([*_of(evidence, case_id), extra], key=lambda event: event.at)
    return _with_history(evidence, case_id, own)


def with_event(evidence: Evidence, case_id: int, seq: int, change: Callable[[EventRow], EventRow | None]) -> Evidence:
    """One event is another, or (None) was never written."""
    changed = [change(event) if event.seq == seq else event for event in _of(evidence, case_id)]
    return _with_history(evidence, case_id, [event for event in changed if event is not None])


def _of(evidence: Evidence, case_id: int) -> list[EventRow]:
    return [event for event in evidence.events if event.case_id == case_id]


def _with_history(evidence: Evidence, case_id: int, own: Sequence[EventRow]) -> Evidence:
    numbered = [replace(event, seq=seq) for seq, event in enumerate(own, start=1)]
    others = [event for event in evidence.events if event.case_id != case_id]
    return with_case(replace(evidence, events=[*others, *numbered]), case_id, head_seq=len(numbered))


def told(event: EventRow, **payload: Any) -> EventRow:
    """The event with other words in it."""
    return replace(event, payload={**event.payload, **payload})
