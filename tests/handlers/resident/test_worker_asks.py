"""A worker asks the resident; what is an answer, and what is not."""

import pytest

from tests.handlers.resident.talk import Talk, Town

LAMP = "阳光水岸1号楼路灯坏了"


@pytest.fixture
async def asked(talk: Talk, town: Town) -> Talk:
    """A resident whom the worker has just asked something."""
    await talk.says(LAMP)
    await town.works("接单")
    assert "已转问居民" in await town.works("问 几单元的，明天在家吗？")
    return talk


@pytest.mark.parametrize(
    "words",
    ["3单元", "在家", "好的", "可以，谢谢", "不在", "1", "还没好", "我也说不清", "下午五点以后", "3单元的路灯也不亮"],
)
async def test_an_answer_goes_to_the_group(asked: Talk, town: Town, words: str) -> None:
    await asked.says(words)
    assert asked.hears("已转告网格员（工单 1123-01）。")
    assert (await town.told("group:31"))[-1].text == f"【工单 1123-01】居民回答：{words}"
    await asked.only_case()


async def test_only_one_answer_is_taken(asked: Talk, town: Town) -> None:
    await asked.says("3单元")
    await asked.says("谢谢")
    assert asked.hears("不客气")
    assert "谢谢" not in (await town.told("group:31"))[-1].text


@pytest.mark.parametrize("words", ["你好", "谢谢", "[微笑]", "进度", "帮助"])
async def test_courtesy_and_set_words_are_no_answer(asked: Talk, town: Town, words: str) -> None:
    before = len(await town.told("group:31"))
    await asked.says(words)
    assert len(await town.told("group:31")) == before
    await asked.says("3单元")
    assert asked.hears("已转告网格员")


async def test_a_matter_of_its_own_is_no_answer(asked: Talk, town: Town) -> None:
    await asked.says("学府花园2号楼有人占道经营")
    assert asked.hears("已受理，工单 1123-02。")
    assert all("占道" not in message.text for message in await town.told("group:31"))
    await asked.says("3单元")
    assert asked.hears("已转告网格员（工单 1123-01）。")


async def test_danger_is_no_answer(asked: Talk) -> None:
    await asked.says("楼上有人打架流血了")
    assert asked.heard.startswith("请立即拨打110")


async def test_a_picture_answers_too(asked: Talk, town: Town) -> None:
    await asked.says("学府花园2号楼有人占道经营")
    await asked.shows("m1")
    assert asked.hears("已附到工单 1123-01")


async def test_a_phone_in_the_answer_is_kept(asked: Talk, town: Town) -> None:
    await asked.says("13900000001")
    assert ((await asked.only_case()).phone, (await asked.row()).phone) == ("13900000001", "13900000001")
    assert "139****0001" in (await town.told("group:31"))[-1].text


async def test_the_question_expires(asked: Talk, town: Town) -> None:
    before = len(await town.told("group:31"))
    await asked.says("好的", after_seconds=25 * 3600)
    assert len(await town.told("group:31")) == before


async def test_an_answer_after_the_end_is_no_fault(asked: Talk, town: Town) -> None:
    await town.works("办结 已更换")
    await asked.says("3单元")
    assert asked.heard
    assert await asked.outcome() != "failed"
