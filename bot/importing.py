"""`wangge import`: a file into the archive, all or nothing; running processes see the new city within a second."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from bot.cityhall import PLACES_VERSION
from handlers.talk import CITY_VERSION
from nlp.reading import Category
from storage.archive import Archive
from storage.engine import WRITES
from storage.imports import Imported, import_file
from storage.imports.ids import ConnectionIds
from storage.settings import set_facts

CATEGORY_NAMES = {category.value: category.label for category in Category}


async def import_path(
    archive: Archive, kind: str, path: Path, now: datetime, *, dry_run: bool = False, name: str = ""
) -> Imported:
    """Import one file. Raises `ImportRefused` with all faults, `OSError` when it cannot be read."""
    content = await asyncio.to_thread(path.read_bytes)
    async with archive.engine.execution_options(**WRITES).begin() as connection:
        imported = await import_file(
            connection,
            kind,
            name or path.name,
            content,
            categories=CATEGORY_NAMES,
            ids=ConnectionIds(connection),
            now=now,
            dry_run=dry_run,
        )
        if not dry_run:
            facts = {CITY_VERSION: now.isoformat()}
            if kind in ("areas", "places", "calendar"):
                facts[PLACES_VERSION] = now.isoformat()
            await set_facts(connection, facts)
    return imported


async def import_city(
    archive: Archive, folder: Path, now: datetime, on_done: Callable[[str], None] | None = None
) -> Imported:
    """Import a folder as `wangge city` writes it. What `import groups` answers (the bind codes)."""
    last = None
    for kind in ("areas", "calendar", "people", "places", "groups"):
        last = await import_path(archive, kind, folder / f"{kind}.csv", now)
        if on_done is not None:
            on_done(kind)
    assert last is not None, "there are kinds"
    return last
