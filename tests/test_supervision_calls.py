"""The clocks beside the case: who does not come, does not call back, or asked in vain is dealt with once."""

from collections.abc import AsyncIterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot.supervision_calls import CallsSupervisor
from nlp.reader import Reader
from storage.archive import open_archive
from storage.columns import RequestState
from storage.loop_tables import Callback, Request, WhistleCall
from storage.plan import Change, Plan
from storage.rows import fresh
from storage.tables import Case
from tests.clock import FakeClock
from tests.handlers.worker.city import CHAT3, WANG, make_reader
from tests.handlers.worker.talk import Town


@pytest.fixture(scope="module")
def reader() -> Reader:
    return make_reader()


@pytest.fixture
async def town(sqlite_database: str, reader: Reader, clock: FakeClock) -> AsyncIterator[Town]:
    async with open_archive(sqlite_database) as archive:
        built = Town(archive, reader, clock)
        await built.build()
        yield built


async def tick(town: Town) -> int:
    desk = await town.desk()
    hall: Any = SimpleNamespace(desk=lambda: desk, city=desk.city)
    return await CallsSupervisor(town.archive, town.books, hall).tick()


async def test_a_call_that_nobody_comes_to_is_reminded_at_its_hour(town: Town) -> None:
    case = await town.opens()
    await town.says(WANG, "吹哨 住建局 需关闭总阀", CHAT3)
    assert await tick(town) == 0
    town.clock.advance(timedelta(hours=2, minutes=1))
    assert await tick(town) == 1
    assert "未按时报到（第1次提醒）" in (await town.told("group:35"))[-1].text
    assert f"【工单 {case.number}】住建局自" in (await town.told("group:32"))[-1].text
    # The step is taken: another process, or the next turn, finds nothing to do.
    assert await tick(town) == 0


async def test_an_ordinary_reminder_waits_for_the_morning_an_urgent_one_does_not(town: Town) -> None:
    await town.opens()
    await town.says(WANG, "吹哨 住建局 需关闭总阀", CHAT3)
    town.clock.advance(timedelta(hours=14))
    assert await tick(town) == 0
    town.clock.advance(timedelta(hours=10))
    assert await tick(town) == 1
    urgent = await town.opens(urgency="urgent")
    town.clock.advance(timedelta(hours=14))
    await town.says(WANG, f"吹哨 {urgent.number} 住建局 需关闭总阀", CHAT3)
    await tick(town)
    town.clock.advance(timedelta(minutes=31))
    await tick(town)
    assert urgent.number in (await town.told("group:35"))[-1].text
    assert "未按时报到" in (await town.told("group:35"))[-1].text


async def test_nobody_need_come_to_what_is_over(town: Town) -> None:
    case = await town.opens()
    await town.says(WANG, "吹哨 住建局 需关闭总阀", CHAT3)
    over = {"status": "withdrawn", "is_open": False}
    await town.write(Plan(changes=[Change(Case, case.id, (await town.case(case)).version, over)]))
    town.clock.advance(timedelta(hours=3))
    before = len(await town.told("group:35"))
    assert await tick(town) == 1
    assert len(await town.told("group:35")) == before
    (call,) = await town.books.list_all(WhistleCall)
    assert call.done_at is not None


async def test_a_call_back_that_nobody_makes_is_told_again(town: Town) -> None:
    case = await town.opens()
    await town.says(WANG, "接单", CHAT3)
    await town.says(WANG, "办结 无法解决 没有经费", CHAT3)
    town.clock.advance(timedelta(days=2, minutes=1))
    assert await tick(town) == 1
    assert f"【工单 {case.number}】回访已超时（第1次提醒）" in (await town.told("group:32"))[-1].text
    (row,) = await town.books.list_all(Callback)
    assert (row.reminded, row.due_at) == (1, town.clock() + timedelta(days=2))
    assert await tick(town) == 0


async def test_what_was_asked_on_a_case_that_moved_on_lapses(town: Town) -> None:
    case = await town.opens()
    await town.says(WANG, "接单", CHAT3)
    await town.says(WANG, "延期 2天 等配件", CHAT3)
    assert await tick(town) == 0
    # By a way that is no worker's word (the reporter takes it back).
    gone = {"status": "withdrawn", "is_open": False}
    await town.write(Plan(changes=[Change(Case, case.id, (await town.case(case)).version, gone)]))
    assert await tick(town) == 1
    (row,) = await town.books.list_all(Request)
    assert row.state is RequestState.LAPSED
    assert await tick(town) == 0


def late_call(call_id: int, case: Case, town: Town) -> WhistleCall:
    called = town.clock() - timedelta(hours=9)
    due = called + timedelta(hours=1)
    return fresh(WhistleCall, id=call_id, case_id=case.id, department="住建局", called_at=called, arrive_due_at=due)


async def test_at_night_an_urgent_call_does_not_wait_behind_a_hundred_ordinary_ones(town: Town) -> None:
    ordinary, urgent = await town.opens(), await town.opens(urgency="urgent")
    town.clock.advance(timedelta(hours=14))
    calls = [late_call(900_000 + one, ordinary, town) for one in range(120)]
    await town.write(Plan(rows=[*calls, late_call(900_500, urgent, town)]))
    assert await tick(town) == 1
    assert [one.text for one in await town.told("group:32") if urgent.number in one.text and "未报到" in one.text]


async def test_a_call_that_cannot_be_read_keeps_no_other_waiting(town: Town) -> None:
    broken, sound = await town.opens(), await town.opens()
    odd = Change(Case, broken.id, broken.version, {"category": "odd"})
    await town.write(Plan(changes=[odd], rows=[late_call(900_001, broken, town), late_call(900_002, sound, town)]))
    assert await tick(town) >= 1
    assert any(sound.number in one.text for one in await town.told("group:32"))
