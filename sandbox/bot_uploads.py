"""Files that a bot uploads over the long connection: init, parts, finish.

Source: developer.work.weixin.qq.com/document/path/101463
"""

import hashlib
import secrets

from sandbox.bots import Bot, Upload, take_both
from sandbox.errors import Refused
from sandbox.fields import Json, decode_base64, text_of, whole_of
from sandbox.media import sniff
from sandbox.world import World

CHUNK_BYTES, MAX_CHUNKS, SESSION_SECONDS = 512 * 1024, 100, 1800.0
MAX_BYTES = {"image": 10 << 20, "voice": 2 << 20, "video": 10 << 20, "file": 20 << 20}
FORMS = {"image": ("png", "jpg", "gif"), "voice": ("amr",), "video": ("mp4",)}


def begin(world: World, bot: Bot, body: Json) -> Json:
    """`aibot_upload_media_init` → `{upload_id}`. Raises Refused 40004, 40058, 45001, 45009."""
    kind, total_bytes, chunks = text_of(body, "type"), whole_of(body, "total_size"), whole_of(body, "total_chunks")
    if kind not in MAX_BYTES:
        raise Refused(40004)
    if total_bytes > MAX_BYTES[kind]:
        raise Refused(45001)
    if total_bytes < 5 or not 1 <= chunks <= MAX_CHUNKS or not text_of(body, "filename"):
        raise Refused(40058, "filename, total_size of 5 bytes or more, 1-100 chunks")
    now = world.clock.now()
    take_both(*bot.upload_windows, now)
    upload_id = secrets.token_urlsafe(24)
    bot.uploads[upload_id] = Upload(kind, text_of(body, "filename"), total_bytes, chunks, text_of(body, "md5"), now)
    return {"upload_id": upload_id}


def _find(world: World, bot: Bot, body: Json) -> Upload:
    upload = bot.uploads.get(text_of(body, "upload_id"))
    if upload is None or world.clock.now() - upload.at > SESSION_SECONDS:
        raise Refused(40058, "upload_id unknown or older than 30 minutes")
    return upload


def add_chunk(world: World, bot: Bot, body: Json) -> Json:
    """`aibot_upload_media_chunk`; indexes from 0, a repeated one replaces. Raises Refused 40058, 45001."""
    upload = _find(world, bot, body)
    index = whole_of(body, "chunk_index", -1)
    try:
        data = decode_base64(body.get("base64_data"))
    except ValueError:
        raise Refused(40058, "base64_data invalid") from None
    if len(data) > CHUNK_BYTES:
        raise Refused(45001, "a chunk holds 512 KB at most")
    if not 0 <= index < upload.total_chunks:
        raise Refused(40058, "chunk_index out of range")
    upload.chunks[index] = data
    return {}


def finish(world: World, bot: Bot, body: Json) -> Json:
    """`aibot_upload_media_finish` → `{type,media_id,created_at}`. Raises Refused 40058, 40005."""
    upload = _find(world, bot, body)
    if len(upload.chunks) != upload.total_chunks:
        raise Refused(40058, "chunks missing")
    data = b"".join(upload.chunks[index] for index in range(upload.total_chunks))
    has_md5 = not upload.md5 or hashlib.md5(data, usedforsecurity=False).hexdigest() == upload.md5.lower()
    if len(data) != upload.total_bytes or not has_md5:
        raise Refused(40058, "size or md5 does not fit")
    if upload.kind in FORMS and sniff(data) not in FORMS[upload.kind]:
        raise Refused(40005)
    if upload.kind == "image" and not world.media.is_picture(data):
        raise Refused(40005)
    del bot.uploads[text_of(body, "upload_id")]
    medium = world.media.add(upload.kind, data, f"bot:{bot.bot_id}", upload.filename)
    return {"type": upload.kind, "media_id": medium.media_id, "created_at": int(medium.created_at)}
