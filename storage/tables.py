"""The archive's tables. They are plain: values are validated before they get here (SQLModel tables do not validate)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.columns import (
    AreaKind,
    AreaLevel,
    Channel,
    EnumText,
    GroupKind,
    InboundState,
    MediaState,
    MessageState,
    PostRole,
    Source,
    TranscriptionState,
    WorkerStatus,
    identity,
    moment,
    ref,
)


class Area(SQLModel, table=True):
    """A node of the area tree. `path` is `/230803/230803007/…/` so that a subtree is one prefix search."""

    __tablename__ = "area"
    code: str = Field(primary_key=True, max_length=32)
    parent_code: str | None = Field(default=None, foreign_key="area.code", index=True)
    level: AreaLevel = Field(sa_column=Column(EnumText(AreaLevel), nullable=False))
    kind: AreaKind = Field(sa_column=Column(EnumText(AreaKind), nullable=False))
    name: str
    path: str = Field(index=True)
    scope: str = ""
    households: int = 0
    service_hours: str = ""
    duty_phone: str = ""
    latitude: float | None = None
    longitude: float | None = None
    effective_from: date | None = None
    effective_to: date | None = None


class PlaceRule(SQLModel, table=True):
    """An address rule: which estate, road range, village or landmark belongs to which area."""

    __tablename__ = "place_rule"
    id: int = Field(sa_column=identity())
    area_code: str = Field(foreign_key="area.code", index=True)
    kind: str
    name: str = Field(index=True)
    aliases: str = ""
    from_number: int | None = None
    to_number: int | None = None
    parity: str = ""
    building_from: int | None = None
    building_to: int | None = None
    exclusive: bool = False


class AreaBoundary(SQLModel, table=True):
    """The ground of an area for as long as it is in force; a new division adds a row and ends the one before.

    `geometry`: GeoJSON of a Polygon or MultiPolygon in GCJ-02, longitude first; `crs`: the system it was given in; `source`: the file.
    """

    __tablename__ = "area_boundary"
    __table_args__ = (UniqueConstraint("area_code", "effective_from"),)
    id: int = Field(sa_column=identity())
    area_code: str = Field(foreign_key="area.code", index=True)
    crs: str
    geometry: str
    effective_from: date
    effective_to: date | None = None
    source: str = ""


class Worker(SQLModel, table=True):
    """Somebody who acts on cases; identity is `userid` from a callback, never a name in a text."""

    __tablename__ = "worker"
    id: int = Field(sa_column=identity())
    userid: str | None = Field(default=None, unique=True)
    name: str
    phone: str = Field(default="", index=True)
    area_code: str | None = Field(default=None, foreign_key="area.code", index=True)
    status: WorkerStatus = Field(sa_column=Column(EnumText(WorkerStatus), nullable=False))
    level: int = 1
    last_case_id: int | None = Field(default=None, sa_column=ref(index=False))
    conversation: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    version: int = 0


class Post(SQLModel, table=True):
    """A worker's place in an area; a specialist names the category he answers for."""

    __tablename__ = "post"
    __table_args__ = (UniqueConstraint("worker_id", "area_code", "role", "category"),)
    id: int = Field(sa_column=identity())
    worker_id: int = Field(sa_column=Column(BigInteger(), index=True, nullable=False))
    area_code: str = Field(foreign_key="area.code", index=True)
    role: PostRole = Field(sa_column=Column(EnumText(PostRole), nullable=False))
    category: str = ""


class WorkGroup(SQLModel, table=True):
    """A chat of workers. `categories` is a comma list of codes; empty means all of them."""

    __tablename__ = "work_group"
    id: int = Field(sa_column=identity())
    key: str = Field(unique=True)
    name: str
    area_code: str = Field(foreign_key="area.code", index=True)
    kind: GroupKind = Field(sa_column=Column(EnumText(GroupKind), nullable=False))
    categories: str = ""
    chatid: str | None = Field(default=None, unique=True)
    send_via: Channel = Field(sa_column=Column(EnumText(Channel), nullable=False))
    receive_via: Channel = Field(sa_column=Column(EnumText(Channel), nullable=False))
    webhook_key: str = ""
    bind_code: str | None = Field(default=None, unique=True)
    bind_expires_at: datetime | None = Field(default=None, sa_column=moment())
    bound_at: datetime | None = Field(default=None, sa_column=moment())
    bound_by: str | None = None
    version: int = 0


class Resident(SQLModel, table=True):
    """Somebody who writes to the official account; `conversation` is what the bot is in the middle of with him.

    `window_opened_at`, `window_limit` and `window_used` count the platform's customer-service messages.
    """

    __tablename__ = "resident"
    id: int = Field(sa_column=identity())
    openid: str = Field(unique=True)
    area_code: str | None = Field(default=None, foreign_key="area.code", index=True)
    home: str = ""
    name: str = ""
    phone: str = ""
    follows: bool = True
    first_seen_at: datetime = Field(sa_column=moment(nullable=False))
    window_opened_at: datetime | None = Field(default=None, sa_column=moment())
    window_limit: int = 0
    window_used: int = 0
    conversation: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    version: int = 0


class Inbound(SQLModel, table=True):
    """Every update that was let in, also those that open no case, with the reply that was given to it."""

    __tablename__ = "inbound"
    id: int = Field(sa_column=identity())
    key: str = Field(unique=True, max_length=200)
    door: str
    kind: str
    person: str = Field(index=True)
    received_at: datetime = Field(sa_column=moment(index=True, nullable=False))
    body: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    state: InboundState = Field(sa_column=Column(EnumText(InboundState), nullable=False, index=True))
    outcome: str = ""
    case_id: int | None = Field(default=None, sa_column=ref())
    reply: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    trace: str = ""


class Case(SQLModel, table=True):
    """A matter and how far it is. History lives in `case_event`; `head_*` is the end of its chain; `version` guards decisions.

    `theme`: the sub-item (子类) of the category that the first telling was read as; figures count by it.
    `outcome`: how it came out (`solved`, `not_ours`, `explained`, `unsolvable`), so that "closed" never hides "not fixed".
    `clocks`: its stage clocks (see `grid.stages`); `next_step_at`: when the earliest of them wants something, None when none runs.
    """

    __tablename__ = "case"
    __table_args__ = (
        UniqueConstraint("opened_on", "serial"),
        Index("ix_case_resident_open", "resident_id", "is_open"),
        Index("ix_case_group_open", "group_id", "is_open"),
        Index("ix_case_number_open", "number", "opened_on"),
        Index("ix_case_status_opened", "status", "opened_at"),
    )
    id: int = Field(sa_column=identity())
    opened_on: date
    serial: int
    number: str
    source: Source = Field(sa_column=Column(EnumText(Source), nullable=False))
    outside_number: str | None = Field(default=None, index=True)
    resident_id: int | None = Field(default=None, sa_column=ref(index=False))
    reporter_id: int | None = Field(default=None, sa_column=ref(index=False))
    text: str
    category: str
    category_by: str = "reading"
    theme: str = ""
    confidence: float = 0.0
    evidence: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    urgency: str
    emergency: str = ""
    conduct: bool = False
    area_code: str | None = Field(default=None, index=True)
    place: str = ""
    phone: str = ""
    status: str
    is_open: bool = True
    group_id: int | None = Field(default=None, sa_column=ref(index=False))
    handler_id: int | None = Field(default=None, sa_column=ref())
    first_handler_id: int | None = Field(default=None, sa_column=ref(index=False))
    routing: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    opened_at: datetime = Field(sa_column=moment(nullable=False))
    touched_at: datetime = Field(sa_column=moment(nullable=False))
    accept_due_at: datetime | None = Field(default=None, sa_column=moment(index=True))
    resolve_due_at: datetime | None = Field(default=None, sa_column=moment(index=True))
    due_provisional: bool = False
    accepted_at: datetime | None = Field(default=None, sa_column=moment())
    resolved_at: datetime | None = Field(default=None, sa_column=moment())
    archived_at: datetime | None = Field(default=None, sa_column=moment())
    result: str = ""
    outcome: str = ""
    rating: str = ""
    rating_reason: str = ""
    hurried: int = 0
    reopened: int = 0
    checker_id: int | None = Field(default=None, sa_column=ref(index=False))
    anonymous: bool = False
    clocks: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    next_step_at: datetime | None = Field(default=None, sa_column=moment(index=True))
    parent_id: int | None = Field(default=None, sa_column=ref())
    reopened_from_id: int | None = Field(default=None, sa_column=ref(index=False))
    merged_into_id: int | None = Field(default=None, sa_column=ref())
    version: int = 0
    head_seq: int = 0
    head_hash: str = ""


class CaseSketch(SQLModel, table=True):
    """Where an open case is found by what it is like: several keys each, each mixed from a place and a piece of what was told."""

    __tablename__ = "case_sketch"
    # One tree in the order of its key: a look-up and a write touch one page, not two.
    __table_args__ = {"sqlite_with_rowid": False}
    key: int = Field(sa_column=Column(BigInteger(), primary_key=True, autoincrement=False))
    case_id: int = Field(sa_column=Column(BigInteger(), primary_key=True, autoincrement=False))
    opened_at: datetime = Field(sa_column=moment(index=True, nullable=False))


class CaseReporter(SQLModel, table=True):
    """Somebody who reported a case that several did. `via_case_id`: his own case, merged into this one (None: he was the first)."""

    __tablename__ = "case_reporter"
    id: int = Field(sa_column=identity())
    case_id: int = Field(sa_column=ref(nullable=False))
    resident_id: int = Field(sa_column=ref(nullable=False))
    via_case_id: int | None = Field(default=None, sa_column=ref(index=False))
    joined_at: datetime = Field(sa_column=moment(nullable=False))
    left_at: datetime | None = Field(default=None, sa_column=moment())


class CaseEvent(SQLModel, table=True):
    """One link of a case's chain. `digest` covers salt and payload, so both can be erased by law and the chain still holds."""

    __tablename__ = "case_event"
    case_id: int = Field(sa_column=Column(BigInteger(), primary_key=True, autoincrement=False))
    seq: int = Field(primary_key=True)
    kind: str
    at: datetime = Field(sa_column=moment(index=True, nullable=False))
    actor: str
    payload: str | None = None
    salt: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    digest: str
    hash: str


class Anchor(SQLModel, table=True):
    """A day's seal over the heads of all chains that moved since the seal before."""

    __tablename__ = "anchor"
    serial: int = Field(primary_key=True)
    made_at: datetime = Field(sa_column=moment(nullable=False))
    heads: int
    hash: str


class AnchorHead(SQLModel, table=True):
    """A chain's end as an anchor saw it."""

    __tablename__ = "anchor_head"
    serial: int = Field(primary_key=True)
    case_id: int = Field(sa_column=Column(BigInteger(), primary_key=True, autoincrement=False, index=True))
    seq: int
    hash: str


class Media(SQLModel, table=True):
    """A picture, recording or file; the bytes lie in the media folder under `sha256`.

    `phase`: whether a worker's picture shows the place before or after the work (`before`, `after`; empty: nobody knows).
    """

    __tablename__ = "media"
    id: int = Field(sa_column=identity())
    case_id: int | None = Field(default=None, sa_column=ref())
    inbound_id: int | None = Field(default=None, sa_column=ref(index=False))
    kind: str
    origin: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    by: str = Field(default="", index=True)
    phase: str = ""
    state: MediaState = Field(sa_column=Column(EnumText(MediaState), nullable=False))
    sha256: str | None = Field(default=None, index=True)
    mime: str = ""
    bytes: int = 0
    tries: int = 0
    due_at: datetime | None = Field(default=None, sa_column=moment(index=True))
    created_at: datetime = Field(sa_column=moment(nullable=False))


class Transcription(SQLModel, table=True):
    """A resident's recording on its way to being text. The text itself is kept where every told text is: in `inbound` and the case."""

    __tablename__ = "transcription"
    media_id: int = Field(sa_column=identity())
    person: str
    account: str = ""
    said_at: datetime = Field(sa_column=moment(nullable=False))
    state: TranscriptionState = Field(sa_column=Column(EnumText(TranscriptionState), nullable=False))
    tries: int = 0
    due_at: datetime | None = Field(default=None, sa_column=moment(index=True))


class Target(SQLModel, table=True):
    """Somebody to tell. Delivery claims targets, not messages: so the order per person and group holds with several processes."""

    __tablename__ = "target"
    key: str = Field(primary_key=True, max_length=120)
    last_seq: int = 0
    due_at: datetime | None = Field(default=None, sa_column=moment(index=True))
    held_by: str | None = None
    held_until: datetime | None = Field(default=None, sa_column=moment())


class Outbox(SQLModel, table=True):
    """One neutral message to one target, in the target's order."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("target", "seq"),
        Index("ix_outbox_waiting", "target", "state", "seq"),
    )
    id: int = Field(sa_column=identity())
    target: str = Field(max_length=120)
    seq: int
    state: MessageState = Field(sa_column=Column(EnumText(MessageState), nullable=False, index=True))
    kind: str
    case_id: int | None = Field(default=None, sa_column=ref())
    body: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    created_at: datetime = Field(sa_column=moment(nullable=False))
    due_at: datetime = Field(sa_column=moment(nullable=False))
    tries: int = 0
    sent_at: datetime | None = Field(default=None, sa_column=moment())
    sent_via: str = ""
    refusal: str = ""


class Token(SQLModel, table=True):
    """A platform token, shared by all processes; one of them refreshes."""

    __tablename__ = "token"
    name: str = Field(primary_key=True, max_length=120)
    value: str
    expires_at: datetime = Field(sa_column=moment(nullable=False))
    forced_at: datetime | None = Field(default=None, sa_column=moment())


class Lease(SQLModel, table=True):
    """Who alone may do a thing until when; `epoch` grows with each new holder."""

    __tablename__ = "lease"
    name: str = Field(primary_key=True, max_length=80)
    holder: str
    until: datetime = Field(sa_column=moment(nullable=False))
    epoch: int = 0


class Counter(SQLModel, table=True):
    """Where the next block of a running number begins (`id`, `case:2026-11-23`)."""

    __tablename__ = "counter"
    name: str = Field(primary_key=True, max_length=40)
    next: int = Field(sa_column=Column(BigInteger(), nullable=False))


class CalendarDay(SQLModel, table=True):
    """A day that differs from Monday-to-Friday, with where that is written."""

    __tablename__ = "calendar_day"
    on: date = Field(primary_key=True)
    works: bool
    name: str = ""
    note: str = ""


class Setting(SQLModel, table=True):
    """Small facts that all processes share (for example the version of the city they should have loaded)."""

    __tablename__ = "setting"
    name: str = Field(primary_key=True, max_length=60)
    value: str
