"""Boundaries into the archive: what was in force before stays, with its last day; so an old case keeps the grid it had."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.imports.writing import Desk, Ids, Imported, Stored, Values, differs
from storage.rows import columns_of, from_line
from storage.tables import Area

_TABLE = "area_boundary"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class BoundaryRecord:
    """One area's ground as the file has it; `effective_from` None: from the day of the import, if it is another than is in force.

    `geometry`: GeoJSON in GCJ-02; `crs`: the system of the file; `source`: where it comes from.
    """

    area_code: str
    crs: str
    geometry: str
    effective_from: date | None
    effective_to: date | None
    source: str


async def load_ground(connection: AsyncConnection, on: date) -> tuple[list[Area], dict[str, str]]:
    """All areas, and the GeoJSON of those whose boundary is in force on a local day."""
    areas = [from_line(Area, line) for line in await connection.execute(select(*columns_of(Area)))]
    rows = await Desk(connection).load(_TABLE)
    shapes = {
        row["area_code"]: row["geometry"] for row in rows if is_in_force(row["effective_from"], row["effective_to"], on)
    }
    return areas, shapes


async def write_boundaries(
    connection: AsyncConnection, records: Sequence[BoundaryRecord], ids: Ids, on: date, *, dry_run: bool = False
) -> Imported:
    """Write one version per area; `on`: the local date. A version ends the day before the next one begins."""
    desk = Desk(connection, dry_run)
    stored: dict[str, list[Stored]] = defaultdict(list)
    for row in await desk.load(_TABLE):
        stored[row["area_code"]].append(row)
    new: list[Values] = []
    changed: list[Values] = []
    shortened: list[Values] = []
    for record in records:
        versions = stored[record.area_code]
        values = _values(record, versions, on)
        same = next((row for row in versions if row["effective_from"] == values["effective_from"]), None)
        if same is None:
            new.append(values)
            shortened += _end_before(versions, values["effective_from"])
        elif differs(same, values):
            changed.append({"id": same["id"], **values})
    drawn = [] if dry_run or not new else await ids.take(len(new))
    await desk.update(_TABLE, "id", shortened)
    await desk.update(_TABLE, "id", changed)
    await desk.insert(_TABLE, [{"id": id_, **values} for id_, values in zip(drawn, new, strict=bool(drawn))])
    return Imported(len(new), len(changed), len(records) - len(new) - len(changed))


def _values(record: BoundaryRecord, versions: Sequence[Stored], on: date) -> Values:
    """The row that is wanted: what is in force already where nothing but the file's name is another."""
    current = next((row for row in versions if is_in_force(row["effective_from"], row["effective_to"], on)), None)
    values: Values = {
        "area_code": record.area_code,
        "crs": record.crs,
        "geometry": record.geometry,
        "effective_from": record.effective_from or on,
        "effective_to": record.effective_to,
        "source": record.source,
    }
    if record.effective_from is None and current is not None and record.geometry == current["geometry"]:
        values["effective_from"] = current["effective_from"]
        values["source"] = current["source"]
    later = [row["effective_from"] for row in versions if row["effective_from"] > values["effective_from"]]
    if later and (values["effective_to"] is None or values["effective_to"] >= min(later)):
        values["effective_to"] = min(later) - _DAY
    return values


def _end_before(versions: Sequence[Stored], begins: date) -> list[Values]:
    """The version that would still be in force on `begins` gives way the day before."""
    return [
        {"id": row["id"], "effective_to": begins - _DAY}
        for row in versions
        if row["effective_from"] < begins and (row["effective_to"] is None or row["effective_to"] >= begins)
    ]


def is_in_force(first: date | None, last: date | None, on: date) -> bool:
    """Whether `on` lies in a span of days, both ends included; None: open."""
    return (first is None or first <= on) and (last is None or on <= last)
