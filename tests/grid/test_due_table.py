"""Due dates and the moments between, each counted by hand on the 2026 notice (国办 2025-11-04), with a calendar page beside it.

Off: 1.1–3, 2.15–23, 4.4–6, 5.1–5, 6.19–21, 9.25–27, 10.1–7. Worked besides: Sunday 1.4, Saturdays 2.14, 2.28, 5.9, Sunday 9.20,
Saturday 10.10. Hours 8:30–12:00 and 13:00–17:00, seven and a half a day.
"""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid.calendar import WorkCalendar, due_line
from grid.clocks import WorkClocks
from grid.deadlines import Deadlines
from grid.holidays import built_in_days
from grid.stages import StageClock

ZONE = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkCalendar(built_in_days(), ZONE)
CLOCKS = WorkClocks(Deadlines(), CALENDAR)


def local(text: str) -> datetime:
    """`11-23T10:30` of 2026, in China, as aware UTC."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=ZONE).astimezone(UTC)


DUE = [
    # Sunday 1.4, after three days off.
    ("01-04T08:30", "4wh", "01-04T13:30"),
    ("01-04T17:59", "1wh", "01-05T09:30"),
    ("01-03T12:00", "1wd", "01-04T17:00"),
    ("01-04T09:00", "5wd", "01-09T17:00"),
    ("01-01T00:00", "3d", "01-04T17:00"),
    ("01-01T09:00", "2d", "01-04T17:00"),
    # Saturday 2.14, before nine days off.
    ("02-13T16:30", "1wh", "02-14T09:00"),
    ("02-14T11:30", "1wh", "02-14T13:30"),
    ("02-14T16:59", "1wh", "02-24T09:29"),
    ("02-14T17:59", "2wh", "02-24T10:30"),
    ("02-14T12:30", "8wh", "02-24T13:30"),
    ("02-14T09:00", "3wd", "02-26T17:00"),
    ("02-11T09:00", "5wd", "02-25T17:00"),
    ("02-14T10:00", "7d", "02-24T17:00"),
    ("02-07T10:00", "7d", "02-14T17:00"),
    # Saturday 2.28, after them.
    ("02-28T17:59", "1wh", "03-02T09:30"),
    ("02-28T09:00", "1wd", "03-02T17:00"),
    ("02-27T16:00", "8wh", "02-28T16:30"),
    ("02-21T10:00", "7d", "02-28T17:00"),
    ("02-25T09:00", "3wd", "02-28T17:00"),
    ("01-28T09:00", "1mo", "02-28T17:00"),
    # Saturday 5.9, after five days off.
    ("04-30T17:59", "1wh", "05-06T09:30"),
    ("04-30T14:00", "4wh", "05-06T09:30"),
    ("05-06T09:00", "3wd", "05-09T17:00"),
    ("05-08T17:59", "2wh", "05-09T10:30"),
    ("05-09T12:15", "1wh", "05-09T14:00"),
    ("05-09T16:30", "1wh", "05-11T09:00"),
    ("05-02T09:00", "7d", "05-09T17:00"),
    ("05-03T09:00", "7d", "05-11T17:00"),
    ("04-09T09:00", "1mo", "05-09T17:00"),
    # Sunday 9.20, before 中秋.
    ("09-19T10:00", "2wh", "09-20T10:30"),
    ("09-20T13:00", "4wh", "09-20T17:00"),
    ("09-20T17:59", "1wh", "09-21T09:30"),
    ("09-17T09:00", "3wd", "09-21T17:00"),
    ("09-13T09:00", "7d", "09-20T17:00"),
    ("09-19T09:00", "1d", "09-20T17:00"),
    ("09-24T17:59", "1wh", "09-28T09:30"),
    ("09-24T16:00", "2wh", "09-28T09:30"),
    # Saturday 10.10, after National Day.
    ("09-30T17:59", "2wh", "10-08T10:30"),
    ("09-30T11:00", "8wh", "10-08T11:30"),
    ("10-07T09:00", "3wd", "10-10T17:00"),
    ("10-09T17:59", "1wh", "10-10T09:30"),
    ("10-10T12:59", "1wh", "10-10T14:00"),
    ("10-10T17:00", "1wh", "10-12T09:30"),
    ("10-10T09:00", "7d", "10-19T17:00"),
    ("09-10T09:00", "1mo", "10-10T17:00"),
    ("07-10T09:00", "3mo", "10-10T17:00"),
    # 清明 and 端午, which have no day to make up for.
    ("04-03T17:59", "1wd", "04-07T17:00"),
    ("04-04T09:00", "2wh", "04-07T10:30"),
    ("03-28T09:00", "7d", "04-07T17:00"),
    ("06-18T17:59", "2wh", "06-22T10:30"),
    ("06-12T09:00", "7d", "06-22T17:00"),
    # Lunch.
    ("11-23T11:59", "1wh", "11-23T13:59"),
    ("11-23T12:59", "1wh", "11-23T14:00"),
    ("11-23T08:30", "3wh", "11-23T11:30"),
    ("11-23T08:30", "4wh", "11-23T13:30"),
    ("11-23T08:29", "4wh", "11-23T13:30"),
    # Told at 17:59.
    ("11-23T17:59", "1wh", "11-24T09:30"),
    ("11-27T17:59", "2wh", "11-30T10:30"),
    ("11-27T17:59", "1wd", "11-30T17:00"),
    ("11-27T17:59", "3wd", "12-02T17:00"),
    ("11-27T17:59", "1d", "11-30T17:00"),
    ("11-27T17:59", "24h", "11-28T17:59"),
    # Ends of months.
    ("01-30T17:59", "1mo", "02-28T17:00"),
    ("04-30T09:00", "1mo", "06-01T17:00"),
    ("05-31T09:00", "3mo", "08-31T17:00"),
    ("06-30T17:59", "3mo", "09-30T17:00"),
    ("08-31T12:00", "1mo", "09-30T17:00"),
    ("10-31T09:00", "1mo", "11-30T17:00"),
    ("11-30T09:00", "1mo", "12-30T17:00"),
]
# A clock from, due, by a limit; how much of it; when.
SHARES = [
    ("11-23T09:00", "11-23T11:00", "2wh", 0.8, "11-23T10:36"),
    ("11-23T09:00", "11-23T11:00", "2wh", 2.0, "11-23T14:00"),
    ("11-23T16:30", "11-24T10:00", "2wh", 0.8, "11-24T09:36"),
    ("11-23T08:30", "11-24T17:00", "1wd", 0.5, "11-23T17:00"),
    ("11-23T08:30", "11-26T17:00", "3wd", 0.8, "11-26T10:00"),
    ("11-23T08:30", "11-26T17:00", "3wd", 2.0, "12-02T17:00"),
    ("11-23T17:59", "11-24T17:00", "1wd", 0.8, "11-24T15:30"),
    ("02-14T08:30", "02-24T17:00", "1wd", 0.8, "02-24T14:00"),
    ("02-13T08:30", "02-24T17:00", "2wd", 2.0, "02-27T17:00"),
    ("04-30T13:00", "05-06T17:00", "1wd", 2.0, "05-08T13:30"),
    ("09-18T13:00", "09-21T12:00", "8wh", 0.5, "09-20T12:00"),
    ("09-30T13:00", "10-08T17:00", "7d", 0.8, "10-08T14:42"),
    ("11-27T22:00", "11-28T22:00", "24h", 0.8, "11-28T17:12"),
    ("11-27T22:00", "11-28T22:00", "24h", 2.0, "11-29T22:00"),
    ("10-01T02:00", "10-01T02:30", "30m", 0.8, "10-01T02:24"),
]


@pytest.mark.parametrize(("at", "limit", "due"), DUE)
def test_due_dates_counted_by_hand(at: str, limit: str, due: str) -> None:
    answer = due_line(f"2026-{at}", limit, CALENDAR)
    assert answer == {"due": f"2026-{due}:00+08:00", "provisional": False}


def test_the_table_is_as_long_as_it_should_be() -> None:
    assert len(DUE) == len({row[:2] for row in DUE}) >= 60


@pytest.mark.parametrize(("since", "due", "limit", "times", "at"), SHARES)
def test_moments_between_are_counted_in_the_same_time(since: str, due: str, limit: str, times: float, at: str) -> None:
    clock = StageClock(local(since), local(due), limit)
    assert CLOCKS.share(clock, times) == local(at)


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(ZONE))  # noqa: DTZ001 -- bounds are naive by contract


@given(MOMENTS, MOMENTS)
def test_working_time_never_runs_backwards(one: datetime, other: datetime) -> None:
    first, second = sorted((one, other))
    assert CALENDAR.worked_seconds(first) <= CALENDAR.worked_seconds(second)


@given(MOMENTS, st.integers(1, 3_000_000))
def test_a_span_of_working_time_leads_back_to_itself(since: datetime, seconds: int) -> None:
    begun = CALENDAR.worked_seconds(since)
    at = CALENDAR.moment_after(begun + seconds)
    assert CALENDAR.worked_seconds(at) - begun == seconds
    there = at.astimezone(ZONE)
    assert CALENDAR.is_working(there.date())
    assert any(start < there.time() <= end for start, end in CALENDAR.hours)


def test_before_2020_nothing_is_counted() -> None:
    assert CALENDAR.worked_seconds(datetime(2010, 5, 5, 12, tzinfo=ZONE)) == 0


def test_other_hours_on_the_same_days() -> None:
    short = CALENDAR.with_hours(((time(9), time(12)),))
    assert due_line("2026-02-14T11:00", "2wh", short)["due"] == "2026-02-24T10:00:00+08:00"
    assert CALENDAR.with_hours(CALENDAR.hours) is CALENDAR
