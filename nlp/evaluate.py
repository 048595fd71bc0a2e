"""How good the reading is, on labelled messages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from nlp.lexicon import CATEGORIES
from nlp.reader import Reader

BINS = 10


@dataclass(frozen=True, slots=True)
class Labelled:
    """A message with its right category and those that are equally right (codes, or "none")."""

    text: str
    primary: str
    also: tuple[str, ...] = ()

    @classmethod
    def parse(cls, row: dict[str, object]) -> Labelled:
        """From a line of JSONL: `text`, `primary`, perhaps `title` and `also`. Raises KeyError without the first two."""
        title, text = str(row.get("title") or ""), str(row["text"])
        also = row.get("also") or ()
        codes = tuple(str(code) for code in also) if isinstance(also, list | tuple) else (str(also),)
        return cls(f"{title}。{text}" if title else text, str(row["primary"]), codes)


@dataclass(frozen=True, slots=True)
class Scores:
    """Shares from 0 to 1: right or equally right; exactly right; F1 averaged over the categories that occur;
    asked; right among those not asked; and the expected calibration error of the confidence (ten bins)."""

    accepted: float
    exact: float
    macro_f1: float
    asked: float
    accepted_unasked: float
    ece: float

    def as_json(self) -> dict[str, float]:
        """The contract's keys, four decimals."""
        return {key: round(value, 4) for key, value in asdict(self).items()}


def evaluate(reader: Reader, rows: Iterable[Labelled]) -> Scores:
    """Read all rows and compare. All zero for no rows."""
    answers = [(row, *_answer(reader, row.text)) for row in rows]
    if not answers:
        return Scores(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    right = [_is_accepted(row, code) for row, code, _, _ in answers]
    unasked = [good for good, (_, _, _, ask) in zip(right, answers, strict=True) if not ask]
    return Scores(
        accepted=_share(right),
        exact=_share([row.primary == code for row, code, _, _ in answers]),
        macro_f1=_macro_f1([(row.primary, code) for row, code, _, _ in answers]),
        asked=_share([ask for _, _, _, ask in answers]),
        accepted_unasked=_share(unasked),
        ece=_calibration_error([confidence for _, _, confidence, _ in answers], right),
    )


def _answer(reader: Reader, text: str) -> tuple[str, float, bool]:
    reading = reader.read(text)
    return (reading.category.value if reading.category else "none"), reading.confidence, reading.ask


def _is_accepted(row: Labelled, code: str) -> bool:
    return code == row.primary or code in row.also


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags) if flags else 0.0


def _macro_f1(pairs: list[tuple[str, str]]) -> float:
    present = {primary for primary, _ in pairs} & {category.value for category in CATEGORIES} or {"none"}
    return sum(_f1(pairs, code) for code in present) / len(present)


def _f1(pairs: list[tuple[str, str]], code: str) -> float:
    both = sum(primary == answer == code for primary, answer in pairs)
    said = sum(answer == code for _, answer in pairs)
    true = sum(primary == code for primary, _ in pairs)
    return 2 * both / (said + true) if both else 0.0


def _calibration_error(confidences: list[float], right: list[bool]) -> float:
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for confidence, good in zip(confidences, right, strict=True):
        bins[min(BINS - 1, int(confidence * BINS))].append((confidence, good))
    gaps = (abs(sum(c for c, _ in one) - sum(good for _, good in one)) for one in bins)
    return sum(gaps) / len(confidences)
