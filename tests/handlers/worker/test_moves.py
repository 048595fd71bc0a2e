"""接单 to 办结 and the side ways, as dialogues."""

from storage.columns import PostRole
from storage.plan import Plan
from storage.rows import fresh
from storage.tables import Post, Worker
from tests.handlers.worker.city import (
    CHAT3,
    CHAT_COMMUNITY,
    CHAT_OTHER,
    CHAT_STREET,
    COMMUNITY,
    HE,
    LI,
    OTHER1,
    WANG,
    ZHAO,
    ZHOU,
    make_worker,
)
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
    heard = (await town.told("group:32"))[-1].text
    assert "不属本网格" in heard
    # Who gave it back does not answer for it any more.
    assert "责任人：周杰" in heard
    assert "不属本社区请回复" in heard


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
    assert "挂起须由上级指挥员操作" in await town.says(LI, "挂起 等天气转暖", CHAT3)
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


async def test_transfer_to_somebody_by_name(town: Town) -> None:
    case = await town.opens()
    said = await town.says(WANG, "转派 何静 她更熟", CHAT3)
    assert "已转派给何静" in said
    moved = await town.case(case)
    assert (moved.group_id, moved.handler_id, moved.routing["person"]) == (37, None, 18)
    assert "已转派给您" in (await town.told(f"worker:{HE}"))[-1].text
    assert "责任人：何静" in (await town.told("group:37"))[-1].text
    assert "已接单" in await town.says(HE, f"接单 {case.number}", CHAT_OTHER)


async def test_transfer_among_namesakes_asks_which(town: Town) -> None:
    await town.write(Plan(rows=list(namesake())))
    case = await town.opens()
    said = await town.says(WANG, "转派 何静 她更熟", CHAT3)
    assert "有2位何静" in said
    assert "文采社区" in said
    assert "学苑社区第一网格" in said
    assert (await town.case(case)).group_id == 31
    await town.says(WANG, "转派 何静 0018 她更熟", CHAT3)
    assert (await town.case(case)).group_id == 37
    other = await town.opens()
    await town.says(WANG, f"转派 {other.number} 何静 文采社区 她更熟", CHAT3)
    assert (await town.case(other)).group_id == 32


def namesake() -> tuple[Worker, Post]:
    return (
        make_worker(50, "u-he2", "何静", COMMUNITY),
        fresh(Post, id=150, worker_id=50, area_code=COMMUNITY, role=PostRole.PART_TIMER, category=""),
    )


async def test_who_is_away_gets_nothing(town: Town) -> None:
    case = await town.opens()
    said = await town.says(WANG, "转派 郑伟 他来", CHAT3)
    assert "未在岗或未登记" in said
    assert (await town.case(case)).group_id == 31


async def test_returns_are_counted(town: Town) -> None:
    case = await town.opens()
    await town.says(WANG, "退回 不属本网格", CHAT3)
    await town.says(ZHOU, f"转派 {case.number} 文采社区第三网格 属于三网格", CHAT_COMMUNITY)
    await town.says(WANG, "退回 还是不属", CHAT3)
    again = await town.case(case)
    assert again.routing["returns"] == 2
    assert (await town.events(case)).count("return") == 2
