"""Learning from corrections: who moved matters with which words from one category to another, made into moved word weights.

Log-odds per word and category. Each person speaks once for a word and a category, however often he corrects: +1 when he moved
matters with it there, −1 when he moved them away, less where the text had many words (each is then less to blame). Of the sums,

    delta = strength · ln((to + 1) / (from + 1))

The ones are the shrinkage towards the shipped weights: without votes, and with as many against as for, nothing moves. A delta
needs two people more on the one side than on the other, so nobody's corrections alone move anything; and one publication moves
a weight by no more than `STEP`, all of them together by no more than `FARTHEST`.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from nlp.lexicon import Lexicon
from nlp.reading import Category

STRENGTH = 1.0
STEP = 1.5
"""How far one publication moves one weight at most; a word that decides alone weighs 3 in the files, which is about 2 here."""
FARTHEST = 3.0
LEAST_PEOPLE = 2
"""So many more people must stand on one side than on the other."""
_WHOLE_UP_TO = 4
"""A text of so many words, or fewer, speaks for each of them in full."""
_SMALLEST = 0.01

Deltas = Mapping[str, Mapping[str, float]]
"""Per word, per category code, what is added to the weight."""


@dataclass(frozen=True, slots=True)
class Correction:
    """Somebody (`actor`, any stable key) said that a matter with these words is `now`, and not `was`. Codes; `was` may be empty."""

    actor: str
    was: str
    now: str
    features: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """What people say of one word and one category: votes for and against (0–1 each person), and how many people each."""

    to: float
    away: float
    people_to: int
    people_away: int

    @property
    def is_enough(self) -> bool:
        """Whether one side has enough people more than the other."""
        return abs(self.people_to - self.people_away) >= LEAST_PEOPLE

    def delta(self, strength: float) -> float:
        """The log-odds; 0 while there are not enough people."""
        return strength * math.log((self.to + 1) / (self.away + 1)) if self.is_enough else 0.0


def learn(
    corrections: Iterable[Correction], lexicon: Lexicon, strength: float = STRENGTH, running: Deltas | None = None
) -> dict[str, dict[str, float]]:
    """The deltas that all corrections together ask for, no further than `STEP` from the `running` ones.

    The order of the corrections does not matter. Words without any delta are left out; so are those that `lexicon` does not know.
    """
    running = running or {}
    wanted = {key: tally.delta(strength) for key, tally in count_votes(corrections, lexicon).items()}
    keys = {*wanted, *((word, code) for word, moves in running.items() for code in moves)}
    deltas: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for word, code in sorted(keys):
        value = _step(running.get(word, {}).get(code, 0.0), wanted.get((word, code), 0.0))
        if abs(value) >= _SMALLEST and word in lexicon.weights:
            deltas[word][code] = value
    return dict(deltas)


def count_votes(corrections: Iterable[Correction], lexicon: Lexicon) -> dict[tuple[str, str], Tally]:
    """What people say of each word and category: the reasons behind the deltas."""
    said: defaultdict[tuple[str, str], defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    for one in corrections:
        for word, code, vote in _votes(one, lexicon):
            said[word, code][one.actor] += vote
    return {key: _tally(by_actor.values()) for key, by_actor in said.items()}


def list_blamed(features: Iterable[str], lexicon: Lexicon) -> list[str]:
    """The words that a correction speaks about: those put into the files by hand; only where there is none, the learned ones."""
    known = [word for word in dict.fromkeys(features) if word in lexicon.weights]
    by_hand = [word for word in known if any(lexicon.item(word, category) for category in Category)]
    return by_hand or known


def _votes(one: Correction, lexicon: Lexicon) -> Iterator[tuple[str, str, float]]:
    words = list_blamed(one.features, lexicon)
    share = min(1.0, _WHOLE_UP_TO / len(words)) if words else 0.0
    for word in words:
        if one.now != one.was:
            yield word, one.now, share
            if one.was:
                yield word, one.was, -share


def _tally(votes: Iterable[float]) -> Tally:
    each = [max(-1.0, min(1.0, vote)) for vote in votes]
    to, away = [vote for vote in each if vote > 0], [-vote for vote in each if vote < 0]
    return Tally(sum(to), sum(away), len(to), len(away))


def _step(present: float, wanted: float) -> float:
    stepped = max(present - STEP, min(present + STEP, wanted))
    return round(max(-FARTHEST, min(FARTHEST, stepped)), 4)


def parse_deltas(weights: object) -> dict[str, dict[str, float]]:
    """Deltas as they were stored. Raises ValueError with a Chinese sentence for anything else: nothing half-read is ever used."""
    if not isinstance(weights, Mapping):
        raise ValueError("权重应为“词 → 类别 → 数”的表")
    return {str(word): _parse_moves(str(word), moves) for word, moves in weights.items()}


def _parse_moves(word: str, moves: object) -> dict[str, float]:
    if not isinstance(moves, Mapping):
        raise ValueError(f"“{word}”的权重应为“类别 → 数”的表")
    for code, value in moves.items():
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if code not in set(Category) or not is_number or abs(value) > FARTHEST:
            raise ValueError(f"“{word}”的权重不可用：{code} = {value!r}（应为六类之一，绝对值不超过{FARTHEST:g}）")
    return {str(code): float(value) for code, value in moves.items()}
