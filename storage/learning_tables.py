"""Tables of learning: what people corrected, and the versions of the lexicon that were made of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from storage.columns import EnumText, VersionState, identity, moment, ref


class Correction(SQLModel, table=True):
    """Somebody said that a case belongs to another category. `features`: the words of the lexicon that its text holds, never the text."""

    __tablename__ = "correction"
    id: int = Field(sa_column=identity())
    case_id: int = Field(sa_column=ref(nullable=False))
    at: datetime = Field(sa_column=moment(index=True, nullable=False))
    actor: str
    was: str
    now: str
    features: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))


class LexiconVersion(SQLModel, table=True):
    """A set of moved word weights, on top of the shipped lexicon. `weights`: `{word: {category: delta}}`; `figures`: before and after."""

    __tablename__ = "lexicon_version"
    number: int = Field(primary_key=True)
    state: VersionState = Field(sa_column=Column(EnumText(VersionState), nullable=False))
    made_at: datetime = Field(sa_column=moment(nullable=False))
    made_by: str = ""
    published_at: datetime | None = Field(default=None, sa_column=moment())
    weights: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    figures: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    until_correction_id: int | None = Field(default=None, sa_column=ref(index=False))
    note: str = ""
