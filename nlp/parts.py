"""Split a list of separate matters: 1.5号楼水表井低 2.3号楼门前建筑垃圾 3.3号楼垃圾道堵塞 → three.

Only a list that begins with 1 and counts on, or lines that each begin with a building, is a list: a resident's
ordinary numbers (1.5 米, 2.3 万元) never split.
"""

from __future__ import annotations

import re

LONGEST_PART = 60
LONGEST_INTRODUCTION = 15
MOST_PARTS = 20
_BEGINNING = LONGEST_INTRODUCTION + 4

_FIRST = re.compile("[1１①]")
"""A list has one of these near its beginning."""
_MARK = re.compile(r"(?:(?:(?<=^)|(?<=[\s,，;；。:：、!！]))[(（]?(\d{1,2})[.．、)）:：]|([①-⑳]))\s*(?=\S)")
# What may stand before the list: a title of a petition is no introduction, its points belong together.
_INTRODUCTION = re.compile(r"\s*(?:(?:上报|报|反映|今天|今日|巡查|民情日记|发现|以下|你好|您好|有)[^。！？!?]{0,10})?")
_LINE_ADDRESS = re.compile(r"^\s*(?:\S{2,8})?\d{1,3}(?:号楼|栋|幢|#)")
_MEASURE = re.compile(r"^\d*\s*(?:米|厘米|公里|里|元|万|块|千|平|亩|吨|度|倍|小时|点|分|%|％|岁|个月|年|天|公斤|斤)")


def split_parts(text: str) -> tuple[str, ...]:
    """The separate matters of a clear list, trimmed; empty where the text is no such list."""
    if len(text) > MOST_PARTS * LONGEST_PART:
        return ()
    marks = _counting(text) if _FIRST.search(text, 0, _BEGINNING) and _MARK.search(text, 0, _BEGINNING) else []
    if len(marks) >= 2 and _INTRODUCTION.fullmatch(text, 0, marks[0][0]):
        ends = [start for start, _ in marks[1:]] + [len(text)]
        return _checked([text[begin:end] for (_, begin), end in zip(marks, ends, strict=True)])
    has_lines = ("\n" in text or "/" in text) and _LINE_ADDRESS.match(text)
    lines = [line for line in re.split(r"\n|\s/\s", text) if line.strip()] if has_lines else []
    if len(lines) >= 2 and all(_LINE_ADDRESS.match(line) for line in lines):
        return _checked(lines)
    return ()


def _counting(text: str) -> list[tuple[int, int]]:
    """(start of the mark, start of its matter) of the marks that count 1, 2, 3 …"""
    marks: list[tuple[int, int]] = []
    for found in _MARK.finditer(text):
        number = int(found[1]) if found[1] else ord(found[2]) - ord("①") + 1
        if number == len(marks) + 1 and not _MEASURE.match(text[found.end() : found.end() + 4]):
            marks.append((found.start(), found.end()))
    return marks


def _checked(parts: list[str]) -> tuple[str, ...]:
    trimmed = [part.strip(" \t\r\n,，;；。、") for part in parts]
    fits = len(trimmed) <= MOST_PARTS and all(4 <= len(part) <= LONGEST_PART for part in trimmed)
    return tuple(trimmed) if fits else ()
