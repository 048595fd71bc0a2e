"""Find the words and pairs of a lexicon in a text: one pass for all, checked against the borders of jieba's words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from nlp.lexicon import Lexicon, Weights, read_table
from nlp.words import Cutter, FastCutter, Finder

REACH = 10
"""Characters that may stand between the two words of a pair."""

_SENTENCE_END = re.compile(r"[。！？；!?;\n]")
_DENIAL = re.compile(r"(?:不是|并不是|并非|不属于|而不是|不算|不关)(?:什么|因为|说|关于|我们|我|他们|他)?$")


@dataclass(frozen=True, slots=True)
class Hit:
    """A word or pair of the lexicon in a normalised text. `name`: the word, or the pair's name."""

    name: str
    start: int
    end: int
    weights: Weights


class Matcher:
    """A lexicon made ready for fast reading."""

    def __init__(self, lexicon: Lexicon, cutter: Cutter | None = None) -> None:
        self._first: defaultdict[str, list[int]] = defaultdict(list)
        self._second: defaultdict[str, list[int]] = defaultdict(list)
        for place, pair in enumerate(lexicon.pairs):
            for word in pair.first:
                self._first[word].append(place)
            for word in pair.second:
                self._second[word].append(place)
        self._pairs = [(pair.name, lexicon.weights[pair.name]) for pair in lexicon.pairs]
        names = {name for name, _ in self._pairs}
        self._weights = {word: row for word, row in lexicon.weights.items() if word not in names}
        self._covers = {cells[0] for _, cells in read_table("neutral.tsv")} - self._weights.keys()
        self._words = list(dict.fromkeys([*self._weights, *self._first, *self._second, *self._covers]))
        self._finder = Finder(self._words)
        self._cutter = cutter or FastCutter(word for word in self._weights if len(word) > 1)

    def find(self, text: str) -> list[Hit]:
        """What counts in a normalised text: not denied, not straddling two words, not inside a covering word."""
        spans = self._spans(text)
        words = [Hit(word, start, end, self._weights[word]) for word, start, end in spans if word in self._weights]
        return [hit for hit in (*words, *self._find_pairs(text, spans)) if not _is_denied(text, hit.start)]

    def _spans(self, text: str) -> list[tuple[str, int, int]]:
        found = [(self._words[place], start, end) for place, start, end in self._finder.find_all(text)]
        if not found:
            return []
        word_of = [number for number, word in enumerate(self._cutter.cut(text)) for _ in word]
        covered = [(start, end) for word, start, end in found if word in self._covers]
        return [
            (word, start, end)
            for word, start, end in found
            if word not in self._covers
            and (end - start != 2 or word_of[start] == word_of[start + 1] or not _straddles(word_of, start))
            and not (covered and any(a <= start and end <= b for a, b in covered))
        ]

    def _find_pairs(self, text: str, spans: list[tuple[str, int, int]]) -> Iterator[Hit]:
        begun: dict[int, tuple[int, int]] = {}
        for word, start, end in spans:
            for place in self._second.get(word, ()):
                opened = begun.get(place)
                if opened and 0 <= start - opened[1] <= REACH and not _SENTENCE_END.search(text, opened[1], start):
                    name, weights = self._pairs[place]
                    yield Hit(name, opened[0], end, weights)
            for place in self._first.get(word, ()):
                begun[place] = (start, end)


def _is_denied(text: str, start: int) -> bool:
    # Most texts deny nothing: look for the one character first.
    return "不" in text[max(0, start - 6) : start] and _DENIAL.search(text, max(0, start - 6), start) is not None


def _straddles(word_of: list[int], start: int) -> bool:
    """Whether two characters take the end of one word and the beginning of the next, and either not whole."""
    cuts_first = start > 0 and word_of[start - 1] == word_of[start]
    cuts_last = start + 2 < len(word_of) and word_of[start + 2] == word_of[start + 1]
    return cuts_first or cuts_last
