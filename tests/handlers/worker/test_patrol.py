"""上报, 热线, 试派, 待研判, 指派."""

import pytest
from sqlmodel import col, select

from storage.columns import Source
from storage.tables import Case, Media
from tests.handlers.worker.city import (
    CHAT3,
    CHAT_COMMUNITY,
    CHAT_DUTY,
    CHAT_STREET,
    GRID1,
    GRID3,
    LI,
    WANG,
    WU,
    ZHAO,
)
from tests.handlers.worker.talk import PHOTO, Town

LIST = "上报 1.5号楼水表井低 2.3号楼门前建筑垃圾 3.3号楼垃圾道堵塞"


async def all_cases(town: Town) -> list[Case]:
    async with town.archive.reads() as session:
        return list((await session.execute(select(Case).order_by(col(Case.serial)))).scalars())


async def test_one_message_three_cases(town: Town) -> None:
    said = await town.says(WANG, LIST, CHAT3)
    cases = await all_cases(town)
    assert [case.text for case in cases] == ["5号楼水表井低", "3号楼门前建筑垃圾", "3号楼垃圾道堵塞"]
    assert all(case.number in said for case in cases)
    assert {(case.source, case.reporter_id, case.area_code) for case in cases} == {(Source.PATROL, 11, GRID3)}
    assert [case.place for case in cases] == ["5号楼", "3号楼", "3号楼"]
    assert len(await town.told("group:31")) == 3


@pytest.mark.parametrize(
    "said",
    [
        "上报 1.5号楼水表井低 2.3号楼门前建筑垃圾",
        "上报 1、5号楼水表井低 2、3号楼门前建筑垃圾",
        "上报：①5号楼水表井低②3号楼门前建筑垃圾",
        "上报 （1）5号楼水表井低（2）3号楼门前建筑垃圾",
        "上报\n1. 5号楼水表井低\n2. 3号楼门前建筑垃圾",
        "上报 5号楼水表井低\n3号楼门前建筑垃圾",
    ],
)
async def test_lists_in_many_styles(town: Town, said: str) -> None:
    await town.says(WANG, said, CHAT3, media=[PHOTO])
    cases = await all_cases(town)
    assert [case.text for case in cases] == ["5号楼水表井低", "3号楼门前建筑垃圾"]
    # The picture that came with them belongs to the first; nobody knows better.
    assert [len(await town.media(case)) for case in cases] == [1, 0]


async def test_a_named_place_wins_over_the_groups_grid(town: Town) -> None:
    await town.says(WANG, "上报 长安小区3号楼下水道堵了", CHAT3)
    assert [case.area_code for case in await all_cases(town)] == [GRID1]


async def test_a_place_that_nobody_knows_waits_for_the_duty_group(town: Town) -> None:
    said = await town.says(ZHAO, "上报 下水道堵了", CHAT_COMMUNITY)
    assert "待研判" in said
    (case,) = await all_cases(town)
    assert (case.area_code, case.status) == (None, "triage")


async def test_a_picture_from_a_pc_belongs_to_the_report(town: Town) -> None:
    said = await town.says(LI, "上报 5号楼水表井低", CHAT3, media=[PHOTO])
    (case,) = await all_cases(town)
    assert f"照片已附到 {case.number}" in said
    assert len(await town.media(case)) == 1


async def test_a_report_of_nothing_asks_for_more(town: Town) -> None:
    assert "请写明地点和情况" in await town.says(WANG, "上报", CHAT3)
    assert not await all_cases(town)


async def test_an_emergency_is_told_to_the_duty_group_too(town: Town) -> None:
    said = await town.says(WANG, "上报 阳光水岸3号楼着火了", CHAT3)
    assert "119" in said
    assert (await town.told("group:34"))[-1].urgent


async def test_a_dry_run_explains_and_writes_nothing(town: Town) -> None:
    said = await town.says(ZHAO, "试派 长安小区3号楼下水道堵了", CHAT_STREET)
    assert "文采社区第一网格：“文采社区第一网格工作群”尚未绑定" in said
    assert "文采社区网格工作群" in said
    assert "城建物业" in said
    assert not await all_cases(town)


async def test_why_a_case_came_here(town: Town) -> None:
    case = await town.opens()
    assert "派至“文采社区第三网格工作群”" in await town.says(WANG, f"为何 {case.number}", CHAT3)


async def test_what_waits_is_listed_and_assigned(town: Town) -> None:
    assert "没有待研判" in await town.says(WU, "待研判", CHAT_DUTY)
    case = await town.opens(area=None, place="")
    said = await town.says(WU, "待研判", CHAT_DUTY)
    assert case.number in said
    assert "值班群或指挥员" in await town.says(WANG, "待研判", CHAT3)
    assert "值班群或指挥员" in await town.says(WANG, f"指派 {case.number} 第三网格", CHAT3)
    said = await town.says(WU, f"指派 {case.number} 第三网格", CHAT_DUTY)
    assert "有2个叫这个名字的区域" in said
    assert "向阳区建设街道文采社区第三网格" in said
    said = await town.says(WU, f"指派 {case.number} 火星网格", CHAT_DUTY)
    assert "没有找到“火星网格”" in said
    assert (await town.case(case)).status == "triage"
    await town.says(WU, f"指派 {case.number} 向阳区建设街道文采社区 第3网格", CHAT_DUTY)
    sent = await town.case(case)
    assert (sent.status, sent.area_code, sent.group_id) == ("dispatched", GRID3, 31)


async def test_the_only_waiting_case_needs_no_number(town: Town) -> None:
    case = await town.opens(area=None, place="")
    await town.says(WANG, "帮助", CHAT_DUTY)
    # Whoever speaks in the duty group has what nobody has yet.
    await town.says(WANG, "指派 文采社区第三网格", CHAT_DUTY)
    assert (await town.case(case)).group_id == 31


async def test_similar_names_are_offered(town: Town) -> None:
    case = await town.opens(area=None, place="")
    said = await town.says(WU, f"指派 {case.number} 文采", CHAT_DUTY)
    assert "文采社区" in said
    assert "是不是" in said


async def test_pictures_of_a_report_are_wanted_from_the_bots_door(town: Town) -> None:
    await town.says(LI, "上报 5号楼水表井低", CHAT3, media=[PHOTO])
    async with town.archive.reads() as session:
        (row,) = (await session.execute(select(Media))).scalars()
    assert row.origin["door"] == "aibot"
    assert (row.origin["url"], row.origin["aes_key"], row.by) == (PHOTO.url, PHOTO.aes_key, "worker:12")
    assert row.due_at == town.clock()
