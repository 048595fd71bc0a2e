"""`wangge import`: a file into the archive, all or nothing; running processes see the new city within a second."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.cityhall import PLACES_VERSION
from bot.replanning import REPLAN, replan_fact
from grid.boundary_file import read_boundaries
from grid.coordinates import Crs
from grid.ground import list_plots, make_plot
from grid.seams import list_seams, seam_sentence
from handlers.talk import CITY_VERSION, new_version
from nlp.reading import Category
from storage.archive import Archive
from storage.imports import Imported, import_file
from storage.imports.boundaries import load_ground, write_boundaries
from storage.imports.ids import ConnectionIds
from storage.settings import set_facts
from storage.writing import writing

BOUNDARIES_FILE = "boundaries.geojson"
CHINA = ZoneInfo("Asia/Shanghai")
CATEGORY_NAMES = {category.value: category.label for category in Category}


async def import_path(
    archive: Archive, kind: str, path: Path, now: datetime, *, dry_run: bool = False, name: str = ""
) -> Imported:
    """Import one file of a table. Raises `ImportRefused` with all faults, `OSError` when it cannot be read."""
    content = await asyncio.to_thread(path.read_bytes)
    async with writing(archive.engine) as connection:
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
            facts = {CITY_VERSION: new_version(now)}
            if kind in ("areas", "places", "calendar"):
                facts[PLACES_VERSION] = new_version(now)
            if kind == "calendar":
                facts[REPLAN] = replan_fact(facts[PLACES_VERSION])
            await set_facts(connection, facts)
    return imported


async def import_boundaries(
    archive: Archive,
    path: Path,
    now: datetime,
    *,
    crs: Crs | None = None,
    dry_run: bool = False,
    zone: ZoneInfo = CHINA,
) -> Imported:
    """Import a GeoJSON file; `crs`: the system as the importer states it. What does not fit together is told as warnings.

    Raises `ImportRefused` with all faults, `OSError` when it cannot be read.
    """
    content = await asyncio.to_thread(path.read_bytes)
    on = now.astimezone(zone).date()
    async with writing(archive.engine) as connection:
        areas, shapes = await load_ground(connection, on)
        plots = {area.code: make_plot(area, shapes.get(area.code)) for area in areas}
        file = await asyncio.to_thread(read_boundaries, content, plots, stated=crs, source=path.name)
        given = {record.area_code: record.geometry for record in file.records}
        seams = await asyncio.to_thread(list_seams, list_plots(areas, {**shapes, **given}, on))
        imported = await write_boundaries(connection, file.records, ConnectionIds(connection), on, dry_run=dry_run)
        if not dry_run:
            await set_facts(connection, {CITY_VERSION: new_version(now), PLACES_VERSION: new_version(now)})
    own = {code for plot in map(plots.__getitem__, given) for code in plot.chain[:2]}
    names = {area.code: area.name for area in areas}
    told = [seam_sentence(seam, names) for seam in seams if own & set(seam.areas)]
    return replace(imported, warnings=(*file.warnings, *told))


async def import_city(
    archive: Archive, folder: Path, now: datetime, on_done: Callable[[str], None] | None = None
) -> Imported:
    """Import a folder as `wangge city` writes it. What `import groups` answers (the bind codes)."""
    last = None
    for kind in ("areas", "calendar", "people", "places", "groups"):
        last = await import_path(archive, kind, folder / f"{kind}.csv", now)
        if kind == "areas" and await asyncio.to_thread((folder / BOUNDARIES_FILE).exists):
            await import_boundaries(archive, folder / BOUNDARIES_FILE, now)
        if on_done is not None:
            on_done(kind)
    assert last is not None, "there are kinds"
    return last
