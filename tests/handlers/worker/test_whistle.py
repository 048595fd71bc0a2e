"""吹哨, 报到, 完成: departments and neighbours come under their own clock; the lead closes once."""

from datetime import timedelta

from storage.loop_tables import WhistleCall
from tests.handlers.worker.city import CHAT3, CHAT_HOUSING, CHAT_OTHER, HE, QIAN, WANG
from tests.handlers.worker.talk import Town


async def calls(town: Town) -> list[WhistleCall]:
    return sorted(await town.books.list_all(WhistleCall), key=lambda row: row.id)


async def test_a_department_comes_works_and_the_lead_closes(town: Town) -> None:
    case = await town.opens()
    await town.says(WANG, "接单", CHAT3)
    said = await town.says(WANG, "吹哨 住建局 需关闭总阀", CHAT3)
    assert "已向“住建局”吹哨（限11月23日11:00前报到）" in said
    (call,) = await calls(town)
    assert (call.department, call.group_id, call.reason) == ("住建局", 35, "需关闭总阀")
    assert call.arrive_due_at == town.clock() + timedelta(hours=2)
    assert "需关闭总阀" in (await town.told("group:35"))[-1].text

    town.clock.advance(timedelta(minutes=25))
    await town.says(QIAN, f"报到 {case.number}", CHAT_HOUSING)
    assert "已报到，吹哨后25分钟。" in (await town.told("group:31"))[-1].text
    assert "不用重复" in await town.says(QIAN, f"报到 {case.number}", CHAT_HOUSING)
    said = await town.says(QIAN, "完成 已关闭总阀", CHAT_HOUSING)
    assert "任务已完成" in said
    assert "钱华已完成：已关闭总阀" in (await town.told("group:31"))[-1].text
    # The department's 完成 closes its call, never the case.
    assert (await town.case(case)).status == "accepted"
    (call,) = await calls(town)
    assert (call.arrived_by, call.done_by, call.result) == ("worker:16", "worker:16", "已关闭总阀")
    await town.says(WANG, "办结 已疏通", CHAT3)
    assert (await town.case(case)).status == "resolved"
    kinds = await town.events(case)
    assert kinds[3:] == ["whistle", "arrive", "call_done", "resolve"]


async def test_several_departments_in_one_line(town: Town) -> None:
    await town.opens()
    said = await town.says(WANG, "吹哨 住建局、公安局 路面塌陷", CHAT3)
    assert "“住建局”、“公安局”" in said
    assert [(call.department, call.reason) for call in await calls(town)] == [
        ("住建局", "路面塌陷"),
        ("公安局", "路面塌陷"),
    ]
    again = await town.says(WANG, "吹哨 住建局 公安局 路面塌陷", CHAT3)
    assert "已向住建局吹哨，正等待报到" in again
    assert len(await calls(town)) == 2


async def test_a_neighbouring_grid_is_called(town: Town) -> None:
    case = await town.opens()
    await town.says(WANG, "吹哨 学苑社区第一网格 帮忙维持秩序", CHAT3)
    (call,) = await calls(town)
    assert (call.department, call.group_id, call.reason) == ("学苑社区第一网格", 37, "帮忙维持秩序")
    assert "报到" in (await town.told("group:37"))[-1].text
    assert "已报到" in await town.says(HE, f"报到 {case.number}", CHAT_OTHER)


async def test_a_bare_word_arrives_where_one_call_waits(town: Town) -> None:
    assert "请写明工单号" in await town.says(QIAN, "报到", CHAT_HOUSING)
    await town.opens()
    await town.says(WANG, "接单", CHAT3)
    await town.says(WANG, "吹哨 住建局 需关闭总阀", CHAT3)
    # Who is called need not know until when the case was to be accepted.
    heard = (await town.told("group:35"))[-1].text
    assert "前办结" in heard
    assert "前接单" not in heard
    assert "已报到" in await town.says(QIAN, "报到", CHAT_HOUSING)
    assert "请写明工单号" in await town.says(QIAN, "报到", CHAT_HOUSING)


async def test_one_closure_ends_what_nobody_came_to(town: Town) -> None:
    await town.opens()
    await town.says(WANG, "接单", CHAT3)
    await town.says(WANG, "吹哨 住建局 需关闭总阀", CHAT3)
    await town.says(WANG, "办结 已自行疏通", CHAT3)
    (call,) = await calls(town)
    assert call.done_at == town.clock()
    assert call.arrived_at is None
    assert "统一办结" in (await town.told("group:35"))[-1].text


async def test_nobody_comes_who_was_not_called(town: Town) -> None:
    case = await town.opens()
    assert "没有向您的部门吹哨" in await town.says(QIAN, f"报到 {case.number}", CHAT_HOUSING)
    assert "没有找到“教育局”" in await town.says(WANG, "吹哨 教育局 来", CHAT3)
    assert not await calls(town)
    said = await town.says(QIAN, f"完成 {case.number} 好了", CHAT_HOUSING)
    assert "不归本群办理" in said
