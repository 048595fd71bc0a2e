"""What the AI bot may say, where, and how often."""

import pytest

from tests.sandbox.conftest import BotSide, Play
from tests.sandbox.workgroup import card, markdown, messages, say, send, stream


async def test_no_push_where_nobody_has_spoken(play: Play, bot: BotSide) -> None:
    await play.put("/groups/g1", {"name": "一格", "members": []})
    for chat in ("g1", "w1", "nowhere", ""):
        assert (await bot.ask("aibot_send_msg", send(chat, markdown())))["errcode"] == 93006
    await play.post("/groups/g1/say", {"userid": "w1", "text": "不是对机器人说的", "mention": False})
    assert (await bot.ask("aibot_send_msg", send("g1", markdown())))["errcode"] == 93006
    await say(play)
    await bot.next()
    assert (await bot.ask("aibot_send_msg", send("g1", markdown())))["errcode"] == 0
    assert (await bot.ask("aibot_send_msg", send("w1", markdown())))["errcode"] == 93006


async def test_push_into_a_single_chat(play: Play, bot: BotSide) -> None:
    await play.post("/workers/w1/say", {"text": "在吗"})
    await bot.next()
    assert (await bot.ask("aibot_send_msg", send("w1", markdown("在"))))["errcode"] == 0
    (row,) = await play.get("/workers/w1/inbox?after=0")
    assert (row["via"], row["text"]) == ("bot", "在")


async def test_thirty_a_minute(play: Play, bot: BotSide) -> None:
    await say(play)
    req_id = (await bot.next())["headers"]["req_id"]
    codes = [(await bot.ask("aibot_respond_msg", markdown(), req_id))["errcode"] for _ in range(10)]
    codes += [(await bot.ask("aibot_send_msg", send("g1", markdown())))["errcode"] for _ in range(21)]
    assert codes == [0] * 30 + [45009]
    await play.later(61)
    assert (await bot.ask("aibot_send_msg", send("g1", markdown())))["errcode"] == 0
    assert (await play.books())["busiest_minute"]["bot"]["b1/g1"] == 30


async def test_a_thousand_an_hour(play: Play, bot: BotSide) -> None:
    await say(play)
    await bot.next()
    window = play.world.bots.by_id["b1"]
    for _ in range(40):
        for _ in range(25):
            window.take_send("g1", play.world.clock.now())
        play.world.clock.advance(61)
    assert (await bot.ask("aibot_send_msg", send("g1", markdown())))["errcode"] == 45009
    play.world.clock.advance(1200)
    assert (await bot.ask("aibot_send_msg", send("g1", markdown())))["errcode"] == 0


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"msgtype": "text", "text": {"content": "不支持"}}, 40008),
        (markdown(""), 44004),
        (markdown("x" * 20480), 0),
        (markdown("x" * 20481), 45002),
        ({"msgtype": "image", "image": {"media_id": "nowhere"}}, 40007),
        (card(task_id=""), 40058),
        (card(task_id="空 格"), 40058),
        (card(task_id="x" * 129), 40058),
        (card(task_id="x" * 128), 0),
        (card(button_list=[]), 40058),
        (card(button_list=[{"text": str(n), "key": str(n)} for n in range(7)]), 40058),
        (card(button_list=[{"text": str(n), "key": str(n)} for n in range(6)]), 0),
        (card(button_list=[{"text": "甲", "key": "k" * 1025}]), 40058),
        (card(button_list=[{"text": "甲", "key": "k"}, {"text": "乙", "key": "k"}]), 40058),
        (card(button_list=[{"text": "甲", "key": "k", "style": 9}]), 40058),
        (card(button_list=[{"text": "", "key": "k"}]), 40058),
        (card(main_title={}), 40058),
        (card(card_type="shout"), 40058),
        (card(card_type="text_notice"), 40058),
        (card(card_type="text_notice", card_action={"type": 1, "url": "http://x.invalid"}), 0),
        (card(card_type="news_notice", card_action={"type": 1, "url": "http://x.invalid"}), 40058),
        (
            card(
                card_type="news_notice",
                card_action={"type": 1, "url": "http://x.invalid"},
                card_image={"url": "http://x.invalid/a.png", "aspect_ratio": 3},
            ),
            40058,
        ),
        (card(horizontal_content_list=[{"keyname": "x", "value": "y"}] * 7), 40058),
        (card(card_type="vote_interaction", checkbox={"option_list": []}), 40058),
        (card(card_type="multiple_interaction", select_list=[]), 40058),
    ],
)
async def test_wrong_bodies(play: Play, bot: BotSide, body: dict[str, object], errcode: int) -> None:
    await say(play)
    await bot.next()
    assert (await bot.ask("aibot_send_msg", send("g1", body)))["errcode"] == errcode


async def test_answers_for_24_hours(play: Play, bot: BotSide) -> None:
    await say(play)
    req_id = (await bot.next())["headers"]["req_id"]
    await play.later(86400 - 5)
    assert (await bot.ask("aibot_respond_msg", markdown(), req_id))["errcode"] == 0
    await play.later(10)
    assert (await bot.ask("aibot_respond_msg", markdown(), req_id))["errcode"] == 846605


async def test_a_stream_is_one_message(play: Play, bot: BotSide) -> None:
    await say(play)
    req_id = (await bot.next())["headers"]["req_id"]
    await bot.ask("aibot_respond_msg", stream("正在查", False), req_id)
    await bot.ask("aibot_respond_msg", stream("正在查：3 件", True), req_id)
    rows = [row for row in await messages(play) if row["via"] == "bot"]
    assert [(row["text"], row["finished"]) for row in rows] == [("正在查：3 件", True)]
    assert (await bot.ask("aibot_respond_msg", stream("再加", True), req_id))["errcode"] == 846608


async def test_a_stream_ends_after_six_minutes(play: Play, bot: BotSide) -> None:
    await say(play)
    req_id = (await bot.next())["headers"]["req_id"]
    await bot.ask("aibot_respond_msg", stream("正在查", False), req_id)
    await play.later(361)
    assert (await bot.ask("aibot_respond_msg", stream("好了", True), req_id))["errcode"] == 846608


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        (stream("x" * 20481, True), 45002),
        (stream("x", True, msg_item=[]), 40058),
        (stream("x", True, id=""), 40058),
        (stream("", True), 44004),
    ],
)
async def test_wrong_streams(play: Play, bot: BotSide, body: dict[str, object], errcode: int) -> None:
    await say(play)
    req_id = (await bot.next())["headers"]["req_id"]
    assert (await bot.ask("aibot_respond_msg", body, req_id))["errcode"] == errcode


async def test_stream_with_a_card(play: Play, bot: BotSide) -> None:
    await say(play)
    req_id = (await bot.next())["headers"]["req_id"]
    body = stream("见卡片", True) | {"msgtype": "stream_with_template_card", "template_card": card()["template_card"]}
    assert (await bot.ask("aibot_respond_msg", body, req_id))["errcode"] == 0
    assert [row["msgtype"] for row in await messages(play) if row["via"] == "bot"] == ["template_card", "stream"]
    body["template_card"] = card("t2")["template_card"]
    assert (await bot.ask("aibot_respond_msg", body, req_id))["errcode"] == 40058


async def test_welcome_within_five_seconds_and_once(play: Play, bot: BotSide) -> None:
    hello = {"msgtype": "text", "text": {"content": "您好"}}
    await play.post("/workers/w1/say", {"event": "enter_chat"})
    frame = await bot.next()
    assert frame["body"]["event"] == {"eventtype": "enter_chat"}
    req_id = frame["headers"]["req_id"]
    assert (await bot.ask("aibot_respond_welcome_msg", markdown(), req_id))["errcode"] == 40008
    assert (await bot.ask("aibot_respond_welcome_msg", hello, req_id))["errcode"] == 0
    assert (await bot.ask("aibot_respond_welcome_msg", hello, req_id))["errcode"] == 846605
    await play.post("/workers/w1/say", {"event": "enter_chat"})
    req_id = (await bot.next())["headers"]["req_id"]
    await play.later(6)
    assert (await bot.ask("aibot_respond_welcome_msg", hello, req_id))["errcode"] == 846605
