"""The made town as residents meet it: the workers' town, with addresses, centres of grids and two estates of one name."""

from sqlmodel import SQLModel

from storage.rows import fresh
from storage.tables import Area, PlaceRule
from tests.handlers.worker.city import GRID1, GRID3, OTHER1, OTHER3, town_rows

# WeChat's points are GCJ-02, and so are the centres.
CENTRES = {
    GRID1: (46.8010, 130.3190),
    GRID3: (46.8100, 130.3190),
    OTHER1: (46.8200, 130.3400),
    OTHER3: (46.8300, 130.3600),
}
AT_GRID3 = (46.8104, 130.3192)
FAR_AWAY = (39.9, 116.4)

# area, kind, name, first and last building or door number
_PLACES = (
    (GRID3, "estate", "阳光水岸", None, None),
    (GRID1, "estate", "长安小区", None, None),
    (OTHER1, "estate", "学府花园", None, None),
    (OTHER3, "estate", "松江新城", None, None),
    (GRID1, "estate", "幸福小区", None, None),
    (OTHER1, "estate", "幸福小区", None, None),
    (OTHER3, "road", "长安路", 1, 99),
    (GRID3, "village", "向阳村", None, None),
)


def resident_town_rows() -> list[SQLModel]:
    """Everything that stands before anybody speaks."""
    rows = town_rows()
    for row in rows:
        if isinstance(row, Area) and row.code in CENTRES:
            row.__dict__.update(latitude=CENTRES[row.code][0], longitude=CENTRES[row.code][1])
        if isinstance(row, Area) and row.code == GRID3:
            row.__dict__.update(scope="阳光水岸1至20号楼", service_hours="每天 08:00–20:00", duty_phone="0454-0000000")
    return [*rows, *(_place(800 + place, *rule) for place, rule in enumerate(_PLACES))]


def _place(row_id: int, area: str, kind: str, name: str, first: int | None, last: int | None) -> PlaceRule:
    is_road = kind == "road"
    return fresh(
        PlaceRule,
        id=row_id,
        area_code=area,
        kind=kind,
        name=name,
        from_number=first if is_road else None,
        to_number=last if is_road else None,
        building_from=None if is_road else first,
        building_to=None if is_road else last,
    )
