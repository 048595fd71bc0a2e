"""What a short text sounds like: danger that no word of the files names (大爷歪在墙根喊他不答应), small talk, or a matter.

A small linear model over the pieces (one to three characters) of a text, learned from sentences that were written for it
(`nlp.ear_learning`, `lexicon/sounds.tsv`). The words of the files have the first say (`nlp.triage`, `nlp.talk`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from nlp.columns import COARSE, Columns
from nlp.danger_marks import LONG_TEXT
from nlp.lexicon import read_table
from nlp.pairs import Span
from nlp.reading import Talk
from nlp.words import Finder

LONGEST_HEARD = LONG_TEXT
"""Above this many characters a text is written, not said, and the ear knows nothing of it."""
KINDS, BIAS = "(种类)", "(起点)"
"""Names of the two lines of `sounds.tsv` that are no pieces. The first kind is `CALM`."""
CALM = "calm"
SCALE, FEW = 2.0, 8
"""The weights of a text's pieces are added up, times `SCALE`, over the square root of their number and `FEW` more: one or two
known pieces say little."""
PLAIN = 7.0
"""So much more for calm than for any kind means that all of them together have no chance of two in a hundred."""
MOST_EVIDENCE = 3
TELLING = 0.4
"""From this chance of danger on its evidence is looked for."""
_TALKS = {talk.value: talk for talk in Talk}


class Heard(NamedTuple):
    """Chances from 0 to 1: of any danger at all, and the likeliest kind of it with its own; of any small talk, and the likeliest.

    `evidence`: the pieces that tell of danger most, where it is likely at all (`TELLING`).
    """

    danger: float
    kind: str
    kind_chance: float
    small_talk: float
    talk: Talk
    evidence: tuple[Span, ...]


class Ear:
    """The learned weights made ready."""

    def __init__(self, table: Iterable[tuple[int, list[str]]] | None = None) -> None:
        rows = {name: cells for _, (name, *cells) in table or read_table("sounds.tsv")}
        self._kinds = rows.pop(KINDS)
        self._bias = [float(cell) for cell in rows.pop(BIAS)]
        self._rows = [[float(cell) for cell in cells] for cells in rows.values()]
        self._columns = Columns(self._rows, len(self._kinds), COARSE)
        self._finder = Finder(rows)
        self._talks = [_TALKS[kind] for kind in self._kinds if kind in _TALKS]
        self._talks_from = len(self._kinds) - len(self._talks)
        self._plain = Heard(0.0, self._kinds[0], 0.0, 0.0, Talk.MATTER, ())

    def hear(self, text: str) -> Heard:
        """Listen to a normalised short text."""
        found = self._finder.find_all(text)
        numbers = {number for number, _, _ in found}
        sums = self._columns.add_up(numbers, (), math.sqrt(len(numbers) + FEW) / SCALE)
        sums = [start + one for start, one in zip(self._bias, sums, strict=True)]
        calm = sums[0]
        if max(sums[1:]) < calm - PLAIN:
            return self._plain
        powers = [math.exp(one - calm) for one in sums]
        whole, dangers, talks = sum(powers), powers[1 : self._talks_from], powers[self._talks_from :]
        kind, talk, danger = max(dangers, default=0.0), max(talks, default=0.0), sum(dangers) / whole
        place = dangers.index(kind) + 1 if dangers else 0
        return Heard(
            danger,
            self._kinds[place],
            kind / whole,
            sum(talks) / whole,
            self._talks[talks.index(talk)] if talks else Talk.MATTER,
            self._evidence(found, place) if danger > TELLING else (),
        )

    def _evidence(self, found: list[tuple[int, int, int]], place: int) -> tuple[Span, ...]:
        """The pieces that speak most for a kind and against calm, in the order of the text, none overlapping another."""
        rows = self._rows
        taken: list[Span] = []
        speaking = [one for one in found if one[2] - one[1] > 1 and rows[one[0]][place] > rows[one[0]][0]]
        for _, start, end in sorted(speaking, key=lambda one: rows[one[0]][0] - rows[one[0]][place]):
            if not any(start < close and begin < end for begin, close in taken):
                taken.append((start, end))
            if len(taken) == MOST_EVIDENCE:
                break
        return tuple(sorted(taken))


@cache
def shipped_ear() -> Ear:
    """The ear of the package, read once: it does not depend on a city or a lexicon."""
    return Ear()
