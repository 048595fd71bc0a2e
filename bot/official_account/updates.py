"""From WeChat's elements to the house's `Update` (fields as in …/guide/product/message/Receiving_standard_messages and
Receiving_event_pushes)."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from bot.official_account.wall import Fields, Unreadable
from handlers.update import Door, Event, MediaRef, Point, Update, UpdateKind

MAX_KEY_CHARACTERS = 200
_MAX_NAME_CHARACTERS = 128
_ENVELOPE = frozenset({"ToUserName", "FromUserName", "CreateTime", "MsgType", "Event", "EventKey", "Encrypt"})


def parse_update(fields: Fields) -> Update:
    """One push as an `Update`; raises `Unreadable` where a field that everything rests on is missing or senseless."""
    top = fields.top
    person, account = _parse_name(top, "FromUserName"), _parse_name(top, "ToUserName")
    created = top.get("CreateTime", "")
    try:
        created_at = datetime.fromtimestamp(parse_seconds(created), UTC)
    except (ValueError, OverflowError, OSError):
        raise Unreadable("create_time") from None
    msg_type = top.get("MsgType", "").lower()
    if not msg_type:
        raise Unreadable("msg_type")
    if msg_type == "event":
        return _parse_event(fields, person, account, created_at)
    key = f"oa:{account}:{person}:{_parse_message_id(fields)}"
    parse = _MESSAGES.get(msg_type, _parse_unknown)
    return parse(top, _fit_key(key), person, account, created_at)


def parse_seconds(text: str) -> int:
    """Seconds since 1970 in plain ASCII digits; raises `ValueError`."""
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise ValueError("not seconds")
    return int(text)


def _parse_name(top: Mapping[str, str], element: str) -> str:
    name = top.get(element, "")
    if not name or len(name) > _MAX_NAME_CHARACTERS or not name.isprintable() or " " in name:
        raise Unreadable("name")
    return name


def _parse_message_id(fields: Fields) -> str:
    message_id = fields.top.get("MsgId", "")
    if message_id:
        return message_id
    # Without an id the platform says: sender and time; the digest keeps two messages of one second apart.
    return f"{fields.top['CreateTime']}:{fields.top['MsgType']}:{_digest(fields.top)}"


def _digest(values: Mapping[str, str]) -> str:
    return hashlib.sha256(repr(sorted(values.items())).encode("utf-8", "replace")).hexdigest()[:16]


def _fit_key(key: str) -> str:
    if len(key) <= MAX_KEY_CHARACTERS:
        return key
    return f"oa:sha256:{hashlib.sha256(key.encode()).hexdigest()}"


_Build = Callable[[Mapping[str, str], str, str, str, datetime], Update]


def _parse_text(top: Mapping[str, str], key: str, person: str, account: str, at: datetime) -> Update:
    text, menu_id = top.get("Content", ""), top.get("bizmsgmenuid", "")
    return Update(Door.OFFICIAL_ACCOUNT, UpdateKind.TEXT, key, person, account, at, text=text, menu_id=menu_id)


def _parse_image(top: Mapping[str, str], key: str, person: str, account: str, at: datetime) -> Update:
    media = MediaRef("image", media_id=top.get("MediaId", ""), url=top.get("PicUrl", ""))
    return Update(Door.OFFICIAL_ACCOUNT, UpdateKind.IMAGE, key, person, account, at, media=(media,))


def _parse_voice(top: Mapping[str, str], key: str, person: str, account: str, at: datetime) -> Update:
    # The 16 kHz recording is the one that can be transcribed; older clients send the 8 kHz one only.
    media_id = top.get("MediaId16K") or top.get("MediaId", "")
    media = MediaRef("voice", media_id=media_id, name=f"voice.{top.get('Format') or 'amr'}")
    text = top.get("Recognition", "")
    return Update(Door.OFFICIAL_ACCOUNT, UpdateKind.VOICE, key, person, account, at, text=text, media=(media,))


def _parse_video(top: Mapping[str, str], key: str, person: str, account: str, at: datetime) -> Update:
    kind = UpdateKind(top["MsgType"].lower())
    media = MediaRef("video", media_id=top.get("MediaId", ""))
    return Update(Door.OFFICIAL_ACCOUNT, kind, key, person, account, at, media=(media,))


def _parse_location(top: Mapping[str, str], key: str, person: str, account: str, at: datetime) -> Update:
    point = _find_point(top.get("Location_X", ""), top.get("Location_Y", ""), top.get("Label", ""))
    if point is None:
        raise Unreadable("location")
    return Update(Door.OFFICIAL_ACCOUNT, UpdateKind.LOCATION, key, person, account, at, text=point.label, point=point)


def _parse_link(top: Mapping[str, str], key: str, person: str, account: str, at: datetime) -> Update:
    text = "\n".join(part for part in (top.get("Title"), top.get("Description"), top.get("Url")) if part)
    return Update(Door.OFFICIAL_ACCOUNT, UpdateKind.LINK, key, person, account, at, text=text)


def _parse_unknown(_top: Mapping[str, str], key: str, person: str, account: str, at: datetime) -> Update:
    return Update(Door.OFFICIAL_ACCOUNT, UpdateKind.UNKNOWN, key, person, account, at)


_MESSAGES: Mapping[str, _Build] = {
    "text": _parse_text,
    "image": _parse_image,
    "voice": _parse_voice,
    "video": _parse_video,
    "shortvideo": _parse_video,
    "location": _parse_location,
    "link": _parse_link,
}


def _parse_event(fields: Fields, person: str, account: str, at: datetime) -> Update:
    top = fields.top
    name, event_key = top.get("Event", "").upper(), top.get("EventKey", "")
    if not name:
        raise Unreadable("event")
    event = Event(name, event_key, _details(fields))
    tail = event_key or top.get("MsgID", "") or (_digest(fields.nested) if fields.nested else "")
    key = _fit_key(f"oa:{account}:{person}:{top['CreateTime']}:{name}:{tail}")
    point = _event_point(event.details)
    return Update(Door.OFFICIAL_ACCOUNT, UpdateKind.EVENT, key, person, account, at, point=point, event=event)


def _details(fields: Fields) -> dict[str, str]:
    containers = {path.partition(".")[0] for path in fields.nested}
    plain = {name: text for name, text in fields.top.items() if name not in _ENVELOPE and name not in containers}
    return plain | fields.nested


def _event_point(details: Mapping[str, str]) -> Point | None:
    if "Latitude" in details:
        return _find_point(details["Latitude"], details.get("Longitude", ""), "")
    picked = "SendLocationInfo."
    label = details.get(picked + "Label", "")
    return _find_point(details.get(picked + "Location_X", ""), details.get(picked + "Location_Y", ""), label)


def _find_point(latitude: str, longitude: str, label: str) -> Point | None:
    try:
        point = Point(float(latitude), float(longitude), label)
    except ValueError:
        return None
    # Written so that a NaN fails it.
    return point if -90 <= point.latitude <= 90 and -180 <= point.longitude <= 180 else None
