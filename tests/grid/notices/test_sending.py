"""From approved to being sent: targets, chunks, series, receipts, ends; and how it all reads."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from grid.message import parse_body, render_body
from grid.notices.approval_wording import approval_message
from grid.notices.kinds import FORMS
from grid.notices.recall import has_news, tell_end
from grid.notices.receipts import complete, count_receipts, is_silent, receive, remind
from grid.notices.sending import CHUNK, Reader, begin_sending, find_next, make_targets, next_of_series, schedule
from grid.notices.templates import BUILT_IN, content_of_template, parse_template, render_template
from grid.notices.wording import (
    cut_notice_numbers,
    end_message,
    find_notice_numbers,
    group_message,
    notice_of_task,
    recall_message,
    remind_message,
    resident_message,
    target_of_task,
)
from grid.workflow import Refusal
from storage.columns import Colour
from storage.notice_columns import NoticeKind, NoticeState, TargetState
from storage.notice_tables import Notice, NoticeTarget
from tests.clock import START
from tests.grid.notices.town import WANG, ZHOU, actor, make_city, make_desk, make_ids, make_notice, make_target

DESK = make_desk()
ZONE = ZoneInfo("Asia/Shanghai")
SCHEDULED, SENT = {"state": NoticeState.SCHEDULED, "send_at": START}, {"state": NoticeState.SENT, "sent_at": START}


def colour_of(kind: NoticeKind) -> Colour | None:
    return Colour.RED if kind is NoticeKind.WARNING else None


def test_the_state_goes_with_the_last_chunk() -> None:
    targets = [make_target(id=n, target=f"oa:{n}", state=TargetState.WAITING) for n in range(CHUNK * 2 + 1)]
    plans = begin_sending(DESK, make_notice(**SCHEDULED), targets, make_ids())
    assert not isinstance(plans, Refusal)
    assert [sum(isinstance(row, NoticeTarget) for row in plan.rows) for plan in plans] == [CHUNK, CHUNK, 1]
    assert [len(plan.changes) for plan in plans] == [0, 0, 1]
    assert plans[-1].changes[0].values["state"] is NoticeState.SENDING


@pytest.mark.parametrize("state", [one for one in NoticeState if one is not NoticeState.SCHEDULED])
def test_only_what_is_scheduled_begins(state: NoticeState) -> None:
    assert isinstance(begin_sending(DESK, make_notice(state=state), [], make_ids()), Refusal)


def test_what_has_become_wrong_meanwhile_does_not_begin() -> None:
    notice = make_notice(NoticeKind.SUSPECT, **SCHEDULED)
    notice.fields["age"] = 16
    assert isinstance(begin_sending(DESK, notice, [], make_ids()), Refusal)


def test_targets_name_who_cannot_be_told() -> None:
    notice = make_notice(scope={"areas": ["23080705"], "groups": ["work"], "residents": True})
    readers = [Reader("a", "2308070503", True), Reader("b", "2308070503", False)]
    found = {one.target: (one.state, one.reason) for one in make_targets(make_city(), notice, readers, make_ids())}
    assert found == {
        "group:31": (TargetState.WAITING, ""),
        "group:32": (TargetState.WAITING, ""),
        "group:36": (TargetState.LEFT, "群还没有绑定"),
        "oa:a": (TargetState.WAITING, ""),
        "oa:b": (TargetState.LEFT, "已取消关注"),
    }


@pytest.mark.parametrize(
    ("send_at", "repeat", "now", "expected"),
    [
        ("2026-11-24T08:00", "daily", "2026-11-24T08:00", "2026-11-25T08:00"),
        ("2026-11-24T08:00", "weekly", "2026-11-24T08:01", "2026-12-01T08:00"),
        ("2026-11-24T08:00", "weekly", "2026-12-24T08:01", "2026-12-29T08:00"),
        ("2026-10-31T08:00", "monthly", "2026-10-31T08:00", "2026-11-30T08:00"),
        ("2026-10-31T08:00", "monthly", "2026-12-01T08:00", "2026-12-31T08:00"),
        ("2027-01-31T08:00", "monthly", "2027-02-01T08:00", "2027-02-28T08:00"),
        ("2026-11-24T08:00", "", "2026-11-24T08:00", None),
        ("2026-11-24T08:00", "hourly", "2026-11-24T08:00", None),
    ],
)
def test_the_next_of_a_series(send_at: str, repeat: str, now: str, expected: str | None) -> None:
    begins, present = (datetime.fromisoformat(one).replace(tzinfo=ZONE).astimezone(UTC) for one in (send_at, now))
    found = find_next(begins, repeat, present, ZONE)
    shown = found.astimezone(ZONE).isoformat(timespec="minutes") if found else None
    assert shown == (f"{expected}+08:00" if expected else None)


def test_a_series_moves_its_dates_and_nothing_of_its_life() -> None:
    values: dict[str, Any] = {"repeat": "weekly", "ends_at": START + timedelta(days=1), "remind_at": START}
    notice = make_notice(NoticeKind.OUTAGE, **SCHEDULED, **values)
    plan = next_of_series(DESK, notice, 2, "通1130-01", make_ids())
    assert plan is not None
    row = plan.rows[0]
    assert isinstance(row, Notice)
    assert row.fields["starts"] == "2026-12-01T08:00+08:00"
    assert (row.ends_at, row.remind_at, row.sent_at, row.series_id, row.version) == (
        START + timedelta(days=8),
        None,
        None,
        1,
        0,
    )
    assert next_of_series(DESK, make_notice(**SCHEDULED), 2, "通1130-01", make_ids()) is None


@pytest.mark.parametrize(
    ("kind", "state", "hours", "repeat", "words"),
    [
        (NoticeKind.TASK, NoticeState.DRAFT, -1, "", "已经过去"),
        (NoticeKind.TASK, NoticeState.DRAFT, 1, "hourly", "只能"),
        (NoticeKind.SUSPECT, NoticeState.DRAFT, 1, "daily", "不能重复"),
        (NoticeKind.WARNING, NoticeState.SCHEDULED, 1, "daily", "重新提交"),
        (NoticeKind.TASK, NoticeState.SENT, 1, "", "不能再定时"),
        (NoticeKind.TASK, NoticeState.REFUSED, 1, "", "不能定时"),
    ],
)
def test_what_cannot_be_timed(kind: NoticeKind, state: NoticeState, hours: int, repeat: str, words: str) -> None:
    notice = make_notice(kind, state=state, colour=colour_of(kind))
    refusal = schedule(DESK, notice, actor(ZHOU), START + timedelta(hours=hours), repeat, make_ids())
    assert isinstance(refusal, Refusal)
    assert words in refusal.sentence


def test_a_notice_is_not_timed_behind_its_end() -> None:
    notice = make_notice(NoticeKind.OUTAGE, ends_at=START + timedelta(hours=2))
    assert isinstance(schedule(DESK, notice, actor(ZHOU), START + timedelta(hours=3), "", make_ids()), Refusal)
    assert not isinstance(schedule(DESK, notice, actor(ZHOU), START + timedelta(hours=1), "", make_ids()), Refusal)


@pytest.mark.parametrize("state", TargetState)
def test_only_who_has_it_can_answer(state: TargetState) -> None:
    answered = receive(DESK, make_notice(**SENT), make_target(state=state), actor(WANG), make_ids())
    assert isinstance(answered, Refusal) is (state not in (TargetState.SENT, TargetState.QUEUED))


def test_the_first_answer_counts() -> None:
    target = make_target(received_at=START, received_by="worker:12")
    again = receive(DESK, make_notice(**SENT), target, actor(WANG), make_ids())
    assert not isinstance(again, Refusal)
    assert (again.is_new, again.plan.changes, again.plan.rows) == (False, [], [])


@pytest.mark.parametrize("kind", NoticeKind)
def test_only_a_task_is_completed(kind: NoticeKind) -> None:
    done = complete(DESK, make_notice(kind, **SENT), make_target(), actor(WANG), "12户", make_ids())
    assert isinstance(done, Refusal) is (kind is not NoticeKind.TASK)


def test_completing_is_receiving_too_and_keeps_who_was_first() -> None:
    notice = make_notice(NoticeKind.TASK, **SENT)
    done = complete(DESK, notice, make_target(), actor(WANG), "12户", make_ids())
    assert not isinstance(done, Refusal)
    assert done.plan.changes[0].values["received_by"] == f"worker:{WANG}"
    later = complete(
        DESK, notice, make_target(received_at=START, received_by="worker:12"), actor(WANG), "12户", make_ids()
    )
    assert not isinstance(later, Refusal)
    assert "received_by" not in later.plan.changes[0].values
    assert isinstance(complete(DESK, notice, make_target(), actor(WANG), "长" * 201, make_ids()), Refusal)


@pytest.mark.parametrize(
    ("values", "silent"),
    [
        ({}, True),
        ({"received_at": START}, False),
        ({"state": TargetState.FAILED}, False),
        ({"state": TargetState.STOPPED}, False),
        ({"target": "oa:x"}, False),
    ],
)
def test_who_is_silent(values: dict[str, Any], silent: bool) -> None:
    assert is_silent(make_notice(**SENT), make_target(**values)) is silent
    plan = remind(DESK, make_notice(**SENT), [make_target(**values)], is_last=True)
    assert len(plan.outbox) == int(silent)
    assert plan.changes[0].values == {"remind_at": None}


def test_who_was_reminded_is_left_in_peace() -> None:
    assert remind(DESK, make_notice(**SENT), [make_target(reminded_at=START)], is_last=True).outbox == []


def test_the_table_adds_up() -> None:
    states = [TargetState.SENT, TargetState.FAILED, TargetState.LEFT, TargetState.STOPPED, TargetState.QUEUED]
    targets = [
        make_target(id=n, target=f"group:{n}", state=state, area_code="2308070503") for n, state in enumerate(states)
    ]
    targets.append(make_target(id=9, target="oa:a", area_code=None))
    total = count_receipts(make_city(), make_notice(**SENT), targets).total
    assert total.groups == total.sent + total.failed + total.left + total.stopped + total.waiting == 5
    assert (total.residents, total.residents_sent) == (1, 1)


@pytest.mark.parametrize("kind", NoticeKind)
def test_who_is_told_of_an_end(kind: NoticeKind) -> None:
    notice = make_notice(kind, state=NoticeState.ENDED, ends_at=START, colour=colour_of(kind))
    speaks = kind in (NoticeKind.OUTAGE, NoticeKind.WARNING, NoticeKind.MISSING, NoticeKind.SUSPECT)
    assert has_news(notice) is speaks
    assert bool(FORMS[kind].end_words) is speaks
    targets = [make_target(id=1, target="group:1"), make_target(id=2, target="group:2", recalled_at=START)]
    targets.append(make_target(id=3, target="group:3", state=TargetState.FAILED))
    if speaks:
        assert [draft.target for draft in tell_end(DESK, notice, targets).outbox] == ["group:1"]
        assert tell_end(DESK, notice, targets, {"group:1"}).outbox == []


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_kind_reads_well_everywhere(kind: NoticeKind) -> None:
    notice = make_notice(kind, colour=colour_of(kind), ends_at=START, recall_reason="有误")
    target = make_target(id=77)
    messages = [
        group_message(notice, target),
        resident_message(notice),
        recall_message(notice),
        remind_message(notice),
        approval_message(notice, 13, "周杰", "文采社区", START),
    ]
    messages += [end_message(notice)] if FORMS[kind].end_words else []
    for message in messages:
        assert find_notice_numbers(message.text) == ["通1123-01"]
        assert parse_body(render_body(message)) == message
        assert "None" not in message.text
        assert "{" not in message.text
    card = messages[0].card
    assert card is not None
    assert (notice_of_task(card.task_id), target_of_task(card.task_id)) == (1, 77)


def test_suspects_words_stay_inside() -> None:
    notice = make_notice(NoticeKind.SUSPECT)
    group = group_message(notice, make_target()).text
    assert "请勿外传" in group
    assert "文号：佳公协查〔2026〕12号" in group
    assert "年龄" not in group
    assert "人脸" not in group
    assert "删除已收到的文字和图片" in recall_message(notice).text


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("【通知 通1123-01】停水", ["通1123-01"]),
        ("收到通1123-1", ["通1123-01"]),
        ("通 1123 - 01 和 通1123—02", ["通1123-01", "通1123-02"]),
        ("工单 1123-08", []),
        ("通1323-01", []),
    ],
)
def test_numbers_in_words(text: str, numbers: list[str]) -> None:
    assert find_notice_numbers(text) == numbers


def test_numbers_are_cut_with_their_mark() -> None:
    assert cut_notice_numbers("撤回【橙色预警 通1123-01】有误") == "撤回 有误"


@pytest.mark.parametrize("task", ["", "c5-v0-1", "n", "nx-1", "n5", "n5-x-1", "a5-13-0-1", "№5"])
def test_tasks_of_others(task: str) -> None:
    assert target_of_task(task) is None


@pytest.mark.parametrize("name", BUILT_IN)
def test_templates_that_come_with_the_house(name: str) -> None:
    content = content_of_template(BUILT_IN[name])
    form = FORMS[content.kind]
    assert all(form.find_field(key) for key in content.fields)


def test_a_template_keeps_no_person_and_no_date() -> None:
    kept = parse_template(render_template(make_notice(NoticeKind.SUSPECT, text="某男")))
    assert kept.text == ""
    assert kept.fields == {"station": "建设街派出所"}
    assert parse_template(render_template(make_notice(NoticeKind.OUTAGE))).fields == {"what": "停水"}
