"""`wangge import cases`: a hotline's or petition office's letters, opened like any other matter, all or none of them."""

import asyncio
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.cityhall import CityHall
from grid.actions.opening import open_case
from grid.desk import SYSTEM, Desk
from handlers.matters import Told, read_matter
from nlp.reader import Reader
from storage.archive import Archive
from storage.imports import Imported, ImportRefused
from storage.imports.cases import CASE_COLUMNS, CaseRecord, list_numbers, parse_cases
from storage.imports.sheet import read_sheet
from storage.plan import Plan
from storage.queries import Books


async def import_cases(
    archive: Archive, hall: CityHall, path: Path, zone: ZoneInfo, *, dry_run: bool = False
) -> Imported:
    """Open a case for each row. Raises `ImportRefused` with all faults, `OSError` when it cannot be read.

    A number that is registered already, or stands twice, is a fault of its row; with one fault nothing is written.
    """
    content = await asyncio.to_thread(path.read_bytes)
    sheet = read_sheet(path.name, content, CASE_COLUMNS)
    known = await Books(archive).followups.list_known_numbers(list_numbers(sheet))
    parsed = parse_cases(sheet, known, zone, hall.house.most_characters)
    if parsed.faults:
        raise ImportRefused(list(parsed.faults))
    if not dry_run and parsed.records:
        await archive.committer.commit(await _plan(archive, hall.desk(), hall.reader, parsed.records))
    return Imported(len(parsed.records), 0, 0)


async def _plan(archive: Archive, desk: Desk, reader: Reader, records: tuple[CaseRecord, ...]) -> Plan:
    plan = Plan()
    for record in records:
        told = Told(
            record.text, None, record.source, outside=record.number, phone=record.phone, told_at=_iso(record.at)
        )
        matter = read_matter(desk.city, reader, told)
        case_id, serial = await archive.numbers.take_id(), await archive.numbers.take_serial(desk.today)
        opened = open_case(desk, matter, SYSTEM, case_id, serial)
        plan.rows += opened.plan.rows
        plan.events += opened.plan.events
        plan.outbox += opened.plan.outbox
    return plan


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at is not None else ""
