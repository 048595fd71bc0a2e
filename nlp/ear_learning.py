"""Learn from sentences what danger and small talk sound like: the weights of `nlp.ear`, as the lines of `lexicon/sounds.tsv`.

Multinomial logistic regression (`nlp.fitting`) over pieces of one to three characters. What danger and small talk are is learned
from written sentences alone; real messages only teach calm.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from nlp.ear import BIAS, CALM, FEW, KINDS, LONGEST_HEARD, SCALE, Ear
from nlp.evaluate import Labelled, share
from nlp.fitting import Fitted, Task, fit
from nlp.gazetteer import Gazetteer
from nlp.lexicon import list_entries, read_table
from nlp.reader import Reader
from nlp.reading import Talk
from nlp.sentences import ANY, NO_DANGER, Sentence
from nlp.text import normalise

STRENGTH = 0.3
LEAST_SENTENCES = 3
"""Sentences in which a piece must stand."""
LEAST_INFLUENCE = 1.0
"""A piece that moves no two kinds apart by this is dropped and the rest fitted anew."""
LONGEST_PIECE = 3
_HAN = re.compile(r"[\u4e00-\u9fff]+")


@dataclass(frozen=True, slots=True)
class _Examples:
    """Sentences as numbers, as `nlp.fitting` wants them."""

    features: list[list[int]]
    factors: list[list[float]]
    targets: list[list[float]]
    counts: list[float]


def learn_ear(sentences: Sequence[Sentence]) -> Iterator[str]:
    """The lines of `sounds.tsv`."""
    told = [_kind(one) for one in sentences]
    talks = [talk.value for talk in Talk]
    kinds = [CALM, *sorted({*told} - {CALM, *talks}), *(talk for talk in talks if talk in told)]
    found = [_list_pieces(normalise(one.text).text) for one in sentences]
    counts = Counter(piece for pieces in found for piece in pieces)
    pieces = sorted(piece for piece, count in counts.items() if count >= LEAST_SENTENCES)
    fitted = _fit(told, found, pieces, kinds)
    reach = fitted.change.max(axis=1) - fitted.change.min(axis=1)
    pieces = [piece for piece, one in zip(pieces, reach, strict=True) if one >= LEAST_INFLUENCE] or pieces
    fitted = _fit(told, found, pieces, kinds)
    yield "# 短消息里的片段，和它听起来像什么（calm 平常事，险情，闲话）；由写好的句子学来，不必手改\n"
    yield "\t".join((KINDS, *kinds)) + "\n"
    yield _line(BIAS, fitted.bias.tolist())
    for piece, row in zip(pieces, fitted.change.tolist(), strict=True):
        yield _line(piece, row)


def cross_validate(sentences: Sequence[Sentence], calm: Sequence[Sentence], folds: int) -> dict[str, float]:
    """How a reader does on sentences that it has not learned, each fold learned from the others and the calm messages: the share of
    dangers caught, of those with the right kind; of the others that raised a false alarm; of small talk known as such; and of
    matters taken for small talk."""
    figures: dict[str, list[bool]] = {
        "caught": [],
        "right_kind": [],
        "false_alarms": [],
        "small_talk": [],
        "matters_lost": [],
    }
    for fold in range(folds):
        rest = [one for place, one in enumerate(sentences) if place % folds != fold]
        reader = Reader(Gazetteer(()), ear=make_ear(learn_ear([*rest, *calm])))
        for one in sentences[fold::folds]:
            reading = reader.read(one.text)
            if one.danger == NO_DANGER:
                figures["false_alarms"].append(reading.emergency is not None)
                name = "small_talk" if one.is_small_talk else "matters_lost"
                figures[name].append(reading.talk is not Talk.MATTER)
            else:
                figures["caught"].append(reading.emergency is not None)
                figures["right_kind"].append(reading.emergency is not None and reading.emergency.kind == one.danger)
    return {name: round(share(flags), 4) for name, flags in figures.items()}


def list_calm(rows: Iterable[Labelled]) -> Iterator[Sentence]:
    """What real messages teach: how one writes without being in danger. Only those short enough to be listened to, of the others
    their first sentence (the title). The messages must have been read by a person who found no emergency."""
    for row in rows:
        text = row.text if len(row.text) <= LONGEST_HEARD else row.text.partition("。")[0]
        if text and len(text) <= LONGEST_HEARD:
            yield Sentence(text, (row.primary, *row.also), NO_DANGER, (Talk.MATTER.value,))


def list_calm_words() -> Iterator[Sentence]:
    """The words of the category files, each alone: a place or a thing by itself is no danger. Those of danger are left out."""
    danger = [word for _, cells in read_table("emergency.tsv") for word in cells[2].split()]
    for word in dict.fromkeys(entry.word for entry in list_entries()):
        if not any(one in word for one in danger):
            yield Sentence(word, (ANY,), NO_DANGER, (Talk.MATTER.value,))


def make_ear(lines: Iterator[str]) -> Ear:
    """An ear of lines as `learn_ear` makes them."""
    return Ear((0, line.rstrip("\n").split("\t")) for line in lines if not line.startswith("#"))


def _kind(sentence: Sentence) -> str:
    if sentence.danger != NO_DANGER:
        return sentence.danger
    return sentence.talks[0] if sentence.is_small_talk else CALM


def _list_pieces(text: str) -> set[str]:
    """Of 汉字 alone: marks and digits tell who writes, not what happens."""
    return {
        run[start : start + length]
        for run in _HAN.findall(text)
        for length in range(1, LONGEST_PIECE + 1)
        for start in range(len(run) - length + 1)
    }


def _fit(told: Sequence[str], found: Sequence[set[str]], pieces: Sequence[str], kinds: Sequence[str]) -> Fitted:
    number = {piece: place for place, piece in enumerate(pieces)}
    features = [sorted(number[piece] for piece in some if piece in number) for some in found]
    factors = [[SCALE / math.sqrt(len(some) + FEW)] * len(some) for some in features]
    targets = [[float(kind == one) for kind in kinds] for one in told]
    examples = _Examples(features, factors, targets, [1.0] * len(told))
    nothing = [0.0] * len(kinds)
    return fit(Task.of(examples, [nothing] * len(pieces), nothing, most_lost=1.0), STRENGTH)


def _line(name: str, numbers: Sequence[float]) -> str:
    cells = (f"{round(number, 2) + 0.0:g}" for number in numbers)
    return "\t".join((name, *cells)) + "\n"
