"""The scene of a replay: pretend platforms in this process, a made city in the archive, the service as a child."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncEngine

from lab.city import City, make_city, write_city
from lab.demo import bind_groups, demo_config, find_port
from lab.driver import Driver
from lab.replay_archive import import_made_city, list_unbound
from lab.replay_service import ServiceFailed, ServiceProcess, write_config
from sandbox.app import make_app as make_sandbox
from storage.columns import PostRole
from storage.engine import make_engine

_BIND_SECONDS = 60.0
_LOOK_SECONDS = 0.2
# The service looks each second whether the city has moved on.
_FOLLOW_SECONDS = 3.0
_PORTS = (20_000, 32_000)
_PORT_TRIES = 50


@dataclass(frozen=True, slots=True)
class Scene:
    """What stands once everything has started."""

    driver: Driver
    city: City
    service: ServiceProcess
    engine: AsyncEngine
    config: Mapping[str, Any]


@asynccontextmanager
async def open_scene(url: str | None, *, size: str = "street", retry_gap_seconds: float = 5.0) -> AsyncIterator[Scene]:
    """Everything running, groups bound. `url`: the database (None: a SQLite file of its own); `retry_gap_seconds`: the platform's
    pause before it knocks again.

    Raises `NotEmpty`, `ServiceFailed`.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="wangge-replay-")))
        config = _make_config(folder, url)
        city = make_city(size, 1)
        write_city(city, folder / "city")
        engine = make_engine(config["storage"]["url"])
        stack.push_async_callback(engine.dispose)
        codes = await import_made_city(engine, folder / "city", {area.code for area in city.areas}, datetime.now(UTC))
        driver = await _open_sandbox(stack, config, folder / "city", retry_gap_seconds)
        service = await _open_service(stack, config, folder)
        await _let_workers_speak(driver, city, engine, codes)
        yield Scene(driver, city, service, engine, config)


def find_ports() -> int:
    """A port that is free, as the next one is. Raises `ServiceFailed`."""
    rng = Random(secrets.randbits(64))
    for _ in range(_PORT_TRIES):
        try:
            return find_port(rng.randrange(*_PORTS))
        except OSError:
            continue
    raise ServiceFailed("no two free ports beside each other")


def _make_config(folder: Path, url: str | None) -> dict[str, Any]:
    config = demo_config(find_ports(), folder)
    if url is not None:
        config["storage"]["url"] = url
    return config


async def _open_sandbox(stack: AsyncExitStack, config: Mapping[str, Any], city: Path, gap: float) -> Driver:
    port = config["server"]["port"] + 1
    runner = web.AppRunner(make_sandbox(city, retry_gap_seconds=gap), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", port).start()
    session = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
    driver = Driver(session, f"http://127.0.0.1:{port}")
    account, bot = config["official_account"], config["aibot"]
    named = {name: account[name] for name in ("app_id", "app_secret", "token", "encoding_aes_key", "mode")}
    await driver.put_account(**named, callback_url=f"{config['server']['public_url']}/wechat/oa")
    await driver.put_bot(bot["bot_id"], secret=bot["secret"], name=bot["name"], mode="ws")
    return driver


async def _open_service(stack: AsyncExitStack, config: Mapping[str, Any], folder: Path) -> ServiceProcess:
    path = folder / "config.toml"
    write_config(path, config)
    session = await stack.enter_async_context(aiohttp.ClientSession())
    service = ServiceProcess(session, path, config["server"]["public_url"])
    stack.push_async_callback(service.stop)
    await service.start()
    await service.wait_ready()
    return service


async def _let_workers_speak(driver: Driver, city: City, engine: AsyncEngine, codes: Mapping[str, str]) -> None:
    """The bot may write only where somebody has spoken to it: groups are bound, contacts ask for help once."""
    await _wait_for_line(driver, city.groups[0].key)
    await bind_groups(driver, city, codes)
    await _say_all(driver.group_say(group.key, "w00001", "帮助") for group in city.groups if group.key not in codes)
    contacts = {one.userid for one in city.people if one.role == PostRole.CONDUCT and one.userid}
    await _say_all(driver.worker_say(userid, "帮助") for userid in sorted(contacts))
    await _wait_until_bound(engine)
    await asyncio.sleep(_FOLLOW_SECONDS)


async def _wait_for_line(driver: Driver, chat: str) -> None:
    # A service is ready for residents before its bot has dialled in; what is said to the bot until then is lost.
    deadline = time.monotonic() + _BIND_SECONDS
    while not (await driver.group_say(chat, "w00001", "帮助"))["delivered"]:
        if time.monotonic() > deadline:
            raise ServiceFailed("the bot's line is not up")
        await asyncio.sleep(_LOOK_SECONDS)


async def _wait_until_bound(engine: AsyncEngine) -> None:
    deadline = time.monotonic() + _BIND_SECONDS
    while unbound := await list_unbound(engine):
        if time.monotonic() > deadline:
            raise ServiceFailed(f"groups not bound: {len(unbound)}")
        await asyncio.sleep(_LOOK_SECONDS)


async def _say_all(sayings: Iterable[Any]) -> None:
    for saying in sayings:
        await saying
