"""Tables of the closed loop: what is asked of superiors, supervised, called out, called back, and digested."""

from datetime import date, datetime

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from storage.columns import (
    CallbackState,
    Colour,
    EnumText,
    RequestKind,
    RequestState,
    SheetState,
    identity,
    moment,
    ref,
)


class Sheet(SQLModel, table=True):
    """A supervision sheet (督办单) on one clock of a case: issued by rule, acknowledged, answered, written off (销号).

    `stage`: the clock that it is about; `level`: the area level it was issued at; `answer_due_at`: when it counts as ignored.
    `number` (`督1123-01`) comes again after a year: the newest is meant.
    """

    __tablename__ = "sheet"
    id: int = Field(sa_column=identity())
    number: str = Field(index=True)
    case_id: int = Field(sa_column=ref(nullable=False))
    colour: Colour = Field(sa_column=Column(EnumText(Colour), nullable=False))
    stage: str
    level: str
    area_code: str | None = Field(default=None, index=True)
    group_id: int | None = Field(default=None, sa_column=ref())
    responsible_id: int | None = Field(default=None, sa_column=ref(index=False))
    state: SheetState = Field(sa_column=Column(EnumText(SheetState), nullable=False, index=True))
    issued_at: datetime = Field(sa_column=moment(nullable=False))
    answer_due_at: datetime | None = Field(default=None, sa_column=moment())
    acknowledged_at: datetime | None = Field(default=None, sa_column=moment())
    acknowledged_by: str = ""
    answered_at: datetime | None = Field(default=None, sa_column=moment())
    answered_by: str = ""
    answer: str = ""
    written_off_at: datetime | None = Field(default=None, sa_column=moment())
    written_off_by: str = ""
    version: int = 0


class Request(SQLModel, table=True):
    """What needs a superior's word: an extension (延期) or a suspension (挂账). `limit`: how much later, or until when to look again."""

    __tablename__ = "request"
    id: int = Field(sa_column=identity())
    case_id: int = Field(sa_column=ref(nullable=False))
    kind: RequestKind = Field(sa_column=Column(EnumText(RequestKind), nullable=False))
    state: RequestState = Field(sa_column=Column(EnumText(RequestState), nullable=False, index=True))
    asked_by: int = Field(sa_column=ref(index=False, nullable=False))
    asked_at: datetime = Field(sa_column=moment(nullable=False))
    limit: str = ""
    reason: str = ""
    group_id: int | None = Field(default=None, sa_column=ref())
    decided_by: int | None = Field(default=None, sa_column=ref(index=False))
    decided_at: datetime | None = Field(default=None, sa_column=moment())
    note: str = ""
    version: int = 0


class WhistleCall(SQLModel, table=True):
    """A department or a neighbouring grid called to a case (吹哨): reports in (报到) under its own clock, works, is done."""

    __tablename__ = "whistle_call"
    id: int = Field(sa_column=identity())
    case_id: int = Field(sa_column=ref(nullable=False))
    department: str
    group_id: int | None = Field(default=None, sa_column=ref())
    worker_ids: list[int] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    reason: str = ""
    called_by: int | None = Field(default=None, sa_column=ref(index=False))
    called_at: datetime = Field(sa_column=moment(nullable=False))
    arrive_due_at: datetime | None = Field(default=None, sa_column=moment(index=True))
    reminded: int = 0
    arrived_at: datetime | None = Field(default=None, sa_column=moment())
    arrived_by: str = ""
    done_at: datetime | None = Field(default=None, sa_column=moment())
    done_by: str = ""
    result: str = ""
    version: int = 0


class Callback(SQLModel, table=True):
    """A call-back (回访) to somebody who was not satisfied, or whom nobody could ask."""

    __tablename__ = "callback"
    id: int = Field(sa_column=identity())
    case_id: int = Field(sa_column=ref(nullable=False))
    why: str
    state: CallbackState = Field(sa_column=Column(EnumText(CallbackState), nullable=False, index=True))
    group_id: int | None = Field(default=None, sa_column=ref())
    made_at: datetime = Field(sa_column=moment(nullable=False))
    due_at: datetime | None = Field(default=None, sa_column=moment(index=True))
    reminded: int = 0
    done_at: datetime | None = Field(default=None, sa_column=moment())
    done_by: str = ""
    satisfied: str = ""
    note: str = ""
    version: int = 0


class Digest(SQLModel, table=True):
    """A day's digest that a group has had (待办 in the morning, 未结 in the afternoon): the row keeps it from a second one."""

    __tablename__ = "digest"
    group_id: int = Field(sa_column=identity())
    on: date = Field(primary_key=True, index=True)
    kind: str = Field(primary_key=True)
    made_at: datetime = Field(sa_column=moment(nullable=False))
    cases: int = 0


class Erasure(SQLModel, table=True):
    """A resident's wish to be forgotten (删除我的信息), and how far it is: what still runs is erased once it has ended."""

    __tablename__ = "erasure"
    resident_id: int = Field(sa_column=identity())
    asked_at: datetime = Field(sa_column=moment(nullable=False))
    done_at: datetime | None = Field(default=None, sa_column=moment(index=True))
    cases: int = 0
