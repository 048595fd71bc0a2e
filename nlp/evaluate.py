"""How good the reading is, on labelled messages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from nlp.lexicon import CATEGORIES
from nlp.reader import Reader

BINS = 10


@dataclass(frozen=True, slots=True)
class Labelled:
    """A message with its right category and those that are equally right (codes, or "none"); `drawn` names the part of a
    drawn sample that it belongs to, `group` those that are nearly the same text; `confirmed`: two readers judged it."""

    text: str
    primary: str
    also: tuple[str, ...] = ()
    drawn: str = ""
    group: str = ""
    confirmed: bool = False

    @classmethod
    def parse(cls, row: dict[str, object]) -> Labelled:
        """From a line of JSONL: `text`, `primary`, perhaps `title`, `also`, `drawn`, `dup_group`, and `agreed` where two readers judged it.

        Raises KeyError without the first two.
        """
        title, text = str(row.get("title") or ""), str(row["text"])
        also = row.get("also") or ()
        codes = tuple(str(code) for code in also) if isinstance(also, list | tuple) else (str(also),)
        drawn, group = str(row.get("drawn") or ""), str(row.get("dup_group") or "")
        whole = f"{title}。{text}" if title else text
        return cls(whole, str(row["primary"]), codes, drawn, group, confirmed="agreed" in row)


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


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to a labelled message, and how sure."""

    row: Labelled
    code: str
    confidence: float
    ask: bool

    @property
    def is_accepted(self) -> bool:
        """Whether the answer is right or equally right."""
        return self.code == self.row.primary or self.code in self.row.also


@dataclass(frozen=True, slots=True)
class Bin:
    """One line of a calibration table: of `count` answers whose confidence is from `low` on, the mean of it and the share accepted."""

    low: float
    count: int
    confidence: float
    accepted: float


def evaluate(reader: Reader, rows: Iterable[Labelled]) -> Scores:
    """Read all rows and compare. All zero for no rows."""
    return score_answers([answer(reader, row) for row in rows])


def answer(reader: Reader, row: Labelled) -> Answer:
    """Read one row."""
    reading = reader.read(row.text)
    return Answer(row, reading.category.value if reading.category else "none", reading.confidence, reading.ask)


def score_answers(answers: Sequence[Answer]) -> Scores:
    """The scores of answers. All zero for none."""
    if not answers:
        return Scores(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    pairs = [(one.row.primary, one.code) for one in answers]
    return Scores(
        accepted=share([one.is_accepted for one in answers]),
        exact=share([primary == code for primary, code in pairs]),
        macro_f1=_macro_f1(pairs),
        asked=share([one.ask for one in answers]),
        accepted_unasked=share([one.is_accepted for one in answers if not one.ask]),
        ece=sum(one.count * abs(one.confidence - one.accepted) for one in list_bins(answers)) / len(answers),
    )


def list_bins(answers: Sequence[Answer]) -> list[Bin]:
    """The calibration table, without empty lines."""
    bins: list[list[Answer]] = [[] for _ in range(BINS)]
    for one in answers:
        bins[min(BINS - 1, int(one.confidence * BINS))].append(one)
    return [
        Bin(
            place / BINS,
            len(some),
            sum(one.confidence for one in some) / len(some),
            share([one.is_accepted for one in some]),
        )
        for place, some in enumerate(bins)
        if some
    ]


def share(flags: Sequence[bool]) -> float:
    """Which part of the flags is set; 0 of none."""
    return sum(flags) / len(flags) if flags else 0.0


def _macro_f1(pairs: list[tuple[str, str]]) -> float:
    present = {primary for primary, _ in pairs} & {category.value for category in CATEGORIES} or {"none"}
    return sum(_f1(pairs, code) for code in present) / len(present)


def _f1(pairs: list[tuple[str, str]], code: str) -> float:
    both = sum(primary == answer == code for primary, answer in pairs)
    said = sum(answer == code for _, answer in pairs)
    true = sum(primary == code for primary, _ in pairs)
    return 2 * both / (said + true) if both else 0.0
