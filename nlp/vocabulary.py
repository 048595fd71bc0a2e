"""Which ordinary words are worth learning, beside those of the category files.

Candidates are jieba's words of the labelled messages and, for what its dictionary cuts apart or does not know, pieces of two to
four characters. The more a candidate's messages lean to some categories (chi-square), the better; the more messages it stands in,
the dearer it is at run time, so the square root of their number divides. Only the rows given decide: whoever measures gives
other rows than those measured on.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice

from nlp.evaluate import Labelled
from nlp.lexicon import CATEGORIES, NOTHING, Lexicon
from nlp.score import LONGEST_READ
from nlp.text import normalise
from nlp.words import FastCutter

WORDS, PIECES = 3500, 900
"""How many of each are chosen at most: measured, more change nothing but the time of reading."""
LEAST_WORD, LEAST_PIECE = 3, 8
"""Messages in which one must stand; there are ten times as many pieces as words, and most are chance."""
_LONGEST_WORD, _PIECES_OF = 6, (2, 3, 4)
_STAND_INS = frozenset({"西地省"})
"""Names that the anonymising of the messages put in: they tell the source, not the matter."""
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_CODES = [category.value for category in CATEGORIES]


def widen(files: Lexicon, rows: Sequence[Labelled], words: int = WORDS, pieces: int = PIECES) -> Lexicon:
    """The lexicon with the best further words of the rows, all without weight: a start for `nlp.learning.train`."""
    chosen = choose_words(rows, frozenset(files.weights), words, pieces)
    return replace(files, weights={**files.weights, **dict.fromkeys(chosen, NOTHING)})


def choose_words(
    rows: Sequence[Labelled], known: frozenset[str], words: int = WORDS, pieces: int = PIECES
) -> list[str]:
    """The best words, then the best pieces, that are not `known`; equally good ones in the order of their characters."""
    cutter = FastCutter()
    read = [(normalise(row.text).text[:LONGEST_READ], row) for row in rows if row.primary in _CODES]
    cut = [{word for word in cutter.cut(text) if _is_word(word)} for text, _ in read]
    every_word = {word for words in cut for word in words}
    best_words = _rank(cut, read, known, LEAST_WORD)[:words]
    parts = [{piece for piece in _list_pieces(text) if piece not in every_word} for text, _ in read]
    best_pieces = _leave_doubles(_rank(parts, read, known, LEAST_PIECE), Counter(chain.from_iterable(parts)))
    return best_words + list(islice(best_pieces, pieces))


def _is_word(word: str) -> bool:
    return 2 <= len(word) <= _LONGEST_WORD and word not in _STAND_INS and _HAN.fullmatch(word) is not None


def _list_pieces(text: str) -> Iterator[str]:
    for run in _HAN.findall(text):
        for length in _PIECES_OF:
            yield from (run[place : place + length] for place in range(len(run) - length + 1))


def _leave_doubles(ranked: Sequence[str], counts: Counter[str]) -> Iterator[str]:
    """Of 有限公, 限公司, 有限公司, which stand in nearly the same messages, only the first."""
    taken: list[str] = []
    for piece in ranked:
        alike = (one for one in taken if piece in one or one in piece)
        if all(abs(counts[one] - counts[piece]) > 0.3 * counts[one] for one in alike):
            taken.append(piece)
            yield piece


def _rank(
    found: Sequence[set[str]], read: Sequence[tuple[str, Labelled]], known: frozenset[str], least: int
) -> list[str]:
    counts = Counter(word for words in found for word in words)
    often = sorted(word for word, count in counts.items() if count >= least and word not in known)
    if not often:
        return []
    codes = [row.primary for _, row in read]
    shares = [codes.count(code) / len(codes) for code in _CODES]
    stands: dict[str, Counter[str]] = {word: Counter() for word in often}
    for words, code in zip(found, codes, strict=True):
        for word in words & stands.keys():
            stands[word][code] += 1
    return sorted(often, key=lambda word: -_lean([stands[word][code] for code in _CODES], shares))


def _lean(counts: Sequence[int], shares: Sequence[float]) -> float:
    """Chi-square over the square root of the messages."""
    total = sum(counts)
    pairs = zip(counts, (total * share for share in shares), strict=True)
    return sum((count - expected) ** 2 / (expected + 0.5) for count, expected in pairs) / math.sqrt(total)
