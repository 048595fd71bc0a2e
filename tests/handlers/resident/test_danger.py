"""Danger comes first, whatever is open; comfort for who cannot go on."""

import pytest

from tests.handlers.resident.talk import Talk, Town
from tests.handlers.worker.city import GRID3

LAMP = "阳光水岸1号楼路灯坏了"


@pytest.mark.parametrize(
    ("words", "call"),
    [
        ("楼上有人打架流血了", "110（伤者120）"),
        ("我家着火了", "119"),
        ("有人被困电梯", "119"),
        ("阳光水岸3号楼煤气泄漏了", "119"),
        ("老人晕倒了快来人", "120"),
        ("孩子走丢了", "110"),
        ("有人落水了", "119"),
        ("门口出车祸撞人了", "122"),
        ("有人拿刀砍人", "110"),
    ],
)
async def test_the_number_to_call_is_the_first_word(talk: Talk, town: Town, words: str, call: str) -> None:
    await talk.says(words)
    assert talk.heard.startswith(f"请立即拨打{call}")
    assert talk.hears("已同时通知网格员和值班人员（工单 1123-01）")
    assert talk.hears_none_of("类别", "电话吗")
    assert [message.urgent for message in await town.told("group:34")] == [True]


@pytest.mark.parametrize(
    "open_with", ["噪音太大了", "幸福小区2号楼下水道堵了", LAMP, "阳光水岸5号楼楼道堆物", "3单元的"]
)
async def test_danger_is_never_taken_for_an_answer(talk: Talk, open_with: str) -> None:
    await talk.says(open_with)
    await talk.says("着火了!!!")
    assert talk.heard.startswith("请立即拨打119")
    case = (await talk.cases())[-1]
    assert (case.emergency, case.urgency) == ("fire", "emergency")


@pytest.mark.parametrize("word", ["改类别", "撤销", "补充"])
async def test_danger_comes_before_what_a_set_word_asked(talk: Talk, word: str) -> None:
    await talk.says(LAMP)
    await talk.says(word)
    await talk.says("有人被困电梯")
    assert talk.heard.startswith("请立即拨打119")


async def test_danger_after_a_rating_was_asked_for(talk: Talk, town: Town) -> None:
    await talk.says(LAMP)
    await town.resolves("1123-01")
    for words in ("3 着火了", "我家着火了"):
        await talk.says(words)
        assert "请立即拨打119" in talk.heard
    assert (await talk.cases())[0].rating == ""


async def test_a_second_danger_is_told_its_own_number(talk: Talk, town: Town) -> None:
    await talk.says("楼上有人打架流血了")
    await talk.says("我家着火了")
    assert talk.heard.startswith("请立即拨打119")
    assert [case.emergency for case in await talk.cases()] == ["violence", "fire"]
    assert len(await town.told("group:34")) == 2


async def test_the_same_danger_again_is_one_case_and_says_the_number_again(talk: Talk) -> None:
    await talk.says("阳光水岸3号楼着火了")
    await talk.says("着火了，火很大")
    assert talk.heard.startswith("请立即拨打119")
    assert talk.hears("1123-01")
    await talk.only_case()


async def test_words_that_follow_are_answered_with_the_number_in_mind(talk: Talk) -> None:
    await talk.lives_in(GRID3)
    await talk.says("楼上有人打架流血了")
    await talk.says("还在打")
    assert talk.hears("110、119或120", "已补充到工单 1123-01。")
    await talk.says("快来人啊")
    assert talk.hears("110、119或120", "已经通知到了")
    await talk.only_case()


async def test_another_matter_soon_after_a_danger_is_another_case(talk: Talk) -> None:
    await talk.says("阳光水岸3号楼着火了")
    await talk.says("阳光水岸5号楼下水道堵了", after_seconds=5)
    assert [case.emergency for case in await talk.cases()] == ["fire", ""]


async def test_the_danger_is_placed_by_the_next_line(talk: Talk, town: Town) -> None:
    await talk.says("楼上有人打架流血了")
    await talk.says("阳光水岸3号楼2单元")
    assert talk.hears("已派给网格员王芳")
    assert (await town.told("group:31"))[-1].urgent


async def test_a_matter_without_a_place_never_lends_its_spot_to_a_danger(talk: Talk) -> None:
    await talk.says(LAMP)
    await talk.says("有人落水了", after_seconds=5)
    assert talk.hears("请问在哪个小区")
    assert (await talk.cases())[-1].area_code is None


async def test_what_is_over_is_no_danger(talk: Talk) -> None:
    await talk.says("昨天着火已经灭了,物业没处理")
    assert talk.hears_none_of("立即拨打")


async def test_gas_has_its_own_phone(sqlite_database: str) -> None:
    from grid.desk import House
    from storage.archive import open_archive
    from tests.clock import FakeClock

    async with open_archive(sqlite_database) as archive:
        town = Town(archive, FakeClock(), House(gas_phone="0454-0000001"))
        await town.build()
        talk = town.resident()
        await talk.says("阳光水岸3号楼燃气泄漏")
        assert talk.hears("燃气公司0454-0000001", "不要开关电器")


@pytest.mark.parametrize("words", ["我不想活了", "我想自杀", "我现在站在楼顶要跳楼"])
async def test_who_cannot_go_on_is_met_gently(talk: Talk, words: str) -> None:
    await talk.says(words)
    assert talk.heard.startswith("您现在一定很难受")
    assert talk.hears("12356", "120", "110", "您愿意告诉我您在哪里吗？")
    assert talk.hears_none_of("已受理", "类别", "撤销", "社会治安")
    await talk.says("心里特别难受，谁都帮不了我")
    assert talk.hears("12356")
    assert talk.hears_none_of("已补充到工单 1123-02")
    await talk.says("阳光水岸3号楼")
    assert (await talk.cases())[0].area_code == GRID3
