"""Emergencies: life, limb or a crime in progress, now. What is none is told in `danger_guards.py`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nlp.danger_guards import is_happening, tells_now
from nlp.danger_marks import HEAD, LONG_TEXT
from nlp.lexicon import read_table
from nlp.pairs import PairSides
from nlp.reading import Emergency, Evidence
from nlp.text import Normal
from nlp.words import Finder, LongestFinder

LONGEST_READ = 250
"""Who is in danger says so at once."""

APART = 14
"""Characters that may stand between the two words of a danger: spoken run-ons have no commas."""

EITHER_ORDER = "两可"

_RANKS = ("self_harm", "chemical", "gas", "fire", "electric", "drowning", "violence")
"""What is done first differs most for these: they name the emergency wherever they stand in the text."""
_LAST = "help"
"""A cry for help names no danger."""


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    call: tuple[str, ...]


class Triage:
    """Finds the emergency in a text. The words are in `lexicon/emergency*.tsv`; what covers them in `neutral.tsv`."""

    def __init__(self) -> None:
        kinds: dict[str, _Kind | None] = {}
        for _, (name, call, words) in read_table("emergency.tsv"):
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

    def find(self, normal: Normal) -> Emergency | None:
        """The gravest emergency of the text: the kind named first; all its words are the evidence."""
        text = normal.text[:LONGEST_READ]
        # Most long texts tell of nothing that happens now.
        found = self._present(text) if len(text) <= LONG_TEXT or tells_now(text) else []
        if not found:
            return None
        found.sort(key=lambda one: _rank(one[0].name))
        first = found[0][0]
        call = dict.fromkeys(number for kind, _, _ in found for number in kind.call)
        spans = (normal.span(start, end) for _, start, end in found)
        return Emergency(first.name, tuple(call), tuple(Evidence(normal.original[a:b], a, b) for a, b in spans))

    def _present(self, text: str) -> list[tuple[_Kind, int, int]]:
        # In a long text nothing counts that ends behind its head.
        head = text if len(text) <= LONG_TEXT else text[:HEAD]
        found = self._finder.find_all(head)
        covered = [(start, end) for place, start, end in found if self._kinds[place] is None]
        words = [(kind, start, end) for place, start, end in found if (kind := self._kinds[place])]
        pairs = [one for one in self._list_pairs(text, head) if not _is_inside(one, covered)]
        # The words first: a pair adds a danger, it does not rename the one that is named outright.
        return [one for one in words if is_happening(text, one[1], one[1], one[2], one[0].name)] + pairs

    def _list_pairs(self, text: str, head: str) -> Iterator[tuple[_Kind, int, int]]:
        for place, start, end in self._anchors.find_all(head):
            for kind, sides in self._anchored[place]:
                # What denies or fears it stands before the second word: 老人没有走丢.
                both = sides.find(text, start, end)
                if both and is_happening(text, both[0][0], *both[1], kind.name):
                    yield kind, both[0][0], both[1][1]


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


def _is_inside(one: tuple[_Kind, int, int], covered: list[tuple[int, int]]) -> bool:
    return any(start < one[2] <= end or start <= one[1] < end for start, end in covered)
