"""`check`: is this installation well? Each line ok / fault / how to mend."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape
from sqlalchemy import text

from bot.cityhall import CityHall
from bot.cli.common import ConfigPath, JsonFlag, console, finish, read_settings, run_async
from bot.clock import system_clock
from bot.config import list_warnings
from bot.doors import AccountParts, open_account
from bot.learning import check_lexicon
from bot.menu import is_menu_applied
from bot.ports import Refused, WireFailure
from bot.refusals import find_refusal
from bot.settings import Settings, VoiceProvider
from bot.voice.connect import open_transcriber
from bot.voice.transcriber import TranscriberMissing
from grid.desk import House
from grid.ground import list_plots
from grid.routing import list_deaf_groups, list_gaps
from grid.seams import list_seams, seam_sentence
from nlp.reading import Category
from storage.archive import Archive, open_archive
from storage.columns import GroupKind
from storage.imports.boundaries import load_ground
from storage.queries import Books
from storage.schema import list_drift, migrate

_SHOWN = 5
# Freshness of signatures and life of tokens both suffer from a clock that is further off than this.
_CLOCK_TOLERANCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at; `mend` is empty when there is nothing to do."""

    what: str
    is_ok: bool
    said: str
    mend: str = ""


def check(config: ConfigPath = None, as_json: JsonFlag = False) -> None:
    """体检:配置、数据库、时钟、日历、覆盖、边界、绑定、令牌、回调、菜单、语音。"""
    settings = read_settings(config)
    lines = run_async(_collect(settings))
    for line in lines:
        _print(line)
    faults = [line for line in lines if not line.is_ok]
    finish(as_json, ok=not faults, faults=[line.what for line in faults])
    if faults:
        raise typer.Exit(1)


def _print(line: Line) -> None:
    mark = "[green]✓[/green]" if line.is_ok else "[red]✗[/red]"
    # Escaped: the section's name in [ ] is no markup.
    console.print(mark, escape(f"{line.what}:{line.said}"), markup=True)
    if line.mend:
        console.print(f"    → {line.mend}", markup=False)


async def _collect(settings: Settings) -> list[Line]:
    return [line async for line in _lines(settings)]


async def _lines(settings: Settings) -> AsyncIterator[Line]:
    warnings = list_warnings(settings)
    yield Line("配置", True, "可读", "\n    → ".join(warnings))
    async with AsyncExitStack() as stack:
        archive = await stack.enter_async_context(open_archive(settings.storage.url))
        database = await _check_database(archive)
        yield database
        if not database.is_ok:
            return
        books = Books(archive)
        hall = CityHall(books, settings.deadlines, ZoneInfo(settings.server.timezone), House(), system_clock)
        await hall.load()
        yield await _check_clock(archive)
        yield _check_calendar(hall)
        yield Line("词表", *await check_lexicon(archive, settings.nlp.lexicon_dir))
        for line in _check_city(hall):
            yield line
        if hall.city.areas:
            yield await _check_boundaries(archive, hall)
        async for line in _check_account(stack, settings, archive):
            yield line
        yield _check_bot(settings)
        yield await _check_voice(settings)


async def _check_database(archive: Archive) -> Line:
    try:
        await migrate(archive.engine)
        drift = await list_drift(archive.engine)
    except Exception as error:
        return Line("数据库", False, f"连不上（{type(error).__name__}）", "核对 [storage] url、网络与权限。")
    if drift:
        return Line(
            "数据库", False, f"表结构与程序不一致（{len(drift)}处）", "用本版本的 wangge run 启动一次，或从备份恢复。"
        )
    return Line("数据库", True, f"{archive.engine.dialect.name}，表结构一致")


async def _check_voice(settings: Settings) -> Line:
    """Whether recordings can be turned into text here; a local model is loaded for it."""
    if settings.voice.provider is VoiceProvider.OFF:
        return Line("语音", True, "不转写，录音直接交给人听")
    try:
        await open_transcriber(settings.voice, None)
    except TranscriberMissing as missing:
        return Line("语音", False, "本机模型不可用", str(missing))
    return Line("语音", True, "本机模型" if settings.voice.provider is VoiceProvider.LOCAL else "公众号平台接口")


async def _check_clock(archive: Archive) -> Line:
    query = (
        "SELECT strftime('%s','now')" if archive.engine.dialect.name == "sqlite" else "SELECT extract(epoch FROM now())"
    )
    async with archive.engine.connect() as connection:
        seconds = float((await connection.execute(text(query))).scalar_one())
    off = abs(system_clock().timestamp() - seconds)
    if off > _CLOCK_TOLERANCE_SECONDS:
        return Line("时钟", False, f"与数据库相差{off:.0f}秒", "在两台机器上启用 NTP 对时。")
    return Line("时钟", True, f"与数据库相差{off:.0f}秒以内")


def _check_calendar(hall: CityHall) -> Line:
    year = hall.desk().today.year
    provisional = [str(y) for y in (year, year + 1) if hall.is_provisional(y)]
    if str(year) in provisional:
        return Line(
            "日历", False, f"{year}年的放假安排没有导入", "wangge import calendar 文件；在此之前时限按法定节假日暂定。"
        )
    note = f"{year + 1}年待国务院通知，时限标“暂定”" if provisional else "今明两年齐全"
    return Line("日历", True, note)


def _check_city(hall: CityHall) -> list[Line]:
    city = hall.city
    if not city.areas:
        return [Line("城市", False, "还没有区划", "依次 wangge import areas、people、places、groups。")]
    gaps = list_gaps(city, [category.value for category in Category])
    where = sorted({gap.area for gap in gaps})
    lines = [Line("城市", True, f"区域{len(city.areas)}个，网格{len(city.list_grids())}个，工作群{len(city.groups)}个")]
    if gaps:
        names = "、".join(city.area_name(code) for code in where[:_SHOWN])
        lines.append(
            Line(
                "覆盖",
                False,
                f"{len(where)}个网格有类别无人受理：{names}…",
                "为网格或其社区、街道绑定工作群并安排在岗人员。",
            )
        )
    else:
        lines.append(Line("覆盖", True, "每个网格的六类事项都有人受理"))
    deaf = list_deaf_groups(city)
    if deaf:
        names = "、".join(group.name for group in deaf[:_SHOWN])
        lines.append(
            Line("绑定", False, f"{len(deaf)}个群不能收或不能发：{names}…", "在群里发送“@网格助手 绑定 绑定码”。")
        )
    else:
        lines.append(Line("绑定", True, "所有群都能收能发"))
    if not any(group.kind is GroupKind.DUTY and group.can_be_told for group in city.groups.values()):
        lines.append(
            Line("值班群", False, "没有可用的值班群", "导入一个 kind=duty 的群并绑定：派不出去的工单靠它兜底。")
        )
    return lines


async def _check_boundaries(archive: Archive, hall: CityHall) -> Line:
    today = hall.desk().today
    async with archive.engine.connect() as connection:
        areas, shapes = await load_ground(connection, today)
    plots = list_plots(areas, shapes, today)
    if not any(plot.shape for plot in plots):
        return Line("边界", True, "没有导入，位置按网格中心点推定")
    bare = sum(plot.is_grid and plot.shape is None for plot in plots)
    seams = await asyncio.to_thread(list_seams, plots)
    if not seams and not bare:
        return Line("边界", True, "每个网格都有，无重叠，无空隙")
    names = {area.code: area.name for area in areas}
    told = [f"{bare}个网格没有边界。"] if bare else []
    told += [f"重叠或空隙{len(seams)}处：", *(seam_sentence(seam, names) for seam in seams[:_SHOWN])] if seams else []
    return Line("边界", not seams, "".join(told), "核对测绘成果后重新 wangge import boundaries。" if seams else "")


async def _check_account(stack: AsyncExitStack, settings: Settings, archive: Archive) -> AsyncIterator[Line]:
    account = await open_account(stack, settings, archive.engine, system_clock)
    if account is None:
        yield Line("公众号", True, "未配置，此门关闭")
        return
    yield await _try("令牌", _token(account), "核对 app_id、app_secret，并把本机公网地址加入 IP 白名单。")
    yield await _try("回调", _ping(account, settings), "核对公众平台“服务器配置”的地址，须能从公网访问。")
    yield await _try("菜单", _compare_menu(account, settings), "wangge menu apply")


async def _try(what: str, work: Coroutine[Any, Any, str], mend: str) -> Line:
    try:
        async with asyncio.timeout(20):
            said = await work
    except Refused as refused:
        return Line(what, False, f"平台拒绝（{refused.errcode}）：{find_refusal(refused.errcode).meaning}", mend)
    except (WireFailure, TimeoutError) as failure:
        return Line(what, False, f"没有回应（{type(failure).__name__}）", mend)
    return Line(what, not said.startswith("!"), said.removeprefix("!"), mend if said.startswith("!") else "")


async def _token(account: AccountParts) -> str:
    await account.api.check_token()
    return "可以取得"


async def _ping(account: AccountParts, settings: Settings) -> str:
    found = await account.api.check_callback()
    return "平台能访问回调地址" if found.is_well else "!平台访问回调地址有丢包"


async def _compare_menu(account: AccountParts, settings: Settings) -> str:
    return "与配置一致" if await is_menu_applied(account.api, settings.menu) else "!与配置不一致"


def _check_bot(settings: Settings) -> Line:
    bot = settings.aibot
    if bot is None:
        return Line("群机器人", True, "未配置，此门关闭")
    return Line("群机器人", True, f"“{bot.name}”，{'长连接' if bot.mode.value == 'ws' else '回调'}；运行中请看 /readyz")
