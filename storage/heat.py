"""How many cases of each theme were opened where and on which day."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlmodel import col

from storage.archive import Archive
from storage.tables import Area, Case


@dataclass(frozen=True, slots=True)
class ThemeCount:
    """`count` cases of one theme in one area (as routed: usually a grid), opened on one local date."""

    area: str
    category: str
    theme: str
    on: date
    count: int


async def count_themes(archive: Archive, path: str, since: date, until: date) -> list[ThemeCount]:
    """The counts of a subtree (`path`: the area's own path, `/23/2308/`) from `since` to `until`, both included.

    What was declared void is no report; a complaint about somebody's conduct is in no figure that a group may read.
    """
    columns = col(Case.area_code), col(Case.category), col(Case.theme), col(Case.opened_on)
    query = (
        select(*columns, func.count())
        .join(Area, col(Area.code) == col(Case.area_code))
        .where(col(Case.opened_on).between(since, until), col(Area.path).startswith(path, autoescape=True))
        .where(col(Case.theme) != "", col(Case.conduct).is_(False), col(Case.status) != "void")
        .group_by(*columns)
    )
    async with archive.reads() as session:
        lines = await session.execute(query)
        return [ThemeCount(area or "", kind, item, on, count) for area, kind, item, on, count in lines]
