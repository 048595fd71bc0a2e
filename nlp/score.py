"""Weigh what a text says for the six categories."""

from __future__ import annotations

import math
from dataclasses import dataclass

from nlp.columns import Columns
from nlp.lexicon import CATEGORIES, Lexicon
from nlp.matcher import Matcher, Scan
from nlp.pairs import Span
from nlp.reading import Category

LONGEST_READ = 160
"""Characters that are weighed: measured, the rest of a petition changes nothing (docs/adr/0012)."""
DAMPING = 0.25
"""How much many words weaken each other: the sums are divided by (Σ factor²) to this power."""
MOST_EVIDENCE, CONSIDERED = 5, 10
LEAST_EVIDENCE = 0.2
"""Words that speak for the category less than this are no evidence to show."""

_LEAST_DOUBT = 1e-6


@dataclass(slots=True)
class Verdict:
    """The likeliest category and the next; `confidence` of the first; where the words stand that speak for it, strongest
    first; what the words do besides (`Scan.roles`)."""

    category: Category
    runner_up: Category
    confidence: float
    evidence: list[Span]
    roles: int


class Scorer:
    """Weighs texts by one lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._matcher = matcher = Matcher(lexicon)
        self._bias = lexicon.bias
        a, self._slope = lexicon.calibration
        self._doubt = math.exp(-a)
        self._columns = Columns(matcher.rows, len(CATEGORIES))
        # One byte for each feature: small enough to stay in the processor's own memory.
        self._shown = [
            bytes(self._show(name, one, row[place]) for name, row in zip(matcher.names, matcher.rows, strict=True))
            for place, one in enumerate(CATEGORIES)
        ]

    def score(self, text: str) -> Verdict:
        """Weigh a normalised text."""
        scan = self._matcher.scan(text[:LONGEST_READ])
        sums = self._sums(scan)
        best = max(sums)
        first = sums.index(best)
        sums[first] = -math.inf
        second = sums.index(max(sums))
        evidence = self._evidence(scan, self._shown[first])
        return Verdict(CATEGORIES[first], CATEGORIES[second], self._confidence(best, sums), evidence, scan.roles)

    def _confidence(self, best: float, others: list[float]) -> float:
        """logit(confidence) = a + b · logit(raw), where raw is the softmax of the best sum, and so logit(raw) = -ln(odds against)."""
        against = 0.0
        for value in others:
            against += math.exp(value - best)
        return 1 / (1 + self._doubt * math.pow(max(against, _LEAST_DOUBT), self._slope))

    def _evidence(self, scan: Scan, shown: bytes) -> list[Span]:
        """The distinct words that speak for a category, strongest first, none overlapping another."""
        speaking = [(weight, number) for number in scan.distinct if (weight := shown[number])]
        speaking.sort(reverse=True)
        spans: list[Span] = []
        chosen, taken = 0, 0
        for _, number in speaking[:CONSIDERED]:
            found = self._matcher.spans(scan, number)
            # The characters of the spans as bits.
            places = 0
            for start, end in found:
                places |= (1 << end) - (1 << start)
            if not places & taken:
                spans += found
                taken |= places
                chosen += 1
                if chosen == MOST_EVIDENCE:
                    break
        return spans

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

    def _sums(self, scan: Scan) -> list[float]:
        if not scan.distinct:
            return list(self._bias)
        sums = self._columns.add_up(scan.distinct, scan.head, find_damping(scan.distinct, scan.head))
        return [start + more for start, more in zip(self._bias, sums, strict=True)]


def find_damping(distinct: set[int], head: set[int]) -> float:
    """What the sums are divided by. A word of the head counts twice: its factor is 2, its square 4."""
    return math.pow(len(distinct) + 3 * len(head), DAMPING)
