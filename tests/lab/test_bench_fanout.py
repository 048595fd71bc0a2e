"""The fan-out's benchmark and chaos run, small: what they count is what the groups received."""

from dataclasses import replace

import pytest

from bot.cli.fanning import keep_picture, make_picture, time_marks
from lab.bench_fanout import bench_fanout
from lab.fanout_count import judge_group, list_unusual, read_use
from lab.fanout_kill import KillFigures, kill_fanout

PICTURE = make_picture()


def rows(*kinds: str) -> list[dict[str, str]]:
    return [{"msgtype": kind} for kind in kinds]


@pytest.mark.parametrize(
    ("kinds", "is_whole", "times"),
    [
        (("text", "image"), True, 1),
        (("text",), False, 1),
        (("image",), False, 1),
        ((), False, 0),
        (("text", "text", "image"), True, 2),
        (("text", "image", "text", "image"), True, 2),
        (("text", "text"), False, 2),
    ],
)
def test_a_group_is_judged_by_what_it_shows(kinds: tuple[str, ...], is_whole: bool, times: int) -> None:
    assert judge_group(rows(*kinds)) == (is_whole, times)


def test_only_unusual_groups_are_looked_at_closely() -> None:
    books = {"deliveries": {"groups": {"webhook-a": 2, "webhook-b": 3, "webhook-c": 1}}}
    assert list_unusual(books, ["a", "b", "c", "d"]) == ["b", "c", "d"]


def test_a_process_that_is_gone_used_nothing() -> None:
    assert read_use(2**30).cpu_seconds == 0


GOOD = KillFigures(60, 2, 0, 3, 3, 60, 0, 4, 1.0, (2, 1), ())


@pytest.mark.parametrize(
    ("change", "is_good"),
    [
        ({}, True),
        ({"lost": 1}, False),
        ({"repeated": 4}, False),
        ({"in_flight_bound": 65}, False),
        ({"booked": 59}, False),
        ({"busiest_minute": 21}, False),
    ],
)
def test_a_run_is_good_only_when_nobody_went_without(change: dict[str, int], is_good: bool) -> None:
    assert replace(GOOD, **change).is_good is is_good  # type: ignore[arg-type]


async def test_the_benchmark_sends_the_same_to_as_many() -> None:
    figures = await bench_fanout(12, PICTURE, keep_picture, time_marks)
    facts = figures.facts()
    assert {"groups", "ratio_bare_loop", "lost", "repeated", "in_flight_bound"} <= facts.keys()
    assert (figures.groups, figures.lost, figures.repeated, figures.refused) == (12, 0, 0, 0)
    assert figures.ratio_bare_loop > 0
    assert figures.busiest_minute == 2
    assert 0 < figures.watermark_ms < 1000


async def test_two_kills_lose_nothing_and_repeat_only_what_was_in_flight() -> None:
    steps: list[str] = []
    figures = await kill_fanout(60, 2, 3, PICTURE, keep_picture, steps.append, at_once=8, hold_seconds=5.0)
    assert figures.is_good, figures
    assert (figures.kills, figures.booked, figures.lost, len(steps)) == (2, 60, 0, 2)
