"""合并 and 拆分 by a coordinator, and 热点."""

from datetime import timedelta

from tests.handlers.worker.city import CHAT3, CHAT_STREET, WANG, ZHAO
from tests.handlers.worker.talk import Town


async def test_what_was_merged_can_be_split_again(town: Town) -> None:
    one, two = await town.opens(), await town.opens()
    assert "现有2位反映人" in await town.says(ZHAO, f"合并 {two.number} 并入 {one.number}", CHAT_STREET)
    await town.says(WANG, f"接单 {one.number}", CHAT3)
    assert any("已由网格员王芳接单" in message.text for message in await town.told_resident(two))
    said = await town.says(ZHAO, f"拆分 {two.number}", CHAT_STREET)
    assert f"已从工单 {one.number} 拆分" in said
    after = await town.case(two)
    assert (after.status, after.is_open, after.merged_into_id, after.number) == ("dispatched", True, None, two.number)
    assert (await town.events(two))[-1] == "split"
    assert (await town.events(one))[-1] == "split_off"
    assert any("恢复单独办理" in message.text for message in await town.told_resident(two))
    told = len(await town.told_resident(two))
    await town.says(WANG, f"办结 {one.number} 已疏通", CHAT3)
    assert len(await town.told_resident(two)) == told


async def test_who_may_not_split_and_what_cannot_be(town: Town) -> None:
    one, two = await town.opens(), await town.opens()
    assert "不能拆分" in await town.says(ZHAO, f"拆分 {two.number}", CHAT_STREET) or "无需拆分" in town.said.reply.text  # type: ignore[union-attr]
    await town.says(ZHAO, f"合并 {two.number} 并入 {one.number}", CHAT_STREET)
    assert "须由" in await town.says(WANG, f"拆分 {two.number}", CHAT3)
    await town.says(WANG, f"接单 {one.number}", CHAT3)
    await town.says(WANG, f"办结 {one.number} 已疏通", CHAT3)
    assert "已结束，不能再拆分" in await town.says(ZHAO, f"拆分 {two.number}", CHAT_STREET)


async def test_what_is_hot(town: Town) -> None:
    assert "没有明显增多" in await town.says(ZHAO, "热点", CHAT_STREET)
    for _ in range(3):
        case = await town.opens()
        town.clock.advance(timedelta(minutes=1))
        assert case.theme == ""
    assert "由本区域的指挥员查看" in await town.says(WANG, "热点", CHAT3)
