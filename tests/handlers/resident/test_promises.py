"""What 进度 promises: a date while one runs, none while the case is suspended, and no date twice once it is broken."""

from datetime import timedelta

from grid.actions.closing import resume
from grid.desk import SYSTEM
from grid.workflow import Refusal
from tests.handlers.resident.talk import Talk, Town
from tests.handlers.worker.city import CHAT_COMMUNITY, ZHOU

LAMP = "阳光水岸1号楼楼道灯不亮"


async def test_a_running_case_has_its_date(talk: Talk) -> None:
    await talk.says(LAMP)
    await talk.says("进度")
    assert talk.hears("。最迟11月23日11:00接单，11月26日17:00前办结。")
    assert talk.hears_none_of("超时")


async def test_a_suspended_case_has_the_day_of_going_on_only(talk: Talk, town: Town) -> None:
    await talk.says(LAMP)
    await town.works("接单")
    number = (await talk.only_case()).number
    await town.works(f"挂账 {number} 30天 等管材", ZHOU, CHAT_COMMUNITY)
    await talk.says("进度")
    assert talk.hears("暂时办不了", "再看能否办理")
    assert talk.hears_none_of("前办结")


async def test_who_waits_hears_the_new_date_when_it_goes_on(talk: Talk, town: Town) -> None:
    await talk.says(LAMP)
    await town.works("接单")
    number = (await talk.only_case()).number
    await town.works(f"挂账 {number} 30天 等管材", ZHOU, CHAT_COMMUNITY)
    town.clock.advance(seconds=timedelta(days=1).total_seconds())
    plan = resume(town.hall.desk(), await talk.only_case(), SYSTEM, await talk.row())
    assert not isinstance(plan, Refusal)
    heard = [draft.body["text"] for draft in plan.outbox if draft.target == "oa:oLi"]
    assert heard == [f"工单 {number} 已恢复办理，11月27日17:00前办结。"]


async def test_a_broken_promise_is_not_made_again(talk: Talk, town: Town) -> None:
    await talk.says(LAMP)
    await town.works("接单")
    town.clock.advance(seconds=timedelta(days=4).total_seconds())
    await talk.says("进度")
    assert talk.hears("原定11月26日17:00前办结，已超时，正在督促。")


async def test_a_rating_before_the_end_is_no_part_of_the_case(talk: Talk) -> None:
    await talk.says(LAMP)
    for word in ("满意", "不满意", "不太满意"):
        await talk.says(word)
        assert talk.hears("还没有办结，办结后会请您评价")
    await talk.says("不满意，灯罩也碎了")
    assert talk.hears("已补充到工单")
    assert (await talk.only_case()).text == f"{LAMP}\n不满意，灯罩也碎了"
