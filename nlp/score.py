"""Weigh what a text says for the six categories."""

from __future__ import annotations

import math
from dataclasses import dataclass

from nlp.lexicon import CATEGORIES, NOTHING, Lexicon, Weights
from nlp.matcher import Feature, Matcher, Span
from nlp.reading import Category

HEAD = 30
"""Characters at the beginning that count twice: the title, or what is said first."""
LONGEST_READ = 500
"""Characters that are weighed: measured, the rest of a petition changes nothing."""
DAMPING = 0.25
"""How much many words weaken each other: the sums are divided by (Σ factor²) to this power."""
MOST_EVIDENCE, CONSIDERED = 5, 10
LEAST_EVIDENCE = 0.2
"""Words that speak for the category less than this are no evidence to show."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Chances per category in the order of `CATEGORIES`; `confidence` of the first; where the words stand that speak
    for it, strongest first."""

    chances: Weights
    confidence: float
    evidence: tuple[Span, ...]

    @property
    def ranking(self) -> list[Category]:
        """The categories, likeliest first."""
        order = sorted(range(len(CATEGORIES)), key=self.chances.__getitem__, reverse=True)
        return [CATEGORIES[place] for place in order]


class Scorer:
    """Weighs texts by one lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._matcher = Matcher(lexicon)
        self._bias = lexicon.bias
        self._calibration = lexicon.calibration
        self._shown = [self._show(name) for name in self._matcher.names]

    def score(self, text: str) -> Verdict:
        """Weigh a normalised text."""
        text = text[:LONGEST_READ]
        features = self._matcher.find(text)
        chances = _softmax(self._sums(features))
        best = max(range(len(chances)), key=chances.__getitem__)
        confidence = _calibrated(chances[best], self._calibration)
        return Verdict(chances, confidence, self._evidence(text, features, best))

    def _evidence(self, text: str, features: list[Feature], best: int) -> tuple[Span, ...]:
        """The distinct words that speak for a category, strongest first, none overlapping another."""
        shown = self._shown
        speaking = [(-weight, one) for one in features if (weight := shown[one[0]][best]) > LEAST_EVIDENCE]
        chosen: dict[int, Feature] = {}
        taken: set[int] = set()
        for _, one in sorted(speaking)[:CONSIDERED]:
            if one[0] not in chosen and taken.isdisjoint(range(one[1], one[2])):
                chosen[one[0]] = one
                taken.update(range(one[1], one[2]))
        return tuple(span for one in list(chosen.values())[:MOST_EVIDENCE] for span in self._matcher.spans(text, one))

    def _show(self, name: str) -> Weights:
        """The weights of a word where it was put into the list by hand: learned words decide, but are not shown."""
        row = self._lexicon.weights.get(name, NOTHING)
        return tuple(w if self._lexicon.item(name, one) else 0.0 for one, w in zip(CATEGORIES, row, strict=True))

    def _sums(self, features: list[Feature]) -> list[float]:
        counted = list_counted(features)
        if not counted:
            return list(self._bias)
        rows = self._matcher.rows
        # A word of the head stands twice in the list: its factor is 2, its square 4.
        distinct = len(set(counted))
        damping = (distinct + 3 * (len(counted) - distinct)) ** DAMPING
        columns = zip(*[rows[number] for number in counted], strict=True)
        return [start + sum(column) / damping for start, column in zip(self._bias, columns, strict=True)]


def list_counted(features: list[Feature]) -> list[int]:
    """Each distinct feature once, and once more where it begins in the head of the text."""
    return [*{one[0] for one in features}, *{one[0] for one in features if one[1] < HEAD}]


def _softmax(sums: list[float]) -> Weights:
    highest = max(sums)
    powers = [math.exp(value - highest) for value in sums]
    whole = sum(powers)
    return tuple(power / whole for power in powers)


def _calibrated(raw: float, calibration: tuple[float, float]) -> float:
    raw = min(max(raw, 1e-6), 1 - 1e-6)
    a, b = calibration
    return 1 / (1 + math.exp(-(a + b * math.log(raw / (1 - raw)))))
