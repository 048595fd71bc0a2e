"""The sum of `nlp.learning`: a multinomial logistic regression whose weights are corrections within bounds.

    minimise   Σ share · cross-entropy  +  strength / 2 · Σ correction²  +  BIAS_STRENGTH / 2 · Σ bias correction²

by accelerated gradient descent, each feature with a step of its own (the row sums of the curvature bound it, so a rare word need
not wait for the common ones). No random numbers: the same examples give the same weights. Needs numpy, which only learning uses.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

BIAS_STRENGTH = 1.0
ROUNDS = 150


Rows = Sequence[Sequence[float]]


class Factored(Protocol):
    """Examples as numbers: of each the features and their factors, the shares of the categories, and how much it counts."""

    @property
    def features(self) -> Sequence[Sequence[int]]: ...
    @property
    def factors(self) -> Rows: ...
    @property
    def targets(self) -> Rows: ...
    @property
    def counts(self) -> Sequence[float]: ...


@dataclass(frozen=True, slots=True)
class Fitted:
    """Corrections of the weights, a row for each feature, and of the bias."""

    change: Array
    bias: Array

    def move(self, rows: Rows, bias: Sequence[float]) -> tuple[list[tuple[float, ...]], tuple[float, ...]]:
        """The corrected weights and bias."""
        moved = (np.array(rows) + self.change).tolist()
        return [tuple(row) for row in moved], tuple((np.array(bias) + self.bias).tolist())


@dataclass(frozen=True, slots=True)
class Matrix:
    """The factors of all examples, row after row: sparse, `height` examples by `width` features."""

    numbers: Numbers
    factors: Array
    rows: Numbers
    height: int
    width: int

    @classmethod
    def of(cls, features: Sequence[Sequence[int]], factors: Sequence[Sequence[float]], width: int) -> Matrix:
        """From the numbers of the features of each example and their factors."""
        rows = np.repeat(np.arange(len(features)), [len(one) for one in features])
        numbers = np.fromiter(chain.from_iterable(features), dtype=np.int64)
        return cls(numbers, np.fromiter(chain.from_iterable(factors), dtype=np.float64), rows, len(features), width)

    def times(self, weights: Array) -> Array:
        """Sums per example and column."""
        products = weights[self.numbers] * self.factors[:, None]
        return _add_up(self.rows, products, self.height)

    def back(self, gradient: Array) -> Array:
        """Sums per feature and column."""
        return _add_up(self.numbers, gradient[self.rows] * self.factors[:, None], self.width)


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be fitted: sums of the start (`base`), the right shares of the categories, how much each example counts,
    and between which corrections (per feature and category) the answer lies."""

    matrix: Matrix
    base: Array
    targets: Array
    counts: Array
    lowest: Array
    highest: Array

    @classmethod
    def of(cls, examples: Factored, start: Rows, bias: Sequence[float], most_lost: float) -> Task:
        """`start`: the weights of each feature. What speaks for a category loses at most the share `most_lost` of its weight,
        and no other category gains more than that by it."""
        weights = np.array(start)
        matrix = Matrix.of(examples.features, examples.factors, len(weights))
        best = weights.max(axis=1, keepdims=True) * most_lost
        return cls(
            matrix,
            matrix.times(weights) + np.array(bias),
            np.array(examples.targets),
            np.array(examples.counts),
            lowest=np.where(weights > 0, -weights * most_lost, -np.inf),
            highest=np.where((best > 0) & (weights <= 0), best, np.inf),
        )


def fit(task: Task, strength: float) -> Fitted:
    """The corrections of the weights (a row for each feature) and of the bias."""
    matrix, counts = task.matrix, task.counts[:, None]
    step, bias_step = _find_steps(task, strength)
    change, bias = np.zeros((matrix.width, task.targets.shape[1])), np.zeros(task.targets.shape[1])
    ahead, ahead_bias, pace = change, bias, 1.0
    for _ in range(ROUNDS):
        miss = counts * (_find_chances(task.base + matrix.times(ahead) + ahead_bias) - task.targets)
        moved = np.clip(ahead - step * (matrix.back(miss) + strength * ahead), task.lowest, task.highest)
        moved_bias = ahead_bias - bias_step * (miss.sum(axis=0) + BIAS_STRENGTH * ahead_bias)
        following = (1 + math.sqrt(1 + 4 * pace * pace)) / 2
        push = (pace - 1) / following
        ahead, ahead_bias = moved + push * (moved - change), moved_bias + push * (moved_bias - bias)
        change, bias, pace = moved, moved_bias, following
    return Fitted(change, bias)


def list_answers(task: Task, fitted: Fitted) -> tuple[list[float], list[bool]]:
    """Of each example the chance of the likeliest category, and whether that one is right or equally right."""
    sums = task.base + task.matrix.times(fitted.change) + fitted.bias
    right = task.targets[np.arange(task.matrix.height), sums.argmax(axis=1)] > 0
    return _find_chances(sums).max(axis=1).tolist(), right.tolist()


def _find_chances(sums: Array) -> Array:
    powers = np.exp(sums - sums.max(axis=1, keepdims=True))
    chances: Array = powers / powers.sum(axis=1, keepdims=True)
    return chances


def fit_line(chances: Sequence[float], right: Sequence[bool]) -> tuple[float, float]:
    """(a, b) of logit(chance of being right) = a + b · logit(raw), by Newton's method, drawn to (0, 1) by one message's worth."""
    raw = np.clip(np.array(chances), 1e-6, 1 - 1e-6)
    sides = np.stack([np.ones(len(raw)), np.log(raw / (1 - raw))], axis=1)
    line, home = np.array([0.0, 1.0]), np.array([0.0, 1.0])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-sides @ line))
        slope = sides.T @ (chance - np.array(right, dtype=float)) + (line - home)
        curve = (sides * (chance * (1 - chance))[:, None]).T @ sides + np.eye(2)
        line = line - np.linalg.solve(curve, slope)
    return float(line[0]), float(line[1])


def _find_steps(task: Task, strength: float) -> tuple[Array, float]:
    """The step of each feature and of the bias. Half of the chances' curvature times the sum of an example's factors bounds them."""
    matrix = task.matrix
    whole = task.counts * (1 + np.bincount(matrix.rows, weights=matrix.factors, minlength=matrix.height))
    curves = 0.5 * np.bincount(matrix.numbers, weights=matrix.factors * whole[matrix.rows], minlength=matrix.width)
    return (1 / (curves + strength))[:, None], float(1 / (0.5 * whole.sum() + BIAS_STRENGTH))


def _add_up(places: Numbers, values: Array, length: int) -> Array:
    columns = [np.bincount(places, weights=values[:, one], minlength=length) for one in range(values.shape[1])]
    return np.stack(columns, axis=1)
