"""Two words that mean something together: 拖欠 … 工资. One side is the anchor that is looked for, the other is looked for near it.

Most pairs have one side of everyday words (费, 路, 办) and one of rare ones. To note each everyday word only to find that its
partner is not there would be half of all the work of reading.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Self

Span = tuple[int, int]

REACH = 10
"""Characters that may stand between the two words of a pair."""
_SENTENCE = r"[^。！？；!?;\n]"


Look = Callable[..., re.Match[str] | None]
"""Where the other word of the pair stands, as the first group of a match."""


Commonness = Callable[[str], float]


@dataclass(frozen=True, slots=True)
class PairSides:
    """One pair made ready: its `anchors` are looked for, and where one stands, `look` finds the other word.

    With a `reach` it looks before the anchor: `look(text, start - reach, start)`; with 0 behind it: `look(text, end)`.
    """

    anchors: frozenset[str]
    look: Look
    reach: int

    @classmethod
    def of(
        cls, first: Iterable[str], second: Iterable[str], apart: int = REACH, commonness: Commonness | None = None
    ) -> Self:
        """The rarer side becomes the anchor. At most `apart` characters between. `commonness`: how often a word is met."""
        first, second, weigh = tuple(first), tuple(second), commonness or _by_length
        if sum(map(weigh, second)) <= sum(map(weigh, first)):
            before = re.compile(rf"({_either(first)})(?={_SENTENCE}{{0,{apart}}}$)")
            return cls(frozenset(second), before.search, apart + max(map(len, first)))
        behind = re.compile(rf"{_SENTENCE}{{0,{apart}}}?({_either(second)})")
        return cls(frozenset(first), behind.match, 0)

    def find(self, text: str, start: int, end: int) -> tuple[Span, Span] | None:
        """Both words in their order, for an anchor at `start` to `end`; None where the other word is not near."""
        if not self.reach:
            other = self.look(text, end)
            return ((start, end), other.span(1)) if other else None
        other = self.look(text, max(0, start - self.reach), start)
        return (other.span(1), (start, end)) if other else None


def _either(words: tuple[str, ...]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


def _by_length(word: str) -> float:
    """How often a word is met, roughly: each further character makes it twenty times rarer."""
    return 0.05 ** (len(word) - 1)
