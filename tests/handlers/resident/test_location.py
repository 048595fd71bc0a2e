"""Positions: inside a grid, near a border, outside all of them; the label is kept and nothing is guessed in silence."""

import json
from datetime import date

import pytest

from handlers.update import Event, Point, UpdateKind
from storage.plan import Committed, Plan
from storage.rows import fresh
from storage.tables import AreaBoundary
from tests.handlers.resident.talk import Talk, Town
from tests.handlers.resident.town import AT_GRID3, CENTRES, FAR_AWAY
from tests.handlers.worker.city import GRID1, GRID3

# Two grids side by side, some 380 m wide, and a lane of nobody's to the north.
WEST, BORDER, EAST = 130.315, 130.320, 130.325
SOUTH, NORTH = 46.805, 46.810
IN_GRID1, IN_GRID3 = (46.8075, 130.3175), (46.8075, 130.3225)
AT_THE_BORDER = (46.8075, 130.3201)
JUST_NORTH = (46.811, 130.3225)


def make_boundary(row_id: int, area: str, west: float, east: float, first: date = date(2026, 1, 1)) -> AreaBoundary:
    ring = [[west, SOUTH], [east, SOUTH], [east, NORTH], [west, NORTH], [west, SOUTH]]
    geometry = json.dumps({"type": "Polygon", "coordinates": [ring]})
    return fresh(AreaBoundary, id=row_id, area_code=area, crs="GCJ-02", geometry=geometry, effective_from=first)


@pytest.fixture
async def surveyed(town: Town) -> Town:
    """The town with two surveyed grids."""
    rows = [make_boundary(901, GRID1, WEST, BORDER), make_boundary(902, GRID3, BORDER, EAST)]
    assert await town.archive.committer.commit(Plan(rows=[*rows])) == Committed()
    await town.hall.load()
    return town


@pytest.fixture
def li(surveyed: Town) -> Talk:
    return surveyed.resident("oLi")


async def why_of(town: Town, number: str) -> list[str]:
    payloads = [json.loads(row.payload or "{}") for row in await town.event_rows(number)]
    return [payload["place_why"] for payload in payloads if "place_why" in payload]


async def test_inside_a_grid_the_case_goes_there_and_its_history_says_why(li: Talk, surveyed: Town) -> None:
    await li.says("路灯不亮")
    await li.stands_at(IN_GRID3, "某某超市")
    assert li.hears("文采社区第三网格 某某超市", "已派给网格员王芳")
    assert li.hears_none_of("推定", "请问")
    case = await li.only_case()
    assert (case.area_code, case.place) == (GRID3, "某某超市")
    (why,) = await why_of(surveyed, case.number)
    assert why.startswith("位置在网格边界内")
    assert "把握95%" in why


async def test_near_a_border_he_chooses_and_the_label_is_kept(li: Talk) -> None:
    await li.says("路灯不亮")
    await li.stands_at(AT_THE_BORDER, "某某超市")
    assert li.hears("交界处", "回复数字：1 文采社区第三网格 2 文采社区第一网格")
    assert (await li.only_case()).area_code is None
    await li.says("2")
    case = await li.only_case()
    assert (case.area_code, case.place) == (GRID1, "某某超市")


async def test_his_own_grid_stands_first_among_the_choices(li: Talk) -> None:
    await li.lives_in(GRID1)
    await li.says("改地点")
    await li.stands_at(AT_THE_BORDER)
    await li.says("路灯不亮")
    assert li.hears("1 文采社区第一网格 2 文采社区第三网格")


async def test_the_maps_own_words_settle_a_border(li: Talk) -> None:
    await li.says("路灯不亮")
    await li.stands_at(AT_THE_BORDER, "长安小区")
    case = await li.only_case()
    assert (case.area_code, case.place) == (GRID1, "长安小区")


async def test_outside_all_grids_the_nearest_is_asked_about(li: Talk) -> None:
    await li.says("路灯不亮")
    await li.stands_at(JUST_NORTH, "江边")
    assert li.hears("离您最近的是文采社区第三网格（约111米）", "是文采社区第三网格请回复 1")
    await li.says("是的")
    case = await li.only_case()
    assert (case.area_code, case.place) == (GRID3, "江边")


async def test_who_says_no_is_asked_for_the_estate(li: Talk) -> None:
    await li.says("路灯不亮")
    await li.stands_at(JUST_NORTH, "江边")
    await li.says("不是")
    assert li.hears("请问在哪个小区、几号楼")
    await li.says("学府花园2号楼")
    assert (await li.only_case()).area_code not in (None, GRID3)


async def test_a_border_before_the_matter_is_asked_about_with_the_matter(li: Talk) -> None:
    await li.stands_at(AT_THE_BORDER, "某某超市")
    assert li.hears("交界处", "某某超市", "请说一下是什么问题")
    await li.says("路灯不亮")
    assert li.hears("已受理", "1 文采社区第三网格 2 文采社区第一网格")
    await li.says("1")
    case = await li.only_case()
    assert (case.area_code, case.place) == (GRID3, "某某超市")


async def test_a_position_decides_between_estates_of_one_name(li: Talk) -> None:
    await li.stands_at(IN_GRID1)
    await li.says("幸福小区3号楼路灯不亮")
    case = await li.only_case()
    assert case.area_code == GRID1
    assert case.place.startswith("幸福小区3号楼")


async def test_far_from_everything_he_is_asked_once_and_kindly(li: Talk) -> None:
    await li.stands_at(FAR_AWAY)
    await li.says("路灯不亮")
    assert li.hears("请问在哪个小区、几号楼")
    await li.stands_at(FAR_AWAY)
    assert li.hears("值班人员会核实位置并派单", "北纬39.90000，东经116.40000")
    assert li.hears_none_of("请问")


async def test_a_faraway_label_of_a_known_name_is_no_place_here(li: Talk) -> None:
    await li.stands_at(FAR_AWAY, "长安小区")
    await li.says("路灯不亮")
    assert (await li.only_case()).area_code is None


async def test_what_the_phone_reports_by_itself_settles_nothing(li: Talk) -> None:
    await li.says("路灯不亮")
    details = {"Latitude": str(IN_GRID3[0]), "Longitude": str(IN_GRID3[1]), "Precision": "10"}
    await li.push(UpdateKind.EVENT, event=Event("LOCATION", details=details), point=Point(IN_GRID3[0], IN_GRID3[1], ""))
    assert li.is_left_in_silence
    assert (await li.only_case()).area_code is None
    assert (await li.row()).area_code is None
    assert (await li.conversation()).loose_place is None


async def test_without_boundaries_a_guess_by_the_centre_says_so(talk: Talk) -> None:
    await talk.says("路灯不亮")
    await talk.stands_at(AT_GRID3, "某某超市")
    assert talk.hears("文采社区第三网格", "按位置推定；不对请回复“改地点”")
    assert (await talk.only_case()).area_code == GRID3


async def test_without_boundaries_halfway_between_two_centres_is_a_choice(talk: Talk) -> None:
    (south, longitude), (north, _) = CENTRES[GRID1], CENTRES[GRID3]
    await talk.says("路灯不亮")
    await talk.stands_at(((south + north) / 2, longitude), "某某超市")
    assert talk.hears("回复数字", "文采社区第一网格", "文采社区第三网格")


async def test_a_new_division_comes_into_force_by_itself_and_old_cases_stay(li: Talk, surveyed: Town) -> None:
    await li.says("路灯不亮")
    await li.stands_at(IN_GRID1, "某某超市")
    tomorrow = date(2026, 11, 24)
    old = [row for row in await surveyed.books.list_boundaries(date(2026, 11, 23)) if row.area_code == GRID1]
    assert len(old) == 1
    rows = [make_boundary(903, GRID3, WEST, EAST, tomorrow)]
    assert await surveyed.archive.committer.commit(Plan(rows=[*rows])) == Committed()
    surveyed.clock.advance(days=1)
    await surveyed.hall.follow()
    found = surveyed.hall.desk().ground.find(*IN_GRID1)
    assert GRID3 in (found.area, *found.candidates)
    assert (await li.only_case()).area_code == GRID1
