"""`city` and `import`."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from bot.app import make_house, prepare_archive
from bot.cityhall import CityHall
from bot.cli.common import ConfigPath, JsonFlag, console, fail, finish, read_settings, run_async
from bot.clock import system_clock
from bot.importing import import_boundaries, import_path
from bot.importing_cases import import_cases
from bot.settings import Settings
from grid.coordinates import Crs, parse_crs
from lab.city import make_city, write_city
from storage.archive import Archive, open_archive
from storage.imports import Imported, ImportRefused, render_faults
from storage.imports.faults import SHOWN
from storage.imports.writing import BindCode
from storage.queries import Books


class Size(StrEnum):
    """How large a made city is."""

    STREET = "street"
    DISTRICT = "district"
    CITY = "city"


class Kind(StrEnum):
    """What can be imported."""

    AREAS = "areas"
    PEOPLE = "people"
    GROUPS = "groups"
    PLACES = "places"
    CALENDAR = "calendar"
    BOUNDARIES = "boundaries"
    CASES = "cases"


def city(
    size: Annotated[Size, typer.Option(help="规模")] = Size.STREET,
    seed: Annotated[int, typer.Option(help="随机种子；相同种子结果逐字节相同")] = 1,
    output: Annotated[Path, typer.Option("-o", "--output", help="写入的目录")] = Path("data/city"),
    as_json: JsonFlag = False,
) -> None:
    """生成一座虚拟城市(区划为真实佳木斯),格式与 import 完全一致。"""
    counts = write_city(make_city(size.value, seed), output)
    finish(as_json, folder=str(output), **counts)


def import_(
    kind: Annotated[Kind, typer.Argument(help="导入什么")],
    file: Annotated[Path, typer.Argument(help="CSV 或 XLSX 文件；boundaries 为 GeoJSON")],
    crs: Annotated[
        str | None,
        typer.Option("--crs", help="边界的坐标系：CGCS2000、WGS-84、GCJ-02、BD-09 或 EPSG 编号；仅 boundaries"),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不写入")] = False,
    config: ConfigPath = None,
    as_json: JsonFlag = False,
) -> None:
    """导入区划、人员、工作群、地址、日历、边界或热线信访工单;有错则逐处列出,且一条也不写入。"""
    stated = _read_crs(kind, crs)
    settings = read_settings(config)
    try:
        imported = run_async(_import(settings, kind, file, stated, dry_run))
    except ImportRefused as refused:
        raise fail("\n".join([f"{file} 未导入：", *render_faults(tuple(refused.faults))])) from None
    except OSError as error:
        raise fail(f"无法读取 {file}：{error.strerror}", 2) from None
    if imported.bind_codes and not as_json:
        _print_codes(imported.bind_codes)
    if imported.warnings and not as_json:
        _print_warnings(imported.warnings)
    finish(
        as_json,
        created=imported.created,
        updated=imported.updated,
        unchanged=imported.unchanged,
        removed=imported.removed,
        **({"bind_codes": {code.key: code.code for code in imported.bind_codes}} if as_json else {}),
        **({"warnings": list(imported.warnings)} if as_json and kind is Kind.BOUNDARIES else {}),
    )


def _read_crs(kind: Kind, name: str | None) -> Crs | None:
    if name is None:
        return None
    if kind is not Kind.BOUNDARIES:
        raise fail("只有 boundaries 才写 --crs；其余文件的坐标一律为 GCJ-02。", 2)
    crs = parse_crs(name)
    if crs is None:
        raise fail(f"不认识坐标系“{name}”，可用：CGCS2000、WGS-84、GCJ-02、BD-09。", 2)
    return crs


async def _import(settings: Settings, kind: Kind, file: Path, crs: Crs | None, dry_run: bool) -> Imported:
    await prepare_archive(settings)
    async with open_archive(settings.storage.url) as archive:
        with console.status("正在导入…"):
            now = system_clock()
            if kind is Kind.BOUNDARIES:
                zone = ZoneInfo(settings.server.timezone)
                return await import_boundaries(archive, file, now, crs=crs, dry_run=dry_run, zone=zone)
            if kind is Kind.CASES:
                return await _import_cases(settings, archive, file, dry_run)
            return await import_path(archive, kind.value, file, now, dry_run=dry_run)


async def _import_cases(settings: Settings, archive: Archive, file: Path, dry_run: bool) -> Imported:
    zone = ZoneInfo(settings.server.timezone)
    hall = CityHall(Books(archive), settings.deadlines, zone, make_house(settings), system_clock)
    await hall.load()
    return await import_cases(archive, hall, file, zone, dry_run=dry_run)


def _print_warnings(warnings: Sequence[str]) -> None:
    console.print(f"有 {len(warnings)} 处请核对：")
    for warning in warnings[:SHOWN]:
        console.print(f"  {warning}", markup=False)


def _print_codes(codes: Sequence[BindCode]) -> None:
    table = Table("工作群", "绑定码", title="请在各群里发送“@网格助手 绑定 绑定码”")
    for code in codes:
        table.add_row(code.name, code.code)
    console.print(table)
