"""Files of areas, people, groups, places and holidays into the archive, all or nothing (docs/imports.md).

Category codes are given in: this room knows none. The caller opens the transaction, and rolls it back when this raises.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from storage.imports.areas import AREA_COLUMNS, load_areas, parse_areas, write_areas
from storage.imports.calendar import CALENDAR_COLUMNS, parse_calendar, write_calendar
from storage.imports.faults import Fault, ImportRefused, render_faults
from storage.imports.groups import GROUP_COLUMNS, draw_bind_code, load_chats, parse_groups, write_groups
from storage.imports.ids import ConnectionIds
from storage.imports.people import PEOPLE_COLUMNS, parse_people
from storage.imports.people_writing import load_workers, write_people
from storage.imports.places import PLACE_COLUMNS, parse_places, write_places
from storage.imports.sheet import Column, read_sheet
from storage.imports.writing import BindCode, Ids, Imported, Parsed, Record

COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "areas": AREA_COLUMNS,
    "people": PEOPLE_COLUMNS,
    "groups": GROUP_COLUMNS,
    "places": PLACE_COLUMNS,
    "calendar": CALENDAR_COLUMNS,
}
KINDS = tuple(COLUMNS)
"""What can be imported, in the order in which a new city needs it."""


async def import_file(
    connection: AsyncConnection,
    kind: str,
    name: str,
    content: bytes,
    *,
    categories: Mapping[str, str],
    now: datetime,
    ids: Ids | None = None,
    dry_run: bool = False,
    draw_code: Callable[[], str] = draw_bind_code,
) -> Imported:
    """Read, check and write one file, inside the caller's transaction (on SQLite one that began as a writing one).

    `name`: the file's name, for its ending; `categories`: code → Chinese name; `now`: aware; `ids`: by default the
    archive's counter, drawn on this connection. A dry run checks and counts the same and writes nothing; the bind codes it shows
    are not valid. Raises `ImportRefused` with all faults, KeyError for a kind that is none.
    """
    sheet = read_sheet(name, content, COLUMNS[kind])
    only, ids = sheet.columns, ids or ConnectionIds(connection)
    if kind == "calendar":
        return await write_calendar(connection, _sound(parse_calendar(sheet)), ids, now, only=only, dry_run=dry_run)
    areas = await load_areas(connection)
    if kind == "areas":
        return await write_areas(connection, _sound(parse_areas(sheet, areas)), ids, now, only=only, dry_run=dry_run)
    if kind == "places":
        return await write_places(connection, _sound(parse_places(sheet, areas)), ids, now, only=only, dry_run=dry_run)
    if kind == "people":
        people = _sound(parse_people(sheet, areas, categories, await load_workers(connection)))
        return await write_people(connection, people, ids, now, only=only, dry_run=dry_run)
    groups = _sound(parse_groups(sheet, areas, categories, await load_chats(connection)))
    return await write_groups(connection, groups, ids, now, only=only, dry_run=dry_run, draw_code=draw_code)


def _sound(parsed: Parsed[Record]) -> tuple[Record, ...]:
    if parsed.faults:
        raise ImportRefused(list(parsed.faults))
    return parsed.records


__all__ = [
    "COLUMNS",
    "KINDS",
    "BindCode",
    "Column",
    "ConnectionIds",
    "Fault",
    "Ids",
    "ImportRefused",
    "Imported",
    "import_file",
    "render_faults",
]
