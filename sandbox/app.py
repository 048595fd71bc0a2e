"""The sandbox as an aiohttp application."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
from aiohttp import web

from sandbox import (
    bot_files,
    bot_http,
    bot_line,
    control_groups,
    control_residents,
    control_world,
    oa_custom,
    oa_mass,
    oa_media,
    oa_menu,
    oa_notices,
    oa_oauth,
    oa_people,
    oa_voice,
    wecom_webhook,
)
from sandbox.city import load_city
from sandbox.clock import SandboxClock
from sandbox.control import add_controls
from sandbox.gate import add_apis
from sandbox.world import WORLD, World

MAX_BODY_BYTES = 48 << 20
CLOSE_SECONDS = 2.0
PAGE = Path(__file__).parent / "page"


def make_app(
    city: Path | None = None,
    clock: SandboxClock | None = None,
    *,
    push_timeout_seconds: float = 5.0,
    retry_gap_seconds: float = 5.0,
) -> web.Application:
    """The pretend platforms; `city` is a directory with people.csv and groups.csv.

    `push_timeout_seconds` is WeChat's patience with the callback, `retry_gap_seconds` its pause after a refused
    connection or an HTTP error (so that three tries last as long as three timeouts); tests shorten both. All other times are the clock's.
    """
    world = World(
        clock=clock or SandboxClock(), push_timeout_seconds=push_timeout_seconds, retry_gap_seconds=retry_gap_seconds
    )
    if city is not None:
        load_city(world.chats, city)
    app = web.Application(client_max_size=MAX_BODY_BYTES, middlewares=[_learn_address])
    app[WORLD] = world
    app.cleanup_ctx.append(_http_client)
    app.on_shutdown.append(_hang_up)
    _add_platforms(app)
    _add_control(app)
    _add_page(app)
    return app


@web.middleware
async def _learn_address(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """The first caller tells under which address the sandbox is reached; `PicUrl` and file links are made of it."""
    world = request.app[WORLD]
    if not world.base_url:
        world.base_url = f"{request.scheme}://{request.host}"
    return await handler(request)


async def _http_client(app: web.Application) -> AsyncIterator[None]:
    world = app[WORLD]
    connector = aiohttp.TCPConnector(limit=0, ssl=False)
    async with aiohttp.ClientSession(connector=connector, auto_decompress=True) as session:
        world.http = session
        yield
        for task in list(world.tasks):
            task.cancel()
        await asyncio.gather(*world.tasks, return_exceptions=True)
    world.http = None


async def _hang_up(app: web.Application) -> None:
    """Ends what would stay open for ever: event streams and long connections."""
    world = app[WORLD]
    world.feed.end()
    for line in list(world.lines):
        await line.drop()


def _add_platforms(app: web.Application) -> None:
    for module in (
        oa_custom,
        oa_notices,
        oa_mass,
        oa_media,
        oa_voice,
        oa_menu,
        oa_people,
        oa_oauth,
        wecom_webhook,
        bot_http,
    ):
        add_apis(app, module.APIS)
    app.router.add_get(bot_line.PATH, bot_line.open_line)
    app.router.add_get(bot_files.PATH + "/{token}", bot_files.serve_file)


def _add_control(app: web.Application) -> None:
    for module in (control_residents, control_groups, control_world):
        add_controls(app, module.ROUTES)
    app.router.add_get("/sandbox/media/{sha256}", control_world.serve_media)
    app.router.add_get("/sandbox/live", control_world.serve_live)


def _add_page(app: web.Application) -> None:
    async def index(request: web.Request) -> web.StreamResponse:
        page = PAGE / "index.html"
        if page.is_file():
            return web.FileResponse(page)
        return web.Response(text="沙盒正在运行；本安装不含页面。控制接口在 /sandbox/ 之下。", status=404)

    app.router.add_get("/", index)
    if PAGE.is_dir():
        app.router.add_static("/page/", PAGE)


async def serve(port: int, city: Path | None = None, clock: SandboxClock | None = None) -> None:
    """Serves on 127.0.0.1:`port` until cancelled."""
    app = make_app(city, clock)
    app[WORLD].base_url = f"http://127.0.0.1:{port}"
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=CLOSE_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()
