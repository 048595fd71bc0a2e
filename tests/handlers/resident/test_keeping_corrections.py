"""Whoever corrects a category is remembered with the words that it was about, in the same breath as the move; nothing else is."""

import pytest

from storage.learning_queries import LearningBooks
from storage.learning_tables import Correction
from tests.handlers.resident.talk import Town
from tests.handlers.worker.city import CHAT3, CHAT_STREET, WANG, ZHAO

DRAIN = "阳光水岸12号楼3单元下水道堵了，污水都冒出来了"


async def kept(town: Town) -> list[Correction]:
    return await LearningBooks(town.archive).list_corrections()


async def test_a_resident_who_says_the_category(town: Town) -> None:
    li = town.resident()
    await li.says(DRAIN)
    assert "已更正为综合执法" in await li.says("改类别 综合执法")
    (row,) = await kept(town)
    resident = await li.row()
    case = await li.only_case()
    assert (row.case_id, row.actor, row.was, row.now) == (
        case.id,
        f"resident:{resident.id}",
        "urban_property",
        "law_enforcement",
    )
    assert row.at == town.clock()
    assert {"下水道", "污水"} <= set(row.features)


async def test_never_the_text_nor_the_address(town: Town) -> None:
    li = town.resident()
    await li.says("阳光水岸小区12号楼3单元下水道堵了，我叫李小明，电话13912345678")
    await li.says("改类别 综合执法")
    (row,) = await kept(town)
    assert row.features
    assert all(word in "下水道堵了" or "…" in word for word in row.features), row.features


async def test_a_resident_who_answers_by_number(town: Town) -> None:
    li = town.resident()
    await li.says(DRAIN)
    await li.says("改类别")
    assert "已更正为矛盾调处" in await li.says("2")
    assert [(row.was, row.now) for row in await kept(town)] == [("urban_property", "dispute")]


async def test_a_worker_who_hands_it_to_another_category(town: Town) -> None:
    li = town.resident()
    await li.says(DRAIN)
    number = (await li.only_case()).number
    assert "已转派" in await town.works(f"转派 {number} 综合执法 属违规排污")
    (row,) = await kept(town)
    assert (row.actor, row.was, row.now) == ("worker:11", "urban_property", "law_enforcement")
    assert (await town.case(number)).category == "law_enforcement"


async def test_a_coordinator_who_changes_it(town: Town) -> None:
    li = town.resident()
    await li.says(DRAIN)
    number = (await li.only_case()).number
    assert "类别已改为综合执法" in await town.works(f"改类别 {number} 综合执法", ZHAO, CHAT_STREET)
    (row,) = await kept(town)
    assert row.actor == "worker:13"


@pytest.mark.parametrize(
    ("said", "userid", "chat"),
    [
        ("转派 {} 城建物业", WANG, CHAT3),
        ("改类别 {} 综合执法", WANG, CHAT3),
        ("转派 {} 不知所云", WANG, CHAT3),
        ("转派 {} 文采社区第一网格 不在本格", WANG, CHAT3),
    ],
)
async def test_what_is_refused_or_moves_no_category_is_no_correction(
    town: Town, said: str, userid: str, chat: str
) -> None:
    li = town.resident()
    await li.says(DRAIN)
    case = await li.only_case()
    await town.works(said.format(case.number), userid, chat)
    assert await kept(town) == []
    assert (await town.case(case.number)).category == "urban_property"


async def test_the_same_category_once_more_is_no_correction(town: Town) -> None:
    li = town.resident()
    await li.says(DRAIN)
    assert "已经是城建物业" in await li.says("改类别 城建物业")
    assert await kept(town) == []


async def test_after_it_was_accepted_neither(town: Town) -> None:
    li = town.resident()
    await li.says(DRAIN)
    number = (await li.only_case()).number
    await town.works(f"接单 {number}")
    await li.says("改类别 综合执法")
    assert (await town.case(number)).category == "urban_property"
    assert await kept(town) == []


async def test_where_a_rule_decided_no_word_is_to_blame(town: Town) -> None:
    li = town.resident()
    await li.says("阳光水岸5号楼着火了")
    case = await li.only_case()
    assert case.emergency
    await town.works(f"转派 {case.number} 综合执法 不是火灾")
    (row,) = await kept(town)
    assert (row.now, row.features) == ("law_enforcement", [])
