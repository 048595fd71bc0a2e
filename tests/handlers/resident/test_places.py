"""Where it is: answers in many styles, answers that are none, two estates of one name, corrections."""

import pytest

from tests.handlers.resident.talk import Talk, Town
from tests.handlers.resident.town import AT_GRID3
from tests.handlers.worker.city import GRID1, GRID3, OTHER1, OTHER3

NOISE = "噪音太大了"
ASKED = "请问在哪个小区、几号楼？"


@pytest.mark.parametrize(
    ("words", "area", "place"),
    [
        ("阳光水岸5号楼", GRID3, "阳光水岸5号楼"),
        ("在阳光水岸", GRID3, "阳光水岸"),
        ("我家在阳光水岸小区五号楼2单元", GRID3, "五号楼2单元"),
        ("阳光水岸 5栋", GRID3, "阳光水岸"),
        ("阳光水岸5-2-301", GRID3, "5-2-301"),
        ("长安路58号", OTHER3, "长安路58号"),
        ("学府花园，谢谢", OTHER1, "学府花园"),
        ("向阳村三组", GRID3, "向阳村三组"),
        ("就是学府花园3号楼那里天天晚上吵", OTHER1, "学府花园3号楼"),
    ],
)
async def test_a_place_in_many_styles(talk: Talk, words: str, area: str, place: str) -> None:
    await talk.says(NOISE)
    assert talk.hears(ASKED)
    await talk.says(words)
    case = await talk.only_case()
    assert (case.area_code, case.status) == (area, "dispatched")
    assert place in case.place


@pytest.mark.parametrize("words", ["三江口那边", "百货大楼后面", "建国街和平路路口", "老粮库旁边"])
async def test_a_place_that_the_book_does_not_know_goes_to_the_duty_group(talk: Talk, words: str) -> None:
    await talk.says(NOISE)
    await talk.says(words)
    assert talk.hears("值班人员会核实位置并派单")
    case = await talk.only_case()
    assert (case.status, case.area_code) == ("triage", None)
    assert case.place


@pytest.mark.parametrize(
    ("words", "heard"),
    [
        ("不知道", "没关系"),
        ("我也说不清", "没关系"),
        ("为什么问这个", "知道地点，才能派人过去"),
        ("好的", ASKED),
        ("嗯", ASKED),
        ("谢谢", "不客气"),
        ("你好", "我在"),
        ("1", "哪里、什么问题"),
        ("就在我家楼下", ASKED),
        ("[捂脸]", "收到"),
        ("你是谁", "网格助手"),
    ],
)
async def test_what_is_no_place_is_not_taken_for_one(talk: Talk, words: str, heard: str) -> None:
    await talk.says(NOISE)
    await talk.says(words)
    assert talk.hears(heard) if heard != "哪里、什么问题" else talk.heard
    assert (await talk.only_case()).place == ""
    await talk.says("阳光水岸5号楼")
    assert talk.hears("已派给网格员王芳")


async def test_a_building_without_its_estate_is_asked_for_the_estate(talk: Talk) -> None:
    await talk.says(NOISE)
    await talk.says("3单元")
    assert talk.hears("“3单元”记下了，还差小区名。", ASKED)
    await talk.says("阳光水岸12号楼")
    assert (await talk.only_case()).place == "阳光水岸12号楼3单元"


async def test_two_estates_of_one_name_are_chosen_by_number(talk: Talk) -> None:
    await talk.says("幸福小区2号楼下水道堵了")
    assert talk.hears("请问是哪里？回复数字：1 文采社区第一网格 2 学苑社区第一网格")
    await talk.says("9")
    assert talk.hears("没有这个选项。请问是哪里？", "1 文采社区第一网格")
    await talk.says("0")
    assert talk.hears("没有这个选项")
    await talk.says("2")
    assert talk.hears("地点已记下：学苑社区第一网格 幸福小区2号楼", "已派给网格员何静")
    assert (await talk.only_case()).area_code == OTHER1


@pytest.mark.parametrize("words", ["2", "２", "二", "第二个", "选2", "2。", "学苑"])
async def test_a_choice_in_many_styles(talk: Talk, words: str) -> None:
    await talk.says(NOISE)
    await talk.says("幸福小区2号楼")
    await talk.says(words)
    case = await talk.only_case()
    assert (case.area_code, case.place) == (OTHER1, "幸福小区2号楼")


async def test_none_of_the_choices(talk: Talk) -> None:
    await talk.says("幸福小区2号楼下水道堵了")
    await talk.says("都不是")
    assert talk.hears(ASKED)
    await talk.says("阳光水岸2号楼")
    assert (await talk.only_case()).area_code == GRID3


async def test_a_better_address_instead_of_a_number(talk: Talk) -> None:
    await talk.says("幸福小区2号楼下水道堵了")
    await talk.says("长安小区2号楼")
    assert (await talk.only_case()).area_code == GRID1


async def test_a_bound_resident_is_not_asked_and_may_object(talk: Talk, town: Town) -> None:
    await talk.lives_in(GRID3)
    await talk.says("路灯不亮")
    assert talk.hears("地点：文采社区第三网格（按您绑定的网格；不对请回复“改地点”）")
    await talk.says("学府花园2号楼")
    assert talk.hears("地点已记下：学苑社区第一网格 学府花园2号楼", "已派给网格员何静")
    assert (await talk.only_case()).area_code == OTHER1
    assert "本群无需再处理" in (await town.told("group:31"))[-1].text


async def test_a_location_corrects_a_guess(talk: Talk) -> None:
    await talk.lives_in(OTHER1)
    await talk.says("路灯不亮")
    await talk.stands_at(AT_GRID3, "阳光水岸")
    assert (await talk.only_case()).area_code == GRID3


async def test_a_bound_resident_adds_his_building_without_a_second_dispatch(talk: Talk, town: Town) -> None:
    await talk.lives_in(GRID3)
    await talk.says("路灯不亮")
    await talk.says("3号楼")
    assert talk.hears("地点已记下：文采社区第三网格 3号楼。")
    assert [message.kind for message in await town.told("group:31")] == ["dispatch", "supplement"]


async def test_the_place_is_corrected_by_a_set_word(talk: Talk) -> None:
    await talk.says("阳光水岸2号楼路灯坏了")
    await talk.says("改地点 学府花园2号楼")
    assert talk.hears("学苑社区第一网格 学府花园2号楼", "已派给网格员何静")
    await talk.says("地点错了")
    assert talk.hears("请再说一遍", ASKED)
    await talk.says("长安小区7号楼")
    assert (await talk.only_case()).area_code == GRID1


async def test_after_acceptance_a_new_place_is_told_to_who_has_the_case(talk: Talk, town: Town) -> None:
    await talk.says("阳光水岸2号楼路灯坏了")
    await town.works("接单")
    await talk.says("改地点 阳光水岸3号楼")
    assert talk.hears("地点已记下")
    case = await talk.only_case()
    assert (case.status, case.group_id, case.place) == ("accepted", 31, "阳光水岸3号楼")


async def test_another_estate_is_another_matter(talk: Talk) -> None:
    await talk.lives_in(GRID3)
    await talk.says("我家楼下噪音大")
    await talk.says("幸福小区2号楼有人打麻将吵", after_seconds=30)
    assert len(await talk.cases()) == 2


async def test_the_question_expires(talk: Talk, town: Town) -> None:
    await talk.says(NOISE)
    town.clock.advance(hours=25)
    await talk.says("三江口那边")
    assert (await talk.only_case()).place == ""


async def test_a_place_of_many_repeated_words_stays_short(talk: Talk) -> None:
    await talk.says("阳光水岸1号楼路灯坏了" * 30)
    assert len((await talk.only_case()).place) < 30
