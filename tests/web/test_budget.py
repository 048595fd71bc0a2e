"""The five seconds: what is slow, broken or away, and what the resident reads then. Nothing is acknowledged that was not kept."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
import pytest_asyncio

from bot.app import MakeDispatcher
from bot.cityhall import CityHall
from bot.dispatcher import TRY_AGAIN, Dispatcher
from storage.archive import Archive
from storage.columns import InboundState
from storage.committer import StorageFailed
from storage.counters import Numbers
from storage.plan import Outcome, Plan
from storage.queries import Books
from storage.tables import Case, Inbound
from tests.ears import call, number_in, until
from tests.house import DUTY, ESTATE, GRID, House, open_house

pytestmark = [pytest.mark.asyncio(loop_scope="module")]

_BUDGET_SECONDS = 0.5
_ORPHAN_SECONDS = 30


class GatedNumbers(Numbers):
    """A decision that takes a case number waits until the gate is open; or fails, with what `fault` is."""

    def __init__(self, real: Numbers) -> None:
        self._real, self.gate, self.fault = real, asyncio.Event(), None
        self.asked = 0

    fault: Exception | None

    async def take_id(self) -> int:
        return await self._real.take_id()

    async def take_serial(self, on: date) -> int:
        self.asked += 1
        await self.gate.wait()
        if self.fault is not None:
            raise self.fault
        return await self._real.take_serial(on)


class AwayCommitter:
    """Takes nothing while it is away; while it is slow, only once `gate` is open."""

    def __init__(self, real: Any) -> None:
        self._real, self.is_away, self.gate = real, False, asyncio.Event()
        self.gate.set()

    async def commit(self, plan: Plan) -> Outcome:
        await self.gate.wait()
        if self.is_away:
            raise StorageFailed("away")
        outcome: Outcome = await self._real.commit(plan)
        return outcome


class Backroom(Archive):
    """The archive as the dispatcher under test sees it."""

    def __init__(self, real: Archive) -> None:
        self.__dict__.update(real.__dict__)
        self.numbers: GatedNumbers = GatedNumbers(real.numbers)
        self.committer: Any = AwayCommitter(real.committer)


class Stage:
    """The house, and the archive between its dispatcher and the real one."""

    def __init__(self, house: House) -> None:
        self.house, self._backroom = house, None

    _backroom: Backroom | None

    @property
    def backroom(self) -> Backroom:
        assert self._backroom is not None, "started"
        return self._backroom

    def make_dispatcher(self) -> MakeDispatcher:
        def make(archive: Archive, books: Books, hall: CityHall) -> Dispatcher:
            self._backroom = Backroom(archive)
            return Dispatcher(self._backroom, books, hall)

        return make

    async def restart(self) -> None:
        await self.house.stop()
        await self.house.start(self.make_dispatcher())
        self.backroom.numbers.gate.set()
        await self.house.line_is_up()

    async def inbound_of(self, openid: str) -> Inbound:
        rows = await self.house.inbound(openid)
        assert len(rows) == 1
        return rows[0]

    async def count_cases(self, text: str) -> int:
        return len(await self.house.all_rows(Case, text=text))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    limits = {"reply_budget_seconds": _BUDGET_SECONDS}
    async with open_house(tmp_path_factory.mktemp("budget"), groups=(GRID, DUTY), limits=limits) as house:
        stage = Stage(house)
        await stage.restart()
        yield stage


@pytest_asyncio.fixture(loop_scope="module")
async def stage(running: Stage) -> AsyncIterator[Stage]:
    numbers = running.backroom.numbers
    numbers.gate.clear()
    yield running
    numbers, committer = running.backroom.numbers, running.backroom.committer
    numbers.fault, committer.is_away = None, False
    numbers.gate.set()
    committer.gate.set()


async def test_past_the_budget_the_update_is_kept_and_the_reply_comes_later(stage: Stage) -> None:
    li = await stage.house.resident("li")
    assert await li.says(f"{ESTATE}1号楼下水道堵了") == ""
    # `success` was answered: so it is in the archive, and nothing has come of it yet.
    assert (await stage.inbound_of("li")).state is InboundState.PENDING
    assert await stage.count_cases(f"{ESTATE}1号楼下水道堵了") == 0
    stage.backroom.numbers.gate.set()
    late = await li.hears("已受理，工单", via="custom")
    row = await stage.inbound_of("li")
    assert row.state is InboundState.DONE
    assert row.case_id == (await stage.house.case(number_in(late["text"]))).id
    assert await stage.count_cases(f"{ESTATE}1号楼下水道堵了") == 1


async def test_what_cannot_be_kept_is_never_acknowledged(stage: Stage) -> None:
    stage.backroom.committer.is_away = True
    zhao = await stage.house.resident("zhao")
    assert await zhao.says(f"{ESTATE}2号楼下水道堵了") == TRY_AGAIN
    assert await stage.house.inbound("zhao") == []
    stage.backroom.numbers.gate.set()
    assert await zhao.says("你好") == TRY_AGAIN
    assert await stage.house.inbound("zhao") == []
    stage.backroom.committer.is_away = False
    assert "已受理" in await zhao.says(f"{ESTATE}2号楼下水道堵了")


async def test_what_is_kept_after_all_is_told_after_all(stage: Stage) -> None:
    feng = await stage.house.resident("feng")
    stage.backroom.numbers.gate.set()
    stage.backroom.committer.gate.clear()
    assert await feng.says(f"{ESTATE}8号楼下水道堵了") == TRY_AGAIN
    stage.backroom.committer.gate.set()
    await feng.hears("已受理，工单", via="custom")
    assert (await stage.inbound_of("feng")).state is InboundState.DONE


async def test_repeats_while_the_first_still_runs_get_the_same_reply(stage: Stage) -> None:
    qian, numbers = await stage.house.resident("qian"), stage.backroom.numbers
    asked = numbers.asked
    said = asyncio.create_task(stage.house.driver.say("qian", f"{ESTATE}3号楼下水道堵了", repeat=3))
    await until(stage.house.driver, lambda: _has_asked(numbers, asked), "the decision has begun")
    numbers.gate.set()
    answer = await said
    assert [one["status"] for one in answer["tries"]] == [200, 200, 200]
    assert len(set(answer["replies"])) == 1
    assert "已受理" in answer["replies"][0]
    assert numbers.asked == asked + 1
    assert len(await stage.house.inbound("qian")) == 1
    assert await stage.count_cases(f"{ESTATE}3号楼下水道堵了") == 1
    assert await qian.pushed() == []


async def _has_asked(numbers: GatedNumbers, before: int) -> bool:
    return numbers.asked > before


async def test_a_repeat_after_a_restart_gets_the_stored_reply(stage: Stage) -> None:
    stage.backroom.numbers.gate.set()
    sun = await stage.house.resident("sun")
    # Drawn far from the sandbox's own ids.
    again = {"msgid": "990000000000000001", "create_time": 1_795_395_600}
    first = await sun.says(f"{ESTATE}4号楼下水道堵了", **again)
    assert "已受理" in first
    await stage.restart()
    assert await sun.says(f"{ESTATE}4号楼下水道堵了", **again) == first
    assert await stage.count_cases(f"{ESTATE}4号楼下水道堵了") == 1
    assert len(await stage.house.inbound("sun")) == 1


async def test_a_fault_of_ours_is_owned_up_to(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "bot")
    stage.backroom.numbers.fault = RuntimeError("李四 13812345678 阳光水岸5号楼")
    stage.backroom.numbers.gate.set()
    zhou, duty = await stage.house.resident("zhou"), await stage.house.group(DUTY)
    reply = await zhou.says(f"{ESTATE}5号楼下水道堵了")
    row = await stage.inbound_of("zhou")
    assert (row.state, bool(row.trace)) == (InboundState.FAILED, True)
    assert f"编号{row.trace}" in reply
    assert "110" in reply
    letter = await duty.hears(row.trace, "没能自动办理")
    assert "下水道" not in letter["text"]
    # Where it went wrong is told, what was said is not.
    told = [record for record in caplog.records if row.trace in record.getMessage()]
    assert len(told) == 1
    assert "RuntimeError" in caplog.text
    assert "take_serial" in caplog.text
    assert not any(word in caplog.text for word in ("13812345678", "李四", "下水道", "zhou"))
    stage.backroom.numbers.fault = None
    assert "已受理" in await zhou.says(f"{ESTATE}6号楼下水道堵了")


async def test_a_fault_past_the_budget_is_owned_up_to_as_well(stage: Stage) -> None:
    stage.backroom.numbers.fault = RuntimeError("no words")
    wei = await stage.house.resident("wei")
    assert "您好" in await wei.says("你好")
    assert await wei.says(f"{ESTATE}9号楼下水道堵了") == ""
    stage.backroom.numbers.gate.set()
    late = await wei.hears("没能自动办理", via="custom")
    row = (await stage.house.inbound("wei"))[-1]
    assert row.state is InboundState.FAILED
    assert row.trace in late["text"]


async def test_what_a_dead_process_left_is_taken_up_once(stage: Stage) -> None:
    wu = await stage.house.resident("wu")
    assert await wu.says(f"{ESTATE}7号楼下水道堵了") == ""
    assert (await stage.inbound_of("wu")).state is InboundState.PENDING
    # The service ends while the decision hangs; another begins on the same archive, and looks when nobody can be on it any more.
    await stage.restart()
    await stage.house.advance(_ORPHAN_SECONDS)
    late = await wu.hears("已受理，工单", via="custom", seconds=20)
    number = number_in(late["text"])
    assert (await stage.inbound_of("wu")).state is InboundState.DONE
    await (await stage.house.group(GRID)).begin()
    await stage.restart()
    await stage.house.advance(_ORPHAN_SECONDS)
    assert number in await wu.says("进度")
    assert await stage.count_cases(f"{ESTATE}7号楼下水道堵了") == 1
    assert len([row for row in await wu.pushed() if "已受理" in row["text"]]) == 1


async def test_the_platform_never_gave_up(stage: Stage) -> None:
    stage.backroom.numbers.gate.set()
    books = await call(stage.house.driver, "GET", "/sandbox/books")
    assert (books["platform_gave_up"], books["malformed_replies"]) == (0, 0)
