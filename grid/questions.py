"""What the bot is in the middle of with a resident: open questions and loose pieces, kept in `resident.conversation`.

Each question names its case and expires; a bare number or a short answer goes to the newest one that can take it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from storage.plan import Change
from storage.tables import Resident


class Ask(StrEnum):
    """What was asked."""

    PLACE = "place"
    PLACE_CHOICE = "place_choice"
    PHONE = "phone"
    CATEGORY = "category"
    RATING = "rating"
    RATING_REASON = "rating_reason"
    WORKER = "worker"
    WITHDRAW = "withdraw"
    WORDS = "words"
    SUPPLEMENT = "supplement"
    TWIN = "twin"
    ERASE = "erase"
    CLUE = "clue"


_MOST = 6


@dataclass(frozen=True, slots=True)
class Question:
    """One open question; `options` are what the numbers 1, 2, … stand for."""

    ask: Ask
    case_id: int
    number: str
    until: datetime
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conversation:
    """The state between two messages: open questions (newest last), pictures and a place that came before their text."""

    questions: tuple[Question, ...] = ()
    loose_media: tuple[int, ...] = ()
    loose_place: tuple[str, str] | None = None
    loose_candidates: tuple[str, ...] = ()
    loose_why: str = ""
    loose_until: datetime | None = None
    asked_phone: bool = False
    last_case: int | None = None

    def ask(self, question: Question) -> "Conversation":
        """With one more question; an older one of the same kind about the same case gives way."""
        kept = tuple(old for old in self.questions if (old.ask, old.case_id) != (question.ask, question.case_id))
        return self._with(questions=(*kept, question)[-_MOST:])

    def drop(self, question: Question) -> "Conversation":
        """Without a question that was answered."""
        return self._with(questions=tuple(old for old in self.questions if old != question))

    def drop_case(self, case_id: int) -> "Conversation":
        """Without the questions about a case that has gone on without them."""
        return self._with(questions=tuple(old for old in self.questions if old.case_id != case_id))

    def drop_kind(self, kind: Ask, case_id: int) -> "Conversation":
        """Without a question of this kind about this case."""
        return self._with(questions=tuple(old for old in self.questions if (old.ask, old.case_id) != (kind, case_id)))

    def find(self, *kinds: Ask) -> Question | None:
        """The newest open question of one of these kinds (of any kind when none is named)."""
        for question in reversed(self.questions):
            if not kinds or question.ask in kinds:
                return question
        return None

    def keep_media(self, media_id: int, until: datetime) -> "Conversation":
        """With a picture that waits for its text."""
        return self._with(loose_media=(*self.loose_media, media_id)[-9:], loose_until=until)

    def keep_place(
        self, area: str, label: str, until: datetime, candidates: tuple[str, ...] = (), why: str = ""
    ) -> "Conversation":
        """With a place that waits for its text; `candidates` where a point left a choice, `why` how it was found."""
        return self._with(loose_place=(area, label), loose_candidates=candidates, loose_why=why, loose_until=until)

    def without_loose(self) -> "Conversation":
        """With nothing waiting for its text."""
        return self._with(loose_media=(), loose_place=None, loose_candidates=(), loose_why="", loose_until=None)

    def about(self, case_id: int) -> "Conversation":
        """With `case_id` as what is being talked about."""
        return self._with(last_case=case_id)

    def phone_asked(self) -> "Conversation":
        """A phone is asked for once, ever."""
        return self._with(asked_phone=True)

    def _with(self, **changes: Any) -> "Conversation":
        values = {name: getattr(self, name) for name in self.__slots__}
        return Conversation(**{**values, **changes})


def parse_conversation(stored: Mapping[str, Any], now: datetime) -> Conversation:
    """The conversation as stored, without what has expired by `now`."""
    if not stored:
        return _NOTHING
    questions = tuple(_parse_question(row) for row in stored.get("questions", ()))
    until = stored.get("loose_until")
    loose_until = datetime.fromisoformat(until) if until else None
    fresh = loose_until is not None and loose_until > now
    place = stored.get("loose_place")
    return Conversation(
        questions=tuple(question for question in questions if question.until > now),
        loose_media=tuple(stored.get("loose_media", ())) if fresh else (),
        loose_place=(place[0], place[1]) if fresh and place else None,
        loose_candidates=tuple(stored.get("loose_candidates", ())) if fresh else (),
        loose_why=stored.get("loose_why", "") if fresh else "",
        loose_until=loose_until if fresh else None,
        asked_phone=bool(stored.get("asked_phone")),
        last_case=stored.get("last_case"),
    )


_NOTHING = Conversation()


def _parse_question(row: Mapping[str, Any]) -> Question:
    until = datetime.fromisoformat(row["until"])
    return Question(Ask(row["ask"]), row["case_id"], row["number"], until, tuple(row["options"]))


def render_conversation(conversation: Conversation) -> dict[str, Any]:
    """The conversation as JSON; what is empty is left out."""
    stored: dict[str, Any] = {
        "questions": [_render_question(question) for question in conversation.questions],
        "loose_media": list(conversation.loose_media),
        "loose_place": list(conversation.loose_place) if conversation.loose_place else None,
        "loose_candidates": list(conversation.loose_candidates),
        "loose_why": conversation.loose_why,
        "loose_until": conversation.loose_until.isoformat() if conversation.loose_until else None,
        "asked_phone": conversation.asked_phone,
        "last_case": conversation.last_case,
    }
    return {name: value for name, value in stored.items() if value}


def _render_question(question: Question) -> dict[str, Any]:
    return {
        "ask": question.ask.value,
        "case_id": question.case_id,
        "number": question.number,
        "until": question.until.isoformat(),
        "options": list(question.options),
    }


def remember(resident: Resident, conversation: Conversation, **values: Any) -> Change:
    """The guarded change that writes a conversation (and other values of the resident)."""
    return Change(
        Resident, resident.id, resident.version, {"conversation": render_conversation(conversation), **values}
    )
