"""What reaches a bot of a message: its payload, its files as links, a quote as content without an id.

Source: developer.work.weixin.qq.com/document/path/100719
"""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.bot_files import link_file
from sandbox.bots import Bot
from sandbox.fields import Json, text_of
from sandbox.talk import Row
from sandbox.world import World

Linker = Callable[[str, str], Json]
"""sha256 and file name → `{url, aeskey}`, or `{url}` in callback mode."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A message on its way to a bot: its type and payload, as in `{msgtype, <msgtype>: payload}`."""

    msgtype: str
    payload: Json


def linker(world: World, bot: Bot | None) -> Linker:
    """Makes file links for a bot: over HTTPS its own AES key seals them, on the long connection each has one."""
    own_key = bot.encoding_aes_key if bot is not None and bot.mode == "callback" else None
    return lambda sha256, filename: link_file(world, sha256, filename, own_key)


def mixed(link: Linker, text: str, images: list[str]) -> Heard:
    """Text with pictures in one message, as a PC sends it; `images` are sha256."""
    items: list[Json] = [{"msgtype": "text", "text": {"content": text}}] if text else []
    items += [{"msgtype": "image", "image": link(sha256, "image.jpg")} for sha256 in images]
    return Heard("mixed", {"msg_item": items})


def quote_of(link: Linker, row: Row) -> Json:
    """A quoted message as the callback carries it: content, never an id."""
    shas = [text_of(item, "sha256") for item in row.media]
    if row.msgtype == "mixed":
        return {"msgtype": "mixed", "mixed": mixed(link, row.text, shas).payload}
    if row.msgtype in ("image", "file", "video") and shas:
        return {"msgtype": row.msgtype, row.msgtype: link(shas[0], text_of(row.media[0], "filename") or "image.jpg")}
    if row.msgtype == "voice":
        return {"msgtype": "voice", "voice": {"content": row.text}}
    return {"msgtype": "text", "text": {"content": row.text}}
