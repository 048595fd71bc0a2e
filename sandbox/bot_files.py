"""Files in a bot's callbacks: an address that lives five minutes, its bytes encrypted with a key of their own."""

import base64
import secrets
from urllib.parse import quote

from aiohttp import web

from sandbox.crypto import encrypt_bytes, make_aes_key
from sandbox.fields import Json
from sandbox.world import WORLD, World

PATH = "/wecom/aibot/file"
LIFE_SECONDS = 300.0


def link_file(world: World, sha256: str, filename: str, aes_key: str | None = None) -> Json:
    """`{url, aeskey}` of a file; in callback mode the bot's own key is used and `aeskey` left out."""
    token, key = secrets.token_urlsafe(24), aes_key or make_aes_key()
    world.links[token] = (sha256, key, filename, world.clock.now() + LIFE_SECONDS)
    _drop_expired(world)
    url = f"{world.base_url}{PATH}/{token}"
    return {"url": url} if aes_key else {"url": url, "aeskey": key}


def _drop_expired(world: World) -> None:
    """Links are kept in the order they were made, so the oldest come first."""
    now = world.clock.now()
    while world.links and next(iter(world.links.values()))[3] <= now:
        world.links.pop(next(iter(world.links)))


async def serve_file(request: web.Request) -> web.StreamResponse:
    """The encrypted bytes; 403 once five minutes are over."""
    world = request.app[WORLD]
    _drop_expired(world)
    world.books.call(PATH)
    found = world.links.get(request.match_info["token"])
    data = world.media.blob(found[0]) if found else None
    if found is None or data is None:
        return web.Response(status=403, text="link expired")
    sealed = encrypt_bytes(data, base64.b64decode(found[1] + "="))
    disposition = f"attachment; filename*=UTF-8''{quote(found[2])}"
    return web.Response(
        body=sealed, content_type="application/octet-stream", headers={"Content-Disposition": disposition}
    )
