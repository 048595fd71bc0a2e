"""The send-only group robot: 20 messages a minute, and every type's limits.

Source: developer.work.weixin.qq.com/document/path/99110
"""

import binascii
import hashlib

from sandbox.cards import read_card
from sandbox.chats import Group
from sandbox.clock import MINUTE_SECONDS
from sandbox.errors import Refused
from sandbox.fields import Json, byte_length, decode_base64, object_of, objects_of, text_of
from sandbox.forms import read_file
from sandbox.gate import Answer, Api, ApiCall, ok
from sandbox.limits import SlidingWindow
from sandbox.media import sniff
from sandbox.oa_content import Content
from sandbox.world import World

BASE = "/wecom/cgi-bin/webhook"
PER_MINUTE = 20
TEXT_BYTES, MARKDOWN_BYTES, IMAGE_BYTES = 2048, 4096, 2 << 20
FILE_BYTES = {"file": 20 << 20, "voice": 2 << 20}
NOTICE_CARDS = frozenset({"text_notice", "news_notice"})


def _find_group(call: ApiCall) -> Group:
    group = call.world.chats.find_by_key(call.query.get("key", ""))
    if group is None:
        raise Refused(93000)
    return group


async def _send(call: ApiCall) -> Answer:
    world, group = call.world, _find_group(call)
    content = _read(world, group, call.json)
    now = world.clock.now()
    if not world.webhook_windows.setdefault(group.webhook_key, SlidingWindow(PER_MINUTE, MINUTE_SECONDS)).take(now):
        raise Refused(45009, "api freq out of limit")
    group.talk.add("webhook", content.msgtype, content.text, media=content.media, raw=_slim(call.json))
    world.books.sent("webhook", group.webhook_key, now)
    world.books.deliver("groups", group.chatid)
    return ok()


def _slim(body: Json) -> Json:
    """The body without a picture's base64, which the row's media already stand for."""
    if "image" not in body:
        return body
    return {**body, "image": {"md5": text_of(object_of(body, "image"), "md5")}}


def _read(world: World, group: Group, body: Json) -> Content:
    msgtype = text_of(body, "msgtype")
    part = object_of(body, msgtype)
    if msgtype == "text":
        return Content("text", _bounded(part, TEXT_BYTES))
    if msgtype in ("markdown", "markdown_v2"):
        return Content(msgtype, _bounded(part, MARKDOWN_BYTES))
    if msgtype == "image":
        return _image(world, part)
    if msgtype == "news":
        return _news(part)
    if msgtype in FILE_BYTES:
        return _file(world, group, msgtype, part)
    if msgtype == "template_card":
        return Content("template_card", read_card(part, NOTICE_CARDS).face)
    raise Refused(40008)


def _bounded(part: Json, limit_bytes: int) -> str:
    text = text_of(part, "content")
    if not text:
        raise Refused(44004)
    if byte_length(text) > limit_bytes:
        raise Refused(40058, f"content exceed max length {limit_bytes} bytes")
    return text


def _image(world: World, part: Json) -> Content:
    try:
        data = decode_base64(part.get("base64"))
    except (ValueError, binascii.Error):
        raise Refused(40058, "image base64 invalid") from None
    if len(data) > IMAGE_BYTES:
        raise Refused(40009)
    if hashlib.md5(data, usedforsecurity=False).hexdigest() != text_of(part, "md5").lower():
        raise Refused(40058, "image md5 does not fit")
    if sniff(data) not in ("png", "jpg") or not world.media.is_picture(data):
        raise Refused(40005)
    return Content("image", "", [world.media.as_json(world.media.keep(data), world.base_url)])


def _news(part: Json) -> Content:
    articles = objects_of(part, "articles")
    if not 1 <= len(articles) <= 8:
        raise Refused(45008)
    for article in articles:
        if not text_of(article, "title") or not text_of(article, "url"):
            raise Refused(40058, "article needs title and url")
    return Content("news", "\n".join(f"{text_of(item, 'title')} {text_of(item, 'url')}" for item in articles))


def _file(world: World, group: Group, msgtype: str, part: Json) -> Content:
    medium = world.media.find(text_of(part, "media_id"), f"webhook:{group.webhook_key}")
    if medium is None or medium.kind != msgtype:
        raise Refused(40007)
    return Content(
        msgtype, medium.filename, [world.media.as_json(medium.sha256, world.base_url, msgtype, medium.filename)]
    )


async def _upload(call: ApiCall) -> Answer:
    group, kind = _find_group(call), call.query.get("type", "")
    if kind not in FILE_BYTES:
        raise Refused(40004)
    part = await read_file(call.request, needs_ascii_name=False)
    if len(part.data) <= 5:
        raise Refused(40006, "at least 6 bytes")
    if len(part.data) > FILE_BYTES[kind]:
        raise Refused(45001)
    if kind == "voice" and sniff(part.data) != "amr":
        raise Refused(40005)
    medium = call.world.media.add(kind, part.data, f"webhook:{group.webhook_key}", part.filename)
    return ok(type=kind, media_id=medium.media_id, created_at=str(int(medium.created_at)))


APIS = (
    Api(f"{BASE}/send", _send, needs_token=False),
    Api(f"{BASE}/upload_media", _upload, needs_token=False, reads_body=False),
)
