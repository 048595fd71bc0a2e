"""Control of clock, faults and books; files and the live feed for the page."""

import asyncio

from aiohttp import web

from sandbox import bot_line
from sandbox.control import Route
from sandbox.faults import parse_fault
from sandbox.fields import Json, number_of
from sandbox.media import CONTENT_TYPES, sniff
from sandbox.world import WORLD, World

KEEP_ALIVE_SECONDS = 15.0


async def get_clock(world: World, request: web.Request, body: Json) -> object:
    """The sandbox's time, epoch seconds."""
    return {"now": world.clock.now()}


async def advance_clock(world: World, request: web.Request, body: Json) -> object:
    """Moves the clock by `advance_seconds`, never back."""
    now = world.clock.advance(number_of(body, "advance_seconds"))
    world.feed.publish("clock", "", {"now": now})
    return {"now": now}


async def add_fault(world: World, request: web.Request, body: Json) -> object:
    """Orders a fault."""
    fault = parse_fault(body)
    world.faults.add(fault)
    if fault.disconnect and fault.path == bot_line.PATH:
        await _cut_lines(world)
    return fault.as_json()


async def _cut_lines(world: World) -> None:
    """A cut strikes a line that is open at once, without waiting for its next frame; each uses the fault up once."""
    for line in list(world.lines):
        if world.faults.take(bot_line.PATH, lambda fault: fault.disconnect) is not None:
            await line.drop()


async def list_faults(world: World, request: web.Request, body: Json) -> object:
    """The faults still to come."""
    return [fault.as_json() for fault in world.faults.active]


async def clear_faults(world: World, request: web.Request, body: Json) -> object:
    """Removes all faults."""
    world.faults.clear()
    return {"ok": True}


async def books(world: World, request: web.Request, body: Json) -> object:
    """What was called, refused and delivered."""
    return world.books.as_json()


async def settle(world: World, request: web.Request, body: Json) -> object:
    """Answers once the events that the platform pushes on its own have all been tried."""
    await world.settle()
    return {"ok": True}


ROUTES: tuple[Route, ...] = (
    ("GET", "/sandbox/clock", get_clock),
    ("POST", "/sandbox/clock", advance_clock),
    ("POST", "/sandbox/faults", add_fault),
    ("GET", "/sandbox/faults", list_faults),
    ("DELETE", "/sandbox/faults", clear_faults),
    ("GET", "/sandbox/books", books),
    ("POST", "/sandbox/settle", settle),
)


async def serve_media(request: web.Request) -> web.StreamResponse:
    """The bytes of a file by their sha256: `PicUrl` and the rows' `media` point here."""
    data = request.app[WORLD].media.blob(request.match_info["sha256"].partition(".")[0])
    if data is None:
        return web.Response(status=404, text="no such file")
    return web.Response(body=data, content_type=CONTENT_TYPES.get(sniff(data), "application/octet-stream"))


async def serve_live(request: web.Request) -> web.StreamResponse:
    """Server-sent events, one JSON object each; a comment line now and then keeps proxies from hanging up."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
    await response.prepare(request)
    feed = request.app[WORLD].feed
    queue = feed.open()
    try:
        await response.write(b": open\n\n")
        while line := await _next_line(queue):
            await response.write(line)
    except ConnectionError:
        return response
    finally:
        feed.close(queue)
    return response


async def _next_line(queue: asyncio.Queue[str]) -> bytes:
    """The next event or a comment; nothing when the sandbox closes."""
    try:
        async with asyncio.timeout(KEEP_ALIVE_SECONDS):
            line = await queue.get()
    except TimeoutError:
        return b": still here\n\n"
    return f"data: {line}\n\n".encode() if line else b""
