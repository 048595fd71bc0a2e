"""Somebody names a place that nobody knows, or two places: he is told so, and asked for something else than what he has said."""

import pytest

from tests.handlers.resident.talk import Talk, Town
from tests.handlers.resident.town import AT_GRID3
from tests.handlers.worker.city import GRID1, GRID3, OTHER1, OTHER3

SAME_QUESTION = "请问在哪个小区、几号楼？"
INSTEAD = "发送位置，或告诉我附近的路名、商店。"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("东方明珠花园8号楼漏水", "东方明珠花园8号楼"),
        ("香榭丽舍小区路灯不亮", "香榭丽舍小区"),
        ("和平路120号门口路灯不亮", "和平路120号"),
    ],
)
async def test_an_unknown_name_is_told_and_a_location_or_a_road_asked_for(talk: Talk, text: str, named: str) -> None:
    await talk.says(text)
    assert talk.hears("已受理", f"没有找到“{named}”。", INSTEAD)
    assert talk.hears_none_of(SAME_QUESTION)
    assert (await talk.only_case()).area_code is None


async def test_then_a_road_completes_it(talk: Talk) -> None:
    await talk.says("东方明珠花园8号楼漏水")
    await talk.says("长安路58号旁边")
    assert talk.hears("地点已记下", "学苑社区第三网格")
    assert (await talk.only_case()).area_code == OTHER3


async def test_then_a_location_completes_it(talk: Talk) -> None:
    await talk.says("东方明珠花园8号楼漏水")
    await talk.stands_at(AT_GRID3)
    case = await talk.only_case()
    assert (case.area_code, case.status) == (GRID3, "dispatched")


async def test_then_an_answer_that_is_none_meets_the_same_other_question(talk: Talk) -> None:
    await talk.says("东方明珠花园8号楼漏水")
    await talk.says("好的")
    assert talk.hears_none_of(SAME_QUESTION)
    assert talk.hears("没有找到“东方明珠花园8号楼”。")


async def test_an_unknown_name_as_the_answer_goes_to_a_person_and_is_told(talk: Talk) -> None:
    await talk.says("噪音太大了")
    assert talk.hears(SAME_QUESTION)
    await talk.says("东方明珠花园8号楼")
    assert talk.hears("没有找到“东方明珠花园8号楼”。", "值班人员会核实位置并派单", "附近的路名、商店，会更快")
    case = await talk.only_case()
    assert (case.status, case.place) == ("triage", "东方明珠花园8号楼")
    await talk.says("在长安路58号")
    assert (await talk.only_case()).area_code == OTHER3


async def test_who_has_a_home_may_say_that_it_is_there(talk: Talk) -> None:
    await talk.lives_in(GRID3)
    await talk.says("东方明珠花园8号楼漏水")
    assert talk.hears("没有找到“东方明珠花园8号楼”。是在文采社区第三网格请回复 1；不是，", INSTEAD)
    assert (await talk.only_case()).area_code is None
    await talk.says("1")
    assert (await talk.only_case()).area_code == GRID3


async def test_a_slip_is_offered_and_never_taken(talk: Talk) -> None:
    await talk.says("阳光水案8号楼漏水")
    assert talk.hears("没有找到“阳光水案8号楼”。是在文采社区第三网格请回复 1")
    assert (await talk.only_case()).area_code is None
    await talk.says("是")
    assert (await talk.only_case()).area_code == GRID3


async def test_danger_first_then_the_question(talk: Talk) -> None:
    await talk.says("东方明珠花园8号楼着火了")
    assert talk.heard.splitlines()[0].find("119") >= 0
    assert talk.hears("没有找到“东方明珠花园8号楼”。", INSTEAD)


async def test_two_places_are_a_question_and_no_guess(talk: Talk, town: Town) -> None:
    await talk.says("我在学府花园上班，阳光水岸路灯不亮")
    assert talk.hears("请问是哪里？回复数字：1 学苑社区第一网格 2 文采社区第三网格")
    assert (await talk.only_case()).area_code is None
    await talk.says("2")
    assert (await talk.only_case()).area_code == GRID3


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("不是阳光水岸，是学府花园3号楼路灯不亮", OTHER1),
        ("阳光水岸对面的长安小区路灯不亮", GRID1),
        ("向阳村隔壁的学府花园路灯不亮", OTHER1),
        ("长安路58号松江新城3号楼路灯不亮", OTHER3),
    ],
)
async def test_a_place_that_is_set_aside_is_no_question(talk: Talk, text: str, area: str) -> None:
    await talk.says(text)
    assert talk.hears_none_of("请问是哪里")
    assert (await talk.only_case()).area_code == area


async def test_more_words_meanwhile_do_not_hide_the_choice(talk: Talk) -> None:
    await talk.says("幸福小区2号楼下水道堵了")
    await talk.says("都冒出来了，满地都是")
    assert talk.hears("请问是哪里？回复数字：1 文采社区第一网格 2 学苑社区第一网格")
    assert talk.hears_none_of("没有找到", SAME_QUESTION)


async def test_a_building_alone_still_lacks_its_estate(talk: Talk) -> None:
    await talk.says("3号楼2单元下水道堵了")
    assert talk.hears(SAME_QUESTION)
    assert talk.hears_none_of("没有找到")
