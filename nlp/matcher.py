"""Find the words and pairs of a lexicon in a text: one pass for all, and in short texts checked against jieba's words.

This is the hot path: it works on numbers of words instead of words, and builds nothing that nobody asks for.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from nlp.lexicon import NOTHING, Lexicon, Weights, read_table
from nlp.words import Cutter, FastCutter, Finder

REACH = 10
"""Characters that may stand between the two words of a pair."""
CUT_UP_TO = 60
"""Up to this length the borders of jieba's words are checked: in a short text one false word decides, in a long one
(measured) it does not."""

Span = tuple[int, int]
Feature = tuple[int, int, int]
"""(number of the feature, start, end); a pair reaches from the start of its first word to the end of its second."""

_SENTENCE_END = re.compile(r"[。！？；!?;\n]")
_DENIES = re.compile(r"不是|并非|不属于|不算|不关")
_DENIAL = re.compile(r"(?:不是|并不是|并非|不属于|而不是|不算|不关)(?:什么|因为|说|关于|我们|我|他们|他)?$")


class Matcher:
    """A lexicon made ready for fast reading."""

    def __init__(self, lexicon: Lexicon, cutter: Cutter | None = None) -> None:
        names = {pair.name for pair in lexicon.pairs}
        words = [word for word in lexicon.weights if word not in names]
        covers = {cells[0] for _, cells in read_table("neutral.tsv")}.difference(words)
        first = _parts(pair.first for pair in lexicon.pairs)
        second = _parts(pair.second for pair in lexicon.pairs)
        known = list(dict.fromkeys([*words, *first, *second, *covers]))
        # Number of a feature: the words in the order of the finder, then the pairs.
        self.names: list[str] = known + [pair.name for pair in lexicon.pairs]
        self.rows: list[Weights] = [lexicon.weights.get(name, NOTHING) for name in self.names]
        self._pairs_from = len(known)
        listed = set(words)
        self._is_word = [word in listed for word in known]
        self._is_part = [word in first or word in second for word in known]
        self._first = [first.get(word, ()) for word in known]
        self._second = [second.get(word, ()) for word in known]
        self._lengths = [(max(map(len, pair.first)), max(map(len, pair.second))) for pair in lexicon.pairs]
        self._sides = [(frozenset(pair.first), frozenset(pair.second)) for pair in lexicon.pairs]
        self._cover = [word in covers for word in known]
        self._finder = Finder(known)
        self._cutter = cutter or FastCutter(word for word in words if len(word) > 1)

    def find(self, text: str) -> list[Feature]:
        """What counts in a normalised text: not denied, not straddling two words, not inside a covering word."""
        found = self._checked(text, self._finder.find_all(text))
        is_word, is_part = self._is_word, self._is_part
        parts = [one for one in found if is_part[one[0]]]
        return [one for one in found if is_word[one[0]]] + self._pair_up(text, parts)

    def spans(self, text: str, feature: Feature) -> tuple[Span, ...]:
        """Where the word stands, or the two words of a pair."""
        number, start, end = feature
        if number < self._pairs_from:
            return ((start, end),)
        first, second = self._sides[number - self._pairs_from]
        longest = self._lengths[number - self._pairs_from]
        begin = next((n for n in range(longest[0], 0, -1) if text[start : start + n] in first), end - start)
        close = next((n for n in range(longest[1], 0, -1) if text[end - n : end] in second), end - start)
        return ((start, start + begin), (end - close, end))

    def _pair_up(self, text: str, parts: list[Feature]) -> list[Feature]:
        begun: dict[int, Span] = {}
        pairs: list[Feature] = []
        first, second = self._first, self._second
        for place, start, end in parts:
            for pair in second[place]:
                opened = begun.get(pair)
                if opened and 0 <= start - opened[1] <= REACH and not _SENTENCE_END.search(text, opened[1], start):
                    pairs.append((self._pairs_from + pair, opened[0], end))
            for pair in first[place]:
                begun[pair] = (start, end)
        return pairs

    def _checked(self, text: str, found: list[Feature]) -> list[Feature]:
        covered = [(start, end) for place, start, end in found if self._cover[place]]
        if covered:
            found = [one for one in found if not any(a <= one[1] and one[2] <= b for a, b in covered)]
        if found and len(text) <= CUT_UP_TO:
            word_of = [number for number, word in enumerate(self._cutter.cut(text)) for _ in word]
            found = [one for one in found if one[2] - one[1] != 2 or not _straddles(word_of, one[1])]
        if _DENIES.search(text):
            found = [one for one in found if not _DENIAL.search(text, max(0, one[1] - 6), one[1])]
        return found


def _parts(sides: Iterable[tuple[str, ...]]) -> dict[str, tuple[int, ...]]:
    """Which pairs a word belongs to."""
    pairs: defaultdict[str, list[int]] = defaultdict(list)
    for number, words in enumerate(sides):
        for word in words:
            pairs[word].append(number)
    return {word: tuple(numbers) for word, numbers in pairs.items()}


def _straddles(word_of: list[int], start: int) -> bool:
    """Whether two characters take the end of one word and the beginning of the next, and either not whole."""
    if word_of[start] == word_of[start + 1]:
        return False
    cuts_first = start > 0 and word_of[start - 1] == word_of[start]
    return cuts_first or (start + 2 < len(word_of) and word_of[start + 2] == word_of[start + 1])
