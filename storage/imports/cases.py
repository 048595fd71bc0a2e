"""Letters of a hotline or a petition office from a file: one row each, with the number that the other office gave it."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from storage.columns import Source
from storage.imports.cells import Cells
from storage.imports.faults import Fault
from storage.imports.sheet import Column, Sheet
from storage.imports.writing import Parsed

CASE_COLUMNS = (
    Column("number", ("外部编号", "编号", "工单编号", "热线编号", "信访编号"), required=True),
    Column("source", ("来源", "渠道")),
    Column("text", ("内容", "诉求内容", "反映内容"), required=True),
    Column("phone", ("电话", "来电号码", "联系电话", "手机号")),
    Column("at", ("时间", "来电时间", "受理时间", "登记时间")),
)
_NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z/_-]{3,39}")
_SOURCES = {
    "热线": Source.HOTLINE,
    "12345": Source.HOTLINE,
    "hotline": Source.HOTLINE,
    "信访": Source.LETTER,
    "来信": Source.LETTER,
    "letter": Source.LETTER,
}
_AT = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """One letter. `at`: when the other office took it, aware; None where the file does not say."""

    row: int
    number: str
    source: Source
    text: str
    phone: str
    at: datetime | None


def list_numbers(sheet: Sheet) -> list[str]:
    """The outside numbers of a file, as they will be kept."""
    return [unicodedata.normalize("NFKC", line.cells.get("number", "")).strip() for line in sheet.lines]


def parse_cases(sheet: Sheet, known: Mapping[str, str], zone: ZoneInfo, longest: int = 5000) -> Parsed[CaseRecord]:
    """Read and check the rows. `known`: outside numbers that are registered already, each with its case's number."""
    faults: list[Fault] = []
    records: dict[str, CaseRecord] = {}
    for line in sheet.lines:
        cells = Cells(line)
        record = _read(cells, zone, longest)
        if record.number in records:
            cells.fault("number", f"与第{records[record.number].row}行重复。")
        elif record.number in known:
            cells.fault("number", f"已登记为工单 {known[record.number]}。")
        elif record.number:
            records[record.number] = record
        faults += cells.faults
    return Parsed(tuple(records.values()), sheet.columns, sheet.in_its_words(faults))


def _read(cells: Cells, zone: ZoneInfo, longest: int) -> CaseRecord:
    if not cells.line.cells.get("number", ""):
        cells.fault("number", "不能为空。")
    number = cells.matching("number", _NUMBER, "应为 4 到 40 位字母、数字、-、_ 或 /。")
    text = cells.required("text", longest)
    if text and len(text) < _SHORTEST:
        cells.fault("text", "内容太短。")
    source = cells.choice("source", _SOURCES, Source.HOTLINE)
    return CaseRecord(cells.line.row, number, source, text, cells.phone("phone"), _moment(cells, zone))


def _moment(cells: Cells, zone: ZoneInfo) -> datetime | None:
    value = unicodedata.normalize("NFKC", cells.line.cells.get("at", "")).strip()
    if not value:
        return None
    found = _AT.fullmatch(value)
    try:
        if found is None:
            raise ValueError("no moment")
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
        return datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        cells.fault("at", "应写成 2026-11-23 09:30。")
        return None
