"""办结 with its outcome, 核查 by a second person, 回访, 重开: how a matter ends, said honestly."""

from datetime import timedelta

import pytest

from grid.checks import Checks
from grid.desk import House
from grid.outcomes import Outcome
from handlers.worker.outcomes import parse_outcome
from storage.columns import CallbackState
from storage.loop_tables import Callback
from storage.tables import Case
from tests.handlers.worker.city import CHAT3, CHAT_COMMUNITY, CHAT_DUTY, CHAT_STREET, LI, WANG, WU, ZHAO, ZHOU
from tests.handlers.worker.talk import PHOTO, Town

CHECKED = House(checks=Checks(shares={"urban_property": 100}))


async def accepted(town: Town, **values: object) -> Case:
    case = await town.opens(**values)  # type: ignore[arg-type]  # a test's shorthand
    await town.says(WANG, f"接单 {case.number}", CHAT3)
    return case


@pytest.mark.parametrize(
    ("text", "outcome", "whose", "result"),
    [
        ("已疏通，更换一段管道", Outcome.SOLVED, "", "已疏通，更换一段管道"),
        ("已解决 换了灯泡", Outcome.SOLVED, "", "换了灯泡"),
        ("不属我方 城管局 占道经营归城管局管", Outcome.NOT_OURS, "城管局", "占道经营归城管局管"),
        ("不属于我们，属城管局管辖", Outcome.NOT_OURS, "城管局", "请向城管局反映"),
        ("不归我们管 应由住建局负责，已告知居民", Outcome.NOT_OURS, "住建局", "负责，已告知居民"),
        ("不属我方", Outcome.NOT_OURS, "", ""),
        ("不属我方 这事说不清楚", Outcome.NOT_OURS, "", "这事说不清楚"),
        ("解释说明 停水系管网检修，今晚恢复", Outcome.EXPLAINED, "", "停水系管网检修，今晚恢复"),
        ("无法解决 原因：需等小区改造立项", Outcome.UNSOLVABLE, "", "需等小区改造立项"),
        ("暂时无法解决，没有经费", Outcome.UNSOLVABLE, "", "没有经费"),
        ("解决不了 产权有争议", Outcome.UNSOLVABLE, "", "产权有争议"),
        ("无法解决", Outcome.UNSOLVABLE, "", ""),
        ("", Outcome.SOLVED, "", ""),
    ],
)
def test_outcomes_as_they_are_typed(text: str, outcome: Outcome, whose: str, result: str) -> None:
    said = parse_outcome(text)
    assert (said.outcome, said.whose, said.result) == (outcome, whose, result)


async def test_what_is_not_ours_names_whose_it_is(town: Town) -> None:
    case = await accepted(town)
    assert "请写明属于哪个部门" in await town.says(WANG, "办结 不属我方", CHAT3)
    assert (await town.case(case)).status == "accepted"
    said = await town.says(WANG, "办结 不属我方 城管局 占道经营归城管局管", CHAT3)
    assert "已办结（不属我方）" in said
    done = await town.case(case)
    assert (done.outcome, done.result) == ("not_ours", "占道经营归城管局管")
    heard = (await town.told_resident(case))[-1]
    assert "应由城管局办理，问题尚未解决" in heard.text
    assert "已办结：" not in heard.text
    assert heard.template is not None
    assert heard.template.fields["result"].startswith("不属我方")


async def test_what_cannot_be_solved_says_so_and_asks_for_a_call(town: Town) -> None:
    case = await accepted(town)
    assert "请写明无法解决的原因" in await town.says(WANG, "办结 无法解决", CHAT3)
    said = await town.says(WANG, "办结 无法解决 需等小区改造立项", CHAT3)
    assert "安排回访" in said
    heard = (await town.told_resident(case))[-1].text
    assert "目前无法解决，原因：需等小区改造立项" in heard
    assert "安排回访" in heard
    (row,) = await town.books.list_all(Callback)
    assert (row.case_id, row.why, row.group_id, row.state) == (case.id, "unsolvable", 32, CallbackState.WAITING)
    assert any("无法解决，请于" in message.text for message in await town.told("group:32"))
    assert "无法解决" in await town.says(WANG, f"进度 {case.number}", CHAT3)


async def test_an_explanation_is_no_repair(town: Town) -> None:
    case = await accepted(town)
    await town.says(WANG, "办结 解释说明 停水系管网检修", CHAT3)
    assert (await town.case(case)).outcome == "explained"
    assert "已答复（解释说明）：停水系管网检修" in (await town.told_resident(case))[-1].text
    resolve = (await town.event_rows(case))[-1]
    assert '"outcome":"explained"' in (resolve.payload or "").replace(" ", "")


async def test_pictures_before_and_after_are_told_apart(town: Town) -> None:
    case = await accepted(town)
    assert "处置前照片已附到" in await town.says(WANG, f"照片 {case.number}", CHAT3, quoted_media=[PHOTO])
    assert "处置后照片已附到" in await town.says(WANG, f"照片 {case.number} 疏通后", CHAT3, quoted_media=[PHOTO])
    assert "处置后照片已附到" in await town.says(WANG, "办结 已疏通", CHAT3, media=[PHOTO])
    assert [row.phase for row in await town.media(case)] == ["before", "after", "after"]


async def test_checks_are_made_by_somebody_else(town: Town) -> None:
    town.house = CHECKED
    case = await accepted(town)
    assert "等待核查" in await town.says(WANG, "办结 已疏通", CHAT3)
    assert "待核查" in (await town.told("group:32"))[-1].text
    assert "请写明核查结果" in await town.says(ZHAO, f"核查 {case.number}", CHAT_STREET)
    assert "请写明不通过的原因" in await town.says(ZHAO, f"核查 不通过 {case.number}", CHAT_STREET)
    assert "核查通过须由上级指挥员操作" in await town.says(LI, f"核查 通过 {case.number}", CHAT3)
    await town.says(ZHAO, f"核查 不通过 {case.number} 现场仍有积水", CHAT_STREET)
    assert (await town.case(case)).status == "handling"
    await town.says(WANG, "办结 再次疏通", CHAT3)
    assert not [one for one in await town.told_resident(case) if one.kind == "resolved"]
    await town.says(ZHAO, f"核查 通过 {case.number}", CHAT_STREET)
    done = await town.case(case)
    assert (done.status, done.checker_id) == ("resolved", 13)
    assert "再次疏通" in (await town.told_resident(case))[-1].text


async def test_who_resolved_does_not_check(town: Town) -> None:
    town.house = CHECKED
    case = await accepted(town)
    await town.says(ZHAO, f"办结 {case.number} 街道已协调疏通", CHAT_STREET)
    assert "办理人以外的人" in await town.says(ZHAO, f"核查 通过 {case.number}", CHAT_STREET)
    assert (await town.case(case)).status == "checking"
    await town.says(ZHOU, f"核查 通过 {case.number}", CHAT_COMMUNITY)
    assert (await town.case(case)).status == "resolved"


async def test_whom_nobody_can_ask_is_called_back(town: Town) -> None:
    await town.says(ZHAO, "热线 20261123-0001 阳光水岸3号楼停水 13900000002")
    (case,) = await town.books.list_all(Case)
    await town.says(WANG, f"接单 {case.number}", CHAT3)
    await town.says(WANG, f"办结 {case.number} 已恢复供水", CHAT3)
    assert "没有通过公众号" in (await town.told("group:32"))[-1].text
    said = await town.says(ZHAO, "回访", CHAT_STREET)
    assert case.number in said
    assert "请写明满意" in await town.says(ZHAO, f"回访 {case.number}", CHAT_STREET)
    assert "请写明回访情况" in await town.says(ZHAO, f"回访 {case.number} 满意", CHAT_STREET)
    assert "回访由值班群或指挥员进行" in await town.says(WANG, f"回访 {case.number} 满意 好", CHAT3)
    assert "回访已记录：满意" in await town.says(ZHAO, f"回访 {case.number} 满意 居民表示已来水", CHAT_STREET)
    (row,) = await town.books.list_all(Callback)
    assert (row.state, row.satisfied, row.note, row.done_by) == (
        CallbackState.DONE,
        "good",
        "居民表示已来水",
        "worker:13",
    )
    assert (await town.case(case)).rating == "good"
    assert "没有待回访" in await town.says(WU, "回访", CHAT_DUTY)
    assert "不在回访队列里" in await town.says(ZHAO, f"回访 {case.number} 不满意 又停了", CHAT_STREET)


async def test_a_call_that_finds_him_dissatisfied_points_at_reopening(town: Town) -> None:
    case = await accepted(town)
    await town.says(WANG, "办结 无法解决 没有经费", CHAT3)
    said = await town.says(ZHAO, f"回访 {case.number} 不满意 居民要求给出时间表", CHAT_STREET)
    assert f"重开 {case.number}" in said
    assert "居民不满意" in (await town.told("group:31"))[-1].text
    await town.says(ZHAO, f"重开 {case.number} 居民要求给出时间表", CHAT_STREET)
    assert (await town.case(case)).status == "dispatched"


async def test_reopening_too_late_opens_a_linked_case(town: Town) -> None:
    case = await accepted(town)
    await town.says(WANG, "办结 修好了", CHAT3)
    town.clock.advance(timedelta(days=16))
    said = await town.says(ZHAO, f"重开 {case.number} 现场复查未解决", CHAT_STREET)
    assert "已新开关联工单" in said
    old, new = sorted(await town.books.list_all(Case), key=lambda row: row.opened_at)
    assert (old.status, new.reopened_from_id, new.resident_id) == ("resolved", old.id, old.resident_id)
    assert "现场复查未解决" in new.text


async def test_whoever_took_it_first_is_told_of_later_steps(town: Town) -> None:
    case = await accepted(town)
    await town.says(WANG, "退回 不属本网格", CHAT3)
    await town.says(ZHOU, f"接单 {case.number}", CHAT_COMMUNITY)
    await town.says(ZHOU, f"办结 {case.number} 已疏通", CHAT_COMMUNITY)
    told = [message.text for message in await town.told(f"worker:{WANG}")]
    assert len(told) == 2
    assert "已由周杰接单" in told[0]
    assert "已办结（已解决）" in told[1]
    done = await town.case(case)
    assert (done.first_handler_id, done.handler_id) == (11, 15)
