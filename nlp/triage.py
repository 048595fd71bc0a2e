"""Emergencies: life, limb or a crime in progress, now.

First by the words of the files (`lexicon/emergency*.tsv`), which `danger_guards.py` weighs in their surroundings; then, in a short
text without them, by what it sounds like (`nlp.ear`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nlp.danger_guards import is_happening, tells_now
from nlp.danger_marks import HEAD, LONG_TEXT
from nlp.ear import Ear, Heard, shipped_ear
from nlp.lexicon import read_table
from nlp.pairs import PairSides, Span
from nlp.reading import Emergency, Evidence
from nlp.text import Normal
from nlp.words import Finder, LongestFinder

LONGEST_READ = 250
"""Who is in danger says so at once."""

APART = 14
"""Characters that may stand between the two words of a danger: spoken run-ons have no commas."""

EITHER_ORDER = "两可"

LIKELY, SET_ASIDE, CALM = 0.45, 0.9, 0.02
"""From this chance of danger on a short text is an emergency: without a word of danger in it, with words that were set aside (or a
mere scrap of text), and with words that tell of danger now. Measured (docs/lexicon.md): a missed one weighs more than a false one."""
CALM_NEAR, BEFORE, BEHIND = 0.2, 8, 12
"""Such a word counts for nothing only where also what stands so many characters before and behind it sounds less like danger than this."""
SURE = 0.6
"""From this chance on the kind that it sounds like names the emergency, not its words."""
SHORT, SCRAP = 8, 4
"""Up to here a word of danger is most of the text, and nothing else can speak against it; and up to here, without one, hardly
anything can speak for danger."""


_RANKS = ("self_harm", "chemical", "gas", "fire", "electric", "drowning", "violence")
"""What is done first differs most for these: they name the emergency wherever they stand in the text."""
_LAST = "help"
"""A cry for help names no danger."""


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    call: tuple[str, ...]


_Told = tuple[_Kind, int, int]


class Triage:
    """Finds the emergency in a text. What covers the words of danger is in `neutral.tsv`."""

    def __init__(self, ear: Ear | None = None) -> None:
        self._ear = ear or shipped_ear()
        self._calls: dict[str, tuple[str, ...]] = {}
        kinds: dict[str, _Kind | None] = {}
        for _, (name, call, words) in read_table("emergency.tsv"):
            self._calls.setdefault(name, tuple(call.split()))
            kinds |= {word: _Kind(name, tuple(call.split())) for word in words.split()}
        kinds |= {cells[0]: None for _, cells in read_table("neutral.tsv") if cells[0] not in kinds}
        self._kinds = list(kinds.values())
        self._finder = LongestFinder(kinds)
        pairs = [(_Kind(name, tuple(call.split())), sides) for name, call, sides in list_danger_pairs()]
        anchored: dict[str, list[tuple[_Kind, PairSides]]] = {}
        for kind, sides in pairs:
            for word in sides.anchors:
                anchored.setdefault(word, []).append((kind, sides))
        self._anchored = list(anchored.values())
        self._anchors = Finder(anchored)

    def find(self, normal: Normal, heard: Heard | None = None, *, tells: bool = True) -> Emergency | None:
        """The gravest emergency of the text: the kind named first; all its words are the evidence.

        `heard`: what a short text sounds like. `tells`: whether a long text has any of the words (`NOW_WORDS`) by which it could
        tell of now.
        """
        text = normal.text[:LONGEST_READ]
        if heard is None:
            found = self._list_told(text)[1] if tells and (len(text) <= LONG_TEXT or tells_now(text)) else []
            return self._named(normal, found) if found else None
        words, found = self._list_told(text)
        if not found:
            # A word of danger that its surroundings set aside (担心漏电) speaks against the sound of the rest, and of a scrap
            # (还在冒水) there is too little to hear.
            least = SET_ASIDE if words or len(text) <= SCRAP else LIKELY
            return self._as_heard(normal, heard) if heard.danger >= least and heard.evidence else None
        if heard.danger < CALM and self._is_calm_around(text, found):
            return None
        # 抽了，眼睛往上吊 is no 上吊, whatever its words.
        return self._as_heard(normal, heard, found) if heard.kind_chance >= SURE else self._named(normal, found)

    def _is_calm_around(self, text: str, found: list[_Told]) -> bool:
        """Whether nothing near a word of danger sounds like it: a list of everyday matters may end in one that is none."""
        if len(text) <= SHORT:
            return False
        near = (self._ear.hear(text[max(0, start - BEFORE) : end + BEHIND]) for _, start, end in found)
        return all(heard.danger < CALM_NEAR for heard in near)

    def _named(self, normal: Normal, found: list[_Told]) -> Emergency:
        found.sort(key=lambda one: _rank(one[0].name))
        kinds = [kind for kind, _, _ in found]
        return Emergency(kinds[0].name, _join_calls(kinds), _evidence(normal, _places(found)))

    def _as_heard(self, normal: Normal, heard: Heard, found: Iterable[_Told] = ()) -> Emergency:
        kinds = [_Kind(heard.kind, self._calls[heard.kind]), *(kind for kind, _, _ in found)]
        return Emergency(heard.kind, _join_calls(kinds), _evidence(normal, _places(found) or heard.evidence))

    def _list_told(self, text: str) -> tuple[int, list[_Told]]:
        """How many words and pairs of danger stand in a text, and those of them that tell of danger now."""
        # In a long text nothing counts that ends behind its head.
        head = text if len(text) <= LONG_TEXT else text[:HEAD]
        found = self._finder.find_all(head)
        covered = [(start, end) for place, start, end in found if self._kinds[place] is None]
        words = [(kind, start, end) for place, start, end in found if (kind := self._kinds[place])]
        pairs = list(self._list_pairs(text, head))
        # The words first: a pair adds a danger, it does not rename the one that is named outright.
        told = [one for one in words if is_happening(text, one[1], one[1], one[2], one[0].name)]
        # What denies or fears a pair stands before its second word: 老人没有走丢.
        told += [
            (kind, first[0], second[1])
            for kind, first, second in pairs
            if is_happening(text, first[0], *second, kind.name) and not _is_inside(first[0], second[1], covered)
        ]
        return len(words) + len(pairs), told

    def _list_pairs(self, text: str, head: str) -> Iterator[tuple[_Kind, Span, Span]]:
        for place, start, end in self._anchors.find_all(head):
            for kind, sides in self._anchored[place]:
                if both := sides.find(text, start, end):
                    yield kind, *both


def _join_calls(kinds: Iterable[_Kind]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(number for kind in kinds for number in kind.call))


def _places(found: Iterable[_Told]) -> list[Span]:
    return [(start, end) for _, start, end in found]


def _evidence(normal: Normal, places: Iterable[Span]) -> tuple[Evidence, ...]:
    spans = (normal.span(start, end) for start, end in places)
    return tuple(Evidence(normal.original[start:end], start, end) for start, end in spans)


def _rank(kind: str) -> int:
    if kind == _LAST:
        return len(_RANKS) + 1
    return _RANKS.index(kind) if kind in _RANKS else len(_RANKS)


def list_danger_pairs() -> Iterator[tuple[str, str, PairSides]]:
    """Kind, numbers to call and the two sides of each line of `emergency_pairs.tsv`. Raises ValueError naming a faulty line."""
    sets = read_sets()
    for number, cells in read_table("emergency_pairs.tsv"):
        if len(cells) not in (4, 5) or cells[4:] not in ([], [EITHER_ORDER]):
            raise ValueError(f"emergency_pairs.tsv line {number}: expected kind, numbers, words, words")
        first, second = _expand(cells[2], sets), _expand(cells[3], sets)
        yield cells[0], cells[1], PairSides.of(first, second, APART)
        if cells[4:]:
            yield cells[0], cells[1], PairSides.of(second, first, APART)


def read_sets() -> dict[str, tuple[str, ...]]:
    """The named sets of words of `emergency_sets.tsv`; a set may name those above it as `@name`."""
    sets: dict[str, tuple[str, ...]] = {}
    for _, (name, words) in read_table("emergency_sets.tsv"):
        sets[name] = _expand(words, sets)
    return sets


def _expand(words: str, sets: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The words of a cell, each once. Raises KeyError for a set that is not there."""
    lists = (sets[word[1:]] if word.startswith("@") else (word,) for word in words.split())
    return tuple(dict.fromkeys(word for one in lists for word in one))


def _is_inside(first: int, last: int, covered: list[Span]) -> bool:
    return any(start < last <= end or start <= first < end for start, end in covered)
