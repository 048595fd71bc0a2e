"""One spelling for what people type, with the way back to their own characters.

Full width becomes half width, capitals small, 繁体 简体, control characters spaces; invisible characters go.
All but the last keep the length, so that in almost every text a position is the same on both sides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff]")


@dataclass(frozen=True, slots=True)
class Normal:
    """A normalised text. `origin[i]` is the place of `text[i]` in the original; None where both are the same."""

    text: str
    original: str
    origin: tuple[int, ...] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span in the original of `text[start:end]`."""
        if self.origin is None:
            return start, end
        if start >= end:
            place = self.origin[start] if start < len(self.origin) else len(self.original)
            return place, place
        return self.origin[start], self.origin[end - 1] + 1


def normalise(original: str) -> Normal:
    """Bring a text into the one spelling that all rules of this room are written in. Never raises."""
    text = original.translate(_table())
    if not _INVISIBLE.search(text):
        return Normal(text, original, None)
    kept = [place for place, char in enumerate(text) if not _INVISIBLE.match(char)]
    return Normal("".join(text[place] for place in kept), original, tuple(kept))


@cache
def _table() -> dict[int, str]:
    table = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    # Sentence marks stay full width: rules tell 12，3 (two things) from 12,3 by nothing else, and clauses end on both.
    for mark in "，。！？；：（）":
        table.pop(ord(mark), None)
    table |= {code: chr(code + 32).lower() for code in range(0x41, 0x5B)}
    table |= {code: chr(code - 0xFEE0 + 32) for code in range(0xFF21, 0xFF3B)}
    table |= {code: " " for code in (*range(0x20), *range(0x7F, 0xA1), 0x3000, 0x2028, 0x2029, *range(0x2000, 0x200B))}
    table[ord("\n")] = "\n"
    table |= {ord(mark): "-" for mark in "–—―－‐‑"} | {ord("﹟"): "#", ord("＃"): "#"}
    # Lone surrogates cannot be handed to a library in UTF-8.
    table |= {code: "\ufffd" for code in range(0xD800, 0xE000)}
    return table | _simplified()


def _simplified() -> dict[int, str]:
    lines = files("nlp").joinpath("lexicon/simplified.tsv").read_text("utf-8").split("\n")
    pairs = "".join(line.split("\t")[1] for line in lines if line and not line.startswith("#")).split()
    return {ord(pair[0]): pair[1] for pair in pairs}
