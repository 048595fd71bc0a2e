"""The AI bot's callbacks → `Update` (wechat.md §3.3, §3.4). What arrives is untrusted: nothing but `BadFrame` is ever raised."""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from bot.workgroup.frames import EVENT_CALLBACK, BadFrame, Body, Frame
from handlers.update import Door, Event, MediaRef, Quote, Update, UpdateKind

_MEDIA_KINDS = {
    "image": UpdateKind.IMAGE,
    "file": UpdateKind.FILE,
    "video": UpdateKind.VIDEO,
}
# The archive's key column holds 200 characters; ids of the platform are far shorter.
_MAX_KEY_CHARS = 180
_INVISIBLE = r"\s\u200b-\u200d\u2060\ufeff"


def parse_update(frame: Frame, *, bot_id: str, bot_name: str, received_at: datetime) -> Update:
    """The update in a callback frame; `received_at` (aware) stands in where the platform says no time. Raises `BadFrame`."""
    if not frame.is_callback:
        raise BadFrame("not a callback")
    body = frame.body
    if frame.cmd == EVENT_CALLBACK or body.get("msgtype") == "event":
        return _parse_event(frame, bot_id, received_at)
    account, msgid, person = _text(body, "aibotid") or bot_id, _text(body, "msgid"), _person(body)
    if not msgid or not person:
        raise BadFrame("a message without msgid or sender")
    kind, text, media = _parse_content(body)
    return Update(
        door=Door.AIBOT,
        kind=kind,
        key=_bounded(f"aibot:{account}:{msgid}"),
        person=person,
        account=account,
        created_at=_moment(body, received_at),
        chat=_chat(body),
        text=strip_mention(text, bot_name),
        media=media,
        quote=_parse_quote(body.get("quote")),
        req_id=frame.req_id,
    )


def _parse_event(frame: Frame, bot_id: str, received_at: datetime) -> Update:
    body, said = frame.body, _part(frame.body, "event")
    name = _text(said, "eventtype")
    # The click's own fields lie one level deeper, under the event's name; older samples have them beside it.
    inner = _part(said, name) or said
    account, person, when = _text(body, "aibotid") or bot_id, _person(body), _moment(body, received_at)
    details = {key: value for key in ("task_id", "card_type") if (value := _text(inner, key))} | _parse_selected(inner)
    event_key = _text(inner, "event_key")
    own = _text(body, "msgid") or ":".join(
        (person, _text(body, "create_time"), name, details.get("task_id", ""), event_key)
    )
    return Update(
        door=Door.AIBOT,
        kind=UpdateKind.EVENT if name else UpdateKind.UNKNOWN,
        key=_bounded(f"aibot:{account}:{own}"),
        person=person,
        account=account,
        created_at=when,
        chat=_chat(body),
        event=Event(name.upper(), event_key, details) if name else None,
        req_id=frame.req_id,
    )


def _parse_selected(inner: Body) -> dict[str, str]:
    """What was chosen on a card with lists: `selected:QUESTION` → option ids, comma separated."""
    chosen = {}
    for item in _objects(_part(inner, "selected_items").get("selected_item")):
        ids = _part(item, "option_ids").get("option_id")
        words = [value for value in ids if isinstance(value, str)] if isinstance(ids, list) else []
        chosen[f"selected:{_text(item, 'question_key')}"] = ",".join(words)
    return chosen


def _parse_content(body: Body) -> tuple[UpdateKind, str, tuple[MediaRef, ...]]:
    msgtype = _text(body, "msgtype")
    part = _part(body, msgtype) if msgtype else {}
    # Voice comes as text already (single chat only): it is read like text.
    if msgtype in ("text", "voice"):
        return UpdateKind.TEXT, _text(part, "content"), ()
    if msgtype == "mixed":
        text, media = _parse_mixed(part)
        return UpdateKind.MIXED, text, media
    if msgtype in _MEDIA_KINDS:
        return _MEDIA_KINDS[msgtype], "", _parse_media(msgtype, part)
    return UpdateKind.UNKNOWN, "", ()


def _parse_mixed(part: Body) -> tuple[str, tuple[MediaRef, ...]]:
    texts: list[str] = []
    media: list[MediaRef] = []
    for item in _objects(part.get("msg_item")):
        _, text, found = _parse_content({**item, "mixed": None})
        texts += [text] if text else []
        media += found
    return "\n".join(texts), tuple(media)


def _parse_media(kind: str, part: Body) -> tuple[MediaRef, ...]:
    url = _text(part, "url")
    if not url:
        return ()
    name = _text(part, "filename") or _text(part, "name")
    return (MediaRef(kind, url=url, aes_key=_text(part, "aeskey"), name=name),)


def _parse_quote(value: object) -> Quote | None:
    if not isinstance(value, dict):
        return None
    _, text, media = _parse_content(value)
    return Quote(text, media) if text or media else None


def _chat(body: Body) -> str | None:
    return _text(body, "chatid") or None if _text(body, "chattype") != "single" else None


def _person(body: Body) -> str:
    return _text(_part(body, "from"), "userid")


def _moment(body: Body, received_at: datetime) -> datetime:
    try:
        return datetime.fromtimestamp(int(_text(body, "create_time")), UTC)
    except (ValueError, OverflowError, OSError):
        return received_at


def _bounded(key: str) -> str:
    if len(key) <= _MAX_KEY_CHARS:
        return key
    return f"aibot:sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def _text(body: Mapping[str, Any], key: str) -> str:
    value = body.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    # PostgreSQL cannot store a NUL in text.
    return value.replace("\x00", "") if isinstance(value, str) else ""


def _part(body: Mapping[str, Any], key: str) -> Body:
    value = body.get(key)
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> list[Body]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


@lru_cache(maxsize=16)
def _mention_pattern(name: str) -> re.Pattern[str]:
    words = rf"[{_INVISIBLE}]+".join(re.escape(word) for word in name.split())
    return re.compile(rf"[@＠][{_INVISIBLE}]*{words}[{_INVISIBLE}]*", re.IGNORECASE)


def strip_mention(text: str, name: str) -> str:
    """The text without `@name`, wherever it stands and however it is spaced (also ＠, U+3000, U+2005); outer blanks go too."""
    if name.strip():
        text = _mention_pattern(name.strip()).sub(_gap, text)
    return text.strip()


def _gap(found: re.Match[str]) -> str:
    """What stays where the name stood: a line break if one followed, else one blank between two words."""
    before = found.string[found.start() - 1] if found.start() else ""
    if "\n" in found.group():
        return "\n"
    return "" if not before or before.isspace() else " "
