"""Tables of notices: what is told to many, with approval, receipts, clues and recall."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.columns import Colour, EnumText, identity, moment, ref
from storage.notice_columns import NoticeKind, NoticeState, SignupState, TargetState


class Notice(SQLModel, table=True):
    """A notice. `fields`: what its kind's form asks for; `scope`: `{"areas": [...], "groups": [kinds], "residents": bool}`.

    `repeat`: empty, or how it comes again (`daily`, `weekly`, `monthly`); `series_id`: the notice that a repeated one was made from.
    """

    __tablename__ = "notice"
    # Each second somebody looks for what is over and not told yet: notices of years gone by must cost nothing.
    __table_args__ = (
        Index("ix_notice_state_sent", "state", "sent_at"),
        Index("ix_notice_state_ends", "state", "ends_at"),
    )
    id: int = Field(sa_column=identity())
    number: str = Field(unique=True)
    kind: NoticeKind = Field(sa_column=Column(EnumText(NoticeKind), nullable=False))
    state: NoticeState = Field(sa_column=Column(EnumText(NoticeState), nullable=False))
    colour: Colour | None = Field(default=None, sa_column=Column(EnumText(Colour), nullable=True))
    title: str = ""
    text: str = ""
    fields: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    scope: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    area_code: str | None = Field(default=None, index=True)
    made_by: int | None = Field(default=None, sa_column=ref())
    made_in: int | None = Field(default=None, sa_column=ref(index=False))
    made_at: datetime = Field(sa_column=moment(nullable=False))
    send_at: datetime | None = Field(default=None, sa_column=moment(index=True))
    repeat: str = ""
    series_id: int | None = Field(default=None, sa_column=ref(index=False))
    sent_at: datetime | None = Field(default=None, sa_column=moment())
    ends_at: datetime | None = Field(default=None, sa_column=moment(index=True))
    remind_at: datetime | None = Field(default=None, sa_column=moment(index=True))
    supersedes_id: int | None = Field(default=None, sa_column=ref(index=False))
    recalled_at: datetime | None = Field(default=None, sa_column=moment())
    recalled_by: str = ""
    recall_reason: str = ""
    version: int = 0


class NoticeApproval(SQLModel, table=True):
    """One person's word on a notice; `step`: `send`, or `residents` (the second confirmation for a face that leaves the groups)."""

    __tablename__ = "notice_approval"
    __table_args__ = (UniqueConstraint("notice_id", "step", "worker_id"),)
    id: int = Field(sa_column=identity())
    notice_id: int = Field(sa_column=ref(nullable=False))
    step: str
    worker_id: int = Field(sa_column=ref(index=False, nullable=False))
    agrees: bool
    decided_at: datetime = Field(sa_column=moment(nullable=False))
    note: str = ""


class NoticePicture(SQLModel, table=True):
    """A notice's picture, cleaned (no metadata) and sealed: the bytes lie encrypted in the media folder under `sha256` of the sealed file.

    `nonce` with the service's picture key opens it; `erased_at`: when the end date's job deleted the bytes (the row stays as the record).
    """

    __tablename__ = "notice_picture"
    id: int = Field(sa_column=identity())
    notice_id: int = Field(sa_column=ref(nullable=False))
    position: int = 0
    sha256: str = ""
    nonce: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    mime: str = ""
    bytes: int = 0
    width: int = 0
    height: int = 0
    by: str = ""
    created_at: datetime = Field(sa_column=moment(nullable=False))
    erased_at: datetime | None = Field(default=None, sa_column=moment())


class NoticeTarget(SQLModel, table=True):
    """One group or resident that a notice is for, with what became of it there."""

    __tablename__ = "notice_target"
    __table_args__ = (
        # In this order it also finds what a group, or a resident, was sent.
        UniqueConstraint("target", "notice_id"),
        Index("ix_notice_target_state", "notice_id", "state", "id"),
    )
    id: int = Field(sa_column=identity())
    notice_id: int = Field(sa_column=ref(index=False, nullable=False))
    target: str = Field(max_length=120)
    area_code: str | None = None
    state: TargetState = Field(sa_column=Column(EnumText(TargetState), nullable=False))
    via: str = ""
    reason: str = ""
    outbox_id: int | None = Field(default=None, sa_column=ref())
    sent_at: datetime | None = Field(default=None, sa_column=moment())
    received_at: datetime | None = Field(default=None, sa_column=moment())
    received_by: str = ""
    reminded_at: datetime | None = Field(default=None, sa_column=moment())
    recalled_at: datetime | None = Field(default=None, sa_column=moment())
    done_at: datetime | None = Field(default=None, sa_column=moment())
    done_by: str = ""
    note: str = ""
    version: int = 0


class NoticeSignup(SQLModel, table=True):
    """Somebody who signed up for an activity: `person` is `resident:7` or `worker:12`, `people` how many come, himself included."""

    __tablename__ = "notice_signup"
    __table_args__ = (UniqueConstraint("notice_id", "person", "name"),)
    id: int = Field(sa_column=identity())
    notice_id: int = Field(sa_column=ref(nullable=False))
    person: str = Field(index=True)
    name: str = ""
    people: int = 1
    state: SignupState = Field(sa_column=Column(EnumText(SignupState), nullable=False))
    at: datetime = Field(sa_column=moment(nullable=False))


class Clue(SQLModel, table=True):
    """What somebody knows about a notice (线索): passed to the issuing station only. `pictures`: media ids."""

    __tablename__ = "clue"
    id: int = Field(sa_column=identity())
    number: str = Field(unique=True)
    notice_id: int = Field(sa_column=ref(nullable=False))
    person: str = Field(index=True)
    group_id: int | None = Field(default=None, sa_column=ref(index=False))
    text: str = ""
    pictures: list[int] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    at: datetime = Field(sa_column=moment(nullable=False))
    passed_to: str = ""
    feedback: str = ""
    feedback_by: str = ""
    feedback_at: datetime | None = Field(default=None, sa_column=moment())
    thanked_at: datetime | None = Field(default=None, sa_column=moment())


class NoticeEvent(SQLModel, table=True):
    """A step in a notice's history, appended only: every move, every send, every view of our own pages."""

    __tablename__ = "notice_event"
    id: int = Field(sa_column=identity())
    notice_id: int = Field(sa_column=ref(nullable=False))
    at: datetime = Field(sa_column=moment(nullable=False))
    kind: str
    actor: str
    payload: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class MassCount(SQLModel, table=True):
    """How many mass messages a resident has had in a month (the platform refuses the fifth); `month` is its first day."""

    __tablename__ = "mass_count"
    resident_id: int = Field(sa_column=identity())
    month: date = Field(primary_key=True)
    used: int = 0


class MassSend(SQLModel, table=True):
    """One call of the platform's mass send: its id comes back with `MASSSENDJOBFINISH`, which closes the books on it."""

    __tablename__ = "mass_send"
    id: int = Field(sa_column=identity())
    notice_id: int = Field(sa_column=ref(nullable=False))
    client_msg_id: str = Field(unique=True)
    msg_id: str = Field(default="", index=True)
    openids: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    state: str = Field(default="waiting", index=True)
    made_at: datetime = Field(sa_column=moment(nullable=False))
    sent_at: datetime | None = Field(default=None, sa_column=moment())
    finished_at: datetime | None = Field(default=None, sa_column=moment())
    figures: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    version: int = 0
