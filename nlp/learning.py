"""Learning from labelled messages: a small linear model that starts at the lexicon and is drawn back to it.

Multinomial logistic regression (`nlp.fitting`) over the words and pairs of the lexicon, with the factors that reading itself uses
(once, twice in the head, damped). What is learned is a correction to each weight and to the bias:

- a word that the messages say nothing about keeps the weight that a person gave it;
- a word of the files loses at most `MOST_LOST` of its weight, and no other category gains more than that by it: in a petition
  many words outvote it, but a sentence of that word alone keeps the category that a person gave it;
- a word of no file that moves no sum by `LEAST_INFLUENCE` is dropped and the rest fitted anew: it costs time and decides nothing.

`also` codes share the target. The two numbers of the calibration come from answers to messages that the model had not learned
from (folds inside the training rows), and only to those drawn as messages come, not picked for being hard; where enough were
judged by two readers, only to these: a single reader's slips would make every answer look less sure than it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from nlp.evaluate import Labelled
from nlp.fitting import Task, fit, fit_line, list_answers
from nlp.lexicon import BIAS, CALIBRATION, CATEGORIES, NOTHING, Lexicon, Weights
from nlp.matcher import Matcher
from nlp.score import LONGEST_READ, find_damping
from nlp.sentences import WRITTEN
from nlp.text import normalise
from nlp.vocabulary import widen

STRENGTH = 1.5
"""How strongly corrections are drawn back to nothing: chosen by folds of the judged messages."""
ALSO_SHARE = 0.5
"""How much an equally right code counts in the target, beside 1 for the primary one."""
PICKED = frozenset({"hard", "rare", WRITTEN})
"""Parts of a sample that were not drawn as messages come: they say nothing of how sure an answer may be."""
WRITTEN_COUNTS = 0.7
"""How much a written sentence counts beside a message: measured, half or all changes little."""
MOST_LOST = 0.5
CALIBRATION_FOLDS = 4
ENOUGH_CONFIRMED = 200
LEAST_INFLUENCE = 0.6
_CODES = [category.value for category in CATEGORIES]


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled message as numbers: its features and their factors, the share of each category in the target."""

    features: list[int]
    factors: list[float]
    targets: list[float]
    drawn: str
    confirmed: bool

    @classmethod
    def of(cls, row: Labelled, matcher: Matcher) -> Example:
        """Read one with the factors that reading itself uses."""
        scan = matcher.scan(normalise(row.text).text[:LONGEST_READ])
        features = sorted(scan.distinct)
        damping = find_damping(scan.distinct, scan.head) if features else 1.0
        factors = [(2.0 if number in scan.head else 1.0) / damping for number in features]
        return cls(features, factors, _target(row), row.drawn, row.confirmed)


@dataclass(frozen=True, slots=True)
class Examples:
    """Labelled messages side by side, as `nlp.fitting` wants them."""

    all: Sequence[Example]

    @classmethod
    def of(cls, rows: Sequence[Labelled], matcher: Matcher) -> Examples:
        """Read the rows; those whose primary code is no category say nothing and are left out."""
        return cls([Example.of(row, matcher) for row in rows if row.primary in _CODES])

    @property
    def features(self) -> list[list[int]]:
        """Of each message."""
        return [one.features for one in self.all]

    @property
    def factors(self) -> list[list[float]]:
        """Of each message, in the order of the features."""
        return [one.factors for one in self.all]

    @property
    def targets(self) -> list[list[float]]:
        """Of each message, in the order of the categories."""
        return [one.targets for one in self.all]

    @property
    def counts(self) -> list[float]:
        """How much each message counts."""
        return [WRITTEN_COUNTS if one.drawn == WRITTEN else 1.0 for one in self.all]

    def list_usual(self) -> list[int]:
        """The places of those that show how sure an answer may be."""
        confirmed = [place for place, one in enumerate(self.all) if one.confirmed]
        usual = [place for place, one in enumerate(self.all) if one.drawn not in PICKED]
        return confirmed if len(confirmed) >= ENOUGH_CONFIRMED else usual


def train(rows: Sequence[Labelled], start: Lexicon, strength: float = STRENGTH) -> Lexicon:
    """A lexicon with learned weights, bias and calibration. The start itself where no row has a category.

    `start`: the category files alone, perhaps widened by words without weight (`nlp.vocabulary`). It must not have learned
    from these rows: the calibration would take its memory for skill.
    """
    if not any(row.primary in _CODES for row in rows):
        return start
    first, _, _ = _move(rows, start, strength)
    kept = {
        word: row for word, row in start.weights.items() if any(row) or _reach(first.weights[word]) >= LEAST_INFLUENCE
    }
    learned, matcher, examples = _move(rows, replace(start, weights=kept), strength)
    return replace(learned, calibration=_calibrate(examples, matcher, start, strength))


def learn_anew(rows: Sequence[Labelled], files: Lexicon, strength: float = STRENGTH) -> Lexicon:
    """What the shipped weights are: the category files, the words that the rows show to be worth it, and learned weights."""
    return train(rows, widen(files, rows), strength)


def list_tuning(learned: Lexicon, files: Lexicon) -> Iterator[str]:
    """The lines of `tuning.tsv` that make `learned` of the category files alone."""
    yield f"# 由标注数据学来的修正，不必手改。词或组合\t{chr(9).join(category.label for category in CATEGORIES)}\n"
    yield _line(BIAS, learned.bias, 2)
    yield _line(CALIBRATION, (*learned.calibration, *NOTHING[2:]), 3)
    for word in sorted(learned.weights):
        moved = [new - old for new, old in zip(learned.weights[word], files.weights.get(word, NOTHING), strict=True)]
        if word not in files.weights or max(map(abs, moved)) >= 0.005:
            yield _line(word, moved, 2)


def _line(name: str, numbers: Sequence[float], digits: int) -> str:
    cells = (f"{round(number, digits) + 0.0:.{digits}f}" for number in numbers)
    return f"{name}\t{chr(9).join('0' if float(cell) == 0 else cell for cell in cells)}\n"


def _move(rows: Sequence[Labelled], start: Lexicon, strength: float) -> tuple[Lexicon, Matcher, Examples]:
    """The start with corrected weights and bias, and what that was learned from."""
    matcher = Matcher(start)
    examples = Examples.of(rows, matcher)
    moved, bias = fit(_task(examples, matcher, start), strength).move(matcher.rows, start.bias)
    by_name = dict(zip(matcher.names, moved, strict=True))
    return replace(start, weights={name: by_name[name] for name in start.weights}, bias=bias), matcher, examples


def _reach(row: Weights) -> float:
    """How far a word moves two categories apart at most."""
    return max(row) - min(row)


def _task(examples: Examples, matcher: Matcher, start: Lexicon) -> Task:
    return Task.of(examples, matcher.rows, start.bias, MOST_LOST)


def _target(row: Labelled) -> list[float]:
    shares = [float(code == row.primary) or ALSO_SHARE * (code in row.also) for code in _CODES]
    return [share / sum(shares) for share in shares]


def _calibrate(examples: Examples, matcher: Matcher, start: Lexicon, strength: float) -> tuple[float, float]:
    """(a, b) of logit(confidence) = a + b · logit(raw), from answers to examples that were left out of learning."""
    usual = examples.list_usual()
    if len(usual) < 10 * CALIBRATION_FOLDS:
        return start.calibration
    raw: list[float] = []
    right: list[bool] = []
    for fold in range(CALIBRATION_FOLDS):
        held_out = set(usual[fold::CALIBRATION_FOLDS])
        rest = Examples([one for place, one in enumerate(examples.all) if place not in held_out])
        held = Examples([one for place, one in enumerate(examples.all) if place in held_out])
        chances, hits = list_answers(_task(held, matcher, start), fit(_task(rest, matcher, start), strength))
        raw += chances
        right += hits
    return fit_line(raw, right)
