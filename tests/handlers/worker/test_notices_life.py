"""What becomes of a notice: agreed to, sent, acknowledged, done, ended, taken back, raised."""

import asyncio
from dataclasses import replace

from grid.message import Message
from grid.notices.wording import group_message
from storage.notice_columns import NoticeState, TargetState
from storage.notice_tables import NoticeTarget
from storage.plan import Change, Plan
from tests.handlers.worker.city import (
    CHAT3,
    CHAT_COMMUNITY,
    CHAT_OTHER,
    CHAT_STREET,
    GRID3,
    HE,
    LI,
    WANG,
    WU,
    ZHAO,
    ZHOU,
)
from tests.handlers.worker.notices_town import (
    FIRST,
    SECOND,
    deliver,
    event_kinds,
    make_jobs,
    notice_of,
    send_out,
    settle,
    targets_of,
)
from tests.handlers.worker.talk import Town

TASK = "通知 任务 周五17点 全街道 请逐户排查燃气隐患"
OUTAGE = "通知 停水 明天8点到17点 阳光水岸 检修"
WARNING = "通知 预警 黄色 暴雪 今晚8点到明天8点 文采社区 请减少外出\n值班要求：全员在岗，0454-1234567"
SUSPECT = (
    "通知 协查 本社区\n发布单位：建设街派出所\n文号：佳公协查〔2026〕12号\n批准人：张某某\n"
    "截止：11月30日\n年龄：40\n人脸照片：是\n正文：某男，身高一米七。"
)


async def make_task(town: Town) -> None:
    await town.says(ZHAO, TASK, CHAT_STREET)
    await town.says(ZHAO, "发送", CHAT_STREET)


async def test_sending_is_begun_with_every_target(town: Town) -> None:
    await settle(town, "o1", GRID3)
    await settle(town, "o2", GRID3, follows=False)
    await town.says(ZHAO, OUTAGE, CHAT_STREET)
    await town.says(ZHAO, "发送", CHAT_STREET)
    jobs = await make_jobs(town)
    assert await jobs.send_due() == 1
    assert await jobs.send_due() == 0
    targets = await targets_of(town)
    assert {key: (one.state, one.reason) for key, one in targets.items()} == {
        "group:31": (TargetState.WAITING, ""),
        "oa:o1": (TargetState.WAITING, ""),
        "oa:o2": (TargetState.LEFT, "已取消关注"),
    }
    assert (await event_kinds(town))[-1] == "begin"


async def test_of_two_processes_one_begins(town: Town) -> None:
    await make_task(town)
    one, other = await make_jobs(town), await make_jobs(town)
    assert sorted(await asyncio.gather(one.send_due(), other.send_due())) == [0, 1]
    assert len(await targets_of(town)) == 5


async def test_half_begun_is_begun_again_with_the_rest(town: Town) -> None:
    await make_task(town)
    notice = await notice_of(town)
    jobs = await make_jobs(town)
    ids = await town.archive.numbers.take(1)
    row = NoticeTarget(id=ids.start, notice_id=notice.id, target="group:31", state=TargetState.WAITING)
    await town.write(Plan(rows=[row]))
    assert await jobs.send_due() == 1
    assert len(await targets_of(town)) == 5


async def test_receipt_by_word_by_quote_by_number_and_by_card(town: Town) -> None:
    await make_task(town)
    await send_out(town)
    assert "已登记收到" in await town.says(LI, "收到", CHAT3)
    target = (await targets_of(town))["group:31"]
    assert (target.received_by, target.received_at) == ("worker:12", town.clock())
    town.clock.advance(hours=1)
    assert "已登记过收到" in await town.says(WANG, "收到！", CHAT3)
    assert (await targets_of(town))["group:31"].received_by == "worker:12"
    assert "已登记收到" in await town.says(HE, "收到，马上排查", CHAT_OTHER, quote=f"【任务 {FIRST}】请逐户排查")
    assert "已登记收到" in await town.says(ZHOU, f"收到 {FIRST}", CHAT_COMMUNITY)
    assert (await event_kinds(town)).count("receive") == 3


async def test_received_said_to_a_case_is_none_of_a_notices(town: Town) -> None:
    case = await town.opens()
    await make_task(town)
    await send_out(town)
    await town.says(LI, "收到", CHAT3, quote=f"【工单 {case.number}】下水道堵了")
    assert (await targets_of(town))["group:31"].received_at is None


async def test_a_card_of_a_notice_is_pressed(town: Town) -> None:
    await make_task(town)
    await send_out(town)
    target = (await targets_of(town))["group:31"]
    card = group_message(await notice_of(town), target).card
    assert card is not None
    assert "已登记收到" in await town.clicks(LI, card, "receive", CHAT3)
    assert town.face.lines[0] == ("状态", "已收到（李强）")
    assert (town.face.task_id, [button.key for button in town.face.buttons]) == (card.task_id, ["complete"])
    assert "请写明完成情况" in await town.clicks(LI, card, "complete", CHAT3)
    assert "不是发给本群的" in await town.clicks(HE, card, "receive", CHAT_OTHER)
    assert "不归本群办理" in await town.clicks(LI, replace(card, task_id="n999-1-1"), "receive", CHAT3)


async def test_a_task_is_done_grid_by_grid(town: Town) -> None:
    await make_task(town)
    await send_out(town)
    assert "已登记完成" in await town.says(WANG, f"完成 {FIRST} 已排查12户", CHAT3)
    assert "完成情况已更新" in await town.says(WANG, f"完成 {FIRST} 已排查13户", CHAT3)
    assert "请写明完成情况" in await town.says(HE, f"完成 {FIRST}", CHAT_OTHER)
    roll = await town.says(ZHAO, f"通知 名单 {FIRST}", CHAT_STREET)
    assert "已完成1/4（25%）" in roll
    assert "文采社区第三网格工作群 11-23 09:00 已排查13户" in roll
    assert "学苑社区第一网格工作群" in roll.split("未完成：")[1]
    assert "由拟稿人和指挥员查看" in await town.says(WANG, f"通知 名单 {FIRST}", CHAT3)


async def test_the_table_of_receipts(town: Town) -> None:
    await make_task(town)
    await send_out(town)
    rows = await targets_of(town)
    failed = {"state": TargetState.FAILED, "reason": "群机器人已被移除"}
    await town.write(Plan(changes=[Change(NoticeTarget, rows["group:37"].id, None, failed)]))
    await town.says(WANG, "收到", CHAT3)
    said = await town.says(ZHAO, f"通知 回执 {FIRST}", CHAT_STREET)
    assert "合计：5个群，已发3，失败1，送不到1，收到1，未回复2，完成0" in said
    assert "文采社区：3个群，已发2，送不到1，收到1，未回复1，完成0" in said
    assert "学苑社区：1个群，已发0，失败1" in said
    assert "学苑社区第一网格工作群（群机器人已被移除）" in said
    assert "文采社区第一网格工作群（群还没有绑定）" in said


async def test_the_silent_are_asked_once_more(town: Town) -> None:
    await town.says(ZHAO, OUTAGE, CHAT_STREET)
    await town.says(ZHAO, "发送", CHAT_STREET)
    jobs = await send_out(town)
    assert await jobs.remind_silent() == 0
    town.clock.advance(hours=5)
    assert await jobs.remind_silent() == 1
    assert await jobs.remind_silent() == 0
    told = await town.told("group:31")
    assert [message.kind for message in told] == ["notice_remind"]
    assert f"收到 {FIRST}" in told[0].text


async def test_who_answered_is_not_asked_again(town: Town) -> None:
    await make_task(town)
    jobs = await send_out(town)
    await town.says(WANG, f"完成 {FIRST} 已排查12户", CHAT3)
    town.clock.advance(days=3, hours=9)
    assert await jobs.remind_silent() == 1
    assert await town.told("group:31") == []
    assert "本群还没有报完成" in (await town.told("group:37"))[0].text


async def agree_needed(town: Town) -> None:
    """A warning waits: ZHOU of the community made it."""
    await town.says(ZHOU, WARNING, CHAT_COMMUNITY)
    said = await town.says(ZHOU, "提交", CHAT_COMMUNITY)
    assert "还须1人同意。可由赵敏" in said


async def test_one_agrees_and_it_goes(town: Town) -> None:
    await agree_needed(town)
    asked = await town.told(f"worker:{ZHAO}")
    assert "周杰提交通知，请审批" in asked[0].text
    assert "自己拟的通知不能自己审批" in await town.says(ZHOU, f"同意 {FIRST}")
    assert "所在区域或上级的指挥员" in await town.says(WANG, f"同意 {FIRST}", CHAT3)
    assert "马上开始发送" in await town.says(ZHAO, f"同意 {FIRST}")
    assert "赵敏已同意" in (await town.told(f"worker:{ZHOU}"))[-1].text
    assert "不能同意" in await town.says(WU, f"同意 {FIRST}")
    assert await event_kinds(town) == ["draft", "submit", "approve"]


async def test_agreeing_by_card(town: Town) -> None:
    await agree_needed(town)
    card = (await town.told(f"worker:{ZHAO}"))[0].card
    assert card is not None
    assert "不同意请写明原因" in await town.clicks(ZHAO, card, "disagree", None)
    assert "马上开始发送" in await town.clicks(ZHAO, card, "agree", None)
    assert "不能同意" in await town.clicks(ZHAO, card, "agree", None)


async def test_a_card_of_other_words_agrees_to_nothing(town: Town) -> None:
    await agree_needed(town)
    old = (await town.told(f"worker:{ZHAO}"))[0].card
    town.clock.advance(seconds=60)
    await town.says(ZHOU, f"修改 {FIRST} 正文 请全部撤离", CHAT_COMMUNITY)
    await town.says(ZHOU, "提交", CHAT_COMMUNITY)
    new = (await town.told(f"worker:{ZHAO}"))[-1].card
    assert old is not None
    assert new is not None
    assert "这张卡片已过时" in await town.clicks(ZHAO, old, "agree", None)
    assert (await notice_of(town)).state is NoticeState.WAITING
    assert "马上开始发送" in await town.clicks(ZHAO, new, "agree", None)
    assert town.face.lines == (("状态", "待发送"),)
    assert "已过时" in await town.clicks(ZHAO, new, "seen", None)


async def test_one_disagrees_and_it_is_over(town: Town) -> None:
    await agree_needed(town)
    assert "请写明原因" in await town.says(ZHAO, f"不同意 {FIRST}")
    assert "已记录不同意" in await town.says(ZHAO, f"不同意 {FIRST} 时间有误")
    assert "时间有误" in (await town.told(f"worker:{ZHOU}"))[-1].text
    assert (await notice_of(town)).state is NoticeState.REFUSED
    assert await (await make_jobs(town)).send_due() == 0


async def test_what_is_changed_must_be_agreed_to_again(town: Town) -> None:
    await agree_needed(town)
    await town.says(ZHAO, f"同意 {FIRST}")
    await town.says(ZHOU, f"修改 {FIRST} 标题 暴雪红色", CHAT_COMMUNITY)
    assert (await notice_of(town)).state is NoticeState.DRAFT
    assert await (await make_jobs(town)).send_due() == 0
    assert "还须1人同意" in await town.says(ZHOU, "提交", CHAT_COMMUNITY)
    assert "马上开始发送" in await town.says(ZHAO, f"同意 {FIRST}")


async def test_a_suspects_notice_needs_two(town: Town) -> None:
    await town.says(ZHOU, SUSPECT, CHAT_COMMUNITY)
    assert "还须2人同意" in await town.says(ZHOU, "提交", CHAT_COMMUNITY)
    assert "还须1人同意" in await town.says(ZHAO, f"同意 {FIRST}")
    assert "已经同意过" in await town.says(ZHAO, f"同意 {FIRST}")
    assert "马上开始发送" in await town.says(WU, f"同意 {FIRST}")


async def test_a_face_for_residents_is_confirmed_once_more(town: Town) -> None:
    await town.says(ZHOU, SUSPECT, CHAT_COMMUNITY)
    asked = await town.says(ZHOU, "修改 范围 本社区 居民", CHAT_COMMUNITY)
    assert "公开发布依据" in asked
    await town.says(ZHOU, "佳公发〔2026〕7号", CHAT_COMMUNITY)
    assert "再次确认发给居民" in await town.says(ZHOU, "预览", CHAT_COMMUNITY)
    await town.says(ZHOU, "提交", CHAT_COMMUNITY)
    assert "发送审批还没有完成" in await town.says(WU, f"确认居民 {FIRST}")
    await town.says(ZHAO, f"同意 {FIRST}")
    assert "还须再次确认发给居民" in await town.says(WU, f"同意 {FIRST}")
    assert (await notice_of(town)).state is NoticeState.WAITING
    assert "请再次确认" in (await town.told(f"worker:{WU}"))[-1].text
    assert "自己拟的" in await town.says(ZHOU, f"确认居民 {FIRST}")
    assert "马上开始发送" in await town.says(WU, f"确认居民 {FIRST}")


async def test_the_police_seat_relays_within_its_district(town: Town) -> None:
    assert "须2人同意" in await town.says("u-feng", SUSPECT.replace("本社区", "建设街道"))
    assert "公安席位只发布协查通报" in await town.says("u-feng", TASK)


async def test_a_minor_is_never_sent(town: Town) -> None:
    said = await town.says(ZHOU, SUSPECT.replace("40", "17"), CHAT_COMMUNITY)
    assert "未成年人" in said
    assert "未成年人" in await town.says(ZHOU, "提交", CHAT_COMMUNITY)
    assert (await notice_of(town)).state is NoticeState.DRAFT


async def test_recall(town: Town) -> None:
    await make_task(town)
    await send_out(town)
    assert "请写明通知编号" in await town.says(ZHAO, "撤回通知", CHAT_STREET)
    assert "请写明原因" in await town.says(ZHAO, f"撤回通知 {FIRST}", CHAT_STREET)
    assert "只有拟稿人" in await town.says(WANG, f"撤回通知 {FIRST} 不想做", CHAT3)
    assert "已撤回" in await town.says(WU, f"撤回通知 {FIRST} 时间有误")
    notice = await notice_of(town)
    assert (notice.state, notice.recalled_by, notice.recall_reason) == (
        NoticeState.RECALLED,
        "worker:17",
        "时间有误",
    )
    assert "已经撤回" in await town.says(WANG, f"收到 {FIRST}", CHAT3)
    assert "不能撤回" in await town.says(WU, f"撤回通知 {FIRST} 再来")


async def test_an_outage_ends_by_itself(town: Town) -> None:
    await settle(town, "o1", GRID3)
    await town.says(ZHAO, OUTAGE, CHAT_STREET)
    await town.says(ZHAO, "发送", CHAT_STREET)
    jobs = await send_out(town)
    town.clock.advance(days=1, hours=7)
    assert await jobs.end_due() == 0
    town.clock.advance(hours=1)
    assert await jobs.end_due() == 1
    assert await jobs.tell_ends() == 1
    assert await jobs.tell_ends() == 0
    assert (await notice_of(town)).state is NoticeState.ENDED
    for target in ("group:31", "oa:o1"):
        last: Message = (await town.told(target))[-1]
        assert last.kind == "notice_end"
        assert "计划恢复水的时间已到" in last.text or "恢复供水" in last.text
    assert "已经结束" in await town.says(WANG, f"收到 {FIRST}", CHAT3)


async def test_a_warning_is_stood_down_by_word(town: Town) -> None:
    await agree_needed(town)
    await town.says(ZHAO, f"同意 {FIRST}")
    jobs = await send_out(town)
    assert "只有拟稿人" in await town.says(LI, f"解除 {FIRST}", CHAT3)
    assert "已结束" in await town.says(ZHOU, f"解除 {FIRST} 降雪结束", CHAT_COMMUNITY)
    assert await jobs.tell_ends() == 1
    assert "已解除" in (await town.told("group:31"))[-1].text


async def test_another_level_takes_its_place(town: Town) -> None:
    await agree_needed(town)
    await town.says(ZHAO, f"同意 {FIRST}")
    await send_out(town)
    assert "调整为哪一级" in await town.says(ZHOU, f"调整 {FIRST}", CHAT_COMMUNITY)
    assert "现在就是黄色" in await town.says(ZHOU, f"调整 {FIRST} 黄色", CHAT_COMMUNITY)
    said = await town.says(ZHOU, f"调整 {FIRST} 红色 雪势加大", CHAT_COMMUNITY)
    assert f"【红色预警 {SECOND}】" in said
    await town.says(ZHOU, "修改 范围 第三网格", CHAT_COMMUNITY)
    await town.says(ZHOU, "提交", CHAT_COMMUNITY)
    await town.says(ZHAO, f"同意 {SECOND}")
    assert (await notice_of(town, FIRST)).state is NoticeState.SENT
    jobs = await make_jobs(town)
    await jobs.send_due()
    await deliver(town, SECOND)
    old = await notice_of(town, FIRST)
    assert (old.state, old.recall_reason) == (NoticeState.ENDED, f"由{SECOND}接替")
    # Who has the new level needs no word; who is out of its reach is stood down.
    assert await jobs.tell_ends() == 1
    assert [message.kind for message in await town.told("group:31")] == []
    assert "已解除" in (await town.told("group:32"))[-1].text


async def test_each_time_of_a_series_is_a_notice_of_its_own(town: Town) -> None:
    await town.says(ZHAO, TASK, CHAT_STREET)
    await town.says(ZHAO, "定时 明天8点 每周", CHAT_STREET)
    await town.says(ZHAO, "发送", CHAT_STREET)
    jobs = await make_jobs(town)
    assert await jobs.send_due() == 0
    town.clock.advance(days=1)
    assert await jobs.send_due() == 1
    first, number = await notice_of(town), "通1124-01"
    second = await notice_of(town, number)
    assert second.series_id == first.id
    assert second.fields["due"] == "2026-12-04T17:00+08:00"
    assert second.send_at is not None
    assert (second.send_at.isoformat(), second.state) == ("2026-12-01T00:00:00+00:00", NoticeState.SCHEDULED)
    assert "以后的各次也不再发送" in await town.says(ZHAO, f"取消 {number}", CHAT_STREET)
    town.clock.advance(days=8)
    assert await jobs.send_due() == 0


async def test_what_is_too_late_is_not_sent(town: Town) -> None:
    await town.says(ZHAO, OUTAGE, CHAT_STREET)
    await town.says(ZHAO, "发送", CHAT_STREET)
    town.clock.advance(days=2)
    assert await (await make_jobs(town)).send_due() == 1
    assert (await notice_of(town)).state is NoticeState.CANCELLED
    assert "没有发出" in (await town.told(f"worker:{ZHAO}"))[-1].text


async def test_drafts_do_not_lie_about(town: Town) -> None:
    await town.says(ZHAO, OUTAGE, CHAT_STREET)
    jobs = await make_jobs(town)
    assert await jobs.drop_drafts() == 0
    town.clock.advance(days=4)
    assert await jobs.drop_drafts() == 1
    assert (await notice_of(town)).state is NoticeState.CANCELLED


async def test_the_list(town: Town) -> None:
    await make_task(town)
    said = await town.says(ZHAO, "通知 列表", CHAT_STREET)
    assert f"{FIRST} 任务 待发送" in said
    assert "还没有通知" in await town.says(ZHOU, "通知 列表", CHAT_COMMUNITY)
