"""子单: parts of a matter for others; the parent ends after them."""

from grid.checks import Checks
from grid.desk import House
from storage.tables import Case
from tests.handlers.worker.city import (
    CHAT3,
    CHAT_HOUSING,
    CHAT_OTHER,
    CHAT_STREET,
    HE,
    LI,
    QIAN,
    WANG,
    ZHAO,
)
from tests.handlers.worker.talk import Town


async def accepted(town: Town) -> Case:
    case = await town.opens()
    await town.says(WANG, f"接单 {case.number}", CHAT3)
    return case


async def children(town: Town, case: Case) -> list[Case]:
    return list(await town.books.followups.list_children(case.id))


async def test_a_department_does_a_part_and_the_parent_waits_for_it(town: Town) -> None:
    case = await accepted(town)
    said = await town.says(WANG, "子单 住建局 挖开路面", CHAT3)
    (child,) = await children(town, case)
    assert child.number in said
    assert (child.parent_id, child.group_id, child.status, child.resident_id) == (case.id, 35, "dispatched", None)
    assert child.resolve_due_at == case.resolve_due_at
    assert "挖开路面" in (await town.told("group:35"))[-1].text
    assert "13900000001" not in (await town.told("group:35"))[-1].text

    refused = await town.says(WANG, f"办结 {case.number} 已疏通", CHAT3)
    assert child.number in refused
    assert (await town.case(case)).status == "accepted"
    await town.says(QIAN, f"接单 {child.number}", CHAT_HOUSING)
    await town.says(QIAN, f"办结 {child.number} 路面已挖开", CHAT_HOUSING)
    assert f"【工单 {child.number}】子单已办结" in (await town.told("group:31"))[-1].text
    assert "已办结" in await town.says(WANG, f"办结 {case.number} 已疏通", CHAT3)
    # One closure: the resident hears of the whole, not of its parts.
    assert len([one for one in await town.told_resident(case) if one.kind == "resolved"]) == 1


async def test_another_grid_can_get_a_part(town: Town) -> None:
    case = await accepted(town)
    await town.says(WANG, "子单 学苑社区第一网格 清理那边的井口", CHAT3)
    (child,) = await children(town, case)
    assert (child.group_id, child.area_code) == (37, "2308070601")
    await town.says(HE, f"接单 {child.number}", CHAT_OTHER)
    assert (await town.case(child)).status == "accepted"


async def test_no_grandchildren_and_what_it_needs(town: Town) -> None:
    case = await accepted(town)
    assert "请写明派给谁" in await town.says(WANG, "子单", CHAT3)
    assert "请写明子单内容" in await town.says(WANG, "子单 住建局", CHAT3)
    assert "没有找到“火星局”" in await town.says(WANG, "子单 火星局 挖开", CHAT3)
    await town.says(WANG, "子单 住建局 挖开路面", CHAT3)
    (child,) = await children(town, case)
    await town.says(QIAN, f"接单 {child.number}", CHAT_HOUSING)
    said = await town.says(QIAN, f"子单 {child.number} 学苑社区第一网格 清理", CHAT_HOUSING)
    assert "子单下面不能再派子单" in said
    assert len(await town.books.list_all(Case)) == 2


async def test_at_most_ten(town: Town) -> None:
    case = await accepted(town)
    for _ in range(10):
        await town.says(WANG, f"子单 {case.number} 住建局 挖开路面", CHAT3)
    assert "最多派10件" in await town.says(WANG, f"子单 {case.number} 住建局 挖开路面", CHAT3)
    assert len(await children(town, case)) == 10


async def test_parts_end_with_what_they_are_part_of(town: Town) -> None:
    case = await accepted(town)
    await town.says(WANG, "子单 住建局 挖开路面", CHAT3)
    await town.says(ZHAO, f"作废 {case.number} 重复反映", CHAT_STREET)
    (child,) = await children(town, case)
    assert child.status == "void"
    assert f"主单 {case.number} 已作废" in (await town.told("group:35"))[-1].text


async def test_strangers_to_a_case_give_out_no_parts(town: Town) -> None:
    case = await accepted(town)
    said = await town.says(HE, f"子单 {case.number} 住建局 挖开路面", CHAT_OTHER)
    assert "不归本群办理" in said
    assert not await children(town, case)
    # Whoever is in the group may.
    assert "已派子单" in await town.says(LI, f"子单 {case.number} 住建局 挖开路面", CHAT3)


async def test_a_checked_child_and_a_void_one_are_told_to_the_parents_group(town: Town) -> None:
    town.house = House(checks=Checks(shares={"urban_property": 100}))
    case = await accepted(town)
    await town.says(WANG, "子单 住建局 挖开路面", CHAT3)
    await town.says(WANG, f"子单 {case.number} 学苑社区第一网格 清理井口", CHAT3)
    one, two = await children(town, case)
    await town.says(QIAN, f"接单 {one.number}", CHAT_HOUSING)
    await town.says(QIAN, f"办结 {one.number} 路面已挖开", CHAT_HOUSING)
    assert f"【工单 {one.number}】子单已报办结，待核查（已解决）" in (await town.told("group:31"))[-1].text
    # What waits for its check is not done yet.
    assert one.number in await town.says(WANG, f"办结 {case.number} 已疏通", CHAT3)
    await town.says(ZHAO, f"核查 通过 {one.number}", CHAT_STREET)
    assert f"【工单 {one.number}】子单核查通过" in (await town.told("group:31"))[-1].text
    await town.says(ZHAO, f"作废 {two.number} 不用清了", CHAT_STREET)
    assert f"【工单 {two.number}】子单已作废：不用清了" in (await town.told("group:31"))[-1].text
    assert "等待核查" in await town.says(WANG, f"办结 {case.number} 已疏通", CHAT3)


async def test_a_parent_of_open_children_is_not_merged(town: Town) -> None:
    case, other = await accepted(town), await town.opens()
    await town.says(WANG, f"子单 {case.number} 住建局 挖开路面", CHAT3)
    (child,) = await children(town, case)
    said = await town.says(ZHAO, f"合并 {case.number} 并入 {other.number}", CHAT_STREET)
    assert child.number in said
    assert (await town.case(case)).status == "accepted"
    await town.says(ZHAO, f"作废 {child.number} 不用挖了", CHAT_STREET)
    await town.says(ZHAO, f"合并 {case.number} 并入 {other.number}", CHAT_STREET)
    assert (await town.case(case)).status == "merged"
