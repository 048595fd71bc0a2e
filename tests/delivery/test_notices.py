"""Messages of notices in delivery: what becomes of each stands in the notice's book, and a notice that is over is not sent."""

from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from bot.delivery.notices import NoticeRef, find_ref, put_ref
from bot.delivery.outbox import OutboxReader
from bot.delivery.parked import take_parked
from bot.ports import Address, Picture, Refused, Sent, Unreachable
from grid.message import Message, Template, parse_body, render_body
from storage.archive import Archive
from storage.columns import Channel
from storage.notice_columns import NoticeKind, NoticeState, TargetState
from storage.notice_tables import Notice, NoticeTarget
from storage.plan import Change, OutboxDraft, Plan
from storage.rows import fresh
from tests.clock import START, FakeClock
from tests.delivery.fakes import Desk


async def notify(desk: Desk, target: str, target_id: int, text: str = "协查", **more: Any) -> None:
    """One message of notice 1, booked under `target_id`."""
    row = fresh(NoticeTarget, id=target_id, notice_id=1, target=target, state=TargetState.QUEUED)
    body = put_ref(render_body(Message("notice", text, **more)), NoticeRef(1, target_id))
    await desk.archive.committer.commit(Plan(rows=[row], outbox=[OutboxDraft(target, "notice", body, desk.clock())]))


async def book(desk: Desk, target_id: int) -> NoticeTarget:
    async with desk.archive.reads() as session:
        found = await session.get(NoticeTarget, target_id)
    assert found is not None
    return found


async def move(desk: Desk, state: NoticeState) -> None:
    await desk.archive.committer.commit(Plan(changes=[Change(Notice, 1, None, {"state": state})]))


@pytest.fixture
async def notices(desk: Desk) -> Desk:
    """The desk, with a notice that is being sent."""
    row = fresh(Notice, id=1, number="通1123-01", kind=NoticeKind.SUSPECT, state=NoticeState.SENDING, made_at=START)
    await desk.archive.committer.commit(Plan(rows=[row]))
    return desk


@pytest.mark.parametrize(
    ("body", "ref"),
    [
        ({"kind": "notice", "notice": [1, 2]}, NoticeRef(1, 2)),
        ({"kind": "notice"}, None),
        ({"notice": [1]}, None),
        ({"notice": ["1", "2"]}, None),
        ({"notice": "1,2"}, None),
        (None, None),
        ([1, 2], None),
    ],
)
def test_the_place_in_the_book_is_read_from_the_body(body: object, ref: NoticeRef | None) -> None:
    assert find_ref(body) == ref


def test_the_message_itself_does_not_change_by_it() -> None:
    message = Message("notice", "一", pictures=(3,), urgent=True)
    assert parse_body(put_ref(render_body(message), NoticeRef(1, 2))) == message


async def test_what_was_taken_is_booked(notices: Desk) -> None:
    await notify(notices, "group:3", 11)
    await notices.delivery.deliver_due()
    found = await book(notices, 11)
    assert (found.state, found.via, found.sent_at) == (TargetState.SENT, "webhook", START)


@pytest.mark.parametrize(
    ("target", "trouble", "state", "reason"),
    [
        ("group:3", Refused(93000), TargetState.FAILED, "93000"),
        ("group:3", Refused(93004), TargetState.FAILED, "93004"),
        ("group:1", Refused(86003), TargetState.FAILED, "86003"),
        ("group:1", Refused(93006), TargetState.LEFT, "93006"),
        ("oa:x", Refused(50005), TargetState.LEFT, "50005"),
        ("oa:x", Refused(43101), TargetState.LEFT, "43101"),
    ],
)
async def test_what_was_refused_for_good_is_booked_with_the_reason(
    notices: Desk, target: str, trouble: Exception, state: TargetState, reason: str
) -> None:
    await notices.resident("x")
    await notify(notices, target, 11)
    transport = {"group:1": notices.aibot, "group:3": notices.webhook, "oa:x": notices.oa}[target]
    transport.refuse(target, trouble)
    await notices.delivery.deliver_due()
    found = await book(notices, 11)
    assert found.state is state
    assert reason in found.reason


async def test_a_revoked_key_stops_nobody_else_and_goes_not_twice(notices: Desk) -> None:
    await notify(notices, "group:3", 11)
    await notify(notices, "group:1", 12)
    notices.webhook.refuse("group:3", Refused(93000))
    await notices.delivery.deliver_due()
    await notices.delivery.deliver_due()
    assert [(await book(notices, number)).state for number in (11, 12)] == [TargetState.FAILED, TargetState.SENT]
    assert [said.target for said in notices.aibot.said if said.text == "协查"] == ["group:1"]


async def test_another_try_leaves_the_book_open(notices: Desk) -> None:
    await notify(notices, "group:3", 11)
    notices.webhook.refuse("group:3", Unreachable())
    await notices.delivery.deliver_due()
    assert (await book(notices, 11)).state is TargetState.QUEUED
    notices.clock.advance(seconds=60)
    await notices.delivery.deliver_due()
    assert (await book(notices, 11)).state is TargetState.SENT


STANDING = (NoticeState.SENDING, NoticeState.SENT)


@pytest.mark.parametrize("target", ["group:1", "group:3", "oa:x"])
@pytest.mark.parametrize("state", [state for state in NoticeState if state not in STANDING])
async def test_a_notice_that_does_not_stand_is_not_sent(notices: Desk, target: str, state: NoticeState) -> None:
    await notices.resident("x")
    await notify(notices, target, 11)
    await move(notices, state)
    await notices.delivery.deliver_due()
    assert notices.aibot.said + notices.webhook.said + notices.oa.said == []
    assert (await book(notices, 11)).state is TargetState.STOPPED
    assert await notices.states(target) == ["dead"]


@pytest.mark.parametrize("state", STANDING)
async def test_a_notice_that_stands_is_sent(notices: Desk, state: NoticeState) -> None:
    await notify(notices, "group:3", 11)
    await move(notices, state)
    await notices.delivery.deliver_due()
    assert notices.webhook.texts == ["协查"]


async def test_what_was_read_before_the_recall_is_not_sent_after_it(notices: Desk) -> None:
    """Both were read together; the recall comes while the first is on its way."""
    await notify(notices, "group:3", 11, "一")
    second = fresh(NoticeTarget, id=12, notice_id=1, target="group:3b", state=TargetState.QUEUED)
    body = put_ref(render_body(Message("notice", "二")), NoticeRef(1, 12))
    draft = OutboxDraft("group:3", "notice", body, notices.clock())
    await notices.archive.committer.commit(Plan(rows=[second], outbox=[draft]))
    notices.webhook.before_answer = lambda: move(notices, NoticeState.RECALLED)
    await notices.delivery.deliver_due()
    assert notices.webhook.texts == ["一"]
    # It is a fact that the first arrived: whoever tells of the recall must know.
    assert [(await book(notices, number)).state for number in (11, 12)] == [TargetState.SENT, TargetState.STOPPED]


async def test_a_parked_notice_is_booked_when_it_is_heard_at_last(notices: Desk) -> None:
    await notices.resident("x", opened_at=None)
    await notify(notices, "oa:x", 11)
    await notices.delivery.deliver_due()
    assert (await book(notices, 11)).state is TargetState.LEFT
    taken = await take_parked(notices.archive, "oa:x", notices.clock(), 600)
    await notices.archive.committer.commit(taken.plan)
    assert [message.text for message in taken.messages] == ["协查"]
    assert (await book(notices, 11)).state is TargetState.SENT


async def test_a_template_is_booked_under_the_platform_s_number(notices: Desk) -> None:
    class Numbered:
        async def send(self, *_: object) -> Sent:
            raise AssertionError("the window is closed")

        async def send_template(self, *_: object) -> Sent:
            return Sent("template", "4711")

    delivery = notices.make_delivery(CollectorRegistry(), account=Numbered(), templates={"notice"})
    await notices.resident("x", opened_at=None)
    await notify(notices, "oa:x", 11, template=Template("notice", {}))
    await delivery.deliver_due()
    found = await book(notices, 11)
    assert (found.state, found.via, found.note) == (TargetState.SENT, "template", "4711")


async def test_each_receiver_gets_his_own_picture(archive: Archive, clock: FakeClock) -> None:
    asked: list[tuple[int, str]] = []

    async def dress(picture_id: int, address: Address) -> Picture | None:
        asked.append((picture_id, address.key))
        return Picture(f"{address.key[-1]}.jpg", "image/jpeg", b"x") if picture_id == 77 else None

    desk = Desk(archive, clock)
    await desk.settle(a=(1, Channel.AIBOT), c=(3, Channel.WEBHOOK))
    desk.delivery = desk.make_delivery(CollectorRegistry(), dress_picture=dress)
    for target in ("group:1", "group:3"):
        await desk.put(target, "看图", pictures=(77, 2))
    await desk.delivery.deliver_due()
    assert [said.pictures for said in desk.aibot.said + desk.webhook.said] == [("1.jpg", "2.jpg"), ("3.jpg", "2.jpg")]
    assert sorted(asked) == [(2, "group:1"), (2, "group:3"), (77, "group:1"), (77, "group:3")]


async def test_after_a_restart_a_text_with_a_picture_counts_as_two(desk: Desk) -> None:
    await desk.put("group:3", "看图", pictures=(1,))
    await desk.put("group:3", "看")
    await desk.delivery.deliver_due()
    recent = await OutboxReader(desk.archive.engine).list_recent(["group:3"], desk.clock() - timedelta(hours=1))
    assert len(recent["group:3"]) == 3
