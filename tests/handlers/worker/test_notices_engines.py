"""What notices ask of the archive, on both engines: the whole way once, and two processes at one notice."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from nlp.reader import Reader
from storage.archive import open_archive
from storage.columns import AreaKind
from storage.notice_columns import NoticeState
from tests.clock import FakeClock
from tests.handlers.worker.city import CHAT3, CHAT_COMMUNITY, CHAT_STREET, COMMUNITY, GRID1, GRID3, OTHER1, WANG, ZHAO
from tests.handlers.worker.notices_town import FIRST, deliver, make_jobs, notice_of, settle, targets_of
from tests.handlers.worker.talk import Town


@pytest.fixture
async def any_town(engine_url: str, reader: Reader, clock: FakeClock) -> AsyncIterator[Town]:
    async with open_archive(engine_url) as archive:
        built = Town(archive, reader, clock)
        await built.build()
        yield built


async def test_the_whole_way(any_town: Town) -> None:
    town = any_town
    await settle(town, "o1", GRID3)
    await settle(town, "o2", OTHER1, follows=False)
    assert "居民：1人可送达" in await town.says(ZHAO, "通知 停水 明天8点到17点 全街道 检修", CHAT_STREET)
    await town.says(ZHAO, "通知 模板 保存 街道停水", CHAT_STREET)
    assert "街道停水（停水停电停暖）" in await town.says(ZHAO, "通知 模板", CHAT_STREET)
    await town.says(ZHAO, "发送", CHAT_STREET)
    one, other = await make_jobs(town), await make_jobs(town)
    assert sorted(await asyncio.gather(one.tick(), other.tick())) == [0, 1]
    await deliver(town)
    assert set(await targets_of(town)) == {"group:31", "group:32", "group:33", "group:36", "group:37", "oa:o1", "oa:o2"}
    assert "已登记收到" in await town.says(WANG, "收到", CHAT3)
    assert FIRST in await town.says(ZHAO, "通知 列表", CHAT_STREET)
    town.clock.advance(hours=5)
    # The reminder is due, and nothing else.
    assert await one.tick() == 1
    assert await other.tick() == 0
    assert await town.told("group:31") == []
    assert [message.kind for message in await town.told("group:37")] == ["notice_remind"]
    town.clock.advance(days=2)
    assert await one.tick() == 2
    assert (await notice_of(town)).state is NoticeState.ENDED
    assert [message.kind for message in await town.told("oa:o1")] == ["notice_end"]
    assert await town.told("oa:o2") == []


async def test_readers_of_places_and_kinds(any_town: Town) -> None:
    town = any_town
    for openid, area in (("o1", GRID3), ("o2", GRID1), ("o3", OTHER1)):
        await settle(town, openid, area, follows=openid != "o2")
    books = town.books.notices
    assert await books.count_readers([COMMUNITY]) == (2, 1)
    assert await books.list_readers([COMMUNITY]) == [("o1", GRID3, True), ("o2", GRID1, False)]
    assert await books.count_readers([GRID3, OTHER1]) == (2, 2)
    assert await books.count_readers([COMMUNITY], [AreaKind.RURAL]) == (0, 0)
    # A code is no prefix of its neighbour's.
    assert await books.count_readers([COMMUNITY[:-1]]) == (0, 0)


async def test_two_answers_of_one_group_at_once(any_town: Town) -> None:
    town = any_town
    await town.says(ZHAO, "通知 任务 周五17点 全街道 请逐户排查", CHAT_STREET)
    await town.says(ZHAO, "发送", CHAT_STREET)
    await (await make_jobs(town)).tick()
    await deliver(town)
    target = (await targets_of(town))["group:32"]
    assert target.version == 0
    await town.says(ZHAO, f"收到 {FIRST}", CHAT_COMMUNITY)
    assert (await targets_of(town))["group:32"].version == 1
