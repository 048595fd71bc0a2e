"""`run` and `demo`."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.app import Service, listening, open_service, serve
from bot.cli.common import ConfigPath, JsonFlag, console, fail, finish, read_settings, run_async, set_up_logging
from bot.importing import import_city
from bot.menu import apply_menu
from bot.settings import Settings
from bot.voice.transcriber import TranscriberMissing
from lab.day import play_day
from lab.demo import Demo, find_port, open_demo


def run(config: ConfigPath = None, verbose: Annotated[bool, typer.Option("--verbose", "-v")] = False) -> None:
    """运行服务(前台)。"""
    settings = read_settings(config)
    set_up_logging(verbose)
    try:
        run_async(
            serve(settings, lambda port: console.print(f"已就绪 http://{settings.server.host}:{port}", markup=False))
        )
    except TranscriberMissing as missing:
        raise fail(str(missing)) from None
    except OSError as error:
        raise fail(f"无法监听 {settings.server.host}:{settings.server.port}：{error.strerror}") from None


_LINE_SECONDS = 20.0


class DemoService:
    """A service as `lab.demo` drives it."""

    def __init__(self, service: Service, settings: Settings) -> None:
        self._service, self._settings = service, settings

    async def import_city(self, folder: Path) -> Mapping[str, str]:
        """Import the made city; the bind code of each group by its key."""
        imported = await import_city(self._service.archive, folder, self._service.clock())
        return {code.key: code.code for code in imported.bind_codes}

    async def make_scene_codes(self, scenes: list[str]) -> None:
        """A permanent scene QR for each grid."""
        assert self._service.account is not None, "a demo has an account"
        for scene in scenes:
            await self._service.account.api.create_scene_qr(scene)

    async def apply_menu(self) -> None:
        """The account's menu."""
        assert self._service.account is not None, "a demo has an account"
        await apply_menu(self._service.account.api, self._settings.menu)

    async def refresh(self) -> None:
        """Load the city that was imported, and wait until the bot's line is up."""
        await self._service.hall.load()
        assert self._service.chat is not None, "a demo has a bot"
        async with asyncio.timeout(_LINE_SECONDS):
            while not self._service.chat.can_send():  # noqa: ASYNC110  # the holder tells its state, not its changes
                await asyncio.sleep(0.05)


@asynccontextmanager
async def start_service(config: Mapping[str, Any]) -> AsyncIterator[DemoService]:
    """Start a service from a config tree, listening."""
    settings = Settings.read(config)
    async with open_service(settings) as service, listening(service, settings.server.host, settings.server.port):
        yield DemoService(service, settings)


async def _demo(port: int, folder: Path, once: bool, as_json: bool) -> bool:
    with console.status("正在启动…") as status:

        def tell(step: str) -> None:
            status.update(f"正在启动：{step}…")

        async with open_demo(start_service, port, folder, tell) as demo:
            status.stop()
            if once:
                return await _play(demo, as_json)
            _print_addresses(demo)
            await _wait_for_ever()
    return True


async def _play(demo: Demo, as_json: bool) -> bool:
    outcome = await play_day(demo, lambda line: console.print(line, markup=False))
    finish(as_json, **outcome.facts())
    return outcome.is_good


def _print_addresses(demo: Demo) -> None:
    console.print(f"\n[bold]居民手机与工作群[/bold]  {demo.page_url}/", highlight=False)
    console.print(f"[bold]服务状态[/bold]          {demo.service_url}/readyz")
    console.print("[bold]工单页[/bold]            每条受理回执和派单消息里的“详情”链接")
    console.print(f"已绑定 {demo.groups} 个工作群。在浏览器打开第一个地址，像居民一样说句话试试。按 Ctrl-C 结束。")


async def _wait_for_ever() -> None:
    await asyncio.Event().wait()


def demo(
    once: Annotated[bool, typer.Option("--once", help="自动演一天，打印各方对话，按成败退出")] = False,
    port: Annotated[int, typer.Option(help="服务端口；模拟平台用下一个")] = 8600,
    folder: Annotated[Path, typer.Option(help="数据目录（每次清空）")] = Path("data/demo"),
    as_json: JsonFlag = False,
) -> None:
    """演示:内嵌数据库、模拟微信与企业微信、虚拟城市与服务,一条命令全部启动。"""
    set_up_logging()
    try:
        find_port(port)
    except OSError:
        raise fail(f"端口 {port} 或 {port + 1} 已被占用，请用 --port 换一个。") from None
    try:
        good = run_async(_demo(port, folder, once, as_json))
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
    raise typer.Exit(0 if good else 1)
