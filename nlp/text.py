"""One spelling for what people type, with the way back to their own characters.

Full width becomes half width, capitals small, 繁体 简体, control characters spaces; invisible characters go.
All but the last keep the length, so that in almost every text a position is the same on both sides.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import NamedTuple

_INVISIBLE = (
    0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), *range(0x2066, 0x2070),
    *range(0xFE00, 0xFE10), 0xFEFF,
)  # fmt: skip
_GONE = "\u200b"
"""What stands for every invisible character until it is taken out."""


class Normal(NamedTuple):
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
    table, changed = _table()
    text = changed.sub(lambda found: table[found[0]], original)
    if _GONE not in text:
        return Normal(text, original, None)
    kept = [place for place, char in enumerate(text) if char != _GONE]
    return Normal("".join(text[place] for place in kept), original, tuple(kept))


@cache
def _table() -> tuple[dict[str, str], re.Pattern[str]]:
    """What becomes of each character, and the class of all that change (few in a text: faster than translating all)."""
    table = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    # Sentence marks stay full width: rules tell a clause's end by them and know both widths.
    for mark in "，！？；：（）":
        del table[mark]
    table |= {chr(code): chr(code + 32) for code in range(0x41, 0x5B)}
    table |= {chr(code): chr(code - 0xFEE0 + 32) for code in range(0xFF21, 0xFF3B)}
    table |= {
        chr(code): " " for code in (*range(0x20), *range(0x7F, 0xA1), 0x3000, 0x2028, 0x2029, *range(0x2000, 0x200B))
    }
    del table["\n"]
    table |= dict.fromkeys("–—―－‐‑", "-") | {"﹟": "#"}
    # Lone surrogates cannot be handed to a library in UTF-8.
    table |= {chr(code): "\ufffd" for code in range(0xD800, 0xE000)}
    table |= {chr(code): _GONE for code in _INVISIBLE}
    table |= _simplified()
    plain = "".join(char for char in table if not 0xD800 <= ord(char) < 0xE000)
    return table, re.compile(f"[{re.escape(plain)}\ud800-\udfff]")


def _simplified() -> dict[str, str]:
    lines = files("nlp").joinpath("lexicon/simplified.tsv").read_text("utf-8").split("\n")
    pairs = "".join(line.split("\t")[1] + " " for line in lines if line and not line.startswith("#")).split()
    return {pair[0]: pair[1] for pair in pairs}
