"""Learning from labelled messages: a small linear model that starts at the lexicon and is drawn back to it.

Multinomial logistic regression over the words and pairs of the lexicon, with the factors that reading itself uses (once, twice
in the head, damped). What is learned is a correction to each weight and to the bias:

    minimise   Σ cross-entropy  +  strength / 2 · Σ correction²  +  BIAS_STRENGTH / 2 · Σ bias correction²

so a word that the messages say nothing about keeps the weight that a person gave it. `also` codes share the target. The two
numbers of the calibration come from answers to messages that the model had not learned from (folds inside the training rows).
Solved by accelerated gradient descent; no random numbers, so the same rows give the same weights. Needs numpy, which only
training uses.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from nlp.evaluate import Labelled
from nlp.lexicon import BIAS, CALIBRATION, CATEGORIES, NOTHING, Lexicon
from nlp.matcher import Matcher
from nlp.score import LONGEST_READ, count_features, find_damping
from nlp.text import normalise

Array = npt.NDArray[np.float64]

BIAS_STRENGTH = 1.0
ROUNDS = 200
ALSO_SHARE = 0.5
"""How much an equally right code counts in the target, beside 1 for the primary one."""
CALIBRATION_FOLDS = 4
LEAST_INFLUENCE = 0.35
"""A word of no category file that moves no sum further than this is left out: measured, it costs time and decides nothing."""
_CODES = [category.value for category in CATEGORIES]


@dataclass(frozen=True, slots=True)
class Examples:
    """Labelled messages as numbers: per message the features and their factors, and the share of each category."""

    features: tuple[npt.NDArray[np.int64], ...]
    factors: tuple[Array, ...]
    targets: Array

    @classmethod
    def of(cls, rows: Sequence[Labelled], matcher: Matcher) -> Examples:
        """Read the rows; those whose primary code is no category say nothing and are left out."""
        kept = [row for row in rows if row.primary in _CODES]
        read = [_read(row.text, matcher) for row in kept]
        targets = np.array([_target(row) for row in kept]).reshape(len(kept), len(_CODES))
        return cls(tuple(numbers for numbers, _ in read), tuple(factors for _, factors in read), targets)

    def __len__(self) -> int:
        return len(self.features)

    def part(self, places: Sequence[int]) -> Examples:
        """Some of them."""
        chosen = list(places)
        return Examples(
            tuple(self.features[place] for place in chosen),
            tuple(self.factors[place] for place in chosen),
            self.targets[chosen],
        )


def train(rows: Sequence[Labelled], start: Lexicon, strength: float = 1.0) -> Lexicon:
    """A lexicon with learned weights, bias and calibration. The start itself where no row has a category.

    `start` must not have learned from these rows: the calibration would take its memory for skill.
    """
    matcher = Matcher(start)
    examples = Examples.of(rows, matcher)
    if not len(examples):
        return start
    change, bias = _fit(examples, matcher, start, strength)
    rows_by_name = zip(matcher.names, matcher.rows, change.tolist(), strict=True)
    weights = {
        name: tuple(old + new for old, new in zip(row, moved, strict=True))
        for name, row, moved in rows_by_name
        if name in start.weights
    }
    learned_bias = tuple(float(value) for value in np.array(start.bias) + bias)
    return replace(
        start, weights=weights, bias=learned_bias, calibration=_calibrate(examples, matcher, start, strength)
    )


def list_tuning(learned: Lexicon, files: Lexicon) -> Iterator[str]:
    """The lines of `tuning.tsv` that make `learned` of the category files alone."""
    yield f"# 由标注数据学来的修正，不必手改。词或组合\t{chr(9).join(category.label for category in CATEGORIES)}\n"
    yield _line(BIAS, learned.bias, 2)
    yield _line(CALIBRATION, (*learned.calibration, *NOTHING[2:]), 3)
    for word in sorted(learned.weights):
        moved = [new - old for new, old in zip(learned.weights[word], files.weights.get(word, NOTHING), strict=True)]
        mean = sum(moved) / len(moved)
        enough = 0.005 if word in files.weights else LEAST_INFLUENCE
        if max(abs(value - mean) for value in moved) >= enough:
            yield _line(word, moved, 2)


def _line(name: str, numbers: Sequence[float], digits: int) -> str:
    cells = (f"{round(number, digits) + 0.0:.{digits}f}" for number in numbers)
    return f"{name}\t{chr(9).join('0' if float(cell) == 0 else cell for cell in cells)}\n"


def _read(text: str, matcher: Matcher) -> tuple[npt.NDArray[np.int64], Array]:
    distinct, head = count_features(matcher.scan(normalise(text).text[:LONGEST_READ]), matcher.silent)
    numbers = sorted(distinct)
    damping = find_damping(distinct, head) if distinct else 1.0
    factors = [(2.0 if number in head else 1.0) / damping for number in numbers]
    return np.array(numbers, dtype=np.int64), np.array(factors)


def _target(row: Labelled) -> list[float]:
    shares = [float(code == row.primary) or ALSO_SHARE * (code in row.also) for code in _CODES]
    return [share / sum(shares) for share in shares]


@dataclass(frozen=True, slots=True)
class _Matrix:
    """The factors of all examples, row after row."""

    numbers: npt.NDArray[np.int64]
    factors: Array
    rows: npt.NDArray[np.int64]
    height: int
    width: int

    @classmethod
    def of(cls, examples: Examples, width: int) -> _Matrix:
        lengths = [len(one) for one in examples.features]
        rows = np.repeat(np.arange(len(examples)), lengths)
        return cls(np.concatenate(examples.features), np.concatenate(examples.factors), rows, len(examples), width)

    def times(self, weights: Array) -> Array:
        """Sums per example and column."""
        products = weights[self.numbers] * self.factors[:, None]
        return _add_up(self.rows, products, self.height)

    def back(self, gradient: Array) -> Array:
        """Sums per feature and column."""
        return _add_up(self.numbers, gradient[self.rows] * self.factors[:, None], self.width)


def _add_up(places: npt.NDArray[np.int64], values: Array, length: int) -> Array:
    columns = [np.bincount(places, weights=values[:, one], minlength=length) for one in range(values.shape[1])]
    return np.stack(columns, axis=1)


def _fit(examples: Examples, matcher: Matcher, start: Lexicon, strength: float) -> tuple[Array, Array]:
    """The corrections of the weights (a row for each feature) and of the bias."""
    matrix = _Matrix.of(examples, len(matcher.names))
    base = matrix.times(np.array(matcher.rows)) + np.array(start.bias)
    step = 1.0 / (0.5 * (_largest(matrix) + len(examples)) + strength + BIAS_STRENGTH)
    change, bias = np.zeros((matrix.width, len(_CODES))), np.zeros(len(_CODES))
    ahead, ahead_bias, pace = change, bias, 1.0
    for _ in range(ROUNDS):
        miss = _chances(base + matrix.times(ahead) + ahead_bias) - examples.targets
        moved = ahead - step * (matrix.back(miss) + strength * ahead)
        moved_bias = ahead_bias - step * (miss.sum(axis=0) + BIAS_STRENGTH * ahead_bias)
        following = (1 + math.sqrt(1 + 4 * pace * pace)) / 2
        push = (pace - 1) / following
        ahead, ahead_bias = moved + push * (moved - change), moved_bias + push * (moved_bias - bias)
        change, bias, pace = moved, moved_bias, following
    return change, bias


def _largest(matrix: _Matrix) -> float:
    """The largest eigenvalue of the factors' squares, by the power method: it bounds the step."""
    vector = np.ones((matrix.width, 1))
    for _ in range(12):
        vector = matrix.back(matrix.times(vector / np.linalg.norm(vector)))
    return float(np.linalg.norm(vector)) * 1.1


def _chances(sums: Array) -> Array:
    powers = np.exp(sums - sums.max(axis=1, keepdims=True))
    chances: Array = powers / powers.sum(axis=1, keepdims=True)
    return chances


def _calibrate(examples: Examples, matcher: Matcher, start: Lexicon, strength: float) -> tuple[float, float]:
    """(a, b) of logit(confidence) = a + b · logit(raw), from answers to examples that were left out of learning."""
    if len(examples) < 10 * CALIBRATION_FOLDS:
        return start.calibration
    raw, right = [], []
    for fold in range(CALIBRATION_FOLDS):
        rest = examples.part([place for place in range(len(examples)) if place % CALIBRATION_FOLDS != fold])
        held = examples.part(range(fold, len(examples), CALIBRATION_FOLDS))
        change, bias = _fit(rest, matcher, start, strength)
        sums = _Matrix.of(held, len(matcher.names)).times(np.array(matcher.rows) + change) + np.array(start.bias) + bias
        best = sums.argmax(axis=1)
        raw.extend(_chances(sums).max(axis=1).tolist())
        right.extend((held.targets[np.arange(len(held)), best] > 0).tolist())
    return _fit_line(np.clip(np.array(raw), 1e-6, 1 - 1e-6), np.array(right, dtype=float))


def _fit_line(raw: Array, right: Array) -> tuple[float, float]:
    """Logistic regression of right on logit(raw), by Newton's method, drawn to (0, 1) by one message's worth."""
    sides = np.stack([np.ones(len(raw)), np.log(raw / (1 - raw))], axis=1)
    line, home = np.array([0.0, 1.0]), np.array([0.0, 1.0])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-sides @ line))
        slope = sides.T @ (chance - right) + (line - home)
        curve = (sides * (chance * (1 - chance))[:, None]).T @ sides + np.eye(2)
        line = line - np.linalg.solve(curve, slope)
    return float(line[0]), float(line[1])
