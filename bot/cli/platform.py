"""`menu apply` and `sandbox`."""

import asyncio
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Annotated

import typer

from bot.app import prepare_archive
from bot.cli.common import ConfigPath, console, fail, read_settings, run_async
from bot.clock import system_clock
from bot.doors import open_account
from bot.menu import apply_menu
from bot.ports import WireFailure
from bot.settings import Settings
from sandbox.app import serve as serve_sandbox
from storage.archive import open_archive

menu = typer.Typer(no_args_is_help=True, help="公众号自定义菜单")


@menu.command("apply")
def apply(config: ConfigPath = None) -> None:
    """把配置的菜单发布到公众号。"""
    settings = read_settings(config)
    if settings.official_account is None:
        raise fail("配置里没有 [official_account]，没有可发布菜单的公众号。", 2)
    try:
        run_async(_apply(settings))
    except WireFailure as failure:
        raise fail(f"公众号没有接受菜单：{failure}") from None
    console.print("菜单已发布；手机上约五分钟后（或重新进入后）可见。")


async def _apply(settings: Settings) -> None:
    await prepare_archive(settings)
    async with AsyncExitStack() as stack:
        archive = await stack.enter_async_context(open_archive(settings.storage.url))
        account = await open_account(stack, settings, archive.engine, system_clock)
        assert account is not None, "checked by the command"
        await apply_menu(account.api, settings.menu)


def sandbox(
    port: Annotated[int, typer.Option(help="端口")] = 8601,
    city: Annotated[Path | None, typer.Option("--city", help="city 命令写出的目录：其中的群和网格员即存在")] = None,
) -> None:
    """单独运行模拟平台(微信公众号与企业微信)。"""
    if city is not None and not city.is_dir():
        raise fail(f"没有目录 {city}。", 2)
    console.print(f"模拟平台 http://127.0.0.1:{port}/", markup=False)
    try:
        with suppress(KeyboardInterrupt):
            asyncio.run(serve_sandbox(port, city))
    except OSError as error:
        raise fail(f"无法监听端口 {port}：{error.strerror}") from None
