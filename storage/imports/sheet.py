"""A file as a sheet: CSV (utf-8, with or without a mark, or gb18030) or XLSX, its header understood in Chinese or English."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches

from storage.imports.faults import Fault, ImportRefused
from storage.imports.xlsx import BadWorkbook, read_workbook

_LARGEST_BYTES = 50_000_000
_LARGEST_ROWS = 300_000
_LARGEST_COLUMNS = 60

Numbered = tuple[int, list[str]]
"""A row's number in the spreadsheet, and its cells."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a kind of file: its code, the Chinese headers that mean it, and whether a file must have it."""

    code: str
    aliases: tuple[str, ...]
    required: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the file by column code, trimmed."""

    row: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """`headers`: each column that the file has, code → header as written; one that is absent leaves stored values alone."""

    headers: Mapping[str, str]
    lines: tuple[Line, ...]

    @property
    def columns(self) -> frozenset[str]:
        """The codes that the file has."""
        return frozenset(self.headers)

    def in_its_words(self, faults: Iterable[Fault]) -> tuple[Fault, ...]:
        """The faults in reading order, with the headers of this file in place of the codes."""
        places = {code: place for place, code in enumerate(self.headers)}
        ordered = sorted(faults, key=lambda fault: (fault.row, places.get(fault.column, len(places))))
        return tuple(replace(fault, column=self.headers.get(fault.column, fault.column)) for fault in ordered)


def read_sheet(name: str, content: bytes, columns: tuple[Column, ...]) -> Sheet:
    """Read a file by its name's ending and content. Raises `ImportRefused` when it is no such table."""
    rows = _read_rows(name, content)
    if not rows:
        raise ImportRefused([Fault(0, "", "文件是空的。")])
    (header_row, header), *body = rows
    codes = _read_header(header_row, header, columns)
    headers = {code: header[index].strip() for index, code in codes.items()}
    lines = tuple(_line(row, cells, codes) for row, cells in body)
    if faults := [fault for row, cells in body if (fault := _find_overflow(row, cells, header))]:
        raise ImportRefused(faults)
    return Sheet(headers, lines)


def _read_rows(name: str, content: bytes) -> list[Numbered]:
    """The rows that are not blank, each with its number in the spreadsheet."""
    if len(content) > _LARGEST_BYTES:
        raise ImportRefused([Fault(0, "", f"文件超过 {_LARGEST_BYTES // 1_000_000} MB。")])
    if content.startswith(b"PK\x03\x04"):
        rows = _read_xlsx(content)
    elif name.lower().endswith((".xlsx", ".xls", ".xlsm")) or content.startswith(b"\xd0\xcf\x11\xe0"):
        raise ImportRefused([Fault(0, "", "不是 .xlsx 工作簿，请另存为 .xlsx 或 CSV 再试。")])
    else:
        rows = _read_csv(content)
    if len(rows) > _LARGEST_ROWS:
        raise ImportRefused([Fault(0, "", f"超过 {_LARGEST_ROWS} 行，请分成几个文件。")])
    return rows


def _read_xlsx(content: bytes) -> list[Numbered]:
    try:
        return read_workbook(content, _LARGEST_ROWS + 1, _LARGEST_COLUMNS)
    except BadWorkbook as error:
        raise ImportRefused([Fault(0, "", str(error))]) from error


def _read_csv(content: bytes) -> list[Numbered]:
    text = _decode(content)
    if "\0" in text:
        raise ImportRefused([Fault(0, "", "不是文本文件，请另存为 CSV（UTF-8）再试。")])
    head = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(",\t;", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return [(number, row) for number, row in enumerate(reader, start=1) if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise ImportRefused([Fault(reader.line_num, "", "引号不成对，或单元格过长。")]) from error


def _decode(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ImportRefused([Fault(0, "", "认不出文字编码，请另存为 CSV（UTF-8）再试。")])


def _read_header(row: int, header: list[str], columns: tuple[Column, ...]) -> dict[int, str]:
    known = {_fold(word): column.code for column in columns for word in (column.code, *column.aliases)}
    codes: dict[int, str] = {}
    faults: list[Fault] = []
    for index, cell in enumerate(header):
        code = known.get(_fold(cell))
        if code and code not in codes.values():
            codes[index] = code
        elif cell.strip():
            faults.append(Fault(row, cell.strip()[:30], "这一列出现了两次。" if code else _unknown(cell, known)))
    missing = [column for column in columns if column.required and column.code not in codes.values()]
    faults += [Fault(row, column.code, f"缺少这一列（也可写作：{'、'.join(column.aliases)}）。") for column in missing]
    if faults:
        raise ImportRefused(faults)
    return codes


def _unknown(cell: str, known: Mapping[str, str]) -> str:
    near = get_close_matches(_fold(cell), list(known), n=1)
    return f"没有这一列，是不是“{near[0]}”？" if near else "没有这一列。"


def _fold(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).strip().lower().replace(" ", "")


def _line(row: int, cells: list[str], codes: Mapping[int, str]) -> Line:
    values = {code: cells[index].strip() if index < len(cells) else "" for index, code in codes.items()}
    return Line(row, values)


def _find_overflow(row: int, cells: list[str], header: list[str]) -> Fault | None:
    """A cell under no header: usually a comma that lacked its quotes, so every value behind it would be wrong."""
    named = [index < len(header) and bool(header[index].strip()) for index in range(len(cells))]
    loose = [cell for cell, has_name in zip(cells, named, strict=True) if cell.strip() and not has_name]
    return Fault(row, "", "单元格比表头多，请检查是否多了逗号。") if loose else None
