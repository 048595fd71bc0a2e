"""`wangge run` as children on one database, with twelve cases that nobody takes; and three witnesses to compare afterwards.

Sheet rows and `sheet_issued` events come from the archive, what was said from the sandbox's groups.
"""

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from sqlmodel import SQLModel, col, select
from yarl import URL

from bot.importing import import_city
from lab.city import City, write_city
from lab.replay_service import ServiceProcess, write_config
from storage import audit
from storage.archive import Archive, open_archive
from storage.loop_tables import Sheet
from storage.tables import Case, CaseEvent, Outbox
from tests.ears import Ear, call, number_in, until
from tests.house import (
    COMMUNITY,
    DUTY,
    ESTATE,
    GRID,
    NEXT_ESTATE,
    NEXT_GRID,
    STREET,
    WANG,
    House,
    find_free_ports,
    open_platforms,
)

DISTRICT = "district-230803"
GROUPS = (GRID, NEXT_GRID, COMMUNITY, STREET, DISTRICT, DUTY)
CASES_PER_GRID = 6
# Opened at 9:00 and to be accepted by 11:00: at 10:40, 11:05 and 13:10 (the yellow sheet was ignored over lunch).
MINUTES = {"blue": 100, "yellow": 25, "orange": 125}
# What a killed process was sending to is free again after this time.
HOLD_SECONDS = 5.0

_SETTLE_SECONDS = 40.0
# A sheet's own number ends its head, a reminder's begins its line; numbers elsewhere are spoken of.
_OWN_NUMBER = re.compile(r"(?:^|【督办·.】)(督\d{4}-\d{2,})", re.MULTILINE)


@dataclass(slots=True)
class Ladder:
    """Children, the platforms around them, and a look into their database."""

    house: House
    children: list[ServiceProcess]
    archive: Archive

    async def rows(self, table: type[SQLModel], *conditions: Any) -> list[Any]:
        """All rows that meet the conditions."""
        async with self.archive.reads() as session:
            return list((await session.execute(select(table).where(*conditions))).scalars().all())

    async def has_line(self) -> bool:
        """Whether some child holds the bot's line."""
        return any(bot["connected"] for bot in await call(self.house.driver, "GET", "/sandbox/bots"))

    async def open_cases(self) -> list[str]:
        """Twelve residents report from two grids; the numbers."""
        places = [f"{estate}{n}号楼" for estate in (ESTATE, NEXT_ESTATE) for n in range(1, CASES_PER_GRID + 1)]
        says = [self.house.driver.say(f"resident{n}", f"{place}楼道堆物") for n, place in enumerate(places)]
        numbers = [number_in(answer["reply"]["text"]) for answer in await asyncio.gather(*says)]
        assert len(set(numbers)) == 2 * CASES_PER_GRID
        return numbers

    async def make_due(self, colour: str) -> None:
        """The shared clock goes on until this step is due on every case."""
        await self.house.driver.advance(MINUTES[colour] * 60)

    async def count_sheets(self, colour: str) -> int:
        """How many sheets of a colour the archive has."""
        return len(await self.rows(Sheet, col(Sheet.colour) == colour))

    async def is_issued(self, colour: str) -> bool:
        """Whether every case has a sheet of this colour."""
        return await self.count_sheets(colour) >= 2 * CASES_PER_GRID

    async def wait_issued(self, colour: str) -> None:
        """Until every case has its sheet of this colour. Raises `ServiceFailed` when a child does not come up again."""
        await asyncio.gather(*(child.wait_ready() for child in self.children))
        await until(self.house.driver, lambda: self.is_issued(colour), f"all {colour} sheets", _SETTLE_SECONDS)

    async def pause(self, seconds: float) -> None:
        """Let this much real time pass; the sandbox is who waits."""
        await Ear(self.house.driver, "/sandbox/residents/nobody/inbox").rows(0, seconds)

    async def wait_delivered(self) -> None:
        """Until nothing waits to be sent; the shared clock runs ahead a little, as the platform's minutes would."""
        for _ in range(60):
            if not await self._list_waiting():
                return
            await self.house.driver.advance(10)
            await self.pause(0.5)
        raise AssertionError(f"not delivered: {await self._list_waiting()}")

    async def _list_waiting(self) -> list[tuple[str, str]]:
        queued = await self.rows(Outbox, col(Outbox.state) == "queued", col(Outbox.target).startswith("group:"))
        return [(row.kind, row.target) for row in queued]

    async def list_announced(self) -> dict[str, list[set[str]]]:
        """The sheets that each message of a group announces, message by message."""
        return {key: [found for row in await self._bot_rows(key) if (found := _own_numbers(row))] for key in GROUPS}

    async def list_said(self) -> list[dict[str, Any]]:
        """What the bot has said in all groups."""
        return [row for key in GROUPS for row in await self._bot_rows(key)]

    async def _bot_rows(self, key: str) -> list[dict[str, Any]]:
        return [row for row in await self.house.driver.messages(key) if row["via"] == "bot"]

    async def check_every_step_once(self, colours: Sequence[str], kills: int) -> None:
        """Sheets, events and messages tell of each step of each case once; a message may repeat that was in flight at a kill."""
        wanted = Counter((case.id, colour) for case in await self.rows(Case) for colour in colours)
        sheets = await self.rows(Sheet)
        assert Counter((sheet.case_id, sheet.colour.value) for sheet in sheets) == wanted
        assert len({sheet.number for sheet in sheets}) == len(sheets)
        events = await self.rows(CaseEvent, col(CaseEvent.kind) == "sheet_issued")
        numbers = Counter((event.case_id, json.loads(event.payload)["number"]) for event in events)
        assert numbers == Counter((sheet.case_id, sheet.number) for sheet in sheets)
        _check_announced(await self.list_announced(), {sheet.number for sheet in sheets}, kills)
        verdict = await audit.verify(self.archive.engine)
        assert verdict.ok, verdict.broken


def _check_announced(announced: Mapping[str, Sequence[set[str]]], numbers: set[str], kills: int) -> None:
    heard = {key: set().union(*messages) for key, messages in announced.items()}
    assert set().union(*heard.values()) == numbers, "none lost"
    assert sum(map(len, heard.values())) == len(numbers), "each in one group only"
    for key, messages in announced.items():
        seen: set[str] = set()
        repeated = 0
        for message in messages:
            repeated += bool(message & seen)
            seen |= message
        assert repeated <= kills, f"{key}: {repeated} messages repeated, {kills} could have been in flight"


def _own_numbers(row: Mapping[str, Any]) -> set[str]:
    return set(_OWN_NUMBER.findall(row["text"] or ""))


@asynccontextmanager
async def open_ladder(folder: Path, url: str, children: int) -> AsyncIterator[Ladder]:
    """Children on a migrated database, ready, in all groups, with the cases open and told of."""
    async with AsyncExitStack() as stack:
        delivery = {"hold_seconds": HOLD_SECONDS}
        house = await stack.enter_async_context(open_platforms(folder, storage={"url": url}, delivery=delivery))
        archive = await stack.enter_async_context(open_archive(url))
        await import_city(archive, _write_bound(house.city, folder / "bound"), datetime.now(UTC))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        urls = [house.url, *(f"http://127.0.0.1:{find_free_ports()}" for _ in range(children - 1))]
        ladder = Ladder(
            house, [_make_child(house, session, folder / f"child{n}", u) for n, u in enumerate(urls)], archive
        )
        for child in ladder.children:
            stack.push_async_callback(child.stop)
            await child.start()
        await asyncio.gather(*(child.wait_ready() for child in ladder.children))
        await until(house.driver, ladder.has_line, "the bot's line")
        for key in GROUPS:
            # The bot may write where somebody has spoken to it.
            await (await house.group(key)).hears_from(WANG, "帮助")
        yield ladder


def _write_bound(city: City, folder: Path) -> Path:
    """The city with groups that the platform's ids are known of: nobody needs to bind them."""
    groups = [replace(group, chatid=group.key if group.key in GROUPS else "") for group in city.groups]
    write_city(replace(city, groups=tuple(groups)), folder)
    return folder


def _make_child(house: House, session: aiohttp.ClientSession, folder: Path, url: str) -> ServiceProcess:
    server = {**house.config["server"], "port": URL(url).port, "public_url": url}
    folder.mkdir()
    write_config(folder / "config.toml", {**house.config, "server": server})
    return ServiceProcess(session, folder / "config.toml", url)
