"""Date words against a Monday, 2026-11-23 09:00 in China."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid.notices.dates import find_bad_day, find_period, find_when

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("明天8点", "2026-11-24T08:00"),
        ("11月26日17:00前", "2026-11-26T17:00"),
        ("下周一", "2026-11-30T00:00"),
        ("周一", "2026-11-23T00:00"),
        ("周五下午三点半", "2026-11-27T15:30"),
        ("本周日24点", "2026-11-30T00:00"),
        ("下下周三10点", "2026-12-09T10:00"),
        ("后天", "2026-11-25T00:00"),
        ("大后天晚上七点", "2026-11-26T19:00"),
        ("今晚8点", "2026-11-23T20:00"),
        ("中午12点", "2026-11-23T12:00"),
        ("中午1点", "2026-11-23T13:00"),
        ("明天上午9点一刻", "2026-11-24T09:15"),
        ("2026-12-01 09:30", "2026-12-01T09:30"),
        ("2026年11月26日17时30分", "2026-11-26T17:30"),
        ("3小时后", "2026-11-23T12:00"),
        ("半小时后", "2026-11-23T09:30"),
        ("3天后", "2026-11-26T00:00"),
        ("月底", "2026-11-30T00:00"),
        ("1月3日", "2027-01-03T00:00"),
        ("11月20日", "2026-11-20T00:00"),
        ("昨天8点", "2026-11-22T08:00"),
        ("请于明天8点到广场集合", "2026-11-24T08:00"),
        ("17:00", "2026-11-23T17:00"),
    ],
)
def test_moments(text: str, expected: str) -> None:
    found = find_when(text, NOW)
    assert found is not None
    assert found.at.isoformat(timespec="minutes") == f"{expected}+08:00"


@pytest.mark.parametrize(
    "text", ["", "检修", "3-5号楼", "提出3点建议", "2月30日8点", "13月1日", "12号楼", "第3网格", "25:00"]
)
def test_what_is_no_moment(text: str) -> None:
    assert find_when(text, NOW) is None


@pytest.mark.parametrize(
    ("text", "begins", "ends"),
    [
        ("明天8点到17点", "2026-11-24T08:00", "2026-11-24T17:00"),
        ("明天8:00-17:00", "2026-11-24T08:00", "2026-11-24T17:00"),
        ("11月24日8时至18时", "2026-11-24T08:00", "2026-11-24T18:00"),
        ("今晚8点到10点", "2026-11-23T20:00", "2026-11-23T22:00"),
        ("晚上10点到6点", "2026-11-23T22:00", "2026-11-24T06:00"),
        ("22点到次日6点", "2026-11-23T22:00", "2026-11-24T06:00"),
        ("下午2点到4点半", "2026-11-23T14:00", "2026-11-23T16:30"),
        ("明天8点到5点", "2026-11-24T08:00", "2026-11-24T17:00"),
        ("明天到后天", "2026-11-24T00:00", "2026-11-25T23:59"),
        ("2026-12-01 09:30至2026-12-02", "2026-12-01T09:30", "2026-12-02T23:59"),
    ],
)
def test_periods(text: str, begins: str, ends: str) -> None:
    found = find_period(text, NOW)
    assert found is not None
    shown = (found.begins.isoformat(timespec="minutes"), found.ends.isoformat(timespec="minutes"))
    assert shown == (f"{begins}+08:00", f"{ends}+08:00")
    assert (found.start, found.end) == (0, len(text))


@pytest.mark.parametrize("text", ["明天8点", "明天8点到社区广场", "到17点", ""])
def test_what_is_no_period(text: str) -> None:
    assert find_period(text, NOW) is None


def test_a_day_that_does_not_exist() -> None:
    assert find_bad_day("2月30日8点到17点", NOW) == "2月30日"
    assert find_bad_day("2月28日8点到17点", NOW) is None


@given(st.text(alphabet="今明后天下周一二三日月年点时半刻:：-到至0123456789上午晚 ，号楼", max_size=30))
def test_nothing_that_is_typed_breaks_it(text: str) -> None:
    found = find_when(text, NOW)
    assert found is None or (0 <= found.start < found.end <= len(text) and found.at.tzinfo is not None)
    period = find_period(text, NOW)
    assert period is None or period.end <= len(text)
