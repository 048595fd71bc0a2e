"""Plans: what a decision wants written, all or nothing. They hold rows, changes, events and neutral messages; no SQL."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import SQLModel

from storage.tables import Inbound


@dataclass(frozen=True, slots=True)
class Change:
    """New values for one row, good only while the row still has `version` (None: whatever it is now, and it stays)."""

    table: type[SQLModel]
    key: int | str
    version: int | None
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EventDraft:
    """A step of a case's history; the committer gives it its place in the chain."""

    case_id: int
    kind: str
    at: datetime
    actor: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OutboxDraft:
    """A neutral message for `target`; the committer gives it its place in the target's order."""

    target: str
    kind: str
    body: Mapping[str, Any]
    due_at: datetime
    case_id: int | None = None


@dataclass(slots=True)
class Plan:
    """Everything that one decision writes. `inbound` is the update that it answers: a repeat of it makes the whole plan void."""

    inbound: Inbound | None = None
    rows: list[SQLModel] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    events: list[EventDraft] = field(default_factory=list)
    outbox: list[OutboxDraft] = field(default_factory=list)

    def merge(self, other: "Plan") -> "Plan":
        """Both plans as one."""
        return Plan(
            self.inbound or other.inbound,
            self.rows + other.rows,
            self.changes + other.changes,
            self.events + other.events,
            self.outbox + other.outbox,
        )


@dataclass(frozen=True, slots=True)
class Committed:
    """The plan is in the archive for good."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """The update had been let in before; nothing was written, and this is what was answered then (None: not yet answered)."""

    reply: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Conflict:
    """A row had moved on since the decision: decide again on what it is now."""

    table: str
    key: int | str


Outcome = Committed | Repeated | Conflict
