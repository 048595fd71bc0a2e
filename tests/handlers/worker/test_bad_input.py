"""What cannot be: one clear sentence that says what is possible now, and nothing changes."""

import pytest

from storage.plan import Change, Conflict, Plan
from storage.tables import Case
from tests.handlers.worker.city import CHAT3, CHAT_COMMUNITY, CHAT_OTHER, CHAT_STREET, HE, LI, WANG, ZHAO, ZHOU
from tests.handlers.worker.talk import Town


async def snapshot(town: Town, case: Case) -> tuple[str, int, list[str]]:
    now = await town.case(case)
    return now.status, now.version, await town.events(case)


async def brought(town: Town, status: str) -> Case:
    """A case of grid 3, brought to `status` by the words that people use."""
    case = await town.opens()
    other = await town.opens()
    words = {
        "dispatched": (),
        "accepted": ((WANG, "接单"),),
        "suspended": ((WANG, "接单"), (ZHAO, "挂起 30天 等天气")),
        "resolved": ((WANG, "接单"), (WANG, "办结 已疏通")),
        "void": ((ZHAO, "作废 重复反映"),),
        "merged": ((ZHAO, f"合并 并入 {other.number}"),),
    }[status]
    for who, said in words:
        verb, _, rest = said.partition(" ")
        chat = CHAT_STREET if who == ZHAO else CHAT3
        await town.says(who, f"{verb} {case.number} {rest}".rstrip(), chat)
    assert (await town.case(case)).status == status
    return case


@pytest.mark.parametrize(
    ("status", "who", "said", "heard"),
    [
        ("dispatched", WANG, "办结 已疏通", "工单待接单，现在不能办结。现在可以：接单"),
        ("dispatched", WANG, "处置 到了", "现在不能处置。现在可以：接单"),
        ("dispatched", WANG, "延期 2天 等配件", "现在不能延期。现在可以：接单"),
        ("dispatched", ZHAO, "核查 通过", "现在不能核查通过"),
        ("accepted", LI, "办结 已疏通", "办结须由接单人、上级指挥员操作。现在可以：退回"),
        ("accepted", LI, "作废 重复", "作废须由上级指挥员操作"),
        ("accepted", LI, "延期 2天 等配件", "延期须由接单人、上级指挥员操作"),
        (
            "accepted",
            LI,
            "接单",
            "工单已接单，现在不能接单。现在可以：退回、转派、提级、补充、问、子单。接单人是王芳。",
        ),
        ("accepted", WANG, "接单", "您已接单"),
        ("accepted", WANG, "作废 重复", "作废须由上级指挥员操作"),
        ("accepted", ZHAO, "回访 满意 好", "不在回访队列里"),
        ("suspended", WANG, "办结 已疏通", "工单已挂起，现在不能办结。现在可以：恢复"),
        ("suspended", WANG, "挂账 30天 等管材", "现在不能"),
        ("resolved", WANG, "办结 又疏通", "工单已办结，现在不能办结"),
        ("resolved", WANG, "退回 不属", "工单已办结，现在不能退回"),
        ("resolved", LI, "重开 没修好", "重开须由反映人、上级指挥员操作"),
        ("resolved", WANG, "吹哨 住建局 来", "工单已办结，现在不能吹哨"),
        ("resolved", WANG, "子单 住建局 挖开", "现在不能子单"),
        ("void", WANG, "接单", "工单已作废，现在不能接单"),
        ("void", ZHAO, "作废 再作废", "工单已作废，现在不能作废"),
        ("merged", WANG, "接单", "工单已合并，现在不能接单"),
        ("merged", ZHAO, "办结 好了", "工单已合并，现在不能办结。现在可以：拆分"),
    ],
)
async def test_a_move_that_is_not_allowed(town: Town, status: str, who: str, said: str, heard: str) -> None:
    case = await brought(town, status)
    before = await snapshot(town, case)
    verb, _, rest = said.partition(" ")
    chat = CHAT_STREET if who == ZHAO else CHAT3
    answer = await town.says(who, f"{verb} {case.number} {rest}".rstrip(), chat)
    assert heard in answer
    assert town.outcome == "refused"
    assert await snapshot(town, case) == before


async def test_twice_is_said_and_done_once(town: Town) -> None:
    case = await brought(town, "accepted")
    await town.says(WANG, f"办结 {case.number} 已疏通", CHAT3)
    told = len(await town.told_resident(case))
    assert "现在不能办结" in await town.says(WANG, f"办结 {case.number} 已疏通", CHAT3)
    assert len(await town.told_resident(case)) == told


async def test_what_was_decided_on_an_older_state_is_not_written(town: Town) -> None:
    case = await brought(town, "accepted")
    stale = (await town.case(case)).version
    await town.says(WANG, f"处置 {case.number} 到了", CHAT3)
    change = Change(Case, case.id, stale, {"status": "resolved"})
    assert await town.archive.committer.commit(Plan(changes=[change])) == Conflict("Case", case.id)
    assert (await town.case(case)).status == "handling"


async def test_foreign_and_unknown_cases(town: Town) -> None:
    case = await brought(town, "accepted")
    before = await snapshot(town, case)
    assert "不归本群办理" in await town.says(HE, f"办结 {case.number} 好了", CHAT_OTHER)
    assert "没有工单 1123-99" in await town.says(WANG, "办结 1123-99 好了", CHAT3)
    assert await snapshot(town, case) == before


async def test_a_click_on_what_was_merged_shows_how_it_stands(town: Town) -> None:
    case = await brought(town, "merged")
    card = next(message.card for message in await town.told("group:31") if message.card is not None)
    said = await town.clicks(WANG, card, "accept", CHAT3)
    assert "卡片已过时，工单现在是已合并" in said
    assert (await town.case(case)).status == "merged"


async def test_merging_and_parting_tell_everybody(town: Town) -> None:
    case = await brought(town, "merged")
    assert "已合并办理" in (await town.told_resident(case))[-1].text
    await town.says(ZHAO, f"拆分 {case.number}", CHAT_STREET)
    assert "已恢复单独办理" in (await town.told_resident(case))[-1].text
    assert "须由两件工单共同的上级" not in await town.says(ZHOU, f"进度 {case.number}", CHAT_COMMUNITY)
