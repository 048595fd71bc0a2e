"""Which case is meant, and who may know of it."""

from grid.actions.reporter import hurry
from grid.desk import Actor
from grid.workflow import Part
from storage.plan import Plan
from tests.handlers.worker.city import (
    CHAT3,
    CHAT_DUTY,
    CHAT_OTHER,
    CHAT_STREET,
    HE,
    OTHER1,
    STREET,
    SUN,
    WANG,
    WU,
    ZHAO,
    ZHOU,
)
from tests.handlers.worker.talk import Town


async def test_several_cases_are_listed_and_nothing_is_done(town: Town) -> None:
    one, two = await town.opens(), await town.opens("路灯不亮", place="阳光水岸2号楼")
    said = await town.says(WANG, "接单", CHAT3)
    assert one.number in said
    assert two.number in said
    assert f"@网格助手 接单 {one.number}" in said
    assert (await town.case(one)).status == (await town.case(two)).status == "dispatched"


async def test_the_example_repeats_what_was_wanted(town: Town) -> None:
    one, _ = await town.opens(), await town.opens()
    said = await town.says(WANG, "退回 不属本网格", CHAT3)
    assert f"@网格助手 退回 {one.number} 不属本网格" in said


async def test_the_only_case_that_can_take_the_move_is_meant(town: Town) -> None:
    one, two = await town.opens(), await town.opens()
    await town.says(WANG, f"接单 {one.number}", CHAT3)
    await town.says(WANG, "办结 已疏通", CHAT3)
    assert (await town.case(one)).status == "resolved"
    assert (await town.case(two)).status == "dispatched"


async def test_a_quote_is_enough(town: Town) -> None:
    one, two = await town.opens(), await town.opens()
    await town.says(WANG, "接单", CHAT3, quote=f"【工单 {two.number}】城建物业")
    assert (await town.case(two)).status == "accepted"
    assert (await town.case(one)).status == "dispatched"


async def test_the_running_number_alone_is_enough(town: Town) -> None:
    one, two = await town.opens(), await town.opens()
    await town.says(WANG, f"接单 #{two.serial:02d}", CHAT3)
    assert (await town.case(two)).status == "accepted"
    await town.says(WANG, f"接单 {one.serial:02d}", CHAT3)
    assert (await town.case(one)).status == "accepted"


async def test_todays_running_number_comes_before_an_older_one(town: Town) -> None:
    old = await town.opens()
    town.clock.advance(days=1)
    new = await town.opens()
    assert old.serial == new.serial
    await town.says(WANG, f"接单 #{new.serial:02d}", CHAT3)
    assert (await town.case(new)).status == "accepted"
    assert (await town.case(old)).status == "dispatched"


async def test_a_number_that_is_none_is_said_so(town: Town) -> None:
    assert "没有工单 1231-77" in await town.says(WANG, "接单 1231-77", CHAT3)


async def test_an_empty_group_is_said_so(town: Town) -> None:
    assert "本群现在没有未办结的工单" in await town.says(WANG, "接单", CHAT3)


async def test_another_groups_case_is_neither_shown_nor_changed(town: Town) -> None:
    case = await town.opens(area=OTHER1, place="学府花园1号楼")
    for text in (f"接单 {case.number}", f"进度 {case.number}", f"作废 {case.number} 重复"):
        said = await town.says(WANG, text, CHAT3)
        assert "不归本群办理" in said
        assert "学府花园" not in said
    assert "不归您办理" in await town.says(WANG, f"进度 {case.number}")
    assert (await town.case(case)).status == "dispatched"


async def test_coordinators_above_reach_it_and_those_beside_do_not(town: Town) -> None:
    case = await town.opens(area=OTHER1)
    assert case.number in await town.says(ZHAO, f"进度 {case.number}", CHAT_STREET)
    assert "不归" in await town.says(ZHOU, f"进度 {case.number}")


async def test_single_chat_remembers_the_case_last_named(town: Town) -> None:
    one, _ = await town.opens(), await town.opens()
    await town.says(WANG, f"接单 {one.number}")
    assert (await town.worker(WANG)).last_case_id == one.id
    await town.says(WANG, "处置 已到现场")
    await town.says(WANG, "办结 已疏通")
    assert (await town.case(one)).status == "resolved"


async def test_single_chat_takes_the_workers_only_case(town: Town) -> None:
    case = await town.opens()
    await town.says(WANG, "接单", CHAT3)
    assert (await town.worker(WANG)).last_case_id is None
    await town.says(WANG, "办结 已疏通")
    assert (await town.case(case)).status == "resolved"


async def test_a_conduct_complaint_exists_for_its_contact_alone(town: Town) -> None:
    case = await town.opens("网格员态度恶劣", conduct=True, category="party_building")
    assert case.handler_id == 14
    nothing = f"没有工单 {case.number}"
    assert nothing in await town.says(WANG, f"进度 {case.number}", CHAT3)
    assert nothing in await town.says(WANG, f"进度 {case.number}")
    assert nothing in await town.says(ZHAO, f"进度 {case.number}", CHAT_STREET)
    assert nothing in await town.says(ZHAO, f"进度 {case.number}")
    assert nothing in await town.says(SUN, f"接单 {case.number}", CHAT_STREET)
    assert nothing in await town.says(WU, f"为何 {case.number}", CHAT_DUTY)
    assert "网格员态度恶劣" in await town.says(SUN, f"进度 {case.number}")
    await town.says(SUN, "接单")
    await town.says(SUN, "办结 已核实并谈话")
    assert (await town.case(case)).status == "resolved"


async def test_a_conduct_complaint_given_back_does_not_return_to_its_contact(town: Town) -> None:
    case = await town.opens("网格员态度恶劣", conduct=True)
    await town.says(SUN, f"退回 {case.number} 应由上级办理")
    moved = await town.case(case)
    assert moved.handler_id is None
    assert moved.status == "triage"
    alert = (await town.told("group:34"))[-1].text
    assert "网格员态度恶劣" not in alert
    assert "私聊" in alert
    # Nobody has it: a commander may see and send it on, in single chat only.
    assert f"没有工单 {case.number}" in await town.says(WU, f"指派 {case.number} 建设街道", CHAT_DUTY)
    assert "孙丽" in await town.says(WU, f"指派 {case.number} 建设街道")
    assert (await town.case(case)).area_code == STREET


async def test_the_contact_hears_what_the_resident_adds(town: Town) -> None:
    case = await town.opens("网格员态度恶劣", conduct=True)
    made = hurry(await town.desk(), case, Actor("resident:1", "居民", 1, frozenset({Part.REPORTER})))
    assert isinstance(made, Plan)
    await town.write(made)
    assert "催办" in (await town.told(f"worker:{SUN}"))[-1].text


async def test_others_cannot_use_a_group_they_do_not_speak_in(town: Town) -> None:
    case = await town.opens()
    assert "不归" in await town.says(HE, f"接单 {case.number}", CHAT_OTHER)
