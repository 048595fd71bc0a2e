"""补充, 改类别, 撤销, and news that it is all right again."""

import pytest

from tests.handlers.resident.talk import Talk, Town

LAMP = "阳光水岸1号楼路灯坏了"


@pytest.mark.parametrize(
    "words", ["补充 水已经漫到门口", "补充：水已经漫到门口", "补充一下，水已经漫到门口", "补充 1123-01 水已经漫到门口"]
)
async def test_words_are_added_however_late(talk: Talk, town: Town, words: str) -> None:
    await talk.says(LAMP)
    await talk.says(words, after_seconds=86400)
    assert talk.hears("已补充到工单 1123-01。")
    assert (await talk.only_case()).text == f"{LAMP}\n水已经漫到门口"
    assert (await town.told("group:31"))[-1].text.endswith("居民补充：水已经漫到门口")


@pytest.mark.parametrize("words", ["补充", "补充。", "补充照片", "补充 几张照片"])
async def test_the_word_alone_asks_for_the_rest(talk: Talk, words: str) -> None:
    await talk.says(LAMP)
    await talk.says(words, after_seconds=86400)
    assert talk.hears("请直接发送要补充到工单 1123-01 的文字或照片。")
    await talk.says("还有人占道经营，在门口")
    assert talk.hears("已补充到工单 1123-01。")
    await talk.only_case()


async def test_a_picture_that_was_announced_belongs_to_the_old_case(talk: Talk, town: Town) -> None:
    await talk.says(LAMP)
    await talk.says("补充照片", after_seconds=86400 * 3)
    await talk.shows("m1")
    assert talk.hears("已附到工单 1123-01（共1张）。")


async def test_nothing_can_be_added_to_what_is_done(talk: Talk, town: Town) -> None:
    await talk.says(LAMP)
    await town.resolves("1123-01")
    await talk.says("补充 1123-01 还是不亮啊")
    assert talk.hears("已办结", "“没修好”")


async def test_adding_without_a_case(talk: Talk) -> None:
    await talk.says("补充")
    assert talk.hears("没有正在办理的工单")


@pytest.mark.parametrize(
    ("words", "category"),
    [
        ("改类别 综合执法", "综合执法"),
        ("改类别综合执法", "综合执法"),
        ("改类别 6", "综合执法"),
        ("类别不对，应该是城管", "综合执法"),
        ("改类别 治安", "社会治安"),
        ("改分类：民生服务", "民生服务"),
    ],
)
async def test_the_category_is_corrected_in_one_line(talk: Talk, words: str, category: str) -> None:
    await talk.says(LAMP)
    await talk.says(words)
    assert talk.hears(f"已更正为{category}，并重新派单。")


@pytest.mark.parametrize("words", ["6", "６", "综合执法", "六", "城管"])
async def test_the_category_is_asked_for(talk: Talk, words: str) -> None:
    await talk.says(LAMP)
    await talk.says("改类别")
    assert talk.hears("工单 1123-01 现在是城建物业。应为哪一类？", "6 综合执法")
    await talk.says("7")
    assert talk.hears("没有这个选项", "6 综合执法")
    await talk.says(words)
    assert talk.hears("已更正为综合执法")
    assert (await talk.only_case()).category == "law_enforcement"


async def test_the_same_category_is_no_change(talk: Talk, town: Town) -> None:
    await talk.says(LAMP)
    await talk.says("改类别 城建物业")
    assert talk.hears("已经是城建物业")
    assert len(await town.told("group:31")) == 1


async def test_after_acceptance_the_category_stays(talk: Talk, town: Town) -> None:
    await talk.says(LAMP)
    await town.works("接单")
    await talk.says("改类别 综合执法")
    assert talk.hears("工单 1123-01 已接单，现在不能改类别。", "“补充 内容”")
    assert talk.hears_none_of("回答", "退回")


async def test_an_open_question_for_the_category_meets_an_accepted_case(talk: Talk, town: Town) -> None:
    await talk.says(LAMP)
    await talk.says("改类别")
    await town.works("接单")
    await talk.says("6")
    assert talk.hears("现在不能改类别")
    assert (await talk.only_case()).category == "urban_property"


async def test_taking_back_is_asked_once(talk: Talk, town: Town) -> None:
    await talk.says(LAMP)
    await talk.says("撤销")
    assert talk.hears("确定撤销工单 1123-01 吗？")
    await talk.says("否")
    assert talk.hears("工单 1123-01 继续办理。")
    await talk.says("撤销")
    await talk.says("是的")
    assert talk.hears("工单 1123-01 已撤销。")
    assert "无需再处理" in (await town.told("group:31"))[-1].text


@pytest.mark.parametrize("words", ["撤销吧", "取消", "我要撤销工单", "不用来了", "先不用处理了", "我不投诉了"])
async def test_taking_back_in_many_styles(talk: Talk, words: str) -> None:
    await talk.says(LAMP)
    await talk.says(words)
    assert talk.hears("确定撤销工单 1123-01 吗？")
    assert (await talk.only_case()).status == "dispatched"


async def test_a_late_yes_takes_nothing_back(talk: Talk) -> None:
    await talk.says(LAMP)
    await talk.says("撤销")
    await talk.says("好的", after_seconds=3600)
    assert (await talk.only_case()).status == "dispatched"


async def test_taking_back_after_acceptance_is_possible_and_after_the_end_is_not(talk: Talk, town: Town) -> None:
    await talk.says(LAMP)
    await town.works("接单")
    await talk.says("撤销")
    assert talk.hears("确定撤销")
    await town.works("办结 已更换")
    await talk.says("是")
    assert talk.hears("已办结，请您评价")
    await talk.says("撤销 1123-01")
    assert talk.hears("现在不能撤销", "“没修好”")
    assert (await talk.only_case()).status == "resolved"


async def test_taking_back_twice(talk: Talk) -> None:
    await talk.says(LAMP)
    await talk.says("撤销")
    await talk.says("是")
    await talk.says("撤销")
    assert talk.hears("没有正在办理的工单")


@pytest.mark.parametrize("words", ["已经好了", "修好了，谢谢", "自己好了"])
async def test_it_is_all_right_again(talk: Talk, words: str) -> None:
    await talk.says(LAMP)
    await talk.says(words)
    assert talk.hears("太好了！工单 1123-01 还要继续办吗？")
    await talk.says("是")
    assert (await talk.only_case()).status == "withdrawn"
