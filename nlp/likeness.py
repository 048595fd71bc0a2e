"""How like two tellings of a matter are, and a short sketch of each by which like ones are found through an index.

A text without its address, its courtesies and its numbers is cut into pairs of neighbouring characters. The sketch keeps the few pairs
whose mixed numbers are smallest (a bottom-k MinHash): two texts that share a good part of their pairs are likely to share one of these.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from hashlib import blake2b
from itertools import pairwise, permutations

from nlp.lexicon import read_table, shipped_lexicon
from nlp.reading import Category
from nlp.text import normalise
from nlp.words import LongestFinder

LONGEST_READ = 200
"""Characters that count: what the matter is stands at the beginning."""
SKETCH_SIZE = 4
"""With four of them, texts that share a third of their pairs meet in nine cases of ten."""

_NUMERAL = "[0-9一二三四五六七八九十]{1,4}"
_ADDRESS = rf"{_NUMERAL}(?:号楼|号院|号|栋楼?|幢楼?|座|单元|层|楼|室|组|队)"
# What is no Han character and no letter says nothing of the matter; digits are dates, times and phones.
_SIGNS = r"[^\u4e00-\u9fffa-z]+"
_CONTAINED = 0.85
_ENOUGH = 4
_MIX, _BITS = 0x9E3779B1, 0xFFFFFFFF


def bare(text: str, place: str = "") -> str:
    """What a text says of its matter alone. `place`: the words in it that are known to be its address."""
    plain = normalise(text[:LONGEST_READ]).text
    if place:
        plain = plain.replace(normalise(place).text, "")
    return _noise().sub("", plain)


def sketch(text: str) -> tuple[int, ...]:
    """Up to `SKETCH_SIZE` numbers of 32 bits, the same in every process; () of a bare text with less than two characters."""
    return tuple(sorted(_shingles(text))[:SKETCH_SIZE])


def similarity(one: str, other: str) -> float:
    """0–1 for two bare texts: the share of pairs they have in common; a short one that lies wholly in a long one counts nearly full."""
    first, second = _shingles(one), _shingles(other)
    shorter = min(len(first), len(second))
    if not shorter:
        return float(bool(one) and one == other)
    common = len(first & second)
    dice = 2 * common / (len(first) + len(second))
    return max(dice, _CONTAINED * common / shorter) if shorter >= _ENOUGH else dice


def mix(*parts: int | str) -> int:
    """One number of 63 bits out of several numbers and words, the same in every process."""
    digest = blake2b("\x1f".join(map(str, parts)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def theme(category: str, evidence: Iterable[str]) -> str:
    """The sub-item (子类) of a category that the strongest of its words stands for; "" where none of them stands for any."""
    if not category:
        return ""
    lexicon, code, words = shipped_lexicon(), Category(category), tuple(evidence)
    # 楼道 and 灯 beside each other are a 楼道灯: the whole says more than its parts.
    together = (first + second for first, second in permutations(words, 2))
    return next((item for word in (*together, *words) if (item := lexicon.item(word, code))), "")


def list_objects(text: str) -> frozenset[str]:
    """What a text is about, by the names of `objects.tsv`: two texts that each speak of other things are two matters."""
    names, finder = _objects()
    return frozenset(names[place] for place, _, _ in finder.find_all(normalise(text[:LONGEST_READ]).text))


def _shingles(text: str) -> set[int]:
    codes = list(map(ord, text))
    # Fibonacci hashing: the upper bits, which decide the order, depend on both characters.
    return {((a << 16 ^ b) * _MIX) & _BITS for a, b in pairwise(codes)}


@cache
def _noise() -> re.Pattern[str]:
    words = sorted(
        (word for _, cells in read_table("courtesy.tsv") for word in cells[0].split()), key=len, reverse=True
    )
    return re.compile(f"{_ADDRESS}|{_SIGNS}|{'|'.join(words)}")


@cache
def _objects() -> tuple[list[str], LongestFinder]:
    rows = [(cells[0], word) for _, cells in read_table("objects.tsv") for word in cells[1].split()]
    return [name for name, _ in rows], LongestFinder(word for _, word in rows)
