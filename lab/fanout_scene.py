"""The scene of the fan-out's benchmark and chaos run: thousands of groups on webhooks, one notice with one picture, all as processes.

The sandbox is a process of its own: what it costs is nobody else's.
"""

import asyncio
import secrets
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from lab.replay_scene import find_ports
from lab.replay_service import ServiceFailed, ServiceProcess, write_config
from storage.columns import AreaKind, AreaLevel, Channel, GroupKind
from storage.engine import WRITES, make_engine
from storage.notice_columns import NoticeKind, NoticeState, TargetState
from storage.notice_tables import Notice, NoticeTarget
from storage.rows import fresh, row_values
from storage.schema import migrate
from storage.tables import Area, Counter, WorkGroup

GROUPS_IN_STREET = 60
NOTICE_ID, REHEARSAL_ID, FIRST_TARGET, FIRST_GROUP = 900_001, 900_002, 1_000_000, 10_000
NUMBERS = {NOTICE_ID: "通1123-01", REHEARSAL_ID: "通1123-02"}
TEXT = "公安机关协查：近日辖区发生盗窃案件，请各网格留意照片中的可疑人员，发现线索请立即报告，切勿自行处置。"
KeepPicture = Callable[[Path, AsyncEngine, int, bytes], Awaitable[None]]
"""Puts a cleaned and sealed picture to a notice: the service's own way of doing so, since the lab knows none. Media folder, archive,
notice, the file as somebody sent it."""
_START_SECONDS = 30.0
_LOOK_SECONDS = 0.1
_CODE = "F1"
_TARGET: Any = NoticeTarget.__table__  # type: ignore[attr-defined]  # SQLModel adds it
_NOTICE: Any = Notice.__table__  # type: ignore[attr-defined]  # SQLModel adds it
_GROUP: Any = WorkGroup.__table__  # type: ignore[attr-defined]  # SQLModel adds it


@dataclass(slots=True)
class FanoutScene:
    """What stands; the notice waits until `begin`."""

    service: ServiceProcess
    engine: AsyncEngine
    session: aiohttp.ClientSession
    sandbox_url: str
    sandbox_pid: int
    config: Mapping[str, Any]
    keys: Sequence[str]
    rehearsal_key: str
    started: float = field(default=0.0)

    async def begin(self, notice_id: int = NOTICE_ID) -> None:
        """The notice's time has come: from here the service sends."""
        values = {"state": NoticeState.SENDING, "sent_at": datetime.now(UTC), "version": 1}
        self.started = time.perf_counter()
        await _write(self.engine, update(_NOTICE).where(_NOTICE.c.id == notice_id).values(**values))

    async def count(self, notice_id: int = NOTICE_ID) -> dict[TargetState, int]:
        """Targets by state."""
        query = select(_TARGET.c.state, func.count()).where(_TARGET.c.notice_id == notice_id).group_by(_TARGET.c.state)
        async with self.engine.connect() as connection:
            return {row[0]: row[1] for row in await connection.execute(query)}

    async def wait_settled(
        self, seconds: float, look_seconds: float = _LOOK_SECONDS, notice_id: int = NOTICE_ID
    ) -> float:
        """Until no target is open; the seconds since `begin`. Raises `ServiceFailed` when it takes longer than `seconds`."""
        while True:
            counts = await self.count(notice_id)
            if not any(counts.get(state) for state in (TargetState.WAITING, TargetState.QUEUED)):
                return time.perf_counter() - self.started
            if time.perf_counter() - self.started > seconds:
                raise ServiceFailed(f"fan-out not done in {seconds:.0f} s: {counts}")
            await asyncio.sleep(look_seconds)

    async def books(self) -> dict[str, Any]:
        """What the sandbox has counted."""
        async with self.session.get(f"{self.sandbox_url}/sandbox/books") as response:
            return dict(await response.json())

    async def messages(self, key: str) -> list[dict[str, Any]]:
        """What the group behind a webhook key shows."""
        async with self.session.get(f"{self.sandbox_url}/sandbox/groups/webhook-{key}/messages?after=0") as response:
            return list(await response.json())


@asynccontextmanager
async def open_fanout_scene(
    groups: int, picture: bytes, keep: KeepPicture, **sections: Mapping[str, Any]
) -> AsyncIterator[FanoutScene]:
    """Everything running, `groups` groups on webhooks, a notice for all of them ready, and another for one group more (a rehearsal).

    `sections` go into the service's config.

    Raises `ServiceFailed`.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="wangge-fanout-")))
        port = find_ports()
        sandbox_url = f"http://127.0.0.1:{port + 1}"
        config = _make_config(port, folder, sandbox_url) | {name: dict(values) for name, values in sections.items()}
        engine = make_engine(config["storage"]["url"])
        stack.push_async_callback(engine.dispose)
        keys = await _fill_archive(engine, groups)
        for notice_id in NUMBERS:
            await keep(Path(config["storage"]["media_dir"]), engine, notice_id, picture)
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        sandbox_pid = await _start_sandbox(stack, session, port + 1, folder)
        write_config(folder / "config.toml", config)
        service = ServiceProcess(session, folder / "config.toml", config["server"]["public_url"])
        stack.push_async_callback(service.stop)
        await service.start()
        await service.wait_ready()
        yield FanoutScene(service, engine, session, sandbox_url, sandbox_pid, config, keys[:-1], keys[-1])


def _make_config(port: int, folder: Path, sandbox_url: str) -> dict[str, Any]:
    return {
        "server": {"host": "127.0.0.1", "port": port, "public_url": f"http://127.0.0.1:{port}"},
        "storage": {"url": f"sqlite+aiosqlite:///{folder / 'wangge.db'}", "media_dir": str(folder / "media")},
        "webhook": {"api_base": f"{sandbox_url}/wecom"},
    }


async def _fill_archive(engine: AsyncEngine, groups: int) -> list[str]:
    """A county of streets with groups on webhooks, and a notice that has all of them but the last as targets; the groups' keys."""
    await migrate(engine)
    streets = groups // GROUPS_IN_STREET + 1
    areas = [_area(_CODE, None, AreaLevel.DISTRICT, "城区", f"/{_CODE}/")]
    areas += [_street(number) for number in range(streets)]
    keys = [secrets.token_hex(16) for _ in range(groups + 1)]
    rooms = [_group(number, key) for number, key in enumerate(keys)]
    targets = [_target(NOTICE_ID, number) for number in range(groups)] + [_target(REHEARSAL_ID, groups)]
    async with engine.execution_options(**WRITES).begin() as connection:
        await connection.run_sync(_insert, areas, rooms, [_notice(one) for one in NUMBERS], targets)
    return keys


def _insert(connection: Connection, *tables: Sequence[Any]) -> None:
    for rows in tables:
        connection.execute(insert(type(rows[0])), [row_values(row) for row in rows])
    # Ids that were given by hand must not be drawn again.
    connection.execute(insert(Counter), [{"name": "id", "next": 10_000_000}])


def _area(code: str, parent: str | None, level: AreaLevel, name: str, path: str) -> Area:
    return fresh(Area, code=code, parent_code=parent, level=level, kind=AreaKind.URBAN, name=name, path=path)


def _street(number: int) -> Area:
    code = f"{_CODE}{number:03d}"
    return _area(code, _CODE, AreaLevel.STREET, f"第{number + 1}街道", f"/{_CODE}/{code}/")


def _group(number: int, key: str) -> WorkGroup:
    return fresh(
        WorkGroup,
        id=FIRST_GROUP + number,
        key=f"fanout-{number}",
        name=f"第{number // GROUPS_IN_STREET + 1}街道第{number % GROUPS_IN_STREET + 1}网格工作群",
        area_code=f"{_CODE}{number // GROUPS_IN_STREET:03d}",
        kind=GroupKind.WORK,
        send_via=Channel.WEBHOOK,
        receive_via=Channel.NONE,
        webhook_key=key,
    )


def _notice(notice_id: int) -> Notice:
    now = datetime.now(UTC)
    return fresh(
        Notice,
        id=notice_id,
        number=NUMBERS[notice_id],
        kind=NoticeKind.SUSPECT,
        state=NoticeState.SCHEDULED,
        text=TEXT,
        fields={"station": "城区派出所", "document": "城公协〔2026〕1号", "approver": "李所长"},
        scope={"areas": [_CODE], "groups": [GroupKind.WORK.value], "residents": False},
        area_code=_CODE,
        made_at=now,
        ends_at=now + timedelta(days=7),
    )


def _target(notice_id: int, number: int) -> NoticeTarget:
    return fresh(
        NoticeTarget,
        id=FIRST_TARGET + number,
        notice_id=notice_id,
        target=f"group:{FIRST_GROUP + number}",
        area_code=f"{_CODE}{number // GROUPS_IN_STREET:03d}",
        state=TargetState.WAITING,
    )


async def _write(engine: AsyncEngine, statement: Any) -> None:
    async with engine.execution_options(**WRITES).begin() as connection:
        await connection.execute(statement)


async def _start_sandbox(stack: AsyncExitStack, session: aiohttp.ClientSession, port: int, folder: Path) -> int:
    code = f"import asyncio; from sandbox.app import serve; asyncio.run(serve({port}))"
    with (folder / "sandbox.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=log, stderr=log)

    async def stop() -> None:
        process.terminate()
        await process.wait()

    stack.push_async_callback(stop)
    deadline = time.monotonic() + _START_SECONDS
    while not await _answers(session, f"http://127.0.0.1:{port}/sandbox/clock"):
        if time.monotonic() > deadline:
            raise ServiceFailed("the sandbox does not listen")
        await asyncio.sleep(_LOOK_SECONDS)
    return process.pid


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url) as response:
            return response.status == 200
    except (aiohttp.ClientError, OSError):
        return False
