"""The one door to the word cutters: jieba's algorithm and dictionary, with our own words added.

`rjieba` is the port of jieba to Rust (same dictionary, same algorithm) and cuts on the hot path; `jieba` itself is
the reference that the tests compare it with. The untyped libraries end here.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

import ahocorasick_rs
import rjieba


class FastCutter:
    """jieba in Rust: about thirty times as fast. Cuts a text into words; in order they are the text again. Holds its own
    dictionary, shared with nobody."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        self._jieba = rjieba.Jieba()
        for word in words:
            self._jieba.add_word(word, self._jieba.suggest_freq(word), "n")

    def cut(self, text: str) -> list[str]:
        words: list[str] = self._jieba.cut(text)
        return words

    def frequency(self, word: str) -> float:
        """How often jieba's dictionary has met a word, or would have by its parts."""
        return float(self._jieba.suggest_freq(word))


class ReferenceCutter:
    """jieba itself. Building the first one takes 1–2 seconds of blocking; its cache goes to `cache_folder`."""

    def __init__(self, words: Iterable[str] = (), *, cache_folder: Path) -> None:
        import jieba  # 1.4–2.5 s of blocking at first use: only those pay who compare with it

        jieba.setLogLevel(logging.WARNING)
        cache_folder.mkdir(parents=True, exist_ok=True)
        self._jieba = jieba.Tokenizer()
        self._jieba.tmp_dir = str(cache_folder)
        self._jieba.initialize()
        for word in words:
            self._jieba.add_word(word)

    def cut(self, text: str) -> list[str]:
        words: list[str] = self._jieba.lcut(text)
        return words


class Finder:
    """All places where any of many words stands in a text, in one pass (Aho–Corasick)."""

    def __init__(self, words: Iterable[str]) -> None:
        self._finder = ahocorasick_rs.AhoCorasick(list(words))

    def find_all(self, text: str) -> list[tuple[int, int, int]]:
        """(index of the word, start, end) of every occurrence, also inside one another, ordered by end."""
        found: list[tuple[int, int, int]] = self._finder.find_matches_as_indexes(text, overlapping=True)
        return found


class LongestFinder:
    """Like `Finder`, but of words that overlap only the first and longest."""

    def __init__(self, words: Iterable[str]) -> None:
        kind = ahocorasick_rs.MatchKind.LeftmostLongest
        self._finder = ahocorasick_rs.AhoCorasick(list(words), matchkind=kind)

    def find_all(self, text: str) -> list[tuple[int, int, int]]:
        """(index of the word, start, end), ordered by start, never overlapping."""
        found: list[tuple[int, int, int]] = self._finder.find_matches_as_indexes(text)
        return found
