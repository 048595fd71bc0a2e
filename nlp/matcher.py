"""Find the words and pairs of a lexicon in a text: one pass for all, and in short texts checked against jieba's words.

This is the hot path: it works on numbers of words instead of words, and builds nothing that nobody asks for. The pass
also meets the words of urgency, so that nobody looks for these in a text that has none of them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from operator import itemgetter

from nlp.danger_marks import NOW_WORDS
from nlp.lexicon import NOTHING, Lexicon, Weights, read_table
from nlp.pairs import Look, PairSides, Span
from nlp.words import FastCutter, Finder

HEAD = 30
"""Characters at the beginning up to whose end a word counts twice: the title, or what is said first."""
PAIRS_UP_TO = 60
"""Up to this place the words of pairs are looked for: measured, later ones decide nothing (docs/adr/0012)."""
CUT_UP_TO = 60
"""Up to this length the borders of jieba's words are checked: in a short text one false word decides, in a long one
(measured) it does not."""

Feature = tuple[int, int, int]
"""(number of the feature, start, end); a pair reaches from the start of its first word to the end of its second."""

_DENIES = ("不是", "并非", "不属于", "不算", "不关")
_BETWEEN = re.compile(r"什么|因为|说|关于|我们|我|他们|他")
"""May stand between a denial and what it denies."""


COVERS, DENIES, HURRIES, ANCHORS, TELLS_NOW = 1, 2, 4, 8, 16
"""What a word does besides speaking for a category, as bits: plain numbers, since `IntFlag` costs a microsecond."""
_CHECKED = COVERS | DENIES
_END = itemgetter(2)


@dataclass(slots=True)
class Scan:
    """What one pass found: the words in the order of their ends, also those that have a role only, and their numbers; the
    distinct features that count, and those of them in the head of the text; where the two words of each pair stand; and in
    the bits of `roles` all that the words do."""

    found: list[Feature]
    numbers: list[int]
    distinct: set[int]
    head: set[int]
    pairs: dict[int, tuple[Span, Span]]
    roles: int


class Matcher:
    """A lexicon made ready for fast reading."""

    def __init__(self, lexicon: Lexicon) -> None:
        names = {pair.name for pair in lexicon.pairs}
        words = [word for word in lexicon.weights if word not in names]
        # Learned pieces need not be words: the cutter's own dictionary tells those apart.
        listed_by_hand = {word for word, _ in lexicon.items}
        self._cutter = FastCutter(word for word in words if len(word) > 1 and word in listed_by_hand)
        frequency = self._cutter.frequency
        sides = [PairSides.of(pair.first, pair.second, commonness=frequency) for pair in lexicon.pairs]
        roles = _list_roles(set(words), [word for side in sides for word in side.anchors])
        listed = [word for word in words if word not in roles] + [word for word in words if word in roles]
        known = list(dict.fromkeys([*listed, *roles]))
        # Number of a feature: plain words, words that have a role too, words that have a role only, then the pairs.
        self.names: list[str] = known + [pair.name for pair in lexicon.pairs]
        self.rows: list[Weights] = [lexicon.weights.get(name, NOTHING) for name in self.names]
        self._words_to, self._pairs_from = len(listed), len(known)
        self._roles_from = sum(word not in roles for word in words)
        self._roles = bytes(roles.get(word, 0) for word in known)
        looks: defaultdict[str, list[tuple[int, Look, int]]] = defaultdict(list)
        for number, side in enumerate(sides, self._pairs_from):
            for word in side.anchors:
                looks[word].append((number, side.look, side.reach))
        self._anchored = [looks.get(word, []) for word in known]
        self._finder = Finder(known)

    def find(self, text: str) -> list[Feature]:
        """What counts in a normalised text: not denied, not straddling two words, not inside a covering word."""
        scan = self.scan(text)
        pairs = [(number, first[0], second[1]) for number, (first, second) in scan.pairs.items()]
        return [one for one in scan.found if one[0] < self._words_to] + pairs

    def scan(self, text: str) -> Scan:
        """The features as in `find`, and what the words of the text do besides."""
        found = self._finder.find_all(text)
        words_to, roles_from, roles_of = self._words_to, self._roles_from, self._roles
        special = [one for one in found if one[0] >= roles_from]
        roles = 0
        for number, _, _ in special:
            roles |= roles_of[number]
        if roles & _CHECKED or len(text) <= CUT_UP_TO:
            found = self._checked(text, found, roles)
            special = [one for one in found if one[0] >= roles_from]
        numbers = [number for number, _, _ in found]
        distinct = {number for number in numbers if number < words_to}
        in_head = numbers[: bisect_right(found, HEAD, key=_END)]
        head = {number for number in in_head if number < words_to}
        scan = Scan(found, numbers, distinct, head, {}, roles)
        if roles & ANCHORS:
            self._pair_up(scan, text, special)
        return scan

    def spans(self, scan: Scan, number: int) -> tuple[Span, ...]:
        """Where a feature of the scan stands first: the word, or the two words of a pair."""
        if number >= self._pairs_from:
            return scan.pairs[number]
        _, start, end = scan.found[scan.numbers.index(number)]
        return ((start, end),)

    def _pair_up(self, scan: Scan, text: str, special: list[Feature]) -> None:
        anchored, pairs = self._anchored, scan.pairs
        for number, start, end in special:
            if start > PAIRS_UP_TO:
                break
            for feature, look, reach in anchored[number]:
                other = look(text, start - reach if start > reach else 0, start) if reach else look(text, end)
                if other:
                    known = pairs.get(feature)
                    both = (other.span(1), (start, end)) if reach else ((start, end), other.span(1))
                    # The first place counts, there the longest word: 下水道, not 下水.
                    if known is None or both[0][0] == known[0][0]:
                        pairs[feature] = both
        scan.distinct.update(pairs)
        scan.head.update([feature for feature, (first, _) in pairs.items() if first[0] < HEAD])

    def _checked(self, text: str, found: list[Feature], roles: int) -> list[Feature]:
        if roles & COVERS:
            for a, b in [(start, end) for number, start, end in found if self._roles[number] & COVERS]:
                found = [one for one in found if not (a <= one[1] and one[2] <= b)]
        if found and len(text) <= CUT_UP_TO:
            word_of = [number for number, word in enumerate(self._cutter.cut(text)) for _ in word]
            found = [one for one in found if one[2] - one[1] != 2 or not _straddles(word_of, one[1])]
        if roles & DENIES:
            ends = [end for number, _, end in found if self._roles[number] & DENIES]
            denied = {*ends, *(between.end() for end in ends if (between := _BETWEEN.match(text, end)))}
            found = [one for one in found if one[1] not in denied]
        return found


def _list_roles(words: set[str], anchors: Iterable[str]) -> dict[str, int]:
    roles: defaultdict[str, int] = defaultdict(int)
    for role, members in (
        (ANCHORS, anchors),
        (COVERS, {cells[0] for _, cells in read_table("neutral.tsv")} - words),
        (DENIES, _DENIES),
        (TELLS_NOW, NOW_WORDS),
        (HURRIES, [word for _, (_, some) in read_table("urgent.tsv") for word in some.split()]),
    ):
        for word in members:
            roles[word] |= role
    return dict(roles)


def _straddles(word_of: list[int], start: int) -> bool:
    """Whether two characters take the end of one word and the beginning of the next, and either not whole."""
    if word_of[start] == word_of[start + 1]:
        return False
    cuts_first = start > 0 and word_of[start - 1] == word_of[start]
    return cuts_first or (start + 2 < len(word_of) and word_of[start + 2] == word_of[start + 1])
