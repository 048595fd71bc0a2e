"""The word list: which word speaks for which category, and how strongly.

One file per category under `lexicon/`, three columns: word, sub-item (子类), weight. `tuning.tsv` adds what was learned
from labelled messages: per word one correction for each category. See docs/lexicon.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files

from nlp.reading import Category

CATEGORIES: tuple[Category, ...] = tuple(Category)
Weights = tuple[float, ...]
"""One number per category, in the order of `CATEGORIES`."""
NOTHING: Weights = (0.0,) * len(CATEGORIES)
HAND = 0.65
"""How much one point of weight in the files counts against what was learned."""
BIAS, CALIBRATION = "(起点)", "(校准)"
"""Names of the two lines of `tuning.tsv` that are no words."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a category file."""

    word: str
    category: Category
    item: str
    weight: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Two words that mean something together: one of `first`, then one of `second`, near each other."""

    first: tuple[str, ...]
    second: tuple[str, ...]
    category: Category
    item: str
    weight: float

    @property
    def name(self) -> str:
        """What the tuning file calls it: 欠…工资."""
        return f"{self.first[0]}…{self.second[0]}"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Weights per word and per pair (by name); `bias` is what speaks for each category before any word was read.

    `calibration` (a, b) makes a chance of a raw one: logit(confidence) = a + b · logit(raw).
    """

    weights: dict[str, Weights]
    pairs: tuple[Pair, ...] = ()
    items: dict[tuple[str, Category], str] = field(default_factory=dict)
    bias: Weights = NOTHING
    calibration: tuple[float, float] = (0.0, 1.0)

    @classmethod
    def of(
        cls, entries: Iterable[Entry], pairs: Iterable[Pair] = (), tuning: dict[str, Weights] | None = None
    ) -> Lexicon:
        """Build one. `tuning` adds to the weights of words and pairs, also of words without an entry."""
        pairs, tuning = tuple(pairs), dict(tuning or {})
        bias, (a, b, *_) = tuning.pop(BIAS, NOTHING), tuning.pop(CALIBRATION, (0.0, 1.0))
        entries = [*entries, *(Entry(pair.name, pair.category, pair.item, pair.weight) for pair in pairs)]
        sums: dict[str, list[float]] = {}
        for entry in entries:
            sums.setdefault(entry.word, [*NOTHING])[CATEGORIES.index(entry.category)] += entry.weight * HAND
        for word, change in tuning.items():
            sums[word] = [old + new for old, new in zip(sums.get(word, NOTHING), change, strict=True)]
        items = {(entry.word, entry.category): entry.item for entry in entries}
        return cls({word: tuple(row) for word, row in sums.items()}, pairs, items, bias, (a, b))

    def item(self, word: str, category: Category) -> str | None:
        """The sub-item (子类) that a word stands for in a category."""
        return self.items.get((word, category))

    def with_deltas(self, weights: Mapping[str, Mapping[str, float]]) -> Lexicon:
        """This lexicon with moved weights: per word, per category code, what is added. Words that it does not know stay unknown.

        A word that now speaks for a category shows itself as evidence there, under the sub-item that it has elsewhere.
        """
        rows, items = dict(self.weights), dict(self.items)
        for word, moves in weights.items():
            if word in rows:
                rows[word] = tuple(
                    old + moves.get(one.value, 0.0) for one, old in zip(CATEGORIES, rows[word], strict=True)
                )
                items |= self._list_new_items(word, moves)
        return replace(self, weights=rows, items=items)

    def _list_new_items(self, word: str, moves: Mapping[str, float]) -> dict[tuple[str, Category], str]:
        item = next((item for one in CATEGORIES if (item := self.item(word, one))), None)
        if item is None:
            return {}
        return {(word, one): item for one in CATEGORIES if moves.get(one.value, 0.0) > 0 and not self.item(word, one)}


@cache
def shipped_lexicon() -> Lexicon:
    """The lexicon of the package, read once."""
    return Lexicon.of(list_entries(), list_pairs(), dict(_read_tuning()))


def extended_lexicon(entries: Iterable[Entry], pairs: Iterable[Pair] = ()) -> Lexicon:
    """The shipped lexicon with further lines; where both know a word (or pair) of a category, the further line holds."""
    own_entries = {(entry.word, entry.category): entry for entry in entries}
    own_pairs = {(pair.name, pair.category): pair for pair in pairs}
    kept = [entry for entry in list_entries() if (entry.word, entry.category) not in own_entries]
    kept_pairs = [pair for pair in list_pairs() if (pair.name, pair.category) not in own_pairs]
    return Lexicon.of([*kept, *own_entries.values()], [*kept_pairs, *own_pairs.values()], dict(_read_tuning()))


def list_entries() -> Iterator[Entry]:
    """All lines of the six category files. Raises ValueError naming the file and line of a fault."""
    for category in CATEGORIES:
        for number, cells in read_table(f"{category.value}.tsv"):
            try:
                word, item, weight = cells
                yield Entry(word, category, item, float(weight))
            except ValueError as fault:
                raise ValueError(f"{category.value}.tsv line {number}: expected word, sub-item, weight") from fault


def list_pairs() -> Iterator[Pair]:
    """All lines of `pairs.tsv`. Raises ValueError naming the line of a fault."""
    for number, cells in read_table("pairs.tsv"):
        try:
            first, second, category, item, weight = cells
            yield Pair(tuple(first.split()), tuple(second.split()), Category(category), item, float(weight))
        except ValueError as fault:
            raise ValueError(f"pairs.tsv line {number}: expected words, words, category, sub-item, weight") from fault


def read_table(name: str) -> Iterator[tuple[int, list[str]]]:
    """(line number, cells) of a tab-separated file of the lexicon folder; `#` starts a comment line."""
    text = files("nlp").joinpath("lexicon").joinpath(name).read_text("utf-8")
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip() and not line.startswith("#"):
            yield number, line.split("\t")


def _read_tuning() -> Iterator[tuple[str, Weights]]:
    for _, (word, *numbers) in read_table("tuning.tsv"):
        yield word, tuple(float(number) for number in numbers)
