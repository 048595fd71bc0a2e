"""A notice from a line in a group to the receipts and the recall, through the doors of a running service."""

import pytest

from tests.house import COMMUNITY, GRID, NEXT_GRID, NEXT_LEAD, STREET, STREET_CHIEF, WANG, House

pytestmark = [pytest.mark.asyncio(loop_scope="module")]


async def test_from_a_line_to_the_receipt_and_the_recall(house: House) -> None:
    street = await house.group(STREET)
    grid, other = await house.group(GRID), await house.group(NEXT_GRID)
    preview = await street.hears_from(STREET_CHIEF, "通知 任务 下周五17点 全街道 请逐户排查燃气隐患", "预览")
    assert "请逐户排查燃气隐患" in preview["text"]
    await street.hears_from(STREET_CHIEF, "发送", "马上开始发送")
    first = await grid.hears("请逐户排查燃气隐患", "收到请回复")
    await other.hears("请逐户排查燃气隐患", "收到请回复")
    number = first["text"].split("【任务 ")[1].split("】")[0]
    await grid.hears_from(WANG, "收到", "已登记收到")
    await other.hears_from(NEXT_LEAD, f"完成 {number} 已排查12户", "已登记完成")
    roll = await street.hears_from(STREET_CHIEF, f"通知 名单 {number}", "已排查12户")
    assert "未完成" in roll["text"]
    table = await street.hears_from(STREET_CHIEF, f"通知 回执 {number}", "收到2")
    assert "没送到" in table["text"] or "送不到" in table["text"]
    await street.hears_from(STREET_CHIEF, f"撤回通知 {number} 时间有误", "已撤回")
    await grid.hears("【撤回通知】", number, "时间有误")
    await other.hears("【撤回通知】", number, "删除")


async def test_a_card_is_pressed(house: House) -> None:
    community = await house.group(COMMUNITY)
    grid = await house.group(GRID)
    await community.hears_from(STREET_CHIEF, "通知 停电 明天8点到17点 第三网格 线路检修", "预览")
    await community.hears_from(STREET_CHIEF, "发送", "马上开始发送")
    row = await grid.finds(lambda one: bool(one["card"]) and "停电通知" in str(one), "the notice's card")
    await house.driver.click(GRID, WANG, row["card"]["task_id"], "receive")
    await grid.hears("已登记收到")
