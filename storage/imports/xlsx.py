"""The one door to openpyxl: the first sheet of an XLSX workbook as rows of text."""

import io
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import islice
from typing import Any

from openpyxl import load_workbook

# A workbook is a zip: what it unpacks to is bounded before anything is unpacked.
_UNPACKED_BYTES = 400_000_000


class BadWorkbook(ValueError):
    """Not a workbook that can be read; the text is Chinese."""


def read_workbook(content: bytes, rows: int, columns: int) -> list[tuple[int, list[str]]]:
    """The rows of the first sheet that are not blank, with their numbers; at most `rows` of them, `columns` wide.

    Formulas give their kept value. Raises `BadWorkbook`.
    """
    try:
        _check_size(content)
        with warnings.catch_warnings():
            # About styles and extensions that we do not read anyway; files of other office programs are full of them.
            warnings.simplefilter("ignore")
            return list(islice(_read_rows(content, columns), rows))
    except BadWorkbook:
        raise
    except Exception as error:  # openpyxl lets KeyError, ParseError, ValueError, BadZipFile … through for broken files
        raise BadWorkbook("打不开这个工作簿，请在表格软件里另存为 .xlsx 或 CSV 再试。") from error


def _check_size(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > _UNPACKED_BYTES:
            raise BadWorkbook("工作簿解压后过大。")


def _read_rows(content: bytes, columns: int) -> Iterator[tuple[int, list[str]]]:
    sheet = load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
    sheet.reset_dimensions()  # some programs write a wrong size, and then cells would be missing
    for number, row in enumerate(sheet.iter_rows(max_col=columns, values_only=True), start=1):
        cells = [_text(value) for value in row]
        # A format set on the sheet's last row makes a million blank ones: they are passed over one by one.
        if any(cells):
            yield number, cells


def _text(value: Any) -> str:
    """A cell as somebody would type it: 13800000012.0 → 13800000012, a date → 2026-01-01."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date) else str(value)
