"""The whole service against the pretend platforms, on free loopback ports: residents and workers as tests let them talk.

Nothing here sleeps: whoever waits for a message asks the sandbox, which answers as soon as there is one (`?wait=`).
"""

import asyncio
import json
import random
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from sqlmodel import SQLModel, select

from bot.app import MakeDispatcher, Service, listening, open_service
from bot.cli.service import DemoService
from bot.clock import SharedClock
from bot.dispatcher import Dispatcher
from bot.importing import import_city
from bot.settings import Settings
from lab.city import City, make_city, write_city
from lab.demo import bind_groups, demo_config, find_port
from lab.driver import Driver
from lab.replay_service import write_config
from sandbox.app import make_app as make_sandbox
from sandbox.clock import SandboxClock
from storage.tables import Case, Inbound, Outbox
from tests.clock import START
from tests.ears import Group, Resident, Worker

GRID, NEXT_GRID = "grid-230803007001-03", "grid-230803007001-04"
COMMUNITY, STREET, DUTY = "community-230803007001", "street-230803007", "duty-2308"
GROUPS = (GRID, NEXT_GRID, COMMUNITY, STREET, DUTY)
WANG, NEXT_LEAD, CHIEF, STREET_CHIEF = "w00012", "w00030", "w00001", "w00014"
CONDUCT_CONTACTS = {"district": "w00003", "street": "w00015", "community": "w00017"}
ESTATE, NEXT_ESTATE = "阳光水岸", "金色居"

_PORTS = (20_000, 32_000)


def find_free_ports() -> int:
    """A port that is free, as the next one is."""
    for _ in range(50):
        try:
            return find_port(random.randrange(*_PORTS))
        except OSError:
            continue
    raise AssertionError("no two free ports beside each other")


@dataclass(slots=True)
class House:
    """Everything that runs, and hands to move it with."""

    driver: Driver
    city: City
    folder: Path
    config: dict[str, Any]
    codes: dict[str, str] = field(default_factory=dict)
    _service: Service | None = None
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def service(self) -> Service:
        """The running service."""
        assert self._service is not None, "started"
        return self._service

    @property
    def url(self) -> str:
        """Where the service listens."""
        return str(self.config["server"]["public_url"])

    async def start(self, make_dispatcher: MakeDispatcher = Dispatcher) -> None:
        """Start the service (again) on the same database and ports."""
        settings = Settings.read(self.config)
        self._service = await self._stack.enter_async_context(open_service(settings, make_dispatcher))
        await self._stack.enter_async_context(listening(self._service, settings.server.host, settings.server.port))

    async def stop(self) -> None:
        """Stop the service; the platforms stay."""
        await self._stack.aclose()
        self._stack, self._service = AsyncExitStack(), None

    async def line_is_up(self) -> None:
        """Load the city and wait for the bot's line."""
        await DemoService(self.service, Settings.read(self.config)).refresh()

    async def bind(self, keys: Sequence[str]) -> None:
        """Let somebody bind these groups with their codes."""
        await bind_groups(self.driver, self.city, {key: self.codes[key] for key in keys})
        await self.service.hall.load()

    async def advance(self, seconds: float) -> None:
        """Move everybody's clock on."""
        await self.driver.advance(seconds)
        assert isinstance(self.service.clock, SharedClock)
        await self.service.clock.refresh()

    async def resident(self, openid: str) -> Resident:
        """A resident's phone, listened to from now on."""
        return Resident(self.driver, f"/sandbox/residents/{openid}/inbox", 0, openid)

    async def group(self, chatid: str) -> Group:
        """A work group, listened to from now on."""
        group = Group(self.driver, f"/sandbox/groups/{chatid}/messages", 0, chatid)
        await group.begin()
        return group

    async def worker(self, userid: str) -> Worker:
        """A worker's single chat, listened to from now on."""
        worker = Worker(self.driver, f"/sandbox/workers/{userid}/inbox", 0, userid)
        await worker.begin()
        return worker

    async def case(self, number: str) -> Case:
        """The case as the archive has it."""
        case = await self.service.books.find_by_number(number)
        assert case is not None, f"no case {number}"
        return case

    async def all_rows(self, table: type[SQLModel], **fields: object) -> list[Any]:
        """All rows of a table with these values."""
        query = select(table).filter_by(**fields)
        async with self.service.archive.reads() as session:
            return list((await session.execute(query)).scalars().all())

    async def told(self, number: str) -> set[str]:
        """Whom the outbox has told of a case: the group's chat, `oa` or `worker:USERID`."""
        case = await self.case(number)
        groups = self.service.hall.city.groups
        names = set()
        for row in await self.all_rows(Outbox, case_id=case.id):
            kind, _, name = row.target.partition(":")
            names.add(
                groups[int(name)].chatid or "unbound" if kind == "group" else "oa" if kind == "oa" else row.target
            )
        return names

    async def inbound(self, openid: str) -> list[Inbound]:
        """What was taken in from a resident."""
        return await self.all_rows(Inbound, person=openid)

    async def run_command(self, *words: str) -> tuple[int, dict[str, Any]]:
        """A `wangge` command as a child on this house's config: its exit code, and the JSON of its last line."""
        path = self.folder / "config.toml"
        write_config(path, self.config)
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot.cli", *words, "--json", "--config", str(path)),
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await child.communicate()
        assert child.returncode is not None
        return child.returncode, json.loads(output.decode().splitlines()[-1])


@asynccontextmanager
async def open_platforms(folder: Path, **sections: Mapping[str, Any]) -> AsyncIterator[House]:
    """The pretend platforms and a made city's files; the service is not started. `sections` are merged into the config."""
    config = demo_config(find_free_ports(), folder)
    config["alerts"] = {"duty_group": DUTY}
    # What handlers may do alone is asked of nobody here; that it is asked elsewhere has tests of its own.
    config["checks"] = {"extension_without_approval": "30d"}
    for name, values in sections.items():
        config[name] = {**config.get(name, {}), **values}
    city = make_city("street", 1)
    write_city(city, folder / "city")
    port = config["server"]["port"] + 1
    app = make_sandbox(folder / "city", SandboxClock(START.timestamp()), retry_gap_seconds=0.1)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    async with aiohttp.ClientSession() as session:
        driver = Driver(session, f"http://127.0.0.1:{port}")
        await set_platforms_up(driver, config)
        house = House(driver, city, folder, config)
        try:
            yield house
        finally:
            await house.stop()
            await runner.cleanup()


async def set_platforms_up(driver: Driver, config: Mapping[str, Any]) -> None:
    """The account and the bot as the config has them."""
    account, bot = config["official_account"], config["aibot"]
    names = ("app_id", "app_secret", "token", "encoding_aes_key", "mode")
    callback_url = f"{config['server']['public_url']}/wechat/oa"
    await driver.put_account(**{name: account[name] for name in names}, callback_url=callback_url)
    await driver.put_bot(bot["bot_id"], secret=bot["secret"], name=bot["name"], mode="ws")


@asynccontextmanager
async def open_house(
    folder: Path, groups: Sequence[str] = GROUPS, **sections: Mapping[str, Any]
) -> AsyncIterator[House]:
    """The service running on a made street with these groups bound; the conduct contacts have spoken to the bot once."""
    async with open_platforms(folder, **sections) as house:
        await house.start()
        imported = await import_city(house.service.archive, folder / "city", house.service.clock())
        house.codes = {code.key: code.code for code in imported.bind_codes}
        await house.line_is_up()
        await house.bind(groups)
        await _let_contacts_speak(house)
        yield house


async def _let_contacts_speak(house: House) -> None:
    for userid in CONDUCT_CONTACTS.values():
        await house.driver.worker_say(userid, "帮助")
        await (Worker(house.driver, f"/sandbox/workers/{userid}/inbox", 0, userid)).hears("")
