"""Weigh what a text says for the six categories."""

from __future__ import annotations

import math
from dataclasses import dataclass

from nlp.lexicon import CATEGORIES, Lexicon, Weights
from nlp.matcher import Hit, Matcher
from nlp.reading import Category

HEAD = 30
"""Characters at the beginning that count more: the title, or what is said first."""
HEAD_FACTOR = 2.0
LONGEST_READ = 2000
"""Characters that are weighed; whoever writes more has said before what it is about."""
DAMPING = 0.25
"""How much many words weaken each other: the sums are divided by (Σ factor²) to this power."""
MOST_EVIDENCE = 5


@dataclass(frozen=True, slots=True)
class Verdict:
    """Chances per category in the order of `CATEGORIES`; `confidence` of the first; its words, strongest first."""

    chances: Weights
    confidence: float
    evidence: tuple[Hit, ...]
    known: bool

    @property
    def ranking(self) -> list[Category]:
        """The categories, likeliest first."""
        order = sorted(range(len(CATEGORIES)), key=self.chances.__getitem__, reverse=True)
        return [CATEGORIES[place] for place in order]


class Scorer:
    """Weighs texts by one lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._matcher = Matcher(lexicon)
        self._bias = lexicon.bias
        self._calibration = lexicon.calibration

    def score(self, text: str) -> Verdict:
        """Weigh a normalised text."""
        hits = self._matcher.find(text[:LONGEST_READ])
        chances = _softmax(self._sums(hits))
        best = max(range(len(chances)), key=chances.__getitem__)
        confidence = _calibrated(chances[best], self._calibration)
        return Verdict(chances, confidence, _strongest(hits, best), bool(hits))

    def _sums(self, hits: list[Hit]) -> list[float]:
        factors = list_factors(hits)
        damping = sum(factor * factor for factor, _ in factors.values()) ** DAMPING or 1.0
        sums = [0.0] * len(CATEGORIES)
        for factor, weights in factors.values():
            for place, weight in enumerate(weights):
                sums[place] += factor * weight
        return [start + total / damping for start, total in zip(self._bias, sums, strict=True)]


def list_factors(hits: list[Hit]) -> dict[str, tuple[float, Weights]]:
    """Each distinct word with how much it counts: once, and more where it stands at the beginning."""
    factors: dict[str, tuple[float, Weights]] = {}
    for hit in hits:
        factor = HEAD_FACTOR if hit.start < HEAD else 1.0
        if hit.name not in factors or factors[hit.name][0] < factor:
            factors[hit.name] = factor, hit.weights
    return factors


def _softmax(sums: list[float]) -> Weights:
    highest = max(sums)
    powers = [math.exp(value - highest) for value in sums]
    whole = sum(powers)
    return tuple(power / whole for power in powers)


def _calibrated(raw: float, calibration: tuple[float, float]) -> float:
    raw = min(max(raw, 1e-6), 1 - 1e-6)
    a, b = calibration
    return 1 / (1 + math.exp(-(a + b * math.log(raw / (1 - raw)))))


def _strongest(hits: list[Hit], best: int) -> tuple[Hit, ...]:
    """The distinct words that speak for a category, strongest first, none overlapping another."""
    chosen: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (-hit.weights[best], hit.start - hit.end, hit.start)):
        if hit.weights[best] <= 0 or len(chosen) == MOST_EVIDENCE:
            break
        if not any(hit.name == other.name or (hit.start < other.end and other.start < hit.end) for other in chosen):
            chosen.append(hit)
    return tuple(chosen)
