"""The one door to openpyxl: the first sheet of an XLSX workbook as rows of text."""

import io
import zipfile
from datetime import date, datetime, time
from itertools import islice
from typing import Any

from openpyxl import load_workbook

# A workbook is a zip: what it unpacks to is bounded before anything is unpacked.
_UNPACKED_BYTES = 400_000_000


class BadWorkbook(ValueError):
    """Not a workbook that can be read; the text is Chinese."""


def read_workbook(content: bytes, rows: int, columns: int) -> list[list[str]]:
    """The cells of the first sheet, at most `rows` × `columns`; formulas give their kept value. Raises `BadWorkbook`."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _UNPACKED_BYTES:
                raise BadWorkbook("工作簿解压后过大。")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # some programs write a wrong size, and then cells would be missing
        cells = sheet.iter_rows(max_row=rows, max_col=columns, values_only=True)
        return [[_text(value) for value in row] for row in islice(cells, rows)]
    except BadWorkbook:
        raise
    except Exception as error:  # openpyxl lets KeyError, ParseError, ValueError, BadZipFile … through for broken files
        raise BadWorkbook("打不开这个工作簿,请在表格软件里另存为 .xlsx 或 CSV 再试。") from error


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
