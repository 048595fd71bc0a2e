"""Which lines are about notices, and which are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.settings_notices_law import NoticeLawSettings
from handlers.worker.commands import find_numbers, parse_command
from handlers.worker.nearest import EXAMPLES
from handlers.worker.notices_words import NoticeVerb, parse_notice_command
from handlers.worker.verbs import Verb
from storage.notice_columns import NoticeKind

QUOTE = "【停水通知 通1123-02】收到请回复"


@pytest.mark.parametrize(
    ("text", "quote", "verb", "number", "rest"),
    [
        ("通知 停水 明天8点", "", NoticeVerb.MAKE, None, "停水 明天8点"),
        ("发布通知 停水", "", NoticeVerb.MAKE, None, "停水"),
        ("通知", "", NoticeVerb.MAKE, None, ""),
        ("请 通知:停水", "", NoticeVerb.MAKE, None, "停水"),
        ("通知 模板 隐患排查 周五", "", NoticeVerb.TEMPLATES, None, "隐患排查 周五"),
        ("通知列表", "", NoticeVerb.LIST, None, ""),
        ("通知 回执 通1123-01", "", NoticeVerb.TABLE, "通1123-01", ""),
        ("通知 名单 通1123-1", "", NoticeVerb.ROLL, "通1123-01", ""),
        ("通1123-01", "", NoticeVerb.SHOW, "通1123-01", ""),
        ("撤回通知 通1123-01 时间有误", "", NoticeVerb.RECALL, "通1123-01", "时间有误"),
        ("撤销通知", "", NoticeVerb.RECALL, None, ""),
        ("撤回", QUOTE, NoticeVerb.RECALL, "通1123-02", ""),
        ("同意 通1123-01", "", NoticeVerb.AGREE, "通1123-01", ""),
        ("通1123-01 同意", "", NoticeVerb.AGREE, "通1123-01", ""),
        ("不同意通1123-01，时间有误", "", NoticeVerb.DISAGREE, "通1123-01", "时间有误"),
        ("确认居民 通1123-01", "", NoticeVerb.CONFIRM, "通1123-01", ""),
        ("收到", "", NoticeVerb.RECEIVED, None, ""),
        ("好的，收到！", "", NoticeVerb.RECEIVED, None, ""),
        ("收到", QUOTE, NoticeVerb.RECEIVED, "通1123-02", ""),
        ("收到，马上办", QUOTE, NoticeVerb.RECEIVED, "通1123-02", "马上办"),
        ("完成 通1123-01 已排查12户", "", NoticeVerb.DONE, "通1123-01", "已排查12户"),
        ("已完成 12户", QUOTE, NoticeVerb.DONE, "通1123-02", "12户"),
        ("解除 通1123-01 降雪结束", "", NoticeVerb.END, "通1123-01", "降雪结束"),
        ("调整 通1123-01 红色", "", NoticeVerb.LEVEL, "通1123-01", "红色"),
        ("修改 通1123-01 标题 新", "", NoticeVerb.EDIT, "通1123-01", "标题 新"),
        ("定时 通1123-01 明天8点", "", NoticeVerb.TIMED, "通1123-01", "明天8点"),
        ("取消通１１２３－０１", "", NoticeVerb.CANCEL, "通1123-01", ""),
    ],
)
def test_lines_about_notices(text: str, quote: str, verb: NoticeVerb, number: str | None, rest: str) -> None:
    command = parse_notice_command(text, quote)
    assert command is not None
    assert (command.verb, command.number, command.rest) == (verb, number, rest)


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("收到", "【工单 1123-08】下水道堵了"),
        ("收到，接单 1123-08", ""),
        ("完成", ""),
        ("完成 已疏通", ""),
        ("同意 张三", ""),
        ("取消", ""),
        ("提交", ""),
        ("通知书已送达居民", ""),
        ("已通知居民", ""),
        ("接单", QUOTE),
        ("线索 通1123-01 在市场见过", ""),
        ("报名 通1123-01 张三 2人", ""),
        ("", ""),
        ("通1399-01", ""),
        *((example, "") for example in EXAMPLES.values()),
    ],
)
def test_lines_about_something_else(text: str, quote: str) -> None:
    assert parse_notice_command(text, quote) is None


def test_a_notices_number_is_no_cases() -> None:
    assert find_numbers("【任务 通1123-08】请排查") == []
    command = parse_command("接单", QUOTE)
    assert command is not None
    assert (command.verb, command.number) == (Verb.ACCEPT, None)


@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_that_is_typed_breaks_it(text: str, quote: str) -> None:
    parse_notice_command(text, quote)


def test_settings_become_rules() -> None:
    rules = NoticeLawSettings.model_validate(
        {"approvals": {"task": 1}, "remind_hours": {"warning": 0}, "draft_minutes": 5}
    ).make_rules()
    assert rules.count_approvals(NoticeKind.TASK) == 1
    assert rules.remind_after(NoticeKind.WARNING) is None
    assert rules.draft_for.total_seconds() == 300


@pytest.mark.parametrize(
    "section",
    [
        {"approvals": {"suspect": 1}},
        {"approvals": {"task": 3}},
        {"approvals": {"party": 1}},
        {"remind_hours": {"task": -1}},
    ],
)
def test_settings_that_are_refused(section: dict[str, dict[str, float]]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        NoticeLawSettings.model_validate(section)
