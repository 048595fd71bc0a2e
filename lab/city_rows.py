"""The rows of a made city, in the columns that `wangge import` reads (docs/imports.md)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AreaRow:
    """A node of the tree; coordinates are made, near the real district."""

    code: str
    parent_code: str
    level: str
    kind: str
    name: str
    scope: str = ""
    households: int = 0
    service_hours: str = ""
    duty_phone: str = ""
    latitude: str = ""
    longitude: str = ""
    effective_from: str = "2026-01-01"
    effective_to: str = ""


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One post of one worker; a worker with several posts has several rows."""

    userid: str
    name: str
    phone: str
    area_code: str
    role: str
    category: str = ""
    level: int = 1
    status: str = "active"


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A chat of workers, not yet bound."""

    key: str
    name: str
    area_code: str
    kind: str = "work"
    categories: str = ""
    send_via: str = "aibot"
    receive_via: str = "aibot"
    webhook_key: str = ""
    chatid: str = ""


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """An address rule; an empty number is no bound."""

    area_code: str
    kind: str
    name: str
    aliases: str = ""
    from_number: int | None = None
    to_number: int | None = None
    parity: str = ""
    building_from: int | None = None
    building_to: int | None = None
    exclusive: int = 0


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """A day that differs from Monday-to-Friday."""

    on: str
    works: int
    name: str
    note: str


Row = AreaRow | PersonRow | GroupRow | PlaceRow | CalendarRow
