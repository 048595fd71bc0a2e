"""Who hears of a case, and above all who does not."""

import pytest

from tests.ears import call, number_in
from tests.house import (
    CHIEF,
    COMMUNITY,
    CONDUCT_CONTACTS,
    DUTY,
    ESTATE,
    GRID,
    NEXT_ESTATE,
    NEXT_GRID,
    NEXT_LEAD,
    STREET,
    WANG,
    House,
)

pytestmark = [pytest.mark.asyncio(loop_scope="module")]


async def test_a_complaint_about_conduct_goes_to_its_contact_alone(house: House) -> None:
    groups = [await house.group(key) for key in (GRID, NEXT_GRID, COMMUNITY, STREET, DUTY)]
    contact = await house.worker(CONDUCT_CONTACTS["street"])
    near = await house.worker(CONDUCT_CONTACTS["community"])
    reply = await (await house.resident("feng")).says(f"{ESTATE}的网格员态度恶劣，还骂人")
    number = number_in(reply)
    assert "不经过社区和网格" in reply
    assert "王芳" not in reply
    await contact.hears(f"【工单 {number}】", "态度恶劣")
    assert await house.told(number) == {f"worker:{contact.userid}"}
    assert [await one.texts() for one in (*groups, near)] == [[], [], [], [], [], []]
    answer = await groups[0].hears_from(WANG, f"进度 {number}", number)
    assert "态度" not in answer["text"]
    await contact.says(f"接单 {number}")
    await contact.hears(f"【工单 {number}】", "已接单")
    await contact.says(f"办结 {number} 已约谈并道歉")
    await (await house.resident("feng")).hears(f"工单 {number} 已办结", "已约谈并道歉")
    assert await house.told(number) == {f"worker:{contact.userid}", "oa"}


async def test_an_emergency_alerts_the_group_and_the_duty_group_at_once(house: House) -> None:
    grid, duty = await house.group(GRID), await house.group(DUTY)
    reply = await (await house.resident("chen")).says(f"{ESTATE}6号楼3楼着火了，浓烟很大")
    number = number_in(reply)
    assert reply.startswith("请立即拨打119")
    await grid.hears(f"【工单 {number}】")
    await duty.hears(f"【工单 {number}】", "特急")
    assert await house.told(number) == {GRID, DUTY}


async def test_an_emergency_without_a_place_alerts_the_duty_group_at_once(house: House) -> None:
    duty = await house.group(DUTY)
    reply = await (await house.resident("chu")).says("楼上有人打架流血了")
    assert reply.startswith("请立即拨打110")
    await duty.hears(f"【工单 {number_in(reply)}】", "指派", seconds=5)


async def test_what_nobody_can_place_comes_to_the_duty_group_after_ten_minutes(house: House) -> None:
    grid, duty = await house.group(GRID), await house.group(DUTY)
    number = number_in(await (await house.resident("wei")).says("噪音太大了"))
    assert await house.told(number) == set()
    await house.advance(9 * 60)
    assert not await house.told(number)
    await house.advance(70)
    await duty.hears(f"【工单 {number}】", "待研判", f"指派 {number}")
    await duty.hears_from(CHIEF, "待研判", number)
    await duty.hears_from(CHIEF, f"指派 {number} 文采社区第三网格", "已指派到", "第三网格")
    await grid.hears(f"【工单 {number}】", "接单请回复")
    await grid.hears_from(WANG, f"接单 {number}", "已接单")


async def test_a_group_that_could_not_be_told_is_told_once_somebody_speaks_there(house: House) -> None:
    duty, next_grid = await house.group(DUTY), await house.group(NEXT_GRID)
    fault = {"path": "/aibot/aibot_send_msg", "errcode": 93006, "count": 1}
    await call(house.driver, "POST", "/sandbox/faults", fault)
    number = number_in(await (await house.resident("jiang")).says(f"{NEXT_ESTATE}3号楼防盗门坏了"))
    letter = await duty.hears("消息未送达", f"工单 {number}", "文采社区第四网格工作群")
    assert "防盗门" not in letter["text"]
    assert len([text for text in await duty.texts() if number in text]) == 1
    assert await next_grid.texts() == []
    await next_grid.hears_from(NEXT_LEAD, "待办", number)
    await next_grid.hears(f"【工单 {number}】", "接单请回复")


async def test_a_worker_who_could_not_be_told_is_told_once_he_speaks(house: House) -> None:
    duty, contact = await house.group(DUTY), await house.worker(CONDUCT_CONTACTS["street"])
    fault = {"path": "/aibot/aibot_send_msg", "errcode": 93006, "count": 1}
    await call(house.driver, "POST", "/sandbox/faults", fault)
    number = number_in(await (await house.resident("shen")).says(f"{NEXT_ESTATE}的网格员收红包，还威胁人"))
    letter = await duty.hears("消息未送达", f"工单 {number}", "网格员吴峰")
    assert "红包" not in letter["text"]
    await contact.says("帮助")
    await contact.hears(f"【工单 {number}】", "收红包")
