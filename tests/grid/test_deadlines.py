"""The two moments that are promised when a case opens."""

import tomllib
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from grid.calendar import WorkCalendar
from grid.deadlines import DEFAULT_PACES, DeadlineFaults, Deadlines, parse_deadlines
from grid.holidays import built_in_days
from nlp.reading import Category, Urgency

ZONE = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkCalendar(built_in_days(), ZONE)
MONDAY = datetime(2026, 11, 23, 8, 30, tzinfo=ZONE)


def local(moment: datetime) -> str:
    return moment.astimezone(ZONE).strftime("%m-%d %H:%M")


def test_the_worked_example() -> None:
    promise = Deadlines().promise(Category.URBAN_PROPERTY, Urgency.NORMAL, MONDAY, CALENDAR)
    assert local(promise.accept.at) == "11-23 10:30"
    assert local(promise.resolve.at) == "11-26 17:00"
    assert not promise.provisional


@pytest.mark.parametrize(
    ("urgency", "accept", "resolve"),
    [
        (Urgency.NORMAL, "11-30 10:30", "12-02 17:00"),
        (Urgency.URGENT, "11-28 23:30", "11-29 23:00"),
        (Urgency.EMERGENCY, "11-28 23:10", "11-29 03:00"),
    ],
)
def test_defaults_on_a_saturday_night(urgency: Urgency, accept: str, resolve: str) -> None:
    saturday = datetime(2026, 11, 28, 23, 0, tzinfo=ZONE)
    promise = Deadlines().promise(None, urgency, saturday, CALENDAR)
    assert (local(promise.accept.at), local(promise.resolve.at)) == (accept, resolve)


def test_a_promise_into_an_unannounced_year_is_provisional() -> None:
    late = datetime(2026, 12, 30, 9, 0, tzinfo=ZONE)
    promise = Deadlines().promise(Category.DISPUTE, Urgency.NORMAL, late, CALENDAR)
    assert (promise.accept.provisional, promise.resolve.provisional, promise.provisional) == (False, True, True)


def test_nobody_may_accept_later_than_he_must_have_finished() -> None:
    deadlines = parse_deadlines({"dispute.normal.resolve": "1h"})
    promise = deadlines.promise(Category.DISPUTE, Urgency.NORMAL, MONDAY, CALENDAR)
    assert promise.accept == promise.resolve


def test_settings_with_nested_and_quoted_keys() -> None:
    section = tomllib.loads(
        'urban_property.normal.resolve = "5wd"\n"dispute.urgent.accept" = "1h"\nall.normal.accept = "4wh"'
    )
    deadlines = parse_deadlines(section)
    urban = deadlines.pace(Category.URBAN_PROPERTY, Urgency.NORMAL)
    assert (str(urban.accept), str(urban.resolve)) == ("4wh", "5wd")
    assert str(deadlines.pace(Category.DISPUTE, Urgency.URGENT).accept) == "1h"
    assert deadlines.pace(Category.LIVELIHOOD, Urgency.EMERGENCY) == DEFAULT_PACES[Urgency.EMERGENCY]
    assert str(deadlines.pace(Category.LIVELIHOOD, Urgency.NORMAL).accept) == "4wh"


def test_a_category_of_its_own_wins_over_all() -> None:
    section = {"dispute.normal.resolve": "10wd", "all.normal.resolve": "4wd"}
    for settings in (section, dict(reversed(section.items()))):
        deadlines = parse_deadlines(settings)
        assert str(deadlines.pace(Category.DISPUTE, Urgency.NORMAL).resolve) == "10wd"
        assert str(deadlines.pace(Category.LIVELIHOOD, Urgency.NORMAL).resolve) == "4wd"


def test_all_faults_are_listed_together() -> None:
    section = {
        "dispute.normal.resolve": "soon",
        "dispute.normal.close": "3wd",
        "gardening.normal.resolve": "3wd",
        "dispute.whenever.resolve": "3wd",
        "dispute.resolve": "3wd",
        "livelihood.normal.resolve": 3,
        "livelihood.urgent.resolve": "9999d",
    }
    with pytest.raises(DeadlineFaults) as caught:
        parse_deadlines(section)
    assert len(caught.value.faults) == len(section)
    assert all(key in line for key, line in zip(section, caught.value.faults, strict=True))
