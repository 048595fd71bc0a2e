"""Column types and stored enums shared by the tables."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, DateTime, String, type_coerce
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in, aware UTC out, on every engine.

    SQLite forgets the zone of a `timezone=True` column; a naive value is refused here, since nobody could say which clock it came from.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored moment needs its zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


# What reading a value may do that somebody changed behind our back: SQLite stores anything in any column.
UNREADABLE = (TypeError, ValueError, AttributeError, OverflowError)


def raw_moment(connection: Connection, column: Any) -> Any:
    """A column of moments, selected as `moment` the way it is stored: a time changed into nonsense must not stop an audit."""
    is_text = connection.dialect.name == "sqlite"
    return (type_coerce(column, String) if is_text else column).label("moment")


def parse_moment(stored: Any) -> datetime:
    """What `raw_moment` selected, as an aware moment. Raises one of `UNREADABLE`."""
    return stored if isinstance(stored, datetime) else datetime.fromisoformat(stored).replace(tzinfo=UTC)


class EnumText(TypeDecorator[StrEnum]):
    """A StrEnum stored by its value, so that a new member needs no migration."""

    impl = String(32)
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: Any, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.kind(value)


def moment(*, index: bool = False, nullable: bool = True) -> Any:
    """A column of aware UTC."""
    return Column(UtcDateTime(), index=index, nullable=nullable)


def identity() -> Any:
    """A primary key that is drawn in blocks from `counter`, never by the engine: a plan must know its ids before it is written."""
    return Column(BigInteger(), primary_key=True, autoincrement=False)


def ref(*, index: bool = True, nullable: bool = True) -> Any:
    """A column that names another row's id."""
    return Column(BigInteger(), index=index, nullable=nullable)


class AreaLevel(StrEnum):
    """A level of the area tree, from the top; how many are in use is the city's choice."""

    CITY = "city"
    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"
    GRID = "grid"

    @property
    def label(self) -> str:
        return _LEVEL_LABELS[self]


_LEVEL_LABELS = {
    AreaLevel.CITY: "市",
    AreaLevel.DISTRICT: "区",
    AreaLevel.STREET: "街道",
    AreaLevel.COMMUNITY: "社区",
    AreaLevel.GRID: "网格",
}


class AreaKind(StrEnum):
    """城市, 农村, 边远 and 专属 grids; an exclusive grid's addresses win over its surroundings."""

    URBAN = "urban"
    RURAL = "rural"
    REMOTE = "remote"
    EXCLUSIVE = "exclusive"


class PostRole(StrEnum):
    """What somebody is in an area: 1 lead + 6 specialists + N part-timers, and the seats above the grid."""

    LEAD = "lead"
    SPECIALIST = "specialist"
    PART_TIMER = "part_timer"
    COORDINATOR = "coordinator"
    DEPARTMENT = "department"
    CONDUCT = "conduct"

    @property
    def label(self) -> str:
        return _ROLE_LABELS[self]


_ROLE_LABELS = {
    PostRole.LEAD: "网格长",
    PostRole.SPECIALIST: "专职网格员",
    PostRole.PART_TIMER: "兼职网格员",
    PostRole.COORDINATOR: "指挥员",
    PostRole.DEPARTMENT: "部门席位",
    PostRole.CONDUCT: "作风投诉联系人",
}


class WorkerStatus(StrEnum):
    """Whether a worker may act: registered by himself (pending), at work, away, or gone."""

    PENDING = "pending"
    ACTIVE = "active"
    AWAY = "away"
    LEFT = "left"


class GroupKind(StrEnum):
    """A work group answers cases; the duty group takes what could not be placed, staffed or delivered."""

    WORK = "work"
    DUTY = "duty"
    DEPARTMENT = "department"


class Channel(StrEnum):
    """How a group is told (`send_via`) or heard (`receive_via`)."""

    AIBOT = "aibot"
    WEBHOOK = "webhook"
    NONE = ""


class InboundState(StrEnum):
    """Pending: kept, not yet handled. Done: handled and answered. Failed: handling raised; somebody was told."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class MessageState(StrEnum):
    """The life of an outbox message. Parked: the person must write first. Dead: given up, the duty group was told."""

    QUEUED = "queued"
    SENT = "sent"
    PARKED = "parked"
    DEAD = "dead"


class MediaState(StrEnum):
    """Wanted: the platform has it and we must fetch it before it ages. Kept: our own bytes. Lost: it cannot be had any more."""

    WANTED = "wanted"
    KEPT = "kept"
    LOST = "lost"


class TranscriptionState(StrEnum):
    """Wanted: the recording is to be turned into text. Heard: its text was read. Unheard: it went to a person as it is."""

    WANTED = "wanted"
    HEARD = "heard"
    UNHEARD = "unheard"


class Source(StrEnum):
    """Where a case came from."""

    OFFICIAL_ACCOUNT = "official_account"
    PATROL = "patrol"
    HOTLINE = "hotline"
    LETTER = "letter"
    ON_BEHALF = "on_behalf"

    @property
    def label(self) -> str:
        return _SOURCE_LABELS[self]


_SOURCE_LABELS = {
    Source.OFFICIAL_ACCOUNT: "公众号",
    Source.PATROL: "巡查",
    Source.HOTLINE: "热线",
    Source.LETTER: "信访",
    Source.ON_BEHALF: "代办",
}


class Colour(StrEnum):
    """The four colours of supervision and of warnings, from mild to grave."""

    BLUE = "blue"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"

    @property
    def label(self) -> str:
        return _COLOUR_LABELS[self]


_COLOUR_LABELS = {Colour.BLUE: "蓝", Colour.YELLOW: "黄", Colour.ORANGE: "橙", Colour.RED: "红"}


class SheetState(StrEnum):
    """The life of a supervision sheet. Reissued: it was ignored, and a higher one took its place."""

    ISSUED = "issued"
    ACKNOWLEDGED = "acknowledged"
    ANSWERED = "answered"
    WRITTEN_OFF = "written_off"
    REISSUED = "reissued"


class RequestKind(StrEnum):
    """What a handler asks a superior for."""

    EXTEND = "extend"
    SUSPEND = "suspend"


class RequestState(StrEnum):
    """Lapsed: the case moved on before anybody decided."""

    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"
    LAPSED = "lapsed"


class CallbackState(StrEnum):
    """Whether somebody has called back yet."""

    WAITING = "waiting"
    DONE = "done"


class VersionState(StrEnum):
    """The life of a lexicon version; one at most is published."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"
