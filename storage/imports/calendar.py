"""A holiday notice from a file: one row per day that differs from Monday-to-Friday, or is named by the notice."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from storage.imports.cells import Cells
from storage.imports.faults import Fault
from storage.imports.sheet import Column, Sheet
from storage.imports.writing import Desk, Ids, Imported, Parsed, differs, pick

CALENDAR_COLUMNS = (
    Column("on", ("日期",), required=True),
    Column("works", ("是否上班", "上班"), required=True),
    Column("name", ("名称", "节日")),
    Column("note", ("来源", "备注", "说明")),
)


@dataclass(frozen=True, slots=True)
class CalendarRecord:
    """One day as a notice has it; the fields are the table's."""

    on: date
    works: bool
    name: str
    note: str


def parse_calendar(sheet: Sheet) -> Parsed[CalendarRecord]:
    """Read and check the days; each may stand once."""
    faults: list[Fault] = []
    records: dict[date, CalendarRecord] = {}
    rows: dict[date, int] = {}
    for line in sheet.lines:
        cells = Cells(line)
        record = _read(cells)
        if record and record.on in records:
            cells.fault("on", f"与第{rows[record.on]}行重复。")
        elif record:
            records[record.on], rows[record.on] = record, line.row
        faults += cells.faults
    return Parsed(tuple(records.values()), sheet.columns, sheet.in_its_words(faults))


def _read(cells: Cells) -> CalendarRecord | None:
    on = cells.day("on")
    for code in ("on", "works"):
        if not cells.line.cells[code]:
            cells.fault(code, "不能为空。")
    works, name, note = cells.yes_no("works"), cells.text("name", 60), cells.text("note")
    if on is None:
        return None
    if not 2000 <= on.year <= 2100:
        cells.fault("on", "年份应在 2000 到 2100 之间。")
    return CalendarRecord(on, works, name, note)


async def write_calendar(
    connection: AsyncConnection,
    records: tuple[CalendarRecord, ...],
    ids: Ids,
    now: datetime,
    *,
    only: Collection[str] | None = None,
    dry_run: bool = False,
) -> Imported:
    """Insert or change by date; days that the file does not name stay."""
    desk = Desk(connection, dry_run)
    stored = {row["on"]: row for row in await desk.load("calendar_day")}
    new = [asdict(one) for one in records if one.on not in stored]
    known = [pick(asdict(one), only, ("on",)) for one in records if one.on in stored]
    changed = [values for values in known if differs(stored[values["on"]], values)]
    await desk.insert("calendar_day", new)
    await desk.update("calendar_day", "on", changed)
    return Imported(len(new), len(changed), len(known) - len(changed))
