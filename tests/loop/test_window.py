"""The platform's windows: five messages in 48 hours, templates after that, and what waits comes when the resident writes."""

import pytest

from storage.columns import MessageState
from storage.tables import Outbox
from tests.ears import Resident, number_in, until
from tests.house import ESTATE, GRID, WANG, House

pytestmark = [pytest.mark.asyncio(loop_scope="module")]
_TWO_DAYS_AND_MORE = 49 * 3600


async def _settled(house: House, resident: Resident) -> bool:
    rows = await house.all_rows(Outbox, target=f"oa:{resident.openid}")
    return all(row.state is not MessageState.QUEUED for row in rows)


async def test_no_more_than_five_however_much_happens(house: House) -> None:
    grid, qian = await house.group(GRID), await house.resident("qian")
    number = number_in(await qian.says(f"{ESTATE}4号楼电梯坏了"))
    await grid.hears_from(WANG, f"接单 {number}", "已接单")
    for reason in "甲乙丙丁戊己庚辛":
        await grid.hears_from(WANG, f"延期 {number} 1天 等配件{reason}", number)
        await until(house.driver, lambda: _settled(house, qian), "sent or parked")
    await grid.hears_from(WANG, f"办结 {number} 已更换电梯主板", "已办结")
    await qian.hears(f"工单 {number} 已办结", via="custom")
    pushed = [row for row in await qian.pushed() if row["via"] == "custom"]
    assert len(pushed) == 5
    assert "45047" not in str((await house.driver.books())["refusals"])
    parked = await house.all_rows(Outbox, target="oa:qian", state=MessageState.PARKED)
    assert parked
    heard = "".join(row["text"] for row in pushed)
    late = [reason for reason in "甲乙丙丁戊己庚辛" if f"等配件{reason}" not in heard]
    assert len(late) == len(parked)
    assert "不客气" in await qian.says("谢谢")
    together = await qian.hears(*(f"等配件{reason}" for reason in late), via="custom")
    assert together["seq"] > pushed[-1]["seq"]


async def test_updates_that_come_together_go_together(house: House) -> None:
    grid, wu = await house.group(GRID), await house.resident("wu")
    number = number_in(await wu.says(f"{ESTATE}4号楼2单元感应灯坏了"))
    await grid.card_of(number)
    # Nobody asks for the answers in between: the results meet in the outbox while the first is under way.
    for text in (f"接单 {number}", f"延期 {number} 1天 等灯具", f"延期 {number} 2天 等人手"):
        await house.driver.group_say(GRID, WANG, text)
    await wu.hears("等人手", via="custom")
    assert len([row for row in await wu.pushed() if row["via"] == "custom"]) <= 3


async def test_past_the_window_the_result_comes_by_template_and_can_be_rated(house: House) -> None:
    grid, zhou = await house.group(GRID), await house.resident("zhou")
    number = number_in(await zhou.says(f"{ESTATE}10号楼单元门锁坏了"))
    await grid.hears_from(WANG, f"接单 {number}", "已接单")
    await zhou.hears("接单", number)
    await house.advance(_TWO_DAYS_AND_MORE)
    await grid.hears_from(WANG, f"办结 {number} 已换新锁", "已办结")
    shown = await zhou.hears(number, "已换新锁", via="template")
    assert "custom" not in {row["via"] for row in await zhou.pushed() if row["seq"] >= shown["seq"]}
    assert f"谢谢您对工单 {number} 的评价" in await zhou.says("2")
    case = await house.case(number)
    assert (case.status, case.rating) == ("archived", "fair")


async def test_past_the_window_not_fixed_reopens(house: House) -> None:
    grid, zheng = await house.group(GRID), await house.resident("zheng")
    number = number_in(await zheng.says(f"{ESTATE}11号楼楼道灯不亮"))
    await grid.hears_from(WANG, f"接单 {number}", "已接单")
    await house.advance(_TWO_DAYS_AND_MORE)
    await grid.hears_from(WANG, f"办结 {number} 已换灯泡", "已办结")
    await zheng.hears(number, "已换灯泡", via="template")
    await house.advance(3600)
    assert "已重新派单" in await zheng.says("没修好")
    grid.after = 0
    await grid.hears(f"【工单 {number}】", "居民反映未解决")
    assert (await house.case(number)).reopened == 1


async def test_what_has_no_template_waits_until_he_writes(house: House) -> None:
    grid, wang = await house.group(GRID), await house.resident("wang")
    number = number_in(await wang.says(f"{ESTATE}13号楼下水道堵了"))
    await house.advance(_TWO_DAYS_AND_MORE)
    await grid.hears_from(WANG, f"接单 {number}", "已接单")
    await until(house.driver, lambda: _settled(house, wang), "parked")
    assert await wang.pushed() == []
    assert number in await wang.says("进度")
    await wang.hears("接单", number, via="custom")
