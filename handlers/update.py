"""What comes in: one push from a platform, parsed and frozen. No wire knows more than this, no handler needs more."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Door(StrEnum):
    """Where an update came in."""

    OFFICIAL_ACCOUNT = "oa"
    AIBOT = "aibot"


class UpdateKind(StrEnum):
    """WeChat's kinds of message, and event; UNKNOWN is genuine but of a kind that nobody has described yet."""

    TEXT = "text"
    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    SHORT_VIDEO = "shortvideo"
    LOCATION = "location"
    LINK = "link"
    MIXED = "mixed"
    FILE = "file"
    EVENT = "event"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class MediaRef:
    """Bytes that the platform still holds: by `media_id` (official account) or by `url` and `aes_key` (AI bot)."""

    kind: str
    media_id: str = ""
    url: str = ""
    aes_key: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """What a group message quotes: its content only, the platform gives no id."""

    text: str = ""
    media: tuple[MediaRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Point:
    """A place on WeChat's map: degrees, GCJ-02."""

    latitude: float
    longitude: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """An event's name (upper case), key, and whatever else it carried (strings only)."""

    name: str
    key: str = ""
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Update:
    """One push. `key` is what repeats share; `person` an openid or userid; `chat` a group's chatid or None; `created_at` aware UTC.

    `spoken`: not a push at all, but what a kept recording (this media id) says; `text` is empty when nobody could make it out.
    """

    door: Door
    kind: UpdateKind
    key: str
    person: str
    account: str
    created_at: datetime
    chat: str | None = None
    text: str = ""
    media: tuple[MediaRef, ...] = ()
    quote: Quote | None = None
    point: Point | None = None
    event: Event | None = None
    menu_id: str = ""
    req_id: str = ""
    spoken: int | None = None
