"""Hot matters: what is hot, what only looks so, and the counts that both engines give."""

from datetime import date, timedelta

from grid.city import City
from grid.heat import first_day, list_hot
from storage.archive import Archive
from storage.heat import ThemeCount
from storage.plan import Committed, Plan
from storage.queries import Books
from storage.rows import with_changes
from storage.tables import Area
from tests.handlers.worker.city import COMMUNITY, GRID1, GRID3, OTHER1, town_rows
from tests.storage.builders import make_case

TODAY = date(2026, 11, 23)
CITY = City([row for row in town_rows() if isinstance(row, Area)], [], [], [])


def count(area: str, number: int, days_ago: int = 0) -> ThemeCount:
    return ThemeCount(area, "urban_property", "路灯井盖", TODAY - timedelta(days=days_ago), number)


def test_grids_of_one_community_are_one_cluster() -> None:
    (hot,) = list_hot(CITY, [count(GRID1, 2), count(GRID3, 1, 2), count(OTHER1, 2)], TODAY)
    assert (hot.area, hot.theme, hot.now, hot.usual, hot.growth) == (COMMUNITY, "路灯井盖", 3, 0.0, 6.0)


def test_what_is_usual_is_not_hot() -> None:
    usual = [count(GRID3, 1, days) for days in range(3, 31)]
    assert list_hot(CITY, [*usual, count(GRID3, 5)], TODAY) == []
    (hot,) = list_hot(CITY, [*usual, count(GRID3, 6)], TODAY)
    assert (hot.usual, hot.growth) == (3.0, 2.0)


def test_what_is_older_than_the_window_or_has_no_theme_does_not_count() -> None:
    nameless = ThemeCount(GRID3, "urban_property", "", TODAY, 9)
    assert list_hot(CITY, [nameless, count(GRID3, 2), count(GRID3, 9, 31)], TODAY) == []
    assert first_day(TODAY) == TODAY - timedelta(days=30)


async def test_counting_is_the_same_on_both_engines(archive: Archive) -> None:
    cases = [
        with_changes(make_case(n), {"area_code": area, "theme": "路灯井盖"})
        for n, area in enumerate((GRID3, GRID3, OTHER1), 1)
    ]
    cases.append(with_changes(make_case(4), {"area_code": GRID3, "theme": "路灯井盖", "status": "void"}))
    cases.append(with_changes(make_case(5), {"area_code": GRID3, "theme": "路灯井盖", "conduct": True}))
    assert await archive.committer.commit(Plan(rows=[*town_rows(), *cases])) == Committed()
    day = cases[0].opened_on
    counts = await Books(archive).count_themes(f"/23/2308/230807/{COMMUNITY}/", day, day)
    assert counts == [ThemeCount(GRID3, "urban_property", "路灯井盖", day, 2)]
