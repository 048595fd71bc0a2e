"""The two moments that are promised when a case opens."""

import tomllib
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from grid.calendar import WorkCalendar
from grid.clocks import WorkClocks
from grid.deadlines import DEFAULT_PACES, STAGES, DeadlineFaults, Deadlines, parse_deadlines
from grid.holidays import built_in_days
from nlp.reading import Category, Urgency
from tests.grid.town import make_city
from tests.handlers.worker.city import GRID1, GRID3, STREET

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


def test_the_two_answers_of_the_prosecutors_station() -> None:
    section = tomllib.loads('all.normal.answer = "7d"\nall.normal.reply = "3mo"\nall.normal.check = "2wd"')
    pace = parse_deadlines(section).pace(Category.DISPUTE, Urgency.NORMAL)
    assert [str(pace.limit(stage)) for stage in STAGES] == ["2wh", "7d", "3wd", "2wd", "3mo"]
    begun = MONDAY
    assert local(CALENDAR.due(begun, pace.answer).at) == "11-30 17:00"
    assert local(CALENDAR.due(begun, pace.reply).at) == "02-23 17:00"


def test_an_areas_own_times_win_and_the_nearest_area_first() -> None:
    section = tomllib.loads(
        'all.normal.accept = "4wh"\n[areas."2308"]\nall.normal.resolve = "5wd"\n'
        '[areas."2308.07-x"]\nall.normal.resolve = "2wd"\ndispute.normal.resolve = "9wd"'
    )
    deadlines = parse_deadlines(section)
    near, far, elsewhere = ("grid", "2308.07-x", "2308"), ("other", "2308"), ("9999",)
    kinds = (Category.DISPUTE, Category.LIVELIHOOD, None)
    found = {
        chain: [str(deadlines.pace(kind, Urgency.NORMAL, chain).resolve) for kind in kinds]
        for chain in (near, far, elsewhere)
    }
    assert found == {near: ["9wd", "2wd", "2wd"], far: ["5wd"] * 3, elsewhere: ["3wd"] * 3}
    assert str(deadlines.pace(Category.DISPUTE, Urgency.NORMAL, near).accept) == "4wh"
    assert str(deadlines.pace(Category.DISPUTE, Urgency.URGENT, near).resolve) == "24h"


@pytest.mark.parametrize("key", ["areas.accept", 'areas."2308".accept', 'areas."2308".gardening.normal.accept'])
def test_faults_of_an_areas_section_name_their_key(key: str) -> None:
    with pytest.raises(DeadlineFaults) as caught:
        parse_deadlines(tomllib.loads(f'{key} = "3wd"'))
    assert key.replace('"', "") in caught.value.faults[0]


@pytest.mark.parametrize(
    ("hours", "at", "due"),
    [
        ("9:00-12:00,14:00-18:00", "11:00", "11-23 15:00"),
        ("8:30-12:00，13:00-17:00", "07:00", "11-23 10:30"),
        ("08:00至20:00", "07:00", "11-23 10:00"),
        ("0:00-24:00", "00:30", "11-23 02:30"),
        # What names no hours, or none that make a day, is for people to read: the usual ones count.
        ("每天 08:00–20:00", "07:00", "11-23 10:30"),
        ("12:00-8:00", "07:00", "11-23 10:30"),
        ("", "07:00", "11-23 10:30"),
    ],
)
def test_an_areas_service_hours_count(hours: str, at: str, due: str) -> None:
    city = make_city()
    areas = {**city.areas, STREET: replace(city.areas[STREET], service_hours=hours)}
    clocks = WorkClocks(Deadlines(), CALENDAR, areas)
    opened = datetime.fromisoformat(f"2026-11-23T{at}").replace(tzinfo=ZONE)
    assert local(clocks.promise("dispute", "normal", opened, GRID3).accept) == due
    assert local(clocks.promise("dispute", "normal", MONDAY, "9999").accept) == "11-23 10:30"


def test_the_nearest_area_with_hours_is_asked() -> None:
    city = make_city()
    areas = {
        **city.areas,
        STREET: replace(city.areas[STREET], service_hours="9:00-17:00"),
        GRID3: replace(city.areas[GRID3], service_hours="10:00-16:00"),
    }
    clocks = WorkClocks(Deadlines(), CALENDAR, areas)
    accepts = [clocks.promise("", "normal", MONDAY, area).accept for area in (GRID3, GRID1)]
    assert [local(at) for at in accepts] == ["11-23 12:00", "11-23 11:00"]


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
