"""`scenes`: a QR code for each grid, to print on its contact card; whoever scans it is bound to that grid."""

import csv
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import segno
import typer
from rich.progress import track

from bot.app import prepare_archive
from bot.cli.common import ConfigPath, JsonFlag, errors, fail, finish, read_settings, run_async
from bot.clock import system_clock
from bot.doors import AccountParts, open_account
from bot.ports import WireFailure
from bot.settings import Settings
from grid.city import AreaNode, City
from handlers.resident.events import SCENE_PREFIX
from storage.archive import open_archive
from storage.queries import Books

_LIST = "scenes.csv"


def scenes(
    output: Annotated[Path, typer.Option("-o", "--output", help="写入的目录")] = Path("data/scenes"),
    config: ConfigPath = None,
    as_json: JsonFlag = False,
) -> None:
    """为每个网格生成永久二维码（PNG 与清单）；已有的不再重做。"""
    settings = read_settings(config)
    if settings.official_account is None:
        raise fail("配置里没有 [official_account]，无法生成二维码。", 2)
    try:
        made, had = run_async(_make_all(settings, output))
    except WireFailure as failure:
        raise fail(f"平台没有给出二维码：{failure}。已生成的保留，稍后重试即可接着做。") from None
    finish(as_json, folder=str(output), made=made, had=had)


async def _make_all(settings: Settings, output: Path) -> tuple[int, int]:
    await prepare_archive(settings)
    async with AsyncExitStack() as stack:
        archive = await stack.enter_async_context(open_archive(settings.storage.url))
        areas, workers, posts, groups, _ = await Books(archive).load_city()
        city = City(areas, workers, posts, groups)
        account = await open_account(stack, settings, archive.engine, system_clock)
        assert account is not None, "checked by the command"
        return await _make_missing(account, city, output)


async def _make_missing(account: AccountParts, city: City, output: Path) -> tuple[int, int]:
    output.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240  # a command does nothing else meanwhile
    had = {code for code, _ in _read_list(output / _LIST)}
    missing = [node for node in city.list_grids() if node.code not in had]
    with (output / _LIST).open("a", encoding="utf-8", newline="") as file:  # as above
        lines = csv.writer(file)
        for node in track(missing, description="二维码", console=errors):
            lines.writerow([node.code, await _make_one(account, city, node, output)])
            file.flush()
    return len(missing), len(had)


async def _make_one(account: AccountParts, city: City, node: AreaNode, output: Path) -> str:
    _, address = await account.api.create_scene_qr(f"{SCENE_PREFIX}{node.code}")
    segno.make(address, error="m").save(str(output / f"{node.code}_{city.area_name(node.code)}.png"), scale=8, border=4)
    return address


def _read_list(path: Path) -> Iterator[tuple[str, str]]:
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            yield from ((row[0], row[1]) for row in csv.reader(file) if len(row) == 2)
