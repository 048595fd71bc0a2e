"""接单 to 办结 and the side ways, as dialogues."""

from tests.handlers.worker.city import CHAT3, CHAT_COMMUNITY, CHAT_OTHER, CHAT_STREET, LI, OTHER1, WANG, ZHAO, ZHOU
from tests.handlers.worker.talk import Town


async def test_a_case_goes_its_way_with_a_word_each(town: Town) -> None:
    case = await town.opens()
    said = await town.says(WANG, "接单", CHAT3)
    assert "王芳已接单" in said
    assert case.number in said
    assert "139****0001" in said
    assert "13900000001" not in said
    assert (await town.case(case)).status == "accepted"
    assert "王芳" in (await town.told_resident(case))[-1].text

    await town.says(WANG, "处置 已到现场", CHAT3)
    assert (await town.case(case)).status == "handling"
    await town.says(WANG, "问 几单元的管道堵了？", CHAT3)
    assert "几单元的管道堵了？" in (await town.told_resident(case))[-1].text
    said = await town.says(WANG, "办结 已疏通，更换一段管道", CHAT3)
    assert "已办结" in said
    done = await town.case(case)
    assert (done.status, done.result) == ("resolved", "已疏通，更换一段管道")
    assert "已疏通，更换一段管道" in (await town.told_resident(case))[-1].text


async def test_one_case_at_a_time(town: Town) -> None:
    one, two = await town.opens(), await town.opens()
    said = await town.says(WANG, f"接单 {one.number} {two.number}", CHAT3)
    assert f"接单 {two.number}" in said
    assert (await town.case(one)).status == "accepted"
    assert (await town.case(two)).status == "dispatched"


async def test_resolving_needs_words(town: Town) -> None:
    case = await town.opens()
    await town.says(WANG, "接单", CHAT3)
    assert "请写明处理情况" in await town.says(WANG, "办结", CHAT3)
    assert (await town.case(case)).status == "accepted"


async def test_a_question_resolves_nothing(town: Town) -> None:
    case = await town.opens()
    await town.says(WANG, "接单", CHAT3)
    said = await town.says(LI, "办结了吗", CHAT3)
    assert "没有听懂" in said
    assert (await town.case(case)).status == "accepted"


async def test_somebody_elses_case_is_not_resolved(town: Town) -> None:
    case = await town.opens()
    await town.says(WANG, "接单", CHAT3)
    said = await town.says(LI, "办结 修好了", CHAT3)
    assert "办结须由接单人、上级指挥员操作" in said
    assert (await town.case(case)).status == "accepted"


async def test_return_goes_one_level_up_and_needs_a_reason(town: Town) -> None:
    case = await town.opens()
    assert "请写明退回原因" in await town.says(WANG, "退回", CHAT3)
    said = await town.says(WANG, "退回 不属本网格", CHAT3)
    assert "文采社区网格工作群" in said
    assert (await town.case(case)).group_id == 32
    assert "不属本网格" in (await town.told("group:32"))[-1].text


async def test_transfer_by_category_and_by_grid(town: Town) -> None:
    case = await town.opens()
    said = await town.says(WANG, "转派 综合执法 属违规排污", CHAT3)
    assert "已转派" in said
    assert (await town.case(case)).category == "law_enforcement"
    said = await town.says(WANG, "转派 学苑社区第一网格 那边的楼", CHAT3)
    assert "学苑社区第一网格工作群" in said
    moved = await town.case(case)
    assert (moved.area_code, moved.group_id) == ("2308070601", 37)


async def test_transfer_says_what_it_would_take(town: Town) -> None:
    await town.opens()
    said = await town.says(WANG, "转派", CHAT3)
    assert "城建物业" in said
    assert "转派 " in said
    said = await town.says(WANG, "转派 火星基地", CHAT3)
    assert "没有找到“火星基地”" in said


async def test_the_nearest_grid_of_a_name_is_meant(town: Town) -> None:
    case = await town.opens()
    await town.says(WANG, "转派 第一网格 那边的楼", CHAT3)
    assert (await town.case(case)).area_code == "2308070501"


async def test_extend_moves_the_date_and_tells_the_resident(town: Town) -> None:
    case = await town.opens()
    await town.says(WANG, "接单", CHAT3)
    assert "请写明延长多久" in await town.says(WANG, "延期 等配件", CHAT3)
    assert "请写明延期原因" in await town.says(WANG, "延期 2天", CHAT3)
    said = await town.says(WANG, "延期两天 等配件", CHAT3)
    assert "11月28日" in said
    later = await town.case(case)
    assert later.resolve_due_at is not None
    assert case.resolve_due_at is not None
    assert (later.resolve_due_at - case.resolve_due_at).days == 2
    assert "等配件" in (await town.told_resident(case))[-1].text


async def test_escalating_by_either_word(town: Town) -> None:
    case = await town.opens()
    await town.says(WANG, "提级 需街道协调", CHAT3)
    assert (await town.case(case)).group_id == 32
    said = await town.says(ZHAO, f"上报 {case.number} 需街道协调", CHAT_COMMUNITY)
    assert "建设街道指挥调度群" in said or "已提级" in said
    assert (await town.case(case)).group_id != 32


async def test_coordinators_suspend_resume_void_and_reopen(town: Town) -> None:
    case = await town.opens()
    await town.says(WANG, "接单", CHAT3)
    assert "挂起须由上级指挥员操作" in await town.says(WANG, "挂起 等天气转暖", CHAT3)
    await town.says(ZHAO, f"挂起 {case.number} 等天气转暖", CHAT_STREET)
    assert (await town.case(case)).status == "suspended"
    assert "赵敏已挂起" in (await town.told("group:31"))[-1].text
    await town.says(ZHAO, f"恢复 {case.number}", CHAT_STREET)
    assert (await town.case(case)).status == "handling"
    await town.says(WANG, "办结 修好了", CHAT3)
    await town.says(ZHAO, f"重开 {case.number} 现场复查未解决", CHAT_STREET)
    assert (await town.case(case)).status == "dispatched"
    assert "请写明作废原因" in await town.says(ZHAO, f"作废 {case.number}", CHAT_STREET)
    await town.says(ZHAO, f"作废 {case.number} 重复反映", CHAT_STREET)
    assert (await town.case(case)).status == "void"


async def test_merge_needs_both_numbers(town: Town) -> None:
    one, two = await town.opens(), await town.opens()
    assert "请写明哪一件并入哪一件" in await town.says(ZHAO, f"合并 {one.number}", CHAT_STREET)
    said = await town.says(ZHAO, f"合并 {two.number} 并入 {one.number}", CHAT_STREET)
    assert f"已并入工单 {one.number}" in said
    merged = await town.case(two)
    assert (merged.status, merged.merged_into_id) == ("merged", one.id)
    three = await town.opens()
    said = await town.says(WANG, f"合并 {three.number} 并入 {one.number}", CHAT3)
    assert "上级指挥员" in said
    assert (await town.case(three)).status == "dispatched"


async def test_merging_needs_command_of_both(town: Town) -> None:
    own, foreign = await town.opens(), await town.opens(area=OTHER1, place="学府花园1号楼")
    said = await town.says(ZHOU, f"合并 {own.number} 并入 {foreign.number}", CHAT_OTHER)
    assert f"工单 {foreign.number} 不由您指挥" in said
    assert (await town.case(own)).status == "dispatched"


async def test_checks_are_made_by_somebody_else(town: Town) -> None:
    town.house = type(town.house)(checked=frozenset({"urban_property"}))
    case = await town.opens()
    await town.says(WANG, "接单", CHAT3)
    assert "等待核查" in await town.says(WANG, "办结 已疏通", CHAT3)
    assert "请写明核查结果" in await town.says(ZHAO, f"核查 {case.number}", CHAT_STREET)
    assert "请写明不通过的原因" in await town.says(ZHAO, f"核查 不通过 {case.number}", CHAT_STREET)
    await town.says(ZHAO, f"核查 不通过 {case.number} 现场仍有积水", CHAT_STREET)
    assert (await town.case(case)).status == "handling"
    await town.says(WANG, "办结 再次疏通", CHAT3)
    await town.says(ZHAO, f"核查 通过 {case.number}", CHAT_STREET)
    assert (await town.case(case)).status == "resolved"


async def test_reclassify_before_anybody_has_accepted(town: Town) -> None:
    case = await town.opens()
    assert "请写明类别" in await town.says(ZHAO, f"改类别 {case.number}", CHAT_STREET)
    await town.says(ZHAO, f"改类别 {case.number} 综合执法", CHAT_STREET)
    assert (await town.case(case)).category == "law_enforcement"


async def test_what_is_done_elsewhere_is_told_in_the_group(town: Town) -> None:
    case = await town.opens()
    said = await town.says(WANG, f"接单 {case.number}")
    assert "王芳已接单" in said
    assert "王芳已接单" in (await town.told("group:31"))[-1].text
