"""The rules of delivery that need no archive: order, buckets, windows, merging, verdicts."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.buckets import Bucket, Buckets, Pace
from bot.delivery.merge import count_parts, count_together, merge
from bot.delivery.order import find_next_due, list_due
from bot.delivery.verdict import GiveUp, Judge, Park, Retry, Verdict
from bot.delivery.waiting import Waiting
from bot.ports import Refused, Unreachable
from bot.refusals import Next, Wire, find_refusal
from bot.settings import DeliverySettings
from grid.message import Message
from tests.clock import START


@dataclass(frozen=True)
class Item:
    due_at: datetime
    refusal: str = ""


items = st.lists(
    st.builds(lambda s, r: Item(START + timedelta(seconds=s), r), st.integers(-50, 50), st.sampled_from(["", "x"]))
)


@given(items)
def test_a_target_is_due_exactly_when_something_of_it_may_go(queue: list[Item]) -> None:
    due_at = find_next_due(queue)
    if due_at is None:
        assert queue == []
        return
    assert list_due(queue, due_at) != []
    assert list_due(queue, due_at - timedelta(microseconds=1)) == []


@given(items)
def test_nothing_overtakes_a_message_that_waits_for_another_try(queue: list[Item]) -> None:
    due = list_due(queue, START)
    blocked = next((n for n, item in enumerate(queue) if item.refusal and item.due_at > START), len(queue))
    assert due == [item for item in queue[:blocked] if item.due_at <= START]


@given(st.lists(st.tuples(st.floats(0, 30), st.floats(0, 8), st.integers(1, 4)), max_size=60))
def test_no_span_ever_holds_more_than_allowed(calls: list[tuple[float, float, int]]) -> None:
    """Whatever the way takes: the platform counts a send at some moment between its beginning and its end."""
    pace = Pace(6, 60.0)
    bucket, now, spans = Bucket([pace]), 0.0, []
    for gap, flight, cost in calls:
        now += gap
        now += bucket.wait_seconds(cost, now)
        assert bucket.wait_seconds(cost, now) <= 1e-6
        bucket.begin(cost)
        bucket.end(cost, now + flight)
        spans += [(now, now + flight)] * cost
        now += flight
    # The worst case: the first ones are counted at their end, the later ones at their beginning.
    for number, (_, end) in enumerate(spans):
        assert sum(begin - end < pace.seconds - 1e-6 for begin, _ in spans[number + 1 :]) < pace.most


def test_a_bucket_waits_no_longer_than_it_must() -> None:
    bucket = Bucket([Pace(2, 60.0), Pace(3, 3600.0)])
    for moment in (0.0, 10.0):
        assert bucket.wait_seconds(1, moment) == 0
        bucket.begin(1)
        bucket.end(1, moment)
    assert bucket.wait_seconds(1, 20.0) == 40.0
    assert bucket.wait_seconds(2, 20.0) == 3580.0
    assert bucket.wait_seconds(1, 60.0) == 0


def test_what_is_dearer_than_a_span_goes_when_the_span_is_empty() -> None:
    bucket = Bucket([Pace(2, 60.0)])
    assert bucket.wait_seconds(5, 0.0) == 0
    bucket.begin(1)
    assert bucket.wait_seconds(5, 0.0) == 60.0
    bucket.end(1, 1.0)
    assert bucket.wait_seconds(5, 2.0) == 59.0


def test_what_is_under_way_counts() -> None:
    bucket = Bucket([Pace(1, 60.0)])
    bucket.begin(1)
    assert bucket.wait_seconds(1, 0.0) == 60.0


def test_a_clock_that_was_set_back_frees_nothing_early() -> None:
    bucket = Bucket([Pace(1, 60.0)])
    bucket.begin(1)
    bucket.end(1, 100.0)
    bucket.begin(1)
    bucket.end(1, 50.0)
    assert bucket.wait_seconds(1, 120.0) == 40.0


def test_the_bots_answers_are_noted_in_the_same_bucket() -> None:
    buckets = Buckets({"aibot": (Pace(2, 60.0),)})
    buckets.note("aibot", "chat1", 0.0, 2)
    assert buckets.is_known("aibot", "chat1")
    assert buckets.open("aibot", "chat1").wait_seconds(1, 1.0) == 59.0
    assert buckets.open("aibot", "chat2").wait_seconds(1, 1.0) == 0
    assert buckets.open("oa", "anybody").wait_seconds(1, 1.0) == 0


@given(st.lists(st.text("字a", min_size=1, max_size=900), min_size=1, max_size=8))
def test_what_is_merged_stays_one_message_for_the_platform(texts: list[str]) -> None:
    messages = [Message("notice", text) for text in texts]
    count = count_together(messages)
    assert count >= 1
    together = merge(messages[:count])
    assert together.text.split("\n\n") == texts[:count]
    assert count == 1 or count_parts(together.text) == 1


def test_merging_keeps_what_matters() -> None:
    merged = merge(
        [
            Message("a", "一", pictures=(1, 2), urgent=True),
            Message("b", "二", pictures=(2, 3), reserve=True),
        ]
    )
    assert (merged.kind, merged.pictures, merged.urgent, merged.reserve) == ("b", (1, 2, 3), True, True)


def make_waiting(tries: int = 0, created_at: datetime = START) -> Waiting:
    return Waiting(1, "oa:x", "notice", None, Message("notice", "一"), created_at, START, tries, "")


def judge(failure: Exception, wire: Wire, tries: int = 0, now: datetime = START, draw: float = 0.5) -> Verdict:
    return Judge(DeliverySettings(), lambda: draw).judge(failure, wire, make_waiting(tries), now)


@pytest.mark.parametrize("draw", [0.0, 0.5, 0.999])
@pytest.mark.parametrize("hour", [0, 5, 15, 16, 23])
def test_a_days_quota_is_over_after_midnight_in_china(hour: int, draw: float) -> None:
    now = datetime(2026, 11, 23, hour, 30, tzinfo=UTC)
    verdict = judge(Refused(45009), Wire.OFFICIAL_ACCOUNT, now=now, draw=draw)
    assert isinstance(verdict, Retry)
    day = timedelta(hours=8)
    assert (verdict.due_at + day).date() == (now + day).date() + timedelta(days=1)


@pytest.mark.parametrize("wire", list(Wire))
def test_every_line_of_the_table_has_an_outcome(wire: Wire) -> None:
    outcomes = {Next.PARK: Park, Next.DROP_PERSON: GiveUp, Next.BUG: GiveUp, Next.STOP_TODAY: Retry}
    outcomes |= {Next.RETRY_SOON: Retry, Next.RETRY_NEXT_MINUTE: Retry}
    for code in range(-1, 100_000):
        entry = find_refusal(code, wire)
        if entry.next is Next.BUG:
            continue
        verdict = judge(Refused(code), wire)
        assert isinstance(verdict, outcomes.get(entry.next, Retry | GiveUp))
        assert verdict.reason.startswith(str(code))


@given(st.integers(0, 10_000), st.floats(0, 0.999))
def test_pauses_are_bounded_and_never_zero(tries: int, draw: float) -> None:
    settings = DeliverySettings(max_tries=20_000)
    verdict = Judge(settings, lambda: draw).judge(Unreachable(), Wire.WEBHOOK, make_waiting(tries), START)
    assert isinstance(verdict, Retry)
    assert 1 <= (verdict.due_at - START).total_seconds() <= settings.longest_retry_seconds
