"""The made town without an archive: a desk, and cases in any status."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from grid.city import City
from grid.desk import Actor, Desk, House
from grid.workflow import OPEN, Part, Status
from storage.columns import Source
from storage.rows import fresh
from storage.tables import Area, Case, Post, Resident, Worker, WorkGroup
from tests.clock import START
from tests.handlers.worker.city import GRID3, PlainClocks, town_rows

ZONE = ZoneInfo("Asia/Shanghai")


def make_city(**changes: dict[int, dict[str, Any]]) -> City:
    """The town; `workers={11: {"status": …}}` and `groups={31: {"chatid": None}}` change rows of it."""
    rows = town_rows()
    for row in rows:
        wanted = {Worker: "workers", WorkGroup: "groups"}.get(type(row))
        for name, value in changes.get(wanted or "", {}).get(getattr(row, "id", 0), {}).items():
            row.__dict__[name] = value
    picked = [[row for row in rows if isinstance(row, table)] for table in (Area, Worker, Post, WorkGroup)]
    return City(*picked)  # type: ignore[arg-type]  # one list of each kind


def make_desk(city: City | None = None, *, now: datetime = START, house: House | None = None) -> Desk:
    """A desk at `now`."""
    return Desk(city or make_city(), PlainClocks(), ZONE, now, house or House())


def make_case(status: Status = Status.DISPATCHED, **values: Any) -> Case:
    """A case of grid 3 with its group."""
    row: dict[str, Any] = {
        "id": 7,
        "opened_on": START.date(),
        "serial": 8,
        "number": "1123-08",
        "source": Source.OFFICIAL_ACCOUNT,
        "resident_id": 5,
        "text": "下水道堵了",
        "category": "urban_property",
        "urgency": "normal",
        "area_code": GRID3,
        "place": "阳光水岸12号楼",
        "phone": "13900000001",
        "status": status.value,
        "is_open": status in OPEN,
        "group_id": 31,
        "opened_at": START,
        "touched_at": START,
        "accept_due_at": PlainClocks().promise("", "normal", START).accept,
        "resolve_due_at": PlainClocks().promise("", "normal", START).resolve,
        "version": 3,
        **values,
    }
    return fresh(Case, **row)


def make_resident() -> Resident:
    """Whoever reported the case."""
    return fresh(Resident, id=5, openid="o5", first_seen_at=START)


def make_actor(*parts: Part) -> Actor:
    """Somebody who is these parts to a case (not the handler of any case by id)."""
    return Actor("worker:13", "赵敏", 13, frozenset(parts))
