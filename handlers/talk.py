"""What a handler has in front of it: the update, who speaks, the desk, and the books to look things up in."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from grid.city import GroupNode, Person
from grid.desk import Actor, Desk, reporter_of
from grid.likeness import public_view
from grid.questions import Ask, Conversation, Question
from handlers.update import Update
from nlp.reader import Reader
from nlp.reading import Reading
from storage.counters import Numbers
from storage.plan import Change
from storage.queries import Books
from storage.tables import Case, Resident, Setting, Worker

CITY_VERSION = "city_version"
SPOKEN = "〔语音转写〕"
"""Stands before words that a machine wrote down from a recording."""


def city_moved(now: datetime) -> Change:
    """Goes into every plan that changes areas, people or groups: all processes load the city anew when they see it."""
    return Change(Setting, CITY_VERSION, None, {"value": new_version(now)})


def new_version(now: datetime) -> str:
    """A version that no other move has, also not one of the same moment (a shared clock may stand still for a while)."""
    return f"{now.isoformat()} {secrets.token_hex(6)}"


@dataclass(slots=True)
class ResidentTalk:
    """A resident speaks. `resident` may be new (not stored yet); `cases` are his, newest first, also those he joined.

    `joint`: those of them that several people reported, each with the row of `case_reporter` that is his.

    Handlers replace `conversation` and add to `learned` (columns of the resident); the dispatcher writes both with the plan.
    """

    update: Update
    desk: Desk
    books: Books
    reader: Reader
    numbers: Numbers
    resident: Resident
    conversation: Conversation
    cases: Sequence[Case] = ()
    joint: Mapping[int, int] = field(default_factory=dict)
    is_new: bool = False
    reading: Reading | None = None
    learned: dict[str, Any] = field(default_factory=dict)

    @property
    def actor(self) -> Actor:
        """The resident as the reporter of his cases."""
        return reporter_of(self.resident, SPOKEN if self.update.spoken is not None else "")

    def read(self) -> Reading:
        """The reading of the update's text, made once."""
        if self.reading is None:
            self.reading = self.reader.read(self.update.text, home=self.resident.area_code)
        return self.reading

    def ask(self, ask: Ask, case: Case, options: tuple[str, ...] = ()) -> None:
        """Open a question about a case; it expires by itself."""
        until = self.desk.now + self._answer_within(ask)
        self.conversation = self.conversation.ask(Question(ask, case.id, case.number, until, options))

    def _answer_within(self, ask: Ask) -> timedelta:
        house = self.desk.house
        # A “好的” of this evening must not withdraw what was asked about at noon, nor belong to a 补充 of the morning.
        soon = ask in (Ask.WITHDRAW, Ask.SUPPLEMENT)
        return house.rating_for if ask is Ask.RATING else house.join_for if soon else house.question_for

    def find_case(self, case_id: int | None) -> Case | None:
        """One of his cases by its id."""
        return next((case for case in self.cases if case.id == case_id), None)

    def is_own(self, case: Case) -> bool:
        """Whether he is the first who reported it; who joined a case may not say where it is or what it is."""
        return case.resident_id == self.resident.id

    def seen(self, case: Case) -> Case:
        """A case as he may see it: of what somebody else reported first, no address finer than the building."""
        return case if self.is_own(case) else public_view(case)

    def list_open(self) -> list[Case]:
        """His open cases, newest first."""
        return [case for case in self.cases if case.is_open]


@dataclass(slots=True)
class WorkerTalk:
    """Somebody speaks to the bot in a work group or in single chat. `person` is None for a userid that nobody knows."""

    update: Update
    desk: Desk
    books: Books
    reader: Reader
    numbers: Numbers
    person: Person | None
    worker: Worker | None
    group: GroupNode | None
