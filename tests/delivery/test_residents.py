"""Residents: few messages in a window, templates past it, and nothing lost in between."""

from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry

from bot.delivery.parked import count_parked, requeue_parked, take_parked, target_of_resident
from bot.delivery.residents import Residents
from bot.ports import BadAnswer, Refused, Unreachable
from grid.message import Choice, Template
from storage.plan import Change, Plan
from storage.tables import Resident
from tests.clock import START
from tests.delivery.fakes import DUTY, Desk

RESOLVED = Template("resolved", {"number": "1123-07"})


async def test_what_is_due_together_goes_as_one_text(desk: Desk) -> None:
    await desk.resident("o1")
    await desk.case(7)
    await desk.put("oa:o1", "已派单", case_id=7, choices=(Choice("1", "好"),))
    await desk.put("oa:o1", "已接单", case_id=7)
    await desk.put("oa:o1", "明天的", after=timedelta(days=1))
    await desk.delivery.deliver_due()
    assert desk.oa.texts == ["已派单\n\n已接单"]
    assert desk.oa.messages[0].choices == (Choice("1", "好"),)
    assert await desk.states("oa:o1") == ["sent", "sent", "queued"]
    assert await desk.used("o1") == 1
    assert len(await desk.events(7)) == 2


async def test_the_choices_of_the_last_one_that_asks_are_kept(desk: Desk) -> None:
    await desk.resident("o1")
    await desk.put("oa:o1", "问一", choices=(Choice("1", "旧"),))
    await desk.put("oa:o1", "问二", choices=(Choice("1", "新"),))
    await desk.delivery.deliver_due()
    assert desk.oa.messages[0].choices == (Choice("1", "新"),)


async def test_long_texts_are_not_made_longer(desk: Desk) -> None:
    await desk.resident("o1")
    await desk.put("oa:o1", "长" * 600, "文" * 600)
    await desk.delivery.deliver_due()
    assert [len(text) for text in desk.oa.texts] == [600, 600]
    assert await desk.used("o1") == 2


async def test_the_last_message_of_a_window_is_kept_for_a_result(desk: Desk) -> None:
    await desk.resident("o1", used=4)
    await desk.put("oa:o1", "已接单")
    await desk.delivery.deliver_due()
    assert desk.oa.said == []
    assert await desk.states("oa:o1") == ["parked"]
    await desk.put("oa:o1", "已办结", reserve=True)
    await desk.delivery.deliver_due()
    assert desk.oa.texts == ["已办结"]
    assert await desk.used("o1") == 5


async def test_an_ordinary_message_rides_along_with_a_result(desk: Desk) -> None:
    await desk.resident("o1", used=4)
    await desk.put("oa:o1", "已接单")
    await desk.put("oa:o1", "已办结", reserve=True)
    await desk.delivery.deliver_due()
    assert desk.oa.texts == ["已接单\n\n已办结"]


@pytest.mark.parametrize(
    ("limit", "age", "is_open"),
    [
        (5, timedelta(hours=47, minutes=59), True),
        (5, timedelta(hours=48), False),
        (3, timedelta(seconds=59), True),
        (3, timedelta(minutes=1), False),
    ],
)
async def test_windows_close_in_time(desk: Desk, limit: int, age: timedelta, is_open: bool) -> None:
    await desk.resident("o1", limit=limit, opened_at=desk.clock() - age)
    await desk.put("oa:o1", "一")
    await desk.delivery.deliver_due()
    assert await desk.states("oa:o1") == (["sent"] if is_open else ["parked"])


async def test_past_the_window_a_template_goes_and_what_has_none_waits(desk: Desk) -> None:
    await desk.resident("o1", opened_at=None)
    await desk.put("oa:o1", "已接单")
    await desk.put("oa:o1", "已办结", template=RESOLVED)
    await desk.put("oa:o1", "社区通知", template=Template("notice"))
    await desk.delivery.deliver_due()
    assert [(said.text, said.template) for said in desk.oa.said] == [("", "resolved")]
    rows = await desk.rows("oa:o1")
    assert [(row.state, row.sent_via) for row in rows] == [("parked", ""), ("sent", "template"), ("parked", "")]
    assert await desk.used("o1") == 0


async def test_the_platform_knows_better_that_a_window_is_closed(desk: Desk) -> None:
    await desk.resident("o1")
    desk.oa.refuse("oa:o1", Refused(45015))
    await desk.put("oa:o1", "一")
    await desk.put("oa:o1", "已办结", template=RESOLVED)
    await desk.delivery.deliver_due()
    assert await desk.states("oa:o1") == ["parked", "sent"]
    assert await desk.used("o1") == 5
    await desk.put("oa:o1", "二")
    await desk.delivery.deliver_due()
    assert [said.template for said in desk.oa.said] == ["resolved"]


async def test_a_refused_subscription_waits(desk: Desk) -> None:
    await desk.resident("o1", opened_at=None)
    desk.oa.refuse("oa:o1", Refused(43101))
    await desk.put("oa:o1", "已办结", template=RESOLVED)
    await desk.delivery.deliver_due()
    (row,) = await desk.rows("oa:o1")
    assert (row.state, row.refusal) == ("parked", "43101 居民没有订阅或已拒收这类通知")


async def test_parked_messages_go_when_he_writes_again(desk: Desk) -> None:
    await desk.resident("o1", opened_at=None)
    await desk.put("oa:o1", "一", "二")
    await desk.delivery.deliver_due()
    target = target_of_resident("o1")
    assert await count_parked(desk.archive, target) == 2
    plan = await requeue_parked(desk.archive, target, desk.clock())
    resident = await find_resident(desk, "o1")
    window = {"window_opened_at": desk.clock(), "window_limit": 5, "window_used": 0}
    plan.changes.append(Change(Resident, resident.id, resident.version, window))
    await desk.archive.committer.commit(plan)
    await desk.put(target, "三")
    await desk.delivery.deliver_due()
    assert desk.oa.texts == ["一\n\n二\n\n三"]
    assert await count_parked(desk.archive, target) == 0
    assert (await requeue_parked(desk.archive, target, desk.clock())).changes == []


async def find_resident(desk: Desk, openid: str) -> Resident:
    found = await Residents(desk.archive).find(openid)
    assert found is not None
    return found


async def test_he_writes_while_a_message_is_under_way(desk: Desk) -> None:
    """The window that opened meanwhile must not be overwritten by the count of the old one."""
    await desk.resident("o1", used=2)
    resident = await find_resident(desk, "o1")

    async def write() -> None:
        later = {"window_opened_at": desk.clock() + timedelta(seconds=1), "window_limit": 5, "window_used": 0}
        await desk.archive.committer.commit(Plan(changes=[Change(Resident, resident.id, resident.version, later)]))

    desk.oa.before_answer = write
    await desk.put("oa:o1", "一")
    await desk.delivery.deliver_due()
    after = await find_resident(desk, "o1")
    assert after.window_opened_at == desk.clock() + timedelta(seconds=1)
    assert after.window_used == 1
    assert desk.oa.texts == ["一"]


async def test_pictures_count_and_are_trimmed_to_what_is_left(desk: Desk) -> None:
    await desk.resident("o1", used=1)
    await desk.put("oa:o1", "办理照片", pictures=(1, 2, 3, 4))
    await desk.delivery.deliver_due()
    assert desk.oa.said[0].pictures == ("1.jpg", "2.jpg")
    assert await desk.used("o1") == 4
    (row,) = await desk.rows("oa:o1")
    assert row.refusal == "有 2 张图片未附上"


async def test_who_left_is_given_up_quietly_and_marked(desk: Desk) -> None:
    await desk.resident("o1")
    desk.oa.refuse("oa:o1", Refused(43004))
    await desk.put("oa:o1", "一")
    await desk.delivery.deliver_due()
    (row,) = await desk.rows("oa:o1")
    assert (row.state, row.refusal) == ("dead", "43004 居民已取消关注")
    assert (await find_resident(desk, "o1")).follows is False
    assert await desk.rows(f"group:{DUTY}") == []


async def test_one_bad_content_does_not_take_the_others_with_it(desk: Desk) -> None:
    await desk.resident("o1")
    desk.oa.refuse("oa:o1", Refused(45162), Refused(45162))
    await desk.put("oa:o1", "坏的", "好的")
    await desk.delivery.deliver_due()
    assert await desk.states("oa:o1") == ["dead", "sent"]
    assert desk.oa.texts == ["好的"]
    assert desk.aibot.said[-1].text.startswith("【消息未送达】\n对象：居民\n原因：45162")


async def test_an_unanswered_batch_is_tried_again_whole(desk: Desk) -> None:
    await desk.resident("o1")
    desk.oa.refuse("oa:o1", Unreachable(), BadAnswer())
    await desk.put("oa:o1", "一", "二")
    for _ in range(3):
        await desk.delivery.deliver_due()
        desk.clock.advance(seconds=10)
    assert desk.oa.texts == ["一\n\n二"]
    assert [(row.state, row.tries) for row in await desk.rows("oa:o1")] == [("sent", 2), ("sent", 2)]
    assert await desk.used("o1") == 1


async def test_a_batches_key_names_all_that_is_in_it(desk: Desk) -> None:
    """A transport goes on under a key where it broke off: another batch must not pass for the first one."""
    await desk.resident("o1")
    await desk.put("oa:o1", "一")
    await desk.put("oa:o1", "二")
    await desk.delivery.deliver_due()
    first, second = await desk.rows("oa:o1")
    assert desk.oa.said[0].key == f"outbox:{first.id}+{second.id}"


async def test_a_days_quota_waits_for_midnight_in_china_and_is_told_once(desk: Desk) -> None:
    await desk.resident("o1")
    await desk.resident("o2")
    desk.oa.refuse("oa:o1", Refused(45009))
    desk.oa.refuse("oa:o2", Refused(45009))
    await desk.put("oa:o1", "一")
    await desk.put("oa:o2", "一")
    await desk.delivery.deliver_due()
    for openid in ("o1", "o2"):
        (row,) = await desk.rows(f"oa:{openid}")
        assert row.due_at > START.replace(hour=16, minute=0)
        assert (row.state, row.tries) == ("queued", 0)
    assert len(await desk.rows(f"group:{DUTY}")) == 1


async def test_an_account_without_the_right_keeps_messages_for_his_next_visit(desk: Desk) -> None:
    await desk.resident("o1")
    desk.oa.refuse("oa:o1", Refused(48001))
    await desk.put("oa:o1", "一")
    await desk.delivery.deliver_due()
    assert await desk.states("oa:o1") == ["parked"]


async def test_a_closed_door_is_told(desk: Desk) -> None:
    delivery = desk.make_delivery(CollectorRegistry(), account=None)
    await desk.put("oa:o1", "一", "二")
    await delivery.deliver_due()
    assert await desk.states("oa:o1") == ["dead", "dead"]
    assert "（2 条消息）" in desk.aibot.texts[0]


async def test_an_unknown_resident_has_no_window(desk: Desk) -> None:
    await desk.put("oa:nobody", "一")
    await desk.delivery.deliver_due()
    assert await desk.states("oa:nobody") == ["parked"]


async def test_parked_messages_ride_on_the_passive_reply(desk: Desk) -> None:
    await desk.resident("o1", opened_at=None)
    await desk.case(7)
    await desk.put("oa:o1", "一", "二", case_id=7)
    await desk.put("oa:o1", "带图", pictures=(1,))
    await desk.put("oa:o1", "三")
    await desk.delivery.deliver_due()
    taken = await take_parked(desk.archive, "oa:o1", desk.clock(), 1000)
    assert [message.text for message in taken.messages] == ["一", "二"]
    await desk.archive.committer.commit(taken.plan)
    rows = await desk.rows("oa:o1")
    assert [(row.state, row.sent_via) for row in rows] == [("sent", "passive")] * 2 + [("queued", "")] * 2
    assert len(await desk.events(7)) == 2
    assert (await desk.target("oa:o1")).due_at == desk.clock()


async def test_a_reply_takes_no_more_than_it_has_room_for(desk: Desk) -> None:
    await desk.put("oa:o1", "字" * 100, "字" * 100, "字")
    await desk.delivery.deliver_due()
    for room, count in ((10, 0), (310, 1), (604, 2), (700, 3)):
        assert len((await take_parked(desk.archive, "oa:o1", desk.clock(), room)).messages) == count


async def test_nothing_parked_is_nothing_to_write(desk: Desk) -> None:
    taken = await take_parked(desk.archive, "oa:o1", desk.clock(), 1000)
    assert (taken.messages, taken.plan) == ((), Plan())
