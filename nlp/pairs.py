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


@dataclass(frozen=True, slots=True)
class PairSides:
    """One pair made ready: its `anchors` are looked for, and where one stands, `look` finds the other word.

    With a `reach` it looks before the anchor: `look(text, start - reach, start)`; with 0 behind it: `look(text, end)`.
    """

    anchors: frozenset[str]
    look: Look
    reach: int

    @classmethod
    def of(cls, first: Iterable[str], second: Iterable[str], apart: int = REACH) -> Self:
        """The rarer side becomes the anchor: the one with fewer and longer words. At most `apart` characters between."""
        first, second = tuple(first), tuple(second)
        if _commonness(second) <= _commonness(first):
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


def _commonness(words: Iterable[str]) -> float:
    """How often words are met, roughly: each further character makes a word twenty times rarer."""
    return sum(0.05 ** (len(word) - 1) for word in words)
