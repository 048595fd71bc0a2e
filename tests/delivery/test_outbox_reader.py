"""Reading a long queue: the first part of what may go, in order, and nothing overtakes what waits for another try."""

from datetime import timedelta

from sqlalchemy import inspect, update

from bot.delivery.outbox import OutboxReader
from storage.archive import Archive
from storage.tables import Outbox
from tests.clock import START, FakeClock
from tests.delivery.fakes import Desk


async def test_a_long_queue_is_read_in_part_from_its_front(archive: Archive, clock: FakeClock) -> None:
    desk = Desk(archive, clock)
    await desk.put("group:1", *(f"晚{n}" for n in range(70)), after=timedelta(hours=1))
    await desk.put("group:1", *(f"早{n}" for n in range(70)))
    await desk.put("group:2", "一")
    queues = await OutboxReader(archive.engine).read_due(["group:1", "group:2"], START)
    texts = [waiting.message.text for waiting in queues["group:1"] if waiting.message]
    assert texts == [f"早{n}" for n in range(12)]
    assert len(queues["group:2"]) == 1


async def test_one_that_waits_for_another_try_holds_back_the_rest(archive: Archive, clock: FakeClock) -> None:
    desk = Desk(archive, clock)
    await desk.put("group:1", "一", "二", "三")
    second = inspect(Outbox).columns["seq"] == 2
    async with archive.engine.begin() as connection:
        later = {"refusal": "45009", "due_at": START + timedelta(minutes=1)}
        await connection.execute(update(Outbox).where(second).values(**later))
    queues = await OutboxReader(archive.engine).read_due(["group:1"], START)
    assert [waiting.message.text for waiting in queues["group:1"] if waiting.message] == ["一"]
