"""Cards: clicked, updated within five seconds, refused."""

from tests.sandbox.conftest import BotSide, Play
from tests.sandbox.workgroup import card, click, hang_card, messages, say, send, update


async def test_a_task_id_is_used_once(play: Play, bot: BotSide) -> None:
    await say(play)
    await bot.next()
    assert (await bot.ask("aibot_send_msg", send("g1", card())))["errcode"] == 0
    assert (await bot.ask("aibot_send_msg", send("g1", card())))["errcode"] == 40058


async def test_click_and_update(play: Play, bot: BotSide) -> None:
    await hang_card(play, bot)
    row = (await messages(play))[-1]
    assert row["card"]["buttons"] == [{"key": "accept:1", "text": "接单"}, {"key": "return:1", "text": "退回"}]
    assert (await click(play))["delivered"] is True
    frame = await bot.next()
    event = frame["body"]["event"]
    assert frame["cmd"] == "aibot_event_callback"
    assert event["eventtype"] == "template_card_event"
    assert event["template_card_event"] == {"card_type": "button_interaction", "event_key": "accept:1", "task_id": "t1"}
    assert (await bot.ask("aibot_respond_update_msg", update(), frame["headers"]["req_id"]))["errcode"] == 0
    shown = (await messages(play))[-1]["card"]
    assert [item["text"] for item in shown["updates"]] == ["已由 王芳 接单"]
    assert shown["buttons"] == [{"key": "done:1", "text": "办结"}]
    assert (await click(play, "done:1"))["delivered"] is True


async def test_a_card_is_updated_only_within_five_seconds(play: Play, bot: BotSide) -> None:
    await hang_card(play, bot)
    await click(play)
    req_id = (await bot.next())["headers"]["req_id"]
    await play.later(5.1)
    assert (await bot.ask("aibot_respond_update_msg", update(), req_id))["errcode"] == 846605
    assert (await messages(play))[-1]["card"]["updates"] == []


async def test_wrong_updates(play: Play, bot: BotSide) -> None:
    await hang_card(play, bot)
    await say(play)
    message_id = (await bot.next())["headers"]["req_id"]
    assert (await bot.ask("aibot_respond_update_msg", update(), message_id))["errcode"] == 846605
    assert (await bot.ask("aibot_respond_update_msg", update(), "unknown"))["errcode"] == 846605
    await click(play)
    req_id = (await bot.next())["headers"]["req_id"]
    assert (await bot.ask("aibot_respond_update_msg", update("t2"), req_id))["errcode"] == 40058
    assert (await bot.ask("aibot_respond_update_msg", card(), req_id))["errcode"] == 40058


async def test_an_update_for_one_person_leaves_the_card_to_the_others(play: Play, bot: BotSide) -> None:
    await hang_card(play, bot)
    await click(play)
    req_id = (await bot.next())["headers"]["req_id"]
    assert (await bot.ask("aibot_respond_update_msg", update() | {"userids": ["w1"]}, req_id))["errcode"] == 0
    shown = (await messages(play))[-1]["card"]
    assert shown["updates"][0]["userids"] == ["w1"]
    assert [button["key"] for button in shown["buttons"]] == ["accept:1", "return:1"]


async def test_a_phone_that_has_not_redrawn_sends_the_old_key(play: Play, bot: BotSide) -> None:
    await hang_card(play, bot)
    await click(play)
    await bot.ask("aibot_respond_update_msg", update(), (await bot.next())["headers"]["req_id"])
    assert (await click(play))["delivered"] is True
    assert (await bot.next())["body"]["event"]["template_card_event"]["event_key"] == "accept:1"


async def test_clicks_on_nothing(play: Play, bot: BotSide) -> None:
    await hang_card(play, bot)
    assert (await click(play, task_id="t9"))["delivered"] is False
    assert (await click(play, key="other"))["delivered"] is False
