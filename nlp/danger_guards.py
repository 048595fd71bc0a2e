"""Whether a word of danger tells of danger now: what is past, settled, denied, feared, asked about or a figure of speech does not."""

from __future__ import annotations

from dataclasses import dataclass

from nlp.danger_marks import (
    ANIMAL,
    BACK,
    BURNS,
    CALLS,
    CAR_BLOCKED,
    CLAUSE_END,
    COMMA,
    COMPLAINT,
    DEATH,
    DEGREE,
    DENIED,
    EQUIPMENT,
    FALLEN_THING,
    FALLS,
    FEARED,
    FIGURE,
    HABIT,
    HEAD,
    HEAD_CALL,
    HUMAN,
    LASTING,
    LASTING_SMELL,
    LEAPS,
    LESSON,
    LIKE_JUMPING,
    LIKENESS,
    LIVED_THROUGH,
    LONG_PAST,
    LONG_TEXT,
    NO_LIFE,
    NOBODY,
    NOUN_AFTER,
    NOW,
    NOW_TOLD,
    OF_PERSONS,
    OF_STALE,
    OFFICE,
    OFTEN,
    ONCE,
    OVER,
    PAPER_OR_TALE,
    PAST,
    PIPE,
    POLLUTION,
    POLLUTION_TOLD,
    REST,
    RUMOUR,
    RUN_ON,
    SAID_OF_DAYS,
    SAID_ONLY,
    STALE,
    STILL,
    SUPPOSED,
    THING,
    THREAT_OF_LAW,
    TOUCHED,
    WHAT_THEN,
    WORKS,
)

_CLAUSE = 30
"""Characters to each side of a word beyond which nothing belongs to its clause …"""
_BEFORE_CLAUSE, _AFTER_CLAUSE = 12, 14
"""… and those around the clause in which it may be said that it happens now."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A word of danger in its text. `left` and `right` end its clause."""

    text: str
    first: int
    start: int
    end: int
    left: int
    right: int

    @property
    def before(self) -> str:
        return self.text[self.left : self.start]

    @property
    def lead(self) -> str:
        return self.text[self.left : self.first]

    @property
    def word(self) -> str:
        return self.text[self.start : self.end]

    @property
    def after(self) -> str:
        return self.text[self.end : self.right]

    @property
    def rest(self) -> str:
        return self.text[self.end : self.end + REST]

    @property
    def around(self) -> str:
        return self.text[max(0, self.left - _BEFORE_CLAUSE) : self.right + _AFTER_CLAUSE]


def tells_now(text: str) -> bool:
    """Whether a long text says near its head that anything at all happens now: without it, `is_happening` is false of each word."""
    return NOW_TOLD.search(text, 0, HEAD + _CLAUSE + _AFTER_CLAUSE) is not None


def is_happening(text: str, first: int, start: int, end: int, kind: str) -> bool:
    """Whether the danger named at `start` to `end` is one now; `first` is where its first word (of a pair) begins.

    The normalised text is given whole: what denies a word stands in its clause, what settles it may come later.
    """
    place = _Place(text, first, start, end, *_clause(text, first, end))
    if _is_unreal(place, kind) or _is_other_thing(place, kind) or _is_over(place, kind):
        return False
    if len(text) > LONG_TEXT:
        return end <= HEAD and bool(NOW_TOLD.search(place.around)) and not _is_past(place, kind)
    if NOW.search(place.around) or (end > len(text) - HEAD_CALL and CALLS.search(text)):
        return not _is_past(place, kind)
    if (LESSON if kind in SAID_ONLY else PAPER_OR_TALE).search(text):
        return False
    if _is_habit(place, kind):
        return False
    return not _is_past(place, kind)


def _is_habit(place: _Place, kind: str) -> bool:
    if kind in LASTING or (kind == "self_harm" and DEATH.search(place.word)):
        return False
    return bool(HABIT.search(place.before) or HABIT.search(place.word + place.after))


def _is_unreal(place: _Place, kind: str) -> bool:
    """Denied, feared, a figure of speech, the name of a thing."""
    before, after = place.before, place.after
    if len(place.text) > RUN_ON and COMMA.search(place.word):
        return True
    if DENIED.search(before) or FEARED.search(before) or NOUN_AFTER.match(after):
        return True
    if kind != "self_harm" and (FIGURE.search(before[-10:]) or FIGURE.search(place.lead[-10:])):
        return True
    if LIKENESS.search(before) or RUMOUR.search(place.rest):
        return True
    if SUPPOSED.match(after) or (kind == "self_harm" and _is_ordinary(place)):
        return True
    if kind == "self_harm" and LIKE_JUMPING.search(place.word) and DEGREE.search(before):
        return True
    return bool(WHAT_THEN.match(after) and EQUIPMENT.search(place.text))


def _is_ordinary(place: _Place) -> bool:
    """Somebody works up there, or no life is possible without water."""
    if WORKS.search(place.before) and not LEAPS.search(place.text):
        return True
    return bool(NO_LIFE.search(place.word) and COMPLAINT.search(place.text))


def _is_other_thing(place: _Place, kind: str) -> bool:
    """Smoke of a chimney, a lost key, a car that is parked in."""
    if "烟" in place.text[place.first : place.end] and kind == "fire" and _is_pollution(place):
        return True
    if kind in OF_PERSONS and (THING.search(place.before) or THING.search(place.lead) or _is_of_animal(place)):
        return True
    if kind == "missing" and OFFICE.search(place.before):
        return True
    if (
        kind in OF_STALE
        and STALE.search(place.before + place.word + place.rest[:20])
        and not TOUCHED.search(place.text)
    ):
        return True
    if kind == "flood" and PIPE.search(place.text) and not TOUCHED.search(place.text):
        return True
    if kind == "threat" and THREAT_OF_LAW.match(place.after):
        return True
    if kind == "trapped" and NOBODY.search(place.text):
        return True
    if kind == "chemical" and LASTING_SMELL.search(place.text):
        return True
    if (
        kind == "injury"
        and FALLS.search(place.word)
        and FALLEN_THING.search(place.before[-6:] + place.word + place.after[:6])
    ):
        return True
    return kind == "trapped" and bool(OFTEN.search(place.before) or CAR_BLOCKED.search(place.before + place.word))


def _is_pollution(place: _Place) -> bool:
    if BURNS.search(place.text):
        return False
    around = place.before + place.word + place.after
    return bool(POLLUTION.search(around) or (len(place.text) > RUN_ON and POLLUTION_TOLD.search(place.text)))


def _is_of_animal(place: _Place) -> bool:
    return bool(ANIMAL.search(place.before + place.word)) and not HUMAN.search(place.before + place.word)


_BURNING = frozenset({"fire", "electric", "gas", "chemical"})


def _is_over(place: _Place, kind: str) -> bool:
    """Settled, in what follows or in the clause itself, and not said to be there again."""
    said = place.before + place.word + place.rest
    # A lamp that went out in the lift ends nothing.
    told = said if kind in _BURNING else said.replace("灭了", "")
    over = OVER.search(told) or (kind == "missing" and BACK.search(told))
    return bool(over) and not STILL.search(place.text, place.left)


def _is_past(place: _Place, kind: str) -> bool:
    """The last word of time before the danger is one of the past, or it has been lived through."""
    if LIVED_THROUGH.match(place.text[place.end : place.end + 4]):
        return True
    if place.word[-1] != "过" and ONCE.search(place.word):
        return True
    past = (LONG_PAST if kind in SAID_OF_DAYS else PAST).search(place.text, max(0, place.left - 12), place.start)
    if not past:
        return False
    return not (NOW.search(place.text, past.end(), place.right) or STILL.search(place.text, past.end()))


def _clause(text: str, start: int, end: int) -> tuple[int, int]:
    """The clause around a span, at most `_CLAUSE` characters to each side."""
    left = max(0, start - _CLAUSE)
    for found in CLAUSE_END.finditer(text, left, start):
        left = found.end()
    following = CLAUSE_END.search(text, end, end + _CLAUSE)
    return left, following.start() if following else min(len(text), end + _CLAUSE)
