"""进度, 待办, 帮助, 照片, 吹哨: what can be seen, by whom, and what it leaves behind."""

import pytest

from tests.handlers.worker.city import (
    CHAT3,
    CHAT_COMMUNITY,
    CHAT_DUTY,
    CHAT_HOUSING,
    CHAT_OTHER,
    HE,
    LI,
    QIAN,
    WANG,
    WU,
    ZHAO,
)
from tests.handlers.worker.talk import PHOTO, Town


async def test_progress_masks_the_phone_in_a_group(town: Town) -> None:
    case = await town.opens("下水道堵了，我电话13900000001")
    await town.says(WANG, "接单", CHAT3)
    said = await town.says(LI, f"进度 {case.number}", CHAT3)
    assert "13900000001" not in said
    assert "139****0001" in said
    assert "受理（居民）" in said
    assert "接单（王芳）" in said
    assert "viewed" not in await town.events(case)


async def test_progress_in_single_chat_shows_it_and_leaves_a_trace(town: Town) -> None:
    case = await town.opens()
    said = await town.says(WANG, f"进度 {case.number}")
    assert "居民 13900000001" in said
    (viewed,) = [event for event in await town.event_rows(case) if event.kind == "viewed"]
    assert viewed.actor == "worker:11"
    assert "13900000001" not in (viewed.payload or "")


async def test_a_coordinator_sees_it_masked(town: Town) -> None:
    case = await town.opens()
    said = await town.says(ZHAO, f"进度 {case.number}")
    assert "13900000001" not in said
    assert "viewed" not in await town.events(case)


async def test_todo_puts_the_pressing_first_and_cuts(town: Town) -> None:
    late = await town.opens("早的")
    town.clock.advance(hours=3)
    cases = [await town.opens(f"第{n}件") for n in range(16)]
    urgent = await town.opens("急的", urgency="urgent")
    lines = (await town.says(WANG, "待办", CHAT3)).splitlines()
    assert "待办18件，其中超时1件" in lines[0]
    assert lines[1].startswith(f"【超时】{late.number}")
    assert lines[2].startswith(f"{urgent.number} 紧急")
    assert cases[0].number in lines[3]
    assert "还有3件" in lines
    assert len(lines) == 18


async def test_todo_of_a_worker_and_of_nobody(town: Town) -> None:
    case = await town.opens()
    assert "您手上没有未办结的工单" in await town.says(WANG, "待办")
    await town.says(WANG, "接单", CHAT3)
    assert case.number in await town.says(WANG, "待办")
    assert "本群没有未办结的工单" in await town.says(HE, "待办", CHAT_OTHER)


async def test_help_differs_by_place(town: Town) -> None:
    group, single = await town.says(WANG, "帮助", CHAT3), await town.says(WANG, "帮助")
    duty, department = await town.says(WU, "帮助", CHAT_DUTY), await town.says(QIAN, "帮助", CHAT_HOUSING)
    commander = await town.says(ZHAO, "帮助")
    assert len({group, single, duty, department, commander}) == 5
    assert "@网格助手" in group
    assert "指派" in duty
    assert "报到" in department
    assert "热线" in commander


async def test_the_welcome(town: Town) -> None:
    assert "王芳" in await town.enters(WANG)
    assert "登记" in await town.enters("nobody")


@pytest.mark.parametrize("text", ["今天天气不错", "这个怎么弄啊", "哈哈"])
async def test_chatter_gets_a_short_answer_with_an_example(town: Town, text: str) -> None:
    said = await town.says(WANG, text, CHAT3)
    assert "没有听懂" in said
    assert "@网格助手 " in said
    assert town.outcome == "unknown"


async def test_the_example_is_about_the_case_that_was_named(town: Town) -> None:
    case = await town.opens()
    assert f"办结 {case.number} " in await town.says(WANG, f"{case.number} 那边已经疏通好了", CHAT3)
    assert f"退回 {case.number} " in await town.says(WANG, "不归我们", CHAT3, quote=f"【工单 {case.number}】")


async def test_a_bare_mention_gets_help(town: Town) -> None:
    assert await town.says(WANG, "", CHAT3) == await town.says(WANG, "帮助", CHAT3)


async def test_a_quoted_picture_goes_with_the_command(town: Town) -> None:
    case = await town.opens()
    await town.says(WANG, "接单", CHAT3)
    said = await town.says(WANG, "办结 已疏通", CHAT3, quoted_media=[PHOTO])
    assert f"照片已附到 {case.number}（共1份）" in said
    assert (await town.case(case)).status == "resolved"
    (row,) = await town.media(case)
    assert row.by == "worker:11"
    assert "attach" in await town.events(case)


async def test_a_picture_is_kept_although_its_command_was_refused(town: Town) -> None:
    case = await town.opens()
    await town.says(WANG, "接单", CHAT3)
    said = await town.says(WANG, "办结", CHAT3, quoted_media=[PHOTO])
    assert "请写明处理情况" in said
    assert "照片已附到" in said
    assert len(await town.media(case)) == 1


async def test_a_picture_alone_in_single_chat(town: Town) -> None:
    one, two = await town.opens(), await town.opens()
    assert "请写明工单号" in await town.says(WANG, "", media=[PHOTO])
    await town.says(WANG, f"接单 {one.number}")
    assert f"照片已附到 {one.number}" in await town.says(WANG, "", media=[PHOTO])
    assert f"照片已附到 {two.number}" in await town.says(WANG, f"照片 {two.number}", quoted_media=[PHOTO])
    await town.says(WANG, f"进度 {one.number}")
    await town.says(WANG, "办结 已疏通")
    assert "共2份" in await town.says(WANG, "", media=[PHOTO])
    assert len(await town.media(one)) == 2


async def test_a_picture_with_a_bare_number_is_of_that_case(town: Town) -> None:
    one, two = await town.opens(), await town.opens()
    await town.says(WANG, two.number, CHAT3, quoted_media=[PHOTO])
    assert len(await town.media(two)) == 1
    assert not await town.media(one)


async def test_a_picture_that_could_be_of_several_cases_is_asked_about(town: Town) -> None:
    one, two = await town.opens(), await town.opens()
    said = await town.says(WANG, "现场", CHAT3, media=[PHOTO])
    assert "还没有附到工单" in said
    assert one.number in said
    assert f"照片 {one.number}" in said
    assert not await town.media(one)
    assert not await town.media(two)


async def test_the_word_picture_without_one(town: Town) -> None:
    await town.opens()
    assert "没有看到照片" in await town.says(WANG, "照片", CHAT3)


async def test_whistle_and_arrival(town: Town) -> None:
    case = await town.opens()
    assert "请写明部门" in await town.says(WANG, "吹哨", CHAT3)
    said = await town.says(WANG, "吹哨 教育局 原因", CHAT3)
    assert "住建局" in said
    said = await town.says(WANG, "吹哨 住建局 需关闭总阀", CHAT3)
    assert "住建局" in said
    call = (await town.told("group:35"))[-1].text
    assert "需关闭总阀" in call
    assert f"报到 {case.number}" in call
    assert "13900000001" not in call
    assert "正等待报到" in await town.says(LI, "吹哨 住建局", CHAT3)
    assert "没有向您的部门吹哨" in await town.says(HE, f"报到 {case.number}", CHAT_OTHER)
    town.clock.advance(seconds=25 * 60)
    await town.says(QIAN, f"报到 {case.number}", CHAT_HOUSING)
    assert "住建局钱华已报到，吹哨后25分钟" in (await town.told("group:31"))[-1].text
    assert "不用重复" in await town.says(QIAN, f"报到 {case.number}", CHAT_HOUSING)
    assert [kind for kind in await town.events(case) if kind in ("whistle", "arrive")] == ["whistle", "arrive"]
    said = await town.says(WANG, "进度", CHAT3)
    assert "吹哨（王芳）" in said
    assert "报到（钱华）" in said


async def test_a_department_whose_group_cannot_be_told_is_called_by_its_seats(town: Town) -> None:
    case = await town.opens()
    await town.says(WANG, "吹哨 公安局 有人阻挠", CHAT3)
    assert "有人阻挠" in (await town.told("worker:u-feng"))[-1].text
    await town.says("u-feng", f"报到 {case.number}")
    assert "冯亮已报到" in (await town.told("group:31"))[-1].text


async def test_a_department_is_found_by_category_too(town: Town) -> None:
    await town.opens()
    await town.says(WANG, "吹哨 城建物业 需协调", CHAT3)
    assert "需协调" in (await town.told("group:35"))[-1].text


async def test_a_finished_case_calls_nobody(town: Town) -> None:
    case = await town.opens()
    await town.says(WANG, "接单", CHAT3)
    await town.says(WANG, "办结 好了", CHAT3)
    assert "现在不能吹哨" in await town.says(WANG, f"吹哨 {case.number} 住建局", CHAT3)
    assert not await town.told("group:35")


async def test_community_people_see_their_own_group_only(town: Town) -> None:
    await town.opens()
    assert "没有未办结" in await town.says(ZHAO, "待办", CHAT_COMMUNITY)
