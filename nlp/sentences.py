"""Chat sentences with what must come of them: written for learning and for tests, never a resident's own text.

Four cells between tabs: text, acceptable category codes (`|` between them, the first is the primary one; `-` for any, `none` for
no matter), kind of danger (`-` for none), kinds of talk (`|` between them). `#` starts a comment line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nlp.evaluate import Labelled

NO_DANGER, ANY, NO_MATTER = "-", "-", "none"
"""Cells that stand for: no danger; any category is right; no matter at all."""
WRITTEN = "written"
"""What `Labelled.drawn` says of a sentence that was written, not drawn from messages."""


class Sentence(NamedTuple):
    """One line. `danger` is a kind of `nlp.reading.Emergency` or `NO_DANGER`."""

    text: str
    codes: tuple[str, ...]
    danger: str
    talks: tuple[str, ...]

    @property
    def is_small_talk(self) -> bool:
        """Whether no case should be opened."""
        return self.codes == (NO_MATTER,)

    def as_labelled(self) -> Labelled | None:
        """For learning categories; None where it is no matter, any category is right, or danger decides it."""
        primary, *also = self.codes
        if primary in (ANY, NO_MATTER) or self.danger != NO_DANGER:
            return None
        return Labelled(self.text, primary, tuple(also), WRITTEN)


def parse_sentences(lines: Iterable[str]) -> Iterator[Sentence]:
    """Raises ValueError naming the line of a fault."""
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.startswith("#"):
            cells = line.rstrip("\r\n").split("\t")
            if len(cells) != 4 or not all(cells):
                raise ValueError(f"line {number}: expected text, codes, danger, talk")
            text, codes, danger, talks = cells
            yield Sentence(text, tuple(codes.split("|")), danger, tuple(talks.split("|")))
