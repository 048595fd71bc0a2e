"""When limits run out. Every expected moment was counted by hand on the 2026 notice (国办 2025-11-04)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid.calendar import Day, WorkCalendar, due_line
from grid.holidays import built_in_days
from grid.limits import DueError, Limit, LimitError, LimitUnit, MomentError, parse_limit
from grid.statutory import statutory_days

ZONE = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkCalendar(built_in_days(), ZONE)

SURE = [
    # Working hours: lunch from 12:00 to 13:00, closed from 17:00 to 8:30.
    ("2026-11-23T08:30", "2wh", "2026-11-23T10:30"),
    ("2026-11-23T08:00", "2wh", "2026-11-23T10:30"),
    ("2026-11-23T10:59", "2wh", "2026-11-23T13:59"),
    ("2026-11-23T11:00", "1wh", "2026-11-23T12:00"),
    ("2026-11-23T11:30", "1wh", "2026-11-23T13:30"),
    ("2026-11-23T12:00", "1wh", "2026-11-23T14:00"),
    ("2026-11-23T12:30", "1wh", "2026-11-23T14:00"),
    ("2026-11-23T13:00", "4wh", "2026-11-23T17:00"),
    ("2026-11-23T13:01", "4wh", "2026-11-24T08:31"),
    ("2026-11-23T16:30", "1wh", "2026-11-24T09:00"),
    ("2026-11-23T17:00", "1wh", "2026-11-24T09:30"),
    ("2026-11-23T17:59", "2wh", "2026-11-24T10:30"),
    ("2026-11-27T16:00", "2wh", "2026-11-30T09:30"),
    ("2026-11-28T10:00", "2wh", "2026-11-30T10:30"),
    ("2026-11-23T08:30", "8wh", "2026-11-24T09:00"),
    ("2026-11-23T08:30", "15wh", "2026-11-24T17:00"),
    ("2026-11-23T08:30", "16wh", "2026-11-25T09:30"),
    # Working days: the day of opening does not count, however early or late.
    ("2026-11-23T00:00", "3wd", "2026-11-26T17:00"),
    ("2026-11-23T08:30", "3wd", "2026-11-26T17:00"),
    ("2026-11-23T17:59", "3wd", "2026-11-26T17:00"),
    ("2026-11-23T23:59", "1wd", "2026-11-24T17:00"),
    ("2026-11-27T09:00", "1wd", "2026-11-30T17:00"),
    ("2026-11-28T09:00", "1wd", "2026-11-30T17:00"),
    ("2026-11-29T09:00", "1wd", "2026-11-30T17:00"),
    ("2026-11-23T09:00", "5wd", "2026-11-30T17:00"),
    ("2026-11-23T09:00", "15wd", "2026-12-14T17:00"),
    # 元旦: 1.1–3 off, Sunday 1.4 worked.
    ("2025-12-31T10:00", "1wd", "2026-01-04T17:00"),
    ("2026-01-02T10:00", "1wd", "2026-01-04T17:00"),
    ("2026-01-03T10:00", "2wd", "2026-01-05T17:00"),
    ("2026-01-02T10:00", "2wh", "2026-01-04T10:30"),
    # 春节: 2.15–23 off, Saturdays 2.14 and 2.28 worked.
    ("2026-02-13T09:00", "1wd", "2026-02-14T17:00"),
    ("2026-02-13T09:00", "2wd", "2026-02-24T17:00"),
    ("2026-02-13T17:59", "3wd", "2026-02-25T17:00"),
    ("2026-02-14T16:00", "2wh", "2026-02-24T09:30"),
    ("2026-02-14T09:00", "1wd", "2026-02-24T17:00"),
    ("2026-02-20T10:00", "1wh", "2026-02-24T09:30"),
    ("2026-02-27T09:00", "1wd", "2026-02-28T17:00"),
    ("2026-02-27T09:00", "2wd", "2026-03-02T17:00"),
    ("2026-02-28T10:00", "1wh", "2026-02-28T11:00"),
    ("2026-03-01T10:00", "1wd", "2026-03-02T17:00"),
    # 清明: 4.4–6 off.
    ("2026-04-03T09:00", "1wd", "2026-04-07T17:00"),
    ("2026-04-03T16:30", "1wh", "2026-04-07T09:00"),
    # 劳动节: 5.1–5 off, Saturday 5.9 worked.
    ("2026-04-30T09:00", "1wd", "2026-05-06T17:00"),
    ("2026-04-30T09:00", "4wd", "2026-05-09T17:00"),
    ("2026-05-08T09:00", "1wd", "2026-05-09T17:00"),
    ("2026-05-09T14:00", "2wh", "2026-05-09T16:00"),
    ("2026-05-09T09:00", "1wd", "2026-05-11T17:00"),
    # 端午: 6.19–21 off.
    ("2026-06-18T09:00", "1wd", "2026-06-22T17:00"),
    ("2026-06-18T16:00", "2wh", "2026-06-22T09:30"),
    # 中秋: 9.25–27 off. 国庆: 10.1–7 off, Sunday 9.20 and Saturday 10.10 worked.
    ("2026-09-18T09:00", "1wd", "2026-09-20T17:00"),
    ("2026-09-18T09:00", "2wd", "2026-09-21T17:00"),
    ("2026-09-20T09:00", "1wh", "2026-09-20T10:00"),
    ("2026-09-24T09:00", "1wd", "2026-09-28T17:00"),
    ("2026-09-30T09:00", "1wd", "2026-10-08T17:00"),
    ("2026-09-30T09:00", "3wd", "2026-10-10T17:00"),
    ("2026-09-30T09:00", "4wd", "2026-10-12T17:00"),
    ("2026-10-09T09:00", "1wd", "2026-10-10T17:00"),
    ("2026-10-10T16:59", "1wh", "2026-10-12T09:29"),
    # Calendar days: that date, or the next working day.
    ("2026-11-23T09:00", "7d", "2026-11-30T17:00"),
    ("2026-11-23T09:00", "5d", "2026-11-30T17:00"),
    ("2026-11-23T17:59", "1d", "2026-11-24T17:00"),
    ("2026-02-12T09:00", "2d", "2026-02-14T17:00"),
    ("2026-02-13T09:00", "2d", "2026-02-24T17:00"),
    ("2026-09-24T09:00", "10d", "2026-10-08T17:00"),
    ("2026-10-03T09:00", "7d", "2026-10-10T17:00"),
    ("2026-10-04T09:00", "7d", "2026-10-12T17:00"),
    ("2026-12-24T09:00", "7d", "2026-12-31T17:00"),
    # Months: clamped at the month's end, then the same.
    ("2026-01-31T09:00", "1mo", "2026-02-28T17:00"),
    ("2026-01-15T09:00", "1mo", "2026-02-24T17:00"),
    ("2026-03-31T09:00", "1mo", "2026-04-30T17:00"),
    ("2026-05-31T09:00", "1mo", "2026-06-30T17:00"),
    ("2026-08-20T09:00", "1mo", "2026-09-20T17:00"),
    ("2026-08-31T09:00", "1mo", "2026-09-30T17:00"),
    ("2026-07-01T09:00", "3mo", "2026-10-08T17:00"),
    ("2026-02-05T09:00", "3mo", "2026-05-06T17:00"),
    ("2026-03-21T09:00", "3mo", "2026-06-22T17:00"),
    # On the clock: neither nights nor holidays stop it.
    ("2026-11-27T23:50", "30m", "2026-11-28T00:20"),
    ("2026-02-13T20:00", "24h", "2026-02-14T20:00"),
    ("2026-02-28T23:00", "2h", "2026-03-01T01:00"),
    ("2026-10-01T02:00", "90m", "2026-10-01T03:30"),
    # Given in another zone: the local date counts.
    ("2026-11-23T00:30Z", "2wh", "2026-11-23T10:30"),
    ("2026-11-22T17:00Z", "1wd", "2026-11-24T17:00"),
    ("2026-12-30T09:00", "1wd", "2026-12-31T17:00"),
]
PROVISIONAL = [
    ("2026-12-31T09:00", "1wd", "2027-01-04T17:00"),
    ("2026-12-11T09:00", "15wd", "2027-01-04T17:00"),
    ("2026-12-31T16:30", "1wh", "2027-01-04T09:00"),
    ("2026-12-25T09:00", "7d", "2027-01-04T17:00"),
    ("2026-11-30T09:00", "3mo", "2027-03-01T17:00"),
    ("2027-02-04T09:00", "1wd", "2027-02-09T17:00"),  # 除夕 on Friday 2.5, 初三 on Monday 2.8
    ("2027-09-30T09:00", "1wd", "2027-10-04T17:00"),
    ("2028-01-31T09:00", "1mo", "2028-02-29T17:00"),
]


@pytest.mark.parametrize(("at", "limit", "due"), SURE)
def test_due_within_the_notice(at: str, limit: str, due: str) -> None:
    assert due_line(at, limit, CALENDAR) == {"due": f"{due}:00+08:00", "provisional": False}


@pytest.mark.parametrize(("at", "limit", "due"), PROVISIONAL)
def test_due_beyond_the_notice_is_provisional_and_never_fails(at: str, limit: str, due: str) -> None:
    assert due_line(at, limit, CALENDAR) == {"due": f"{due}:00+08:00", "provisional": True}


def test_due_is_aware_utc() -> None:
    due = CALENDAR.due(datetime(2026, 11, 23, 8, 30, tzinfo=ZONE), parse_limit("2wh"))
    assert due.at == datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
    assert due.at.tzinfo is UTC


def test_every_day_of_the_2026_notice() -> None:
    worked = {"2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"}
    days = built_in_days()
    assert {on.isoformat() for on, day in days.items() if day.works} == worked
    assert len(days) - len(worked) == 3 + 9 + 3 + 5 + 3 + 3 + 7
    assert all(day.name and day.note == "国办发明电 2025-11-04" for day in days.values())
    assert all(not days[on].works for on in statutory_days(2026))
    assert sum(CALENDAR.is_working(date(2026, 1, 1) + timedelta(days=offset)) for offset in range(365)) == 248


def test_a_notice_that_is_loaded_later_makes_the_year_sure() -> None:
    made = {date(2027, 10, day): Day(False, "国庆节") for day in range(1, 8)} | {
        date(2027, 10, 9): Day(True, "国庆节调休")
    }
    calendar = WorkCalendar(built_in_days() | made, ZONE)
    assert due_line("2027-09-30T09:00", "1wd", calendar) == {"due": "2027-10-08T17:00:00+08:00", "provisional": False}
    assert due_line("2027-10-08T09:00", "1wd", calendar) == {"due": "2027-10-09T17:00:00+08:00", "provisional": False}


@pytest.mark.parametrize("local", [Day(False, "停电"), Day(True, "加班")])
def test_a_single_local_day_announces_no_year(local: Day) -> None:
    calendar = WorkCalendar(built_in_days() | {date(2027, 3, 10): local}, ZONE)
    assert calendar.is_provisional(date(2027, 3, 10))
    assert calendar.is_working(date(2027, 3, 10)) is local.works


def test_statutory_days_hold_where_a_notice_forgot_them() -> None:
    calendar = WorkCalendar({date(2027, 5, 1): Day(False, "劳动节")}, ZONE)
    assert not calendar.is_provisional(date(2027, 10, 1))
    assert not calendar.is_working(date(2027, 10, 1))


def test_own_working_hours() -> None:
    calendar = WorkCalendar(built_in_days(), ZONE, ((time(8, 0), time(11, 30)), (time(13, 30), time(17, 30))))
    assert due_line("2026-11-23T11:00", "1wh", calendar)["due"] == "2026-11-23T14:00:00+08:00"
    assert due_line("2026-11-23T11:00", "1wd", calendar)["due"] == "2026-11-24T17:30:00+08:00"


@pytest.mark.parametrize("hours", [(), ((time(9), time(8)),), ((time(8), time(12)), (time(11), time(17)))])
def test_hours_that_make_no_day_are_refused(hours: tuple[tuple[time, time], ...]) -> None:
    with pytest.raises(ValueError, match="工作时段"):
        WorkCalendar({}, ZONE, hours)


def test_a_calendar_without_working_days_ends_with_a_sentence() -> None:
    never = {date(2026, 1, 1) + timedelta(days=offset): Day(False) for offset in range(366 * 13)}
    for limit in ("1wh", "1wd", "1d"):
        with pytest.raises(DueError, match="工作日"):
            due_line("2026-11-23T09:00", limit, WorkCalendar(never, ZONE))


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("90m", "90m"),
        (" 2H ", "2h"),
        ("3 wd", "3wd"),
        ("3wd", "3wd"),
        ("3个工作日", "3wd"),
        ("2天", "2d"),
        ("4小时", "4h"),
        ("30分钟", "30m"),
        ("1个月", "1mo"),
    ],
)
def test_limits_that_can_be_read(text: str, limit: str) -> None:
    assert str(parse_limit(text)) == limit


@pytest.mark.parametrize("text", ["", "wd", "3", "3x", "-3d", "1.5h", "0wd", "3wd4h", "99999999999d", "三天", "3 w d"])
def test_limits_that_cannot_be_read(text: str) -> None:
    with pytest.raises(LimitError, match="时限"):
        parse_limit(text)


@pytest.mark.parametrize("text", ["3654d", "121mo", "2501wd", "18751wh", "87673h", "5260321m"])
def test_more_than_ten_years_is_refused(text: str) -> None:
    with pytest.raises(LimitError, match="超过十年"):
        parse_limit(text)


@pytest.mark.parametrize("text", ["3653d", "120mo", "2500wd", "18750wh", "87672h", "5260320m"])
def test_ten_years_are_still_counted(text: str) -> None:
    assert due_line("2026-11-23T08:30", text, CALENDAR)["due"] > "2036-01-01"


@pytest.mark.parametrize("text", ["", "明天", "2026-13-01", "2026-11-23T25:00", "9999-12-31T23:59", "0001-01-01T00:00"])
def test_moments_that_cannot_be_read(text: str) -> None:
    with pytest.raises(MomentError, match=r"时间"):
        due_line(text, "3wd", CALENDAR)


def test_a_naive_moment_is_refused_by_the_rule_itself() -> None:
    with pytest.raises(MomentError, match="时区"):
        CALENDAR.due(datetime(2026, 11, 23), Limit(1, LimitUnit.HOUR))  # noqa: DTZ001 -- that is the point


@pytest.mark.parametrize("year", range(2025, 2041))
def test_thirteen_statutory_days_each_year(year: int) -> None:
    days = statutory_days(year)
    # In these years 中秋 falls on one of the National Days, so there is one date fewer.
    assert len(days) == (12 if year in (2028, 2031, 2039) else 13)


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(ZONE))  # noqa: DTZ001 -- bounds are naive by contract
LIMITS = st.builds(Limit, st.integers(1, 60), st.sampled_from(LimitUnit))


@given(MOMENTS, LIMITS, st.timedeltas(timedelta(), timedelta(days=5)))
def test_later_openings_are_never_due_earlier(at: datetime, limit: Limit, later: timedelta) -> None:
    assert CALENDAR.due(at, limit).at <= CALENDAR.due(at + later, limit).at


@given(MOMENTS, LIMITS)
def test_due_lies_ahead_and_in_working_time(at: datetime, limit: Limit) -> None:
    due = CALENDAR.due(at, limit).at.astimezone(ZONE)
    assert due > at
    if limit.unit not in (LimitUnit.MINUTE, LimitUnit.HOUR):
        assert CALENDAR.is_working(due.date())
        assert any(start < due.time() <= end for start, end in CALENDAR.hours)
