"""An operator's own word lists: further lines in the form of `lexicon/`, checked before anything of them is used."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nlp.lexicon import CATEGORIES, Entry, Pair, list_entries
from nlp.reading import Category
from nlp.text import normalise

MOST_WEIGHT = 5.0
DECIDES_ALONE = 3.0
_LONGEST_WORD = 20
_LARGEST_BYTES = 1 << 20
_FILES = {f"{category.value}.tsv": category for category in CATEGORIES}
_PAIRS = "pairs.tsv"


@dataclass(frozen=True, slots=True)
class LexiconFault:
    """What is wrong in a file; `line` 0 means the file as a whole."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}{f' 第{self.line}行' if self.line else ''}：{self.reason}"


class LexiconRefused(ValueError):
    """The folder is refused as a whole; `faults` names every one of its faults, with file, line and reason."""

    def __init__(self, faults: Iterable[LexiconFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("；".join(map(str, self.faults)))


@dataclass(frozen=True, slots=True)
class OwnLines:
    """The lines of an operator's folder."""

    entries: tuple[Entry, ...] = ()
    pairs: tuple[Pair, ...] = ()


def read_own_lines(folder: Path) -> OwnLines:
    """The lines of every .tsv file of a folder: the six category files and `pairs.tsv`, any of them.

    Raises `LexiconRefused` with all faults: an unreadable or unknown file, a line of another form, a word twice in a file.
    """
    entries: list[Entry] = []
    pairs: list[Pair] = []
    faults: list[LexiconFault] = []
    for path in _list_files(folder, faults):
        for number, cells in _read_lines(path, faults):
            try:
                if path.name == _PAIRS:
                    pairs.append(_parse_pair(cells))
                else:
                    entries.append(_parse_entry(cells, _FILES[path.name], entries))
            except ValueError as fault:
                faults.append(LexiconFault(path.name, number, str(fault)))
    if faults:
        raise LexiconRefused(faults)
    return OwnLines(tuple(entries), tuple(pairs))


def list_conflicts(own: OwnLines) -> list[str]:
    """Sentences on words that would decide alone for two categories, shipped and own lines together; each is a choice to make."""
    strong: defaultdict[str, dict[Category, float]] = defaultdict(dict)
    for entry in [*list_entries(), *own.entries]:
        strong[entry.word][entry.category] = entry.weight
    own_words = {entry.word for entry in own.entries}
    found = []
    for word, weights in strong.items():
        labels = [category.label for category, weight in weights.items() if weight >= DECIDES_ALONE]
        if len(labels) > 1 and word in own_words:
            found.append(f"“{word}”同时单独决定{'、'.join(labels)}")
    return found


def signature(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """What changes when a file of the folder does: names, times of writing, sizes. Empty where it cannot be read."""
    try:
        stats = [(path.name, path.stat()) for path in sorted(folder.glob("*.tsv"))]
    except OSError:
        return ()
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


def _list_files(folder: Path, faults: list[LexiconFault]) -> list[Path]:
    if not folder.is_dir():
        faults.append(LexiconFault(str(folder), 0, "没有这个文件夹"))
        return []
    paths = sorted(folder.glob("*.tsv"))
    unknown = [path for path in paths if path.name not in {*_FILES, _PAIRS}]
    known = "、".join([*_FILES, _PAIRS])
    faults += [LexiconFault(path.name, 0, f"不认识这个文件名，可用的有：{known}") for path in unknown]
    return [path for path in paths if path not in unknown]


def _read_lines(path: Path, faults: list[LexiconFault]) -> Iterator[tuple[int, list[str]]]:
    try:
        text = path.read_text("utf-8-sig") if path.stat().st_size <= _LARGEST_BYTES else None
    except (OSError, UnicodeDecodeError) as fault:
        reason = "不是 UTF-8 编码的文字" if isinstance(fault, UnicodeDecodeError) else "无法读取"
        faults.append(LexiconFault(path.name, 0, reason))
        return
    if text is None:
        faults.append(LexiconFault(path.name, 0, f"超过 {_LARGEST_BYTES >> 20} MiB"))
        return
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            yield number, [cell.strip() for cell in line.split("\t")]


def _parse_entry(cells: list[str], category: Category, earlier: list[Entry]) -> Entry:
    if len(cells) != 3:
        raise ValueError(f"应为三格（词、子类、分量，用制表符隔开），现为{len(cells)}格")
    word, item, weight = _check_word(cells[0], 2), cells[1], _parse_weight(cells[2])
    if not item:
        raise ValueError("没有写子类")
    if any((one.word, one.category) == (word, category) for one in earlier):
        raise ValueError(f"“{word}”在这个文件里写了两遍")
    return Entry(word, category, item, weight)


def _parse_pair(cells: list[str]) -> Pair:
    if len(cells) != 5:
        raise ValueError(f"应为五格（前词、后词、类别、子类、分量，用制表符隔开），现为{len(cells)}格")
    first, second = (tuple(map(_check_word, side.split())) for side in cells[:2])
    if not first or not second:
        raise ValueError("前词和后词都要写")
    if cells[2] not in set(Category):
        raise ValueError(f"没有“{cells[2]}”这个类别，可用的有：{'、'.join(Category)}")
    if not cells[3]:
        raise ValueError("没有写子类")
    return Pair(first, second, Category(cells[2]), cells[3], _parse_weight(cells[4]))


def _check_word(word: str, least: int = 1) -> str:
    plain = normalise(word).text
    if not least <= len(plain) <= _LONGEST_WORD or any(one.isspace() for one in plain):
        raise ValueError(f"词应为{least}到{_LONGEST_WORD}个字，中间没有空格")
    return plain


def _parse_weight(cell: str) -> float:
    try:
        weight = float(cell)
    except ValueError:
        raise ValueError(f"分量“{cell}”不是数字") from None
    if not math.isfinite(weight) or not -MOST_WEIGHT <= weight <= MOST_WEIGHT or weight == 0:
        raise ValueError(f"分量应在-{MOST_WEIGHT:g}到{MOST_WEIGHT:g}之间，不为0")
    return weight
