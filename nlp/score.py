"""Weigh what a text says for the six categories."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from struct import Struct

from nlp.lexicon import CATEGORIES, Lexicon, Weights
from nlp.matcher import Matcher, Scan
from nlp.pairs import Span
from nlp.reading import Category

HEAD = 30
"""Characters at the beginning up to whose end a word counts twice: the title, or what is said first."""
LONGEST_READ = 250
"""Characters that are weighed: measured, the rest of a petition changes nothing (docs/adr/0012)."""
DAMPING = 0.25
"""How much many words weaken each other: the sums are divided by (Σ factor²) to this power."""
MOST_EVIDENCE, CONSIDERED = 5, 10
LEAST_EVIDENCE = 0.2
"""Words that speak for the category less than this are no evidence to show."""

_COUNT = len(CATEGORIES)
_ALL = range(_COUNT)
_UNIT = 10_000
"""Weights are counted in ten-thousandths …"""
_FIELD = 32
"""… and stand side by side in fields of so many bits: 250 characters cannot fill one with weights below 100."""
_FIELDS = Struct(f"<{_COUNT}I")
_MIDDLE = 1 << _FIELD - 1
_MIDDLES = sum(_MIDDLE << _FIELD * place for place in _ALL)


@dataclass(slots=True)
class Verdict:
    """Chances per category in the order of `CATEGORIES`; the categories, likeliest first; `confidence` of the first;
    where the words stand that speak for it, strongest first; what the words do besides (`Scan.roles`)."""

    chances: Weights
    ranking: list[Category]
    confidence: float
    evidence: tuple[Span, ...]
    roles: int


class Scorer:
    """Weighs texts by one lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._matcher = matcher = Matcher(lexicon)
        self._bias = lexicon.bias
        self._calibration = lexicon.calibration
        self._packed = [_pack(row) for row in matcher.rows]
        self._silent = matcher.silent
        # One byte for each feature: small enough to stay in the processor's own memory.
        self._shown = [
            bytes(self._show(name, one, row[place]) for name, row in zip(matcher.names, matcher.rows, strict=True))
            for place, one in enumerate(CATEGORIES)
        ]

    def score(self, text: str) -> Verdict:
        """Weigh a normalised text."""
        text = text[:LONGEST_READ]
        scan = self._matcher.scan(text)
        distinct, head = count_features(scan, self._silent)
        chances = _softmax(self._sums(distinct, head))
        order = sorted(_ALL, key=chances.__getitem__, reverse=True)
        best = order[0]
        confidence = _calibrated(chances[best], self._calibration)
        evidence = self._evidence(scan, distinct, self._shown[best])
        return Verdict(chances, [CATEGORIES[place] for place in order], confidence, evidence, scan.roles)

    def _evidence(self, scan: Scan, distinct: set[int], shown: bytes) -> tuple[Span, ...]:
        """The distinct words that speak for a category, strongest first, none overlapping another."""
        speaking = [(weight, number) for number in distinct if (weight := shown[number])]
        speaking.sort(reverse=True)
        spans: list[Span] = []
        chosen = 0
        for _, number in speaking[:CONSIDERED]:
            found = self._matcher.spans(scan, number)
            if not _overlaps(found, spans):
                spans += found
                chosen += 1
            if chosen == MOST_EVIDENCE:
                break
        return tuple(spans)

    def list_words(self, text: str) -> list[tuple[str, int, int]]:
        """(word or pair, start, end) of all that counts in a normalised text and stands in a category's file."""
        matcher, shown = self._matcher, self._shown
        found = matcher.find(text[:LONGEST_READ])
        return [(matcher.names[n], start, end) for n, start, end in found if any(column[n] for column in shown)]

    def _show(self, name: str, category: Category, weight: float) -> int:
        """The weight of a word where it was put into the list by hand: learned words decide, but are not shown."""
        if weight <= LEAST_EVIDENCE or not self._lexicon.item(name, category):
            return 0
        return min(255, max(1, round(weight * 50)))

    def _sums(self, distinct: set[int], head: set[int]) -> list[float]:
        if not distinct:
            return list(self._bias)
        packed = self._packed.__getitem__
        damping = _UNIT * find_damping(distinct, head)
        columns = _unpack(sum(map(packed, distinct)) + sum(map(packed, head)))
        return [start + column / damping for start, column in zip(self._bias, columns, strict=True)]


def _overlaps(found: tuple[Span, ...], taken: list[Span]) -> bool:
    for start, end in found:
        for begin, close in taken:
            if start < close and begin < end:
                return True
    return False


def count_features(scan: Scan, silent: frozenset[int]) -> tuple[set[int], set[int]]:
    """The distinct features of a text without the silent words (which have a role only), and those of them in its head."""
    distinct = {*scan.numbers} - silent
    head = {*scan.numbers[: bisect_right(scan.ends, HEAD)]} - silent
    for number, (first, _) in scan.pairs.items():
        distinct.add(number)
        if first[0] < HEAD:
            head.add(number)
    return distinct, head


def find_damping(distinct: set[int], head: set[int]) -> float:
    """What the sums are divided by. A word of the head counts twice: its factor is 2, its square 4."""
    return math.pow(len(distinct) + 3 * len(head), DAMPING)


def _pack(row: Weights) -> int:
    """Six weights as one whole number, so that a single addition adds all six."""
    return sum(round(max(-100.0, min(100.0, weight)) * _UNIT) << _FIELD * place for place, weight in enumerate(row))


def _unpack(packed: int) -> tuple[int, ...]:
    """The six sums of a sum of packed rows, in units."""
    fields: tuple[int, ...] = _FIELDS.unpack((packed + _MIDDLES).to_bytes(_FIELDS.size, "little"))
    return tuple(field - _MIDDLE for field in fields)


def _softmax(sums: list[float]) -> Weights:
    highest = max(sums)
    powers = [math.exp(value - highest) for value in sums]
    whole = sum(powers)
    return tuple(power / whole for power in powers)


def _calibrated(raw: float, calibration: tuple[float, float]) -> float:
    raw = min(max(raw, 1e-6), 1 - 1e-6)
    a, b = calibration
    return 1 / (1 + math.exp(-(a + b * math.log(raw / (1 - raw)))))
