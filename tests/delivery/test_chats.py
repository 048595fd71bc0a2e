"""Work groups and workers: order, retries, what becomes of a message that nobody takes."""

from datetime import timedelta

import orjson
import pytest

from bot.delivery.directory import ArchiveDirectory
from bot.delivery.parked import requeue_parked
from bot.ports import Address, BadAnswer, Refused, Unreachable
from storage.archive import Archive
from storage.columns import WorkerStatus
from storage.plan import OutboxDraft, Plan
from storage.rows import fresh
from storage.tables import Worker
from tests.clock import FakeClock
from tests.delivery.fakes import DUTY, Desk


async def test_messages_arrive_in_order_and_are_written_down(desk: Desk) -> None:
    await desk.case(7)
    await desk.put("group:1", "一", "二", case_id=7)
    await desk.put("worker:w1", "三")
    await desk.delivery.deliver_due()
    assert [said.text for said in desk.aibot.said if said.target == "group:1"] == ["一", "二"]
    assert "三" in desk.aibot.texts
    rows = await desk.rows("group:1")
    assert [(row.state, row.sent_via, row.refusal) for row in rows] == [("sent", "aibot", "")] * 2
    assert rows[0].sent_at == desk.clock()
    assert [said.key for said in desk.aibot.said if said.target == "group:1"] == [f"outbox:{row.id}" for row in rows]


async def test_the_cases_history_says_who_was_told(desk: Desk) -> None:
    await desk.case(7)
    await desk.put("group:3", "下水道堵了", case_id=7)
    await desk.delivery.deliver_due()
    (event,) = await desk.events(7)
    assert (event.kind, event.actor) == ("told", "system")
    assert orjson.loads(event.payload) == {"kind": "notice", "target": "group:3", "via": "webhook"}


async def test_a_message_that_waits_for_another_try_holds_back_those_behind_it(desk: Desk) -> None:
    desk.aibot.refuse("group:1", Unreachable())
    await desk.put("group:1", "一", "二")
    await desk.put("group:2", "别的群")
    await desk.delivery.deliver_due()
    assert desk.aibot.texts == ["别的群"]
    first, second = await desk.rows("group:1")
    assert (first.tries, first.refusal) == (1, "网络不通：平台没有应答")
    assert second.refusal == ""
    assert (await desk.target("group:1")).due_at == first.due_at > desk.clock()
    desk.clock.set(first.due_at)
    await desk.delivery.deliver_due()
    assert desk.aibot.texts == ["别的群", "一", "二"]
    assert (await desk.target("group:1")).due_at is None


async def test_a_message_for_later_does_not_hold_back_those_behind_it(desk: Desk) -> None:
    await desk.put("group:1", "明天的", after=timedelta(days=1))
    await desk.put("group:1", "今天的")
    await desk.delivery.deliver_due()
    assert desk.aibot.texts == ["今天的"]
    assert (await desk.target("group:1")).due_at == desk.clock() + timedelta(days=1)
    desk.clock.advance(days=1)
    await desk.delivery.deliver_due()
    assert desk.aibot.texts == ["今天的", "明天的"]


async def test_pauses_grow_and_end_in_a_dead_letter(desk: Desk) -> None:
    await desk.case(7)
    desk.aibot.refuse("group:1", *[BadAnswer()] * 8)
    await desk.put("group:1", "一", case_id=7)
    pauses = []
    for _ in range(8):
        await desk.delivery.deliver_due()
        (row,) = await desk.rows("group:1")
        pauses.append((row.due_at - desk.clock()).total_seconds())
        desk.clock.set(max(row.due_at, desk.clock()))
    assert pauses[:7] == [1, 2, 4, 8, 16, 32, 64]
    assert (row.state, row.refusal) == ("dead", "平台的应答无法识别（已尝试 8 次）")
    (letter,) = [said for said in desk.aibot.said if said.target == f"group:{DUTY}"]
    assert letter.text.split("\n") == [
        "【消息未送达】工单 1123-07",
        "对象：工作群“群1”",
        "原因：平台的应答无法识别（已尝试 8 次）",
        "处理：请电话通知负责人；请在群里发送“@网格助手 绑定 绑定码”恢复通知，或回复“指派 工单号 网格”改派。",
    ]


@pytest.mark.parametrize("target", ["group:4", "group:55", "group:x", "nobody:1"])
async def test_who_cannot_be_told_becomes_a_dead_letter_at_once(desk: Desk, target: str) -> None:
    await desk.put(target, "一")
    desk.open_prefixes.add("nobody:")
    await desk.delivery.deliver_due()
    if target.startswith("nobody:"):
        # Nobody claims a kind of target that nobody knows.
        assert await desk.states(target) == ["queued"]
        return
    (row,) = await desk.rows(target)
    assert (row.state, row.refusal) == ("dead", "对方尚未绑定，或没有可用的发送方式")
    assert desk.aibot.said[-1].target == f"group:{DUTY}"


async def test_a_removed_robot_is_told_at_once_for_each_case(desk: Desk) -> None:
    await desk.case(7)
    await desk.case(8)
    desk.webhook.refuse("group:3", Refused(93000), Refused(93000))
    await desk.put("group:3", "一", case_id=7)
    await desk.put("group:3", "二", case_id=8)
    await desk.delivery.deliver_due()
    assert await desk.states("group:3") == ["dead", "dead"]
    assert len(await desk.rows(f"group:{DUTY}")) == 2


async def test_a_notice_to_many_does_not_bury_the_duty_group(desk: Desk) -> None:
    for number in range(500, 520):
        await desk.put(f"group:{number}", "停水通知")
    await desk.delivery.deliver_due()
    (letter,) = desk.aibot.said
    assert letter.text.endswith("同样原因的其他通知不再逐条提醒，请在控制台查看。")
    assert (await desk.states()).count("dead") == 20
    desk.clock.advance(hours=6)
    await desk.put("group:500", "停水通知")
    await desk.delivery.deliver_due()
    assert len(desk.aibot.said) == 2


async def test_trouble_with_the_duty_group_itself_is_counted_and_never_loops(desk: Desk) -> None:
    desk.aibot.refuse(f"group:{DUTY}", *[Refused(86003)] * 9)
    await desk.put("group:4", "一")
    await desk.delivery.deliver_due()
    assert await desk.states() == ["dead", "dead"]
    assert desk.counted("unheard") == 1


async def test_without_a_duty_group_it_is_counted(
    archive: Archive, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Desk(archive, clock, duty="")
    await desk.put("group:4", "不可外传")
    await desk.delivery.deliver_due()
    assert desk.counted("unheard") == 1
    assert "不可外传" not in caplog.text


async def test_a_group_where_nobody_spoke_is_parked_and_the_duty_group_hears_of_it(desk: Desk) -> None:
    desk.aibot.refuse("group:1", Refused(93006))
    await desk.put("group:1", "一")
    await desk.delivery.deliver_due()
    assert await desk.states("group:1") == ["parked"]
    assert desk.aibot.said[-1].text.startswith("【消息未送达，等待对方发言】")
    await desk.archive.committer.commit(await requeue_parked(desk.archive, "group:1", desk.clock()))
    await desk.delivery.deliver_due()
    assert await desk.states("group:1") == ["sent"]


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("oa:o1", "居民"),
        ("worker:w1", "网格员王芳"),
        ("worker:w2", "网格员"),
        ("group:1", "工作群“群1”"),
        ("x:1", "未知对象"),
    ],
)
async def test_how_the_duty_group_calls_people(desk: Desk, target: str, name: str) -> None:
    worker = fresh(Worker, id=5, userid="w1", name="王芳", status=WorkerStatus.ACTIVE)
    await desk.archive.committer.commit(Plan(rows=[worker]))
    directory = ArchiveDirectory(desk.archive.engine, "duty")
    assert await directory.describe(target) == name
    assert await directory.find_duty() == f"group:{DUTY}"


async def test_where_messages_go(desk: Desk) -> None:
    directory = ArchiveDirectory(desk.archive.engine, "nobody")
    assert await directory.find("oa:o1") == Address("oa:o1", "o1", via="oa")
    assert await directory.find("worker:w1") == Address("worker:w1", "w1", via="aibot")
    assert await directory.find("group:1") == Address("group:1", "chat1", via="aibot")
    assert await directory.find("group:3") == Address("group:3", "", "key3", via="webhook")
    assert await directory.find("group:4") is None
    assert await directory.find("what") is None
    assert await directory.find_duty() == f"group:{DUTY}"  # one that is configured wrongly does not silence the other


async def test_a_refused_content_does_not_hold_back_those_behind_it(desk: Desk) -> None:
    desk.aibot.refuse("group:1", Refused(40058))
    await desk.put("group:1", "坏的", "好的")
    await desk.delivery.deliver_due()
    assert await desk.states("group:1") == ["dead", "sent"]


async def test_a_transports_own_mistake_is_tried_again(desk: Desk) -> None:
    desk.aibot.refuse("group:1", KeyError("a mistake"))
    await desk.put("group:1", "一")
    await desk.delivery.deliver_due()
    (row,) = await desk.rows("group:1")
    assert (row.state, row.refusal) == ("queued", "发送时出错（KeyError）")


async def test_trouble_of_the_whole_channel_waits_and_is_no_failure_of_the_message(desk: Desk) -> None:
    desk.aibot.refuse("group:1", *[Refused(853000)] * 400)
    await desk.put("group:1", "一")
    for _ in range(20):
        await desk.delivery.deliver_due()
        desk.clock.advance(seconds=900)
    (row,) = await desk.rows("group:1")
    assert (row.state, row.tries) == ("queued", 0)
    desk.clock.advance(hours=72)
    await desk.delivery.deliver_due()
    assert await desk.states("group:1") == ["dead"]


async def test_a_refusal_per_minute_waits_that_long(desk: Desk) -> None:
    desk.aibot.refuse("group:1", Refused(45009, retry_seconds=60.0))
    await desk.put("group:1", "一")
    await desk.delivery.deliver_due()
    (row,) = await desk.rows("group:1")
    assert (row.due_at - desk.clock()).total_seconds() == 61


async def test_pictures_go_along_and_missing_ones_are_noted(desk: Desk) -> None:
    await desk.put("group:1", "一", pictures=(1, 2, 99))
    await desk.delivery.deliver_due()
    assert desk.aibot.said[0].pictures == ("1.jpg", "2.jpg")
    (row,) = await desk.rows("group:1")
    assert (row.state, row.refusal) == ("sent", "有 1 张图片未附上")


async def test_only_who_holds_the_connection_sends_to_groups(desk: Desk) -> None:
    desk.open_prefixes = {"oa:"}
    await desk.put("group:1", "一")
    await desk.delivery.deliver_due()
    assert desk.aibot.said == []
    desk.open_prefixes = {"oa:", "group:"}
    await desk.delivery.deliver_due()
    assert desk.aibot.texts == ["一"]


async def test_losing_the_connection_stops_between_two_messages(desk: Desk) -> None:
    desk.aibot.on_send = lambda message: desk.open_prefixes.clear()
    await desk.put("group:1", "一", "二")
    await desk.delivery.deliver_due()
    assert await desk.states("group:1") == ["sent", "queued"]
    assert (await desk.target("group:1")).held_by is None


async def test_an_unreadable_body_does_not_stop_the_rest(desk: Desk) -> None:
    await desk.archive.committer.commit(Plan(outbox=[OutboxDraft("group:1", "odd", {"text": "x"}, desk.clock())]))
    await desk.put("group:1", "好的")
    await desk.delivery.deliver_due()
    rows = await desk.rows("group:1")
    assert [(row.state, row.refusal) for row in rows] == [("dead", "消息格式有误"), ("sent", "")]


async def test_a_case_that_is_gone_does_not_make_a_message_go_out_twice(desk: Desk) -> None:
    await desk.put("group:1", "一", case_id=404)
    await desk.delivery.deliver_due()
    await desk.delivery.deliver_due()
    assert desk.aibot.texts == ["一"]
    assert await desk.states("group:1") == ["sent"]
