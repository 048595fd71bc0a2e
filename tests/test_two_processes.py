"""Two `wangge run` on one PostgreSQL: pushes alternate between them, one of them holds the bot's line, either may die."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from sqlmodel import col, select
from yarl import URL

from bot.importing import import_city
from lab.city import City, write_city
from lab.replay_service import ServiceProcess, write_config
from storage.archive import Archive, open_archive
from storage.tables import Case, Inbound, Lease, Outbox
from tests.databases import TestServer
from tests.ears import call, number_in, until
from tests.house import DUTY, ESTATE, GRID, WANG, House, find_free_ports, open_platforms

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(180),
]

_TAKE_OVER_SECONDS = 16.0
_HAND_OVER_SECONDS = 6.0
_STOP_SECONDS = 5.0
# What a killed process was sending to is free again after this time.
_HOLD_SECONDS = 6.0


class Doorkeeper:
    """The address that the platform knows: each push goes to the next process; one that finds nobody is answered 502."""

    def __init__(self, session: aiohttp.ClientSession, urls: list[str]) -> None:
        self._session, self._turn = session, cycle(urls)

    async def pass_on(self, request: web.Request) -> web.Response:
        url = URL(f"{next(self._turn)}/wechat/oa?{request.rel_url.raw_query_string}", encoded=True)
        try:
            async with self._session.post(url, data=await request.read()) as response:
                return web.Response(status=response.status, body=await response.read())
        except aiohttp.ClientError:
            return web.Response(status=502)


@dataclass(slots=True)
class Pair:
    """Two children, the platforms between them, and a look into their database."""

    house: House
    children: list[ServiceProcess]
    archive: Archive

    async def rows(self, table: type[Any], *conditions: Any) -> list[Any]:
        async with self.archive.reads() as session:
            return list((await session.execute(select(table).where(*conditions))).scalars().all())

    async def find_holder(self) -> int:
        """The process id of whoever holds the bot's line."""
        lease = (await self.rows(Lease))[0]
        return int(lease.holder.partition("-")[0] or 0)

    async def holder_is(self, pid: int) -> bool:
        return await self.find_holder() == pid and await self._is_connected()

    async def _is_connected(self) -> bool:
        return any(bot["connected"] for bot in await call(self.house.driver, "GET", "/sandbox/bots"))

    async def split(self) -> tuple[ServiceProcess, ServiceProcess]:
        """The holder, and the other one."""
        pid = await self.find_holder()
        holder = next(child for child in self.children if child.pid == pid)
        return holder, next(child for child in self.children if child is not holder)

    async def list_dispatches(self, number: str) -> list[Outbox]:
        cases = await self.rows(Case, col(Case.number) == number)
        assert len(cases) == 1
        return await self.rows(Outbox, col(Outbox.case_id) == cases[0].id, col(Outbox.kind) == "dispatch")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair(postgres_server: TestServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pair]:
    folder, delivery = tmp_path_factory.mktemp("pair"), {"hold_seconds": _HOLD_SECONDS}
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(postgres_server.database())
        archive = await stack.enter_async_context(open_archive(url))
        house = await stack.enter_async_context(open_platforms(folder, storage={"url": url}, delivery=delivery))
        await import_city(archive, _write_bound(house.city, folder / "bound"), datetime.now(UTC))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        urls = [house.url, f"http://127.0.0.1:{find_free_ports()}"]
        children = [_make_child(house, session, folder / name, url) for name, url in zip("ab", urls, strict=True)]
        for child in children:
            stack.push_async_callback(child.stop)
            await child.start()
        await asyncio.gather(*(child.wait_ready() for child in children))
        await _open_door(stack, house, session, urls)
        pair = Pair(house, children, archive)
        await until(house.driver, pair._is_connected, "the bot's line")
        for key in (GRID, DUTY):
            await (await house.group(key)).hears_from(WANG, "帮助")
        yield pair


def _write_bound(city: City, folder: Path) -> Path:
    """The city with two groups that the platform's ids are known of: nobody needs to bind them."""
    groups = [replace(group, chatid=group.key if group.key in (GRID, DUTY) else "") for group in city.groups]
    write_city(replace(city, groups=tuple(groups)), folder)
    return folder


def _make_child(house: House, session: aiohttp.ClientSession, folder: Path, url: str) -> ServiceProcess:
    server = {**house.config["server"], "port": URL(url).port, "public_url": url}
    folder.mkdir()
    write_config(folder / "config.toml", {**house.config, "server": server})
    return ServiceProcess(session, folder / "config.toml", url)


async def _open_door(stack: AsyncExitStack, house: House, session: aiohttp.ClientSession, urls: list[str]) -> None:
    app = web.Application()
    app.router.add_post("/wechat/oa", Doorkeeper(session, urls).pass_on)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await house.driver.put_account(callback_url=f"http://127.0.0.1:{runner.addresses[0][1]}/wechat/oa")


async def test_the_same_push_to_both_is_one_case_one_reply_one_dispatch(pair: Pair) -> None:
    grid = await pair.house.group(GRID)
    for attempt in range(3):
        openid = f"twice{attempt}"
        answer = await pair.house.driver.say(openid, f"{ESTATE}{attempt + 1}号楼下水道堵了", repeat=4)
        assert [one["status"] for one in answer["tries"]] == [200] * 4
        assert len(set(answer["replies"])) == 1
        number = number_in(answer["replies"][0])
        assert len(await pair.rows(Inbound, col(Inbound.person) == openid)) == 1
        assert len(await pair.list_dispatches(number)) == 1
        await grid.hears(f"【工单 {number}】", "接单请回复")
    texts = await grid.texts()
    assert len([text for text in texts if "接单请回复" in text]) == len(
        await pair.rows(Outbox, Outbox.kind == "dispatch")
    )


async def test_a_group_reads_in_the_order_in_which_things_were_decided(pair: Pair) -> None:
    grid = await pair.house.group(GRID)
    # A dispatch is two posts, and a chat takes thirty a minute.
    says = [pair.house.driver.say(f"order{n}", f"{ESTATE}{n}号楼楼道灯不亮") for n in range(1, 8)]
    numbers = {number_in(answer["reply"]["text"]) for answer in await asyncio.gather(*says)}
    assert len(numbers) == 7
    for number in numbers:
        await grid.hears(f"【工单 {number}】", "接单请回复")
    shown = [number_in(text) for text in await grid.texts() if "接单请回复" in text]
    assert shown == await _in_order(pair, numbers)


async def _in_order(pair: Pair, numbers: set[str]) -> list[str]:
    cases = {case.id: case.number for case in await pair.rows(Case, col(Case.number).in_(numbers))}
    rows = await pair.rows(Outbox, col(Outbox.kind) == "dispatch", col(Outbox.case_id).in_(cases))
    return [cases[row.case_id] for row in sorted(rows, key=lambda row: row.seq)]


async def test_the_other_takes_over_when_the_holder_is_killed(pair: Pair) -> None:
    holder, other = await pair.split()
    os.kill(holder.pid, signal.SIGKILL)
    began = time.monotonic()
    grid = await pair.house.group(GRID)
    # Residents do not notice: the platform knocks again.
    reply = await (await pair.house.resident("meanwhile")).says(f"{ESTATE}14号楼水管漏水")
    number = number_in(reply)
    await until(pair.house.driver, lambda: pair.holder_is(other.pid), "taken over", _TAKE_OVER_SECONDS)
    assert time.monotonic() - began < _TAKE_OVER_SECONDS
    await grid.hears(f"【工单 {number}】", "接单请回复")
    await grid.hears_from(WANG, f"接单 {number}", "已接单")
    await (await pair.house.resident("meanwhile")).hears(number, "接单", via="custom")


async def test_a_holder_that_is_asked_to_stop_hands_over_at_once(pair: Pair) -> None:
    holder, dead = await pair.split()
    await dead.start()
    await dead.wait_ready()
    began = time.monotonic()
    await holder.stop()
    assert time.monotonic() - began < _STOP_SECONDS
    await until(pair.house.driver, lambda: pair.holder_is(dead.pid), "handed over", _HAND_OVER_SECONDS)
    grid = await pair.house.group(GRID)
    number = number_in(await (await pair.house.resident("after")).says(f"{ESTATE}15号楼水管漏水"))
    await grid.hears(f"【工单 {number}】", "接单请回复")
    await grid.hears_from(WANG, f"接单 {number}", "已接单")


async def test_nothing_was_lost_or_doubled(pair: Pair) -> None:
    assert (await pair.house.driver.books())["platform_gave_up"] == 0
    inbound = await pair.rows(Inbound, col(Inbound.door) == "oa")
    assert {row.state.value for row in inbound} == {"done"}
    assert len(await pair.rows(Case)) == len([row for row in inbound if row.outcome == "opened"])
