"""Cross-validation: how well reading does on messages that it has not learned from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from nlp.evaluate import Answer, Bin, Labelled, Scores, answer, list_bins, score_answers
from nlp.gazetteer import Gazetteer
from nlp.learning import learn_anew, train
from nlp.lexicon import Lexicon
from nlp.reader import Reader
from nlp.vocabulary import widen


@dataclass(frozen=True, slots=True)
class Validation:
    """The lexicon alone beside what was learned, each message answered once per seed by a reader that never saw it.

    `parts`: the learned scores per part of the sample (`drawn`); `bins`: the calibration table of the learned reader.
    """

    lexicon_only: Scores
    learned: Scores
    parts: dict[str, Scores]
    bins: list[Bin]


def cross_validate(
    rows: Sequence[Labelled], start: Lexicon, folds: int = 5, seeds: int = 3, further: Sequence[Labelled] = ()
) -> Validation:
    """Learn from all folds but one, and from the `further` rows, and answer that one, for each fold and seed.

    `start` must hold nothing that was learned from these rows: the category files alone. Words are added only from `further`.
    Nearly equal texts (`group`) share a fold.
    Raises ValueError for fewer than two folds, no seed, or fewer rows than folds.
    """
    if folds < 2 or seeds < 1 or len(rows) < folds:
        raise ValueError("cross-validation needs two folds, one seed, and a row for each fold")
    alone = Reader(Gazetteer(()), start)
    start = widen(start, further)
    answers = [one for seed in range(seeds) for one in _answer_all(rows, start, folds, seed, further)]
    return _sum_up([answer(alone, row) for row in rows], answers)


def measure(rows: Sequence[Labelled], further: Sequence[Labelled], files: Lexicon) -> Validation:
    """Learn from the `further` rows alone and answer all `rows`, which must not be among them."""
    readers = [Reader(Gazetteer(()), lexicon) for lexicon in (files, learn_anew(further, files))]
    alone, answers = ([answer(reader, row) for row in rows] for reader in readers)
    return _sum_up(alone, answers)


def _answer_all(
    rows: Sequence[Labelled], start: Lexicon, folds: int, seed: int, further: Sequence[Labelled]
) -> Iterator[Answer]:
    fold_of = deal(rows, folds, seed)
    for fold in range(folds):
        rest = [row for row, one in zip(rows, fold_of, strict=True) if one != fold]
        learned = train([*further, *rest], start)
        reader = Reader(Gazetteer(()), learned)
        yield from (answer(reader, row) for row, one in zip(rows, fold_of, strict=True) if one == fold)


def _sum_up(alone: Sequence[Answer], answers: Sequence[Answer]) -> Validation:
    parts = sorted({one.row.drawn for one in answers if one.row.drawn})
    return Validation(
        lexicon_only=score_answers(alone),
        learned=score_answers(answers),
        parts={part: score_answers([one for one in answers if one.row.drawn == part]) for part in parts},
        bins=list_bins(answers),
    )


def deal(rows: Sequence[Labelled], folds: int, seed: int) -> list[int]:
    """The fold of each row: groups shuffled, then dealt category by category, so that each fold has its share of each."""
    groups: dict[str, str] = {}
    for place, row in enumerate(rows):
        groups.setdefault(row.group or f"#{place}", row.primary)
    order = sorted(groups)
    Random(seed).shuffle(order)
    order.sort(key=lambda group: groups[group])
    fold_of = {group: place % folds for place, group in enumerate(order)}
    return [fold_of[row.group or f"#{place}"] for place, row in enumerate(rows)]
