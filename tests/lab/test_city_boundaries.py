"""The made city's boundaries: surveyed in CGCS2000, imported as a city does, and found again by WeChat's points."""

import json
import math
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from bot.cityhall import CityHall
from bot.dispatcher import Dispatcher
from bot.importing import BOUNDARIES_FILE, import_boundaries, import_city
from grid.coordinates import Crs, wgs84_to_gcj02
from grid.deadlines import Deadlines
from grid.desk import House
from grid.questions import parse_conversation
from handlers.update import Door, Point, Update, UpdateKind
from lab.city import make_city, write_city
from storage.archive import Archive, open_archive
from storage.imports import ImportRefused
from storage.queries import Books
from tests.clock import FakeClock

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
PER_DEGREE = 111_320.0
Ring = list[tuple[float, float]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("city")
    write_city(make_city("street", 1), made)
    return made


@pytest.fixture
async def archive(sqlite_database: str, folder: Path) -> AsyncIterator[Archive]:
    async with open_archive(sqlite_database) as opened:
        await import_city(opened, folder, NOW)
        yield opened


@pytest.fixture
async def hall(archive: Archive, clock: FakeClock) -> CityHall:
    made = CityHall(Books(archive), Deadlines(), ZoneInfo("Asia/Shanghai"), House(), clock)
    await made.load()
    return made


def read_rings(folder: Path) -> dict[str, list[Ring]]:
    """Outer rings of each grid as the file has them: longitude and latitude, CGCS2000."""
    whole = json.loads((folder / BOUNDARIES_FILE).read_bytes())
    assert whole["crs"]["properties"]["name"] == "urn:ogc:def:crs:EPSG::4490"
    rings = {}
    for feature in whole["features"]:
        shape = feature["geometry"]
        polygons = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
        rings[feature["properties"]["code"]] = [[(x, y) for x, y in polygon[0]] for polygon in polygons]
    return rings


def is_inside(x: float, y: float, ring: Ring) -> bool:
    """By counting crossings: the house's own geometry is not asked."""
    crossed = False
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            crossed = not crossed
    return crossed


def metres_to_ring(x: float, y: float, ring: Ring) -> float:
    east = PER_DEGREE * math.cos(math.radians(y))
    flat = [((px - x) * east, (py - y) * PER_DEGREE) for px, py in ring]
    return min(_to_segment(one, other) for one, other in pairwise(flat))


def _to_segment(one: tuple[float, float], other: tuple[float, float]) -> float:
    dx, dy = other[0] - one[0], other[1] - one[1]
    length = dx * dx + dy * dy
    along = max(0.0, min(1.0, -(one[0] * dx + one[1] * dy) / length)) if length else 0.0
    return math.hypot(one[0] + along * dx, one[1] + along * dy)


def draw_point(rings: dict[str, list[Ring]], rng: Random) -> tuple[str, float, float, float]:
    """A grid, a surveyed point inside it, and the metres to its border."""
    while True:
        code = rng.choice(sorted(rings))
        ring = rng.choice(rings[code])
        xs, ys = [x for x, _ in ring], [y for _, y in ring]
        x, y = rng.uniform(min(xs), max(xs)), rng.uniform(min(ys), max(ys))
        if is_inside(x, y, ring):
            return code, x, y, metres_to_ring(x, y, ring)


async def test_two_hundred_points_land_in_the_right_grid(archive: Archive, hall: CityHall, folder: Path) -> None:
    """A phone stands at a surveyed place; WeChat tells it in GCJ-02; the resident's next matter would go to that grid."""
    rings, rng = read_rings(folder), Random(16)
    books, dispatcher = Books(archive), Dispatcher(archive, Books(archive), hall)
    sure = Counter[bool]()
    for number in range(200):
        code, x, y, metres = draw_point(rings, rng)
        latitude, longitude = wgs84_to_gcj02(y, x)
        openid = f"o{number}"
        point = Point(latitude, longitude, "")
        update = Update(Door.OFFICIAL_ACCOUNT, UpdateKind.LOCATION, f"oa:{number}", openid, "gh", NOW, point=point)
        await dispatcher.begin(update).task
        resident = await books.find_resident(openid)
        assert resident is not None
        kept = parse_conversation(resident.conversation, NOW)
        area = kept.loose_place[0] if kept.loose_place else ""
        assert code == area or code in kept.loose_candidates, (number, code, kept)
        if metres > 31:
            assert area == code
        sure[area == code] += 1
    assert sure[True] > 80


async def test_without_the_conversion_they_would_not(hall: CityHall, folder: Path) -> None:
    rings, rng = read_rings(folder), Random(16)
    drawn = [draw_point(rings, rng) for _ in range(200)]
    right = sum(hall.desk().ground.find(y, x).area == code for code, x, y, _ in drawn)
    assert right < 10


async def test_the_made_boundaries_fit_together(archive: Archive, folder: Path) -> None:
    again = await import_boundaries(archive, folder / BOUNDARIES_FILE, NOW)
    assert (again.created, again.updated, again.unchanged, again.warnings) == (0, 0, 40, ())


async def test_another_system_than_the_files_own_is_refused(archive: Archive, folder: Path) -> None:
    with pytest.raises(ImportRefused, match="命令写明是 GCJ-02"):
        await import_boundaries(archive, folder / BOUNDARIES_FILE, NOW, crs=Crs.GCJ02)


async def test_seams_are_told_with_the_import(archive: Archive, folder: Path, tmp_path: Path) -> None:
    whole = json.loads((folder / BOUNDARIES_FILE).read_bytes())
    first, second = whole["features"][:2]
    second["geometry"] = first["geometry"]
    path = tmp_path / "twice.geojson"
    path.write_text(json.dumps({**whole, "features": [second]}))
    tried = await import_boundaries(archive, path, NOW, dry_run=True)
    assert any("的边界重叠" in line and first["properties"]["code"] in line for line in tried.warnings)
    done = await import_boundaries(archive, path, NOW)
    assert done.warnings == tried.warnings
    assert (done.created, done.updated) == (0, 1)


async def test_a_refused_file_writes_nothing(archive: Archive, folder: Path, tmp_path: Path) -> None:
    whole = json.loads((folder / BOUNDARIES_FILE).read_bytes())
    for feature in whole["features"][:5]:
        feature["properties"]["effective_from"] = "2027-01-01"
    whole["features"][39]["properties"]["code"] = "nobody"
    path = tmp_path / "bad.geojson"
    path.write_text(json.dumps(whole))
    with pytest.raises(ImportRefused, match="第40个要素“nobody”"):
        await import_boundaries(archive, path, NOW)
    assert len(await Books(archive).list_boundaries(NOW.date().replace(year=2027))) == 40
    assert {row.effective_from.year for row in await Books(archive).list_boundaries(NOW.date())} == {2026}


def test_all_grids_have_ground_and_the_seed_decides_the_bytes(tmp_path: Path) -> None:
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        assert write_city(make_city("district", seed), tmp_path / name)[BOUNDARIES_FILE] == 800
    one, same, other = ((tmp_path / name / BOUNDARIES_FILE).read_bytes() for name in "abc")
    assert one == same != other
