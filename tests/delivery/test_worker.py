"""The worker as a whole: side by side, urgent first, at the channels' pace, through stops and kills."""

import asyncio
from datetime import timedelta

from prometheus_client import CollectorRegistry

from bot.delivery.worker import make_buckets
from bot.ports import Refused
from grid.message import Message
from storage.archive import Archive
from tests.clock import FakeClock
from tests.delivery.fakes import Desk


async def test_a_slow_target_holds_up_no_other(desk: Desk) -> None:
    desk.aibot.gates["group:1"] = asyncio.Event()
    await desk.put("group:1", "慢")
    for number in range(40):
        await desk.put(f"worker:w{number}", "快")
    serving = asyncio.create_task(desk.delivery.deliver_due())
    await desk.aibot.until_said(40)
    assert "慢" not in desk.aibot.texts
    desk.aibot.gates["group:1"].set()
    await serving
    assert desk.aibot.texts[-1] == "慢"


async def test_no_more_at_once_than_configured(archive: Archive, clock: FakeClock) -> None:
    desk = Desk(archive, clock, at_once=3)
    for number in range(30):
        await desk.put(f"worker:w{number}", "一")
    await desk.delivery.deliver_due()
    assert len(desk.aibot.said) == 30
    assert desk.aibot.most_flying == 3


async def test_urgent_ones_go_first(archive: Archive, clock: FakeClock) -> None:
    desk = Desk(archive, clock, at_once=1)
    for number in range(12):
        await desk.put(f"worker:w{number}", "平常")
    await desk.put("worker:x", "紧急", urgent=True)
    await desk.delivery.deliver_due()
    assert desk.aibot.texts[0] == "紧急"
    assert len(desk.aibot.texts) == 13


async def test_a_webhook_takes_twenty_in_any_minute(desk: Desk) -> None:
    moments: list[float] = []
    desk.webhook.on_send = lambda message: moments.append(desk.clock.monotonic())
    await desk.put("group:3", *(str(n) for n in range(45)))
    await desk.put("group:1", "别的群")
    for _ in range(400):
        await desk.delivery.deliver_due()
        desk.clock.advance(seconds=0.5)
    assert desk.webhook.texts == [str(n) for n in range(45)]
    assert all(later - earlier >= 60 for earlier, later in zip(moments, moments[20:], strict=False))
    assert moments[-1] <= 121
    assert "别的群" in desk.aibot.texts


async def test_pictures_count_for_the_pace(desk: Desk) -> None:
    await desk.put("group:3", *("一",) * 12, pictures=(1,))
    await desk.delivery.deliver_due()
    assert len(desk.webhook.said) == 10


async def test_a_restart_does_not_forget_the_pace(desk: Desk) -> None:
    await desk.put("group:3", *("一",) * 25)
    await desk.delivery.deliver_due()
    again = desk.make_delivery(CollectorRegistry())
    await again.deliver_due()
    assert len(desk.webhook.said) == 20
    desk.clock.advance(seconds=61)
    await again.deliver_due()
    assert len(desk.webhook.said) == 25


async def test_the_bots_answers_use_up_the_pace(desk: Desk) -> None:
    buckets = make_buckets(desk.settings)
    delivery = desk.make_delivery(CollectorRegistry(), buckets=buckets)
    buckets.note("aibot", "chat1", desk.clock().timestamp(), 29)
    await desk.put("group:1", "一", "二")
    await delivery.deliver_due()
    assert desk.aibot.texts == ["一"]


async def test_it_wakes_for_what_is_written_and_stops_cleanly(archive: Archive, clock: FakeClock) -> None:
    # An hour between two looks: only the committer can have woken it.
    desk = Desk(archive, clock, poll_seconds=3600)
    running = asyncio.create_task(desk.delivery.run())
    for text in ("一", "二", "三"):
        desk.aibot.begun.clear()
        await desk.put("worker:w1", text)
        await asyncio.wait_for(desk.aibot.begun.wait(), 10)
    await desk.until_sent(3)
    await desk.delivery.stop()
    await asyncio.wait_for(running, 10)
    target = await desk.target("worker:w1")
    assert (target.held_by, target.due_at) == (None, None)


async def test_a_stop_ends_what_is_under_way_and_begins_nothing(desk: Desk) -> None:
    desk.aibot.gates["worker:w1"] = asyncio.Event()
    await desk.put("worker:w1", "一", "二")
    running = asyncio.create_task(desk.delivery.run())
    await asyncio.wait_for(desk.aibot.begun.wait(), 10)
    await desk.delivery.stop()
    desk.aibot.gates["worker:w1"].set()
    await asyncio.wait_for(running, 10)
    assert await desk.states() == ["sent", "queued"]
    target = await desk.target("worker:w1")
    assert target.held_by is None
    assert target.due_at is not None


async def test_a_kill_between_send_and_commit_repeats_only_what_was_in_flight(desk: Desk) -> None:
    for number in range(5):
        await desk.put(f"worker:w{number}", "一", "二")
    crashed = desk.make_delivery(CollectorRegistry())
    desk.aibot.gates["worker:w3"] = asyncio.Event()
    running = asyncio.create_task(crashed.run())
    await desk.until_sent(8)
    # It is gone without letting go: the platform may or may not have taken w3's first message.
    for task in [running, *crashed._active.values()]:
        task.cancel()
    await asyncio.gather(running, return_exceptions=True)
    desk.aibot.gates.clear()
    desk.clock.advance(seconds=61)
    await desk.delivery.deliver_due()
    said = [(said.target, said.text) for said in desk.aibot.said]
    assert sorted(said) == sorted((f"worker:w{n}", text) for n in range(5) for text in ("一", "二"))
    assert set(await desk.states()) == {"sent"}


async def test_an_archive_that_is_away_does_not_end_the_worker(archive: Archive, clock: FakeClock) -> None:
    desk = Desk(archive, clock, poll_seconds=0.01)

    class Away:
        """Fails twice, then works."""

        def __init__(self) -> None:
            self.left = 2

        def __call__(self, prefix: str) -> bool:
            self.left -= 1
            if self.left >= 0:
                raise ConnectionError
            return True

    delivery = desk.make_delivery(CollectorRegistry(), can_send=Away())
    await desk.put("worker:w1", "一")
    running = asyncio.create_task(delivery.run())
    for _ in range(3):
        await desk.put("worker:w2", "二")
        desk.archive.committer.written.set()
        await asyncio.sleep(0)
    await asyncio.wait_for(desk.aibot.begun.wait(), 10)
    await delivery.stop()
    await asyncio.wait_for(running, 10)


async def test_two_processes_share_the_work_and_keep_the_order(archive: Archive, clock: FakeClock) -> None:
    desk = Desk(archive, clock, at_once=4)
    for text in ("一", "二", "三"):
        for number in range(20):
            await desk.put(f"worker:w{number}", text)
    other = desk.make_delivery(CollectorRegistry())
    await asyncio.gather(desk.delivery.deliver_due(), other.deliver_due())
    for number in range(20):
        assert [said.text for said in desk.aibot.said if said.target == f"worker:w{number}"] == ["一", "二", "三"]


async def test_what_is_counted(desk: Desk) -> None:
    desk.aibot.refuse("group:1", Refused(45033))
    await desk.put("group:1", "一")
    await desk.put("group:3", "一")
    await desk.put("group:4", "一")
    await desk.put("oa:o1", "一")
    await desk.delivery.deliver_due()
    assert desk.counted("sent", via="webhook") == 1
    assert desk.counted("refused", via="aibot", why="45033") == 1
    assert desk.counted("dead") == 1
    assert desk.counted("parked") == 1
    assert desk.registry.get_sample_value("wangge_outbox_waited_seconds_count") == 2


async def test_a_hold_that_ran_out_sends_nothing_more(desk: Desk) -> None:
    def pass_time(message: Message) -> None:
        desk.clock.advance(timedelta(seconds=61))

    desk.aibot.on_send = pass_time
    await desk.put("worker:w1", "一", "二")
    await desk.delivery.deliver_due()
    # Each time the hold was over after one message; it was let go of and taken again.
    assert desk.aibot.texts == ["一", "二"]
