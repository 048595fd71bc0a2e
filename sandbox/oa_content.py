"""What a message of the account may hold: each type checked as the platform checks it.

Source: developers.weixin.qq.com/doc/service/api/customer/message/api_sendcustommessage
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.errors import Refused
from sandbox.fields import Json, byte_length, list_of, object_of, objects_of, text_of
from sandbox.media import Medium
from sandbox.world import World

TEXT_BYTES = 2048
OWNER = "oa"


@dataclass(frozen=True, slots=True)
class Content:
    """A checked message: what a phone shows as text, and its files."""

    msgtype: str
    text: str
    media: list[Json] = field(default_factory=list)


def read_custom(world: World, body: Json) -> Content:
    """A customer-service message. Raises Refused 40007, 40008, 44004, 45002, 45008, 45162."""
    return _read(world, body, CUSTOM)


def read_mass(world: World, body: Json) -> Content:
    """A mass message. Raises Refused as `read_custom`."""
    return _read(world, body, MASS)


Reader = Callable[[World, str, Json], Content]


def _read(world: World, body: Json, readers: dict[str, Reader]) -> Content:
    msgtype = text_of(body, "msgtype")
    if msgtype not in readers:
        raise Refused(40008)
    key = "images" if msgtype == "image" and "images" in body and "image" not in body else msgtype
    if not isinstance(body.get(key), dict):
        raise Refused(45162)
    return readers[msgtype](world, msgtype, object_of(body, key))


def check_text(text: str) -> str:
    """Raises Refused 44004 (empty), 45002 (longer than 2048 bytes)."""
    if not text:
        raise Refused(44004)
    if byte_length(text) > TEXT_BYTES:
        raise Refused(45002)
    return text


def _text(world: World, msgtype: str, part: Json) -> Content:
    return Content(msgtype, check_text(text_of(part, "content")))


def _medium(world: World, media_id: str, kinds: tuple[str, ...]) -> Medium:
    medium = world.media.find(media_id, OWNER)
    if medium is None:
        raise Refused(40007)
    if medium.kind not in kinds:
        raise Refused(45162)
    return medium


def _one_medium(world: World, msgtype: str, part: Json) -> Content:
    medium = _medium(world, text_of(part, "media_id"), (msgtype,))
    return Content(msgtype, "", [world.media.as_json(medium.sha256, world.base_url, msgtype)])


def _images(world: World, msgtype: str, part: Json) -> Content:
    ids = [item for item in list_of(part, "media_ids") if isinstance(item, str)]
    if not ids:
        return _one_medium(world, msgtype, part)
    found = [_medium(world, media_id, ("image",)) for media_id in ids]
    shown = [world.media.as_json(medium.sha256, world.base_url, "image") for medium in found]
    return Content(msgtype, text_of(part, "recommend"), shown)


def _video(world: World, msgtype: str, part: Json) -> Content:
    medium = _medium(world, text_of(part, "media_id"), ("video",))
    if "thumb_media_id" in part:
        _medium(world, text_of(part, "thumb_media_id"), ("thumb", "image"))
    return Content(msgtype, text_of(part, "title"), [world.media.as_json(medium.sha256, world.base_url, "video")])


def _music(world: World, msgtype: str, part: Json) -> Content:
    _medium(world, text_of(part, "thumb_media_id"), ("thumb", "image"))
    return Content(msgtype, f"{text_of(part, 'title')} {text_of(part, 'musicurl')}".strip())


def _news(world: World, msgtype: str, part: Json) -> Content:
    articles = objects_of(part, "articles")
    if not articles:
        raise Refused(45162)
    if len(articles) > 1:
        raise Refused(45008)
    article = articles[0]
    parts = [text_of(article, key) for key in ("title", "description", "url")]
    return Content(msgtype, "\n".join(part for part in parts if part))


def _article(world: World, msgtype: str, part: Json) -> Content:
    media_id = text_of(part, "media_id") or text_of(part, "article_id")
    if not media_id:
        raise Refused(40007)
    return Content(msgtype, media_id)


def _menu(world: World, msgtype: str, part: Json) -> Content:
    entries = objects_of(part, "list")
    if not entries or any(not text_of(entry, "content") for entry in entries):
        raise Refused(45162)
    lines = [text_of(part, "head_content"), *(text_of(entry, "content") for entry in entries)]
    return Content(msgtype, check_text("\n".join(line for line in [*lines, text_of(part, "tail_content")] if line)))


def _mini_program(world: World, msgtype: str, part: Json) -> Content:
    _medium(world, text_of(part, "thumb_media_id"), ("thumb", "image"))
    if not text_of(part, "appid") or not text_of(part, "pagepath"):
        raise Refused(45162)
    return Content(msgtype, text_of(part, "title"))


def _card(world: World, msgtype: str, part: Json) -> Content:
    if not text_of(part, "card_id"):
        raise Refused(45162)
    return Content(msgtype, text_of(part, "card_id"))


CUSTOM: dict[str, Reader] = {
    "text": _text,
    "image": _one_medium,
    "voice": _one_medium,
    "video": _video,
    "music": _music,
    "news": _news,
    "mpnews": _article,
    "mpnewsarticle": _article,
    "msgmenu": _menu,
    "wxcard": _card,
    "miniprogrampage": _mini_program,
}
MASS: dict[str, Reader] = {
    "text": _text,
    "image": _images,
    "voice": _one_medium,
    "mpvideo": _video,
    "mpnews": _article,
    "wxcard": _card,
}
