"""The first line, and several messages of one matter (or of two) in any order."""

import asyncio

import pytest

from handlers.update import UpdateKind
from tests.handlers.resident.talk import Talk, Town
from tests.handlers.resident.town import AT_GRID3, FAR_AWAY
from tests.handlers.worker.city import CHAT3, GRID3, OTHER1

LAMP = "阳光水岸1号楼路灯坏了"
DRAIN = "阳光水岸12号楼3单元下水道堵了"


async def test_one_line_tells_everything(talk: Talk, town: Town) -> None:
    await talk.says("阳光水岸12号楼3单元下水道堵了,污水都冒出来了")
    assert talk.hears("已受理，工单 1123-01。", "类别：城建物业（", "地点：文采社区第三网格 阳光水岸12号楼3单元")
    assert talk.hears("已派给网格员王芳（13800000011），11月26日17:00前办结。")
    case = await talk.only_case()
    assert (case.status, case.area_code, case.place) == ("dispatched", GRID3, "阳光水岸12号楼3单元")
    assert [message.kind for message in await town.told("group:31")] == ["dispatch"]


async def test_a_reply_is_short_enough_for_an_old_eye(talk: Talk) -> None:
    await talk.says(LAMP)
    assert talk.heard.count("\n") < 6
    assert not set(talk.heard.replace("17:00", "")) & set(",;:?!()"), "half-width punctuation"


async def test_three_short_lines_are_one_case(talk: Talk) -> None:
    await talk.says("下水道堵了")
    assert talk.hears("请问在哪个小区、几号楼？")
    await talk.says("阳光水岸12号楼3单元", after_seconds=4)
    assert talk.hears("地点已记下：文采社区第三网格 阳光水岸12号楼3单元", "已派给网格员王芳")
    await talk.says("污水都冒到门口了", after_seconds=4)
    assert talk.hears("已补充到工单 1123-01。")
    assert "污水都冒到门口了" in (await talk.only_case()).text


async def test_the_place_may_come_first(talk: Talk) -> None:
    await talk.says("阳光水岸12号楼")
    assert talk.hears("地点已记下（文采社区第三网格 阳光水岸12号楼），网格员王芳", "请说一下是什么问题")
    assert await talk.cases() == []
    await talk.says("下水道堵了", after_seconds=8)
    assert talk.hears("已受理", "阳光水岸12号楼")
    assert (await talk.only_case()).area_code == GRID3


async def test_a_building_alone_waits_for_its_estate(talk: Talk) -> None:
    await talk.says("3单元的")
    assert talk.hears("“3单元”记下了", "哪个小区")
    await talk.says("阳光水岸12号楼下水道堵了")
    assert (await talk.only_case()).place == "阳光水岸12号楼3单元"


async def test_pictures_may_come_first(talk: Talk, town: Town) -> None:
    await talk.shows("m1")
    assert talk.hears("照片已收到。请再用一句话说明")
    await talk.shows("m2")
    await talk.says(LAMP)
    assert talk.hears("您发来的2份照片或录音已附上。")
    assert len(await town.media("1123-01")) == 2


async def test_pictures_may_come_after(talk: Talk, town: Town) -> None:
    await talk.says(LAMP)
    await talk.shows("m1")
    assert talk.hears("已附到工单 1123-01（共1张）。")
    await talk.shows("m2")
    assert talk.hears("（共2张）")
    assert await town.events("1123-01") == ["receive", "dispatch", "attach", "attach"]


async def test_a_picture_long_after_may_be_of_something_new(talk: Talk, town: Town) -> None:
    await talk.says(LAMP)
    town.clock.advance(days=3)
    await talk.shows("m1")
    assert talk.hears("照片已收到", "如果是工单 1123-01 的，请回复“补充”。")
    assert await town.media("1123-01") == []
    await talk.says("补充")
    assert talk.hears("已附到工单 1123-01（1份）。")
    assert len(await town.media("1123-01")) == 1


async def test_a_late_picture_of_something_new_goes_with_its_words(talk: Talk, town: Town) -> None:
    await talk.says(LAMP)
    town.clock.advance(days=3)
    await talk.shows("m1")
    await talk.says("学府花园3号楼有人占道经营")
    assert (len(await town.media("1123-01")), len(await town.media("1126-01"))) == (0, 1)


async def test_a_location_may_come_first(talk: Talk) -> None:
    await talk.stands_at(AT_GRID3, "阳光水岸正门")
    assert talk.hears("地点已记下（文采社区第三网格 阳光水岸正门）", "请说一下是什么问题")
    await talk.says("路灯不亮")
    case = await talk.only_case()
    assert (case.area_code, case.place) == (GRID3, "阳光水岸正门")


async def test_a_location_answers_where_it_is(talk: Talk) -> None:
    await talk.says("路灯不亮")
    await talk.stands_at(AT_GRID3, "阳光水岸")
    assert talk.hears("地点已记下：文采社区第三网格 阳光水岸", "已派给网格员王芳")


async def test_a_location_far_from_every_grid_goes_to_the_duty_group(talk: Talk) -> None:
    await talk.says("路灯不亮")
    await talk.stands_at(FAR_AWAY, "天安门")
    assert talk.hears("已记下“天安门”，值班人员会核实位置并派单。")
    assert (await talk.only_case()).status == "triage"


async def test_a_location_without_a_name_is_still_one(talk: Talk) -> None:
    await talk.says("路灯不亮")
    await talk.stands_at(AT_GRID3)
    assert talk.hears("文采社区第三网格 地图位置")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (DRAIN, "学府花园3号楼有人占道经营卖烧烤"),
        ("学府花园3号楼有人占道经营卖烧烤", DRAIN),
        (DRAIN, "学府花园2号楼下水道也堵了"),
        (DRAIN, "还有人在楼下占道经营"),
        (DRAIN, "另外楼道灯也坏了"),
    ],
)
async def test_two_matters_within_a_minute_are_two_cases(talk: Talk, first: str, second: str) -> None:
    await talk.says(first)
    await talk.says(second, after_seconds=20)
    assert talk.hears("已受理，工单 1123-02。")
    assert [case.text for case in await talk.cases()] == [first, second]


async def test_the_second_matter_of_a_burst_is_taken_to_be_at_the_same_spot(talk: Talk) -> None:
    await talk.says(DRAIN)
    await talk.says("还有人在楼下占道经营", after_seconds=5)
    assert talk.hears("地点：文采社区第三网格 阳光水岸12号楼3单元（同您刚才说的地点；不对请回复“改地点”）")


async def test_a_matter_told_much_later_asks_for_its_own_place(talk: Talk) -> None:
    await talk.says(DRAIN)
    await talk.says("有人占道经营", after_seconds=1200)
    assert talk.hears("请问在哪个小区、几号楼？")


async def test_what_the_first_line_did_not_say_decides_later_who_gets_it(talk: Talk, town: Town) -> None:
    await talk.says("阳光水岸12号楼你们到底管不管啊真是的")
    await talk.says("有人占道经营卖烧烤", after_seconds=5)
    assert talk.hears("已补充到工单 1123-01。", "类别：综合执法。")
    assert (await talk.only_case()).category == "law_enforcement"
    assert "类别" not in str((await talk.conversation()).questions)
    assert [message.kind for message in await town.told("group:31")] == ["dispatch", "dispatch"]


@pytest.mark.parametrize(
    "word",
    ["好的", "嗯嗯", "收到", "谢谢", "知道了啊", "好的好的谢谢您", "ok", "哦", "👍", "[微笑]", "!!!", "。。", "没事了"],
)
async def test_chatter_never_changes_a_case(talk: Talk, town: Town, word: str) -> None:
    await talk.says(LAMP)
    before = await talk.only_case()
    await talk.says(word, after_seconds=3)
    after = await talk.only_case()
    assert (after.text, after.version, await town.events("1123-01")) == (
        before.text,
        before.version,
        ["receive", "dispatch"],
    )
    assert talk.heard


@pytest.mark.parametrize("word", ["六楼", "在3单元", "还在冒水", "302", "是东边那个门"])
async def test_a_few_words_soon_after_belong_to_the_matter(talk: Talk, town: Town, word: str) -> None:
    await talk.says(LAMP)
    await talk.says(word, after_seconds=5)
    case = await talk.only_case()
    assert word in case.text + case.place or word.removeprefix("在") in case.place
    assert word.removeprefix("在") in (await town.told("group:31"))[-1].text


async def test_a_few_words_long_after_change_nothing(talk: Talk) -> None:
    await talk.says(LAMP)
    await talk.says("六楼", after_seconds=3600)
    assert "六楼" not in (await talk.only_case()).text
    assert talk.hears("有事请直接告诉我")


async def test_the_same_words_twice_are_one_case(talk: Talk, town: Town) -> None:
    await talk.says(LAMP)
    await talk.says(LAMP, after_seconds=2)
    assert talk.hears("已经记下了，工单 1123-01 正在办理。")
    await talk.says(LAMP, after_seconds=7200)
    assert talk.hears("这件事已经在办。", "工单 1123-01", "“催办”")
    assert (await talk.only_case()).text == LAMP
    assert len(await town.told("group:31")) == 1


async def test_two_presses_at_once_are_one_case(talk: Talk) -> None:
    first, second = talk.begin(UpdateKind.TEXT, text=LAMP), talk.begin(UpdateKind.TEXT, text=LAMP)
    replies = [(await running.task).text for running in (first, second)]
    assert "已受理" in replies[0]
    assert "已经记下了" in replies[1]
    await talk.only_case()


async def test_a_repeated_push_is_answered_alike_and_kept_once(talk: Talk) -> None:
    runs = [talk.begin(UpdateKind.TEXT, text=LAMP, key="oa:gh:same") for _ in range(3)]
    replies = {(await running.task).text for running in runs}
    again = await talk.begin(UpdateKind.TEXT, text=LAMP, key="oa:gh:same").task
    assert {again.text} == replies
    assert len(await talk.inbound()) == 1
    await talk.only_case()


async def test_two_residents_never_touch_each_other(town: Town) -> None:
    one, other = town.resident("oOne"), town.resident("oOther")
    await asyncio.gather(one.says(LAMP), other.says(DRAIN))
    before = await one.only_case()
    for words in (
        "3单元的",
        "补充 水更大了",
        "撤销",
        "是",
        "催办",
        "1",
        "改类别 综合执法",
        "没修好",
        f"补充 {before.number} 啊啊",
    ):
        await other.says(words)
    after = await one.only_case()
    assert (after.version, after.status, after.text) == (before.version, "dispatched", LAMP)


async def test_the_specialists_of_two_estates_are_two_people(town: Town, talk: Talk) -> None:
    await talk.says("学府花园2号楼下水道堵了")
    assert (await talk.only_case()).area_code == OTHER1
    assert await town.works("待办", chat=CHAT3)
    assert [target for target, _ in await town.told_everybody()] == ["group:37"]


async def test_words_between_two_places_are_the_matter(talk: Talk) -> None:
    await talk.says("阳光水岸13号楼9单元，商贩占着人行道摆摊，孩子上学只能走马路")
    assert talk.hears("已受理", "综合执法")
