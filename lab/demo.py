"""`wangge demo`: the pretend platforms, a made city and the service together, on one shared clock."""

import asyncio
import secrets
import shutil
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import aiohttp
from aiohttp import web

from lab.city import City, make_city, write_city
from lab.driver import Driver
from sandbox.app import make_app as make_sandbox

BOT_ID, BOT_NAME = "demo-bot", "网格助手"
_ANSWER_SECONDS = 20.0
_RESIDENTS = ("居民李先生", "居民张阿姨", "居民赵大爷")


class Running(Protocol):
    """A started service, as much of it as a demo needs."""

    async def import_city(self, folder: Path) -> Mapping[str, str]:
        """Import the made city; the bind code of each group by its key."""
        ...

    async def make_scene_codes(self, scenes: list[str]) -> None:
        """A permanent scene QR for each grid."""
        ...

    async def apply_menu(self) -> None:
        """The account's menu."""
        ...

    async def refresh(self) -> None:
        """Load the city that was imported, and wait until the bot's line is up."""
        ...


Start = Callable[[Mapping[str, Any]], AbstractAsyncContextManager[Running]]
"""Start a service from a config tree."""


@dataclass(frozen=True, slots=True)
class Demo:
    """What stands once everything has started."""

    driver: Driver
    city: City
    service_url: str
    page_url: str
    groups: int


def demo_config(port: int, folder: Path) -> dict[str, Any]:
    """The config of a service on `port` against the sandbox on `port + 1`; the secrets are drawn anew each time."""
    base = f"http://127.0.0.1:{port + 1}"
    return {
        "server": {
            "host": "127.0.0.1",
            "port": port,
            "public_url": f"http://127.0.0.1:{port}",
            "clock_url": f"{base}/sandbox/clock",
        },
        "storage": {"url": f"sqlite+aiosqlite:///{folder / 'wangge.db'}", "media_dir": str(folder / "media")},
        "official_account": {
            "app_id": "wxdemo0000000000",
            "app_secret": secrets.token_hex(16),
            "token": secrets.token_hex(8),
            "encoding_aes_key": (secrets.token_hex(22))[:43],
            "mode": "safe",
            "api_base": f"{base}/oa",
            "mp_base": f"{base}/oa",
            "open_base": f"{base}/oa",
            "templates": {
                "resolved": {
                    "id": "demo-resolved",
                    "kind": "template",
                    "fields": {"number": "character_string1", "result": "thing2", "time": "time3"},
                }
            },
        },
        "aibot": {
            "bot_id": BOT_ID,
            "secret": secrets.token_hex(16),
            "name": BOT_NAME,
            "ws_url": f"ws://127.0.0.1:{port + 1}/aibot",
        },
        "webhook": {"api_base": f"{base}/wecom"},
        "emergency": {"gas_phone": "13800000119"},
    }


@asynccontextmanager
async def open_demo(start: Start, port: int, folder: Path, tell: Callable[[str], None]) -> AsyncIterator[Demo]:
    """Everything embedded. The folder is emptied first: a pretend platform forgets, so the archive beside it must too."""
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    await asyncio.to_thread(folder.mkdir, parents=True)
    config = demo_config(port, folder)
    city = make_city("street", 1)
    city_folder = folder / "city"
    write_city(city, city_folder)
    async with AsyncExitStack() as stack:
        tell("模拟平台")
        page_url = await _open_sandbox(stack, port + 1, city_folder)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        driver = Driver(session, page_url)
        await _set_platforms_up(driver, config)
        tell("网格服务")
        service = await stack.enter_async_context(start(config))
        codes = await service.import_city(city_folder)
        await service.refresh()
        tell("绑定工作群")
        await bind_groups(driver, city, codes)
        await service.refresh()
        tell("网格二维码与菜单")
        await service.apply_menu()
        await service.make_scene_codes([f"grid-{area.code}" for area in city.areas if area.level == "grid"])
        await _let_residents_follow(driver, city)
        yield Demo(driver, city, config["server"]["public_url"], page_url, len(codes))


async def _open_sandbox(stack: AsyncExitStack, port: int, city_folder: Path) -> str:
    app = make_sandbox(city_folder)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", port).start()
    return f"http://127.0.0.1:{port}"


async def _set_platforms_up(driver: Driver, config: Mapping[str, Any]) -> None:
    account, bot = config["official_account"], config["aibot"]
    await driver.put_account(
        app_id=account["app_id"],
        app_secret=account["app_secret"],
        token=account["token"],
        encoding_aes_key=account["encoding_aes_key"],
        mode=account["mode"],
        callback_url=f"{config['server']['public_url']}/wechat/oa",
    )
    await driver.put_bot(bot["bot_id"], secret=bot["secret"], name=bot["name"], mode="ws")


async def bind_groups(driver: Driver, city: City, codes: Mapping[str, str]) -> None:
    """Somebody in each group writes `@网格助手 绑定 CODE`, as it is done in life; only then may the bot speak there."""
    spokesmen = {person.area_code: person.userid for person in reversed(city.people) if person.userid}
    areas = {group.key: group.area_code for group in city.groups}
    gate = asyncio.Semaphore(16)

    async def bind(key: str, code: str) -> None:
        async with gate:
            said = await driver.group_say(key, spokesmen.get(areas[key], "w00001"), f"绑定 {code}")
            await driver.messages(key, int(said["seq"]), _ANSWER_SECONDS)

    await asyncio.gather(*(bind(key, code) for key, code in codes.items()))


async def _let_residents_follow(driver: Driver, city: City) -> None:
    grids = [area.code for area in city.areas if area.level == "grid"]
    for index, name in enumerate(_RESIDENTS):
        await driver.follow(name, f"grid-{grids[(index * 5 + 2) % len(grids)]}")


def find_port(wanted: int) -> int:
    """`wanted` if it and the next are free on loopback; raises `OSError` with what is taken."""
    for port in (wanted, wanted + 1):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    return wanted
