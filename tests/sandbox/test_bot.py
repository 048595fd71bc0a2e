"""The AI bot on its long connection: what it hears, what it may say, where, how often."""

import base64
import hashlib

import pytest
from aibot.crypto_utils import decrypt_file

from tests.sandbox.conftest import BotSide, Play, b64, connect, png


def markdown(text: str = "**好**") -> dict[str, object]:
    return {"msgtype": "markdown", "markdown": {"content": text}}


def card(task_id: str = "t1", **more: object) -> dict[str, object]:
    body = {
        "card_type": "button_interaction",
        "main_title": {"title": "【工单 1123-08】", "desc": "下水道堵"},
        "button_list": [{"text": "接单", "key": "accept:1"}, {"text": "退回", "key": "return:1"}],
        "task_id": task_id,
    }
    return {"msgtype": "template_card", "template_card": body | more}


def send(chatid: str, body: dict[str, object]) -> dict[str, object]:
    return {"chatid": chatid, **body}


async def say(play: Play, text: str = "待办", **more: object) -> dict[str, object]:
    return await play.post("/groups/g1/say", {"userid": "w1", "text": text, "mention": True, **more})


async def messages(play: Play, chatid: str = "g1") -> list[dict[str, object]]:
    return await play.get(f"/groups/{chatid}/messages?after=0")


async def test_deaf_without_a_mention(play: Play, bot: BotSide) -> None:
    answer = await play.post("/groups/g1/say", {"userid": "w1", "text": "大家吃了吗", "mention": False})
    assert (answer["delivered"], answer["why"]) == (False, "没有 @ 机器人，它听不到")
    assert (await say(play))["delivered"] is True
    frame = await bot.next()
    assert frame["body"]["text"]["content"] == "@网格助手 待办"


async def test_what_a_mention_carries(play: Play, bot: BotSide) -> None:
    await say(play, "接单 1123-08")
    frame = await bot.next()
    body = frame["body"]
    assert frame["cmd"] == "aibot_msg_callback"
    assert frame["headers"]["req_id"]
    assert body["msgid"]
    assert (body["aibotid"], body["chatid"], body["chattype"]) == ("b1", "g1", "group")
    assert (body["from"], body["msgtype"]) == ({"userid": "w1"}, "text")
    assert "response_url" not in body


async def test_a_typed_mention_is_not_doubled(play: Play, bot: BotSide) -> None:
    await play.post("/groups/g1/say", {"userid": "w1", "text": "@网格助手 待办"})
    assert (await bot.next())["body"]["text"]["content"] == "@网格助手 待办"


async def test_a_quote_has_content_but_no_id(play: Play, bot: BotSide) -> None:
    await say(play)
    await bot.next()
    await bot.ask("aibot_send_msg", send("g1", markdown("【工单 1123-08】下水道堵")))
    seq = (await messages(play))[-1]["seq"]
    await say(play, "接单", quote=seq)
    body = (await bot.next())["body"]
    assert body["quote"] == {"msgtype": "text", "text": {"content": "【工单 1123-08】下水道堵"}}


async def test_pictures_from_a_pc_come_with_the_text(play: Play, bot: BotSide) -> None:
    await say(play, "办结", images=[b64(png())])
    body = (await bot.next())["body"]
    text, picture = body["mixed"]["msg_item"]
    assert (body["msgtype"], text["text"]["content"]) == ("mixed", "@网格助手 办结")
    async with play.client.session.get(picture["image"]["url"]) as response:
        sealed = await response.read()
    assert sealed != png()
    assert decrypt_file(sealed, picture["image"]["aeskey"]) == png()


async def test_a_file_link_lives_five_minutes(play: Play, bot: BotSide) -> None:
    await say(play, "办结", images=[b64(png())])
    url = (await bot.next())["body"]["mixed"]["msg_item"][1]["image"]["url"]
    await play.later(301)
    async with play.client.session.get(url) as response:
        assert response.status == 403


async def test_a_phone_sends_pictures_apart(play: Play, bot: BotSide) -> None:
    await say(play, "办结", images=[b64(png())], device="phone")
    assert (await bot.next())["body"]["msgtype"] == "text"
    rows = await messages(play)
    assert [row["msgtype"] for row in rows] == ["text", "image"]
    await say(play, "办结", quote=rows[1]["seq"])
    quote = (await bot.next())["body"]["quote"]
    assert quote["msgtype"] == "image"
    assert quote["image"]["aeskey"]


async def test_nobody_connected(play: Play) -> None:
    await play.put("/bots/b1", {"secret": "bs"})
    answer = await say(play)
    assert (answer["delivered"], answer["why"]) == (False, "机器人没有连接，消息没有送到")


async def test_a_group_without_bots(play: Play, bot: BotSide) -> None:
    await play.put("/groups/g1", {"name": "一格", "members": [], "bots": []})
    assert (await say(play))["why"] == "群里没有机器人"


async def test_single_chat_hears_everything(play: Play, bot: BotSide) -> None:
    await play.control("PUT", "/voices", {"default": "门口有积水"})
    for body in (
        {"text": "在吗"},
        {"image": b64(png())},
        {"voice": b64(b"#!AMR\n")},
        {"file": b64(b"x"), "filename": "a.txt"},
    ):
        assert (await play.post("/workers/w1/say", body))["delivered"] is True
    frames = [(await bot.next())["body"] for _ in range(4)]
    assert [body["msgtype"] for body in frames] == ["text", "image", "voice", "file"]
    assert frames[0]["chattype"] == "single"
    assert "chatid" not in frames[0]
    assert frames[2]["voice"] == {"content": "门口有积水"}


@pytest.mark.parametrize(("bot_id", "secret"), [("b1", "wrong"), ("b2", "bs"), ("", ""), ("b1", "")])
async def test_wrong_credentials(play: Play, bot: BotSide, bot_id: str, secret: str) -> None:
    side = BotSide(await play.client.ws_connect("/aibot"))
    ack = await side.ask("aibot_subscribe", {"bot_id": bot_id, "secret": secret})
    assert ack["errcode"] == 853000
    assert (await side.ask("aibot_send_msg", send("g1", markdown())))["errcode"] == 846609


async def test_any_bot_passes_until_one_is_set_up(play: Play) -> None:
    side = await connect(play, "whoever", "whatever")
    assert (await side.ask("ping"))["errcode"] == 0
    assert (await say(play))["delivered"] is True


async def test_a_second_connection_kicks_the_first(play: Play, bot: BotSide) -> None:
    second = await connect(play)
    frame = await bot.next()
    assert frame["cmd"] == "aibot_event_callback"
    assert frame["body"]["event"] == {"eventtype": "disconnected_event"}
    assert await bot.closes()
    await say(play)
    assert (await second.next())["body"]["msgtype"] == "text"


async def test_the_same_line_may_subscribe_again(play: Play, bot: BotSide) -> None:
    assert (await bot.ask("aibot_subscribe", {"bot_id": "b1", "secret": "bs"}))["errcode"] == 0
    assert (await bot.ask("ping"))["errcode"] == 0


async def test_a_closed_line_is_no_line(play: Play, bot: BotSide) -> None:
    await bot.socket.close()
    assert (await say(play))["delivered"] is False


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
    assert (await bot.ask("aibot_send_msg", send("w1", markdown("在") | {"chat_type": 2})))["errcode"] == 40058
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


async def test_a_task_id_is_used_once(play: Play, bot: BotSide) -> None:
    await say(play)
    await bot.next()
    assert (await bot.ask("aibot_send_msg", send("g1", card())))["errcode"] == 0
    assert (await bot.ask("aibot_send_msg", send("g1", card())))["errcode"] == 40058


async def hang_card(play: Play, bot: BotSide) -> None:
    await say(play)
    await bot.next()
    assert (await bot.ask("aibot_send_msg", send("g1", card())))["errcode"] == 0


async def click(play: Play, key: str = "accept:1", task_id: str = "t1") -> dict[str, object]:
    return await play.post("/groups/g1/click", {"userid": "w1", "task_id": task_id, "key": key})


def update(task_id: str = "t1", title: str = "已由 王芳 接单") -> dict[str, object]:
    changed = card(task_id, main_title={"title": title}, button_list=[{"text": "办结", "key": "done:1"}])
    return {"response_type": "update_template_card", "template_card": changed["template_card"]}


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


async def test_clicks_on_nothing(play: Play, bot: BotSide) -> None:
    await hang_card(play, bot)
    assert (await click(play, task_id="t9"))["delivered"] is False
    assert (await click(play, key="other"))["delivered"] is False


async def test_answers_for_24_hours(play: Play, bot: BotSide) -> None:
    await say(play)
    req_id = (await bot.next())["headers"]["req_id"]
    await play.later(86400 - 5)
    assert (await bot.ask("aibot_respond_msg", markdown(), req_id))["errcode"] == 0
    await play.later(10)
    assert (await bot.ask("aibot_respond_msg", markdown(), req_id))["errcode"] == 846605


def stream(text: str, finish: bool, **more: object) -> dict[str, object]:
    return {"msgtype": "stream", "stream": {"id": "s1", "content": text, "finish": finish, **more}}


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


async def upload(bot: BotSide, data: bytes, kind: str = "image", **more: object) -> dict[str, object]:
    body = {
        "type": kind,
        "filename": "a.png",
        "total_size": len(data),
        "total_chunks": 1,
        "md5": hashlib.md5(data, usedforsecurity=False).hexdigest(),
    }
    begun = await bot.ask("aibot_upload_media_init", body | more)
    if begun["errcode"]:
        return begun
    upload_id = begun["body"]["upload_id"]
    chunk = {"upload_id": upload_id, "chunk_index": 0, "base64_data": base64.b64encode(data).decode()}
    added = await bot.ask("aibot_upload_media_chunk", chunk)
    return added if added["errcode"] else await bot.ask("aibot_upload_media_finish", {"upload_id": upload_id})


async def test_upload_and_send(play: Play, bot: BotSide) -> None:
    await say(play)
    await bot.next()
    done = await upload(bot, png())
    assert done["body"]["type"] == "image"
    body = {"msgtype": "image", "image": {"media_id": done["body"]["media_id"]}}
    assert (await bot.ask("aibot_send_msg", send("g1", body)))["errcode"] == 0
    row = (await messages(play))[-1]
    assert row["media"][0]["sha256"] == hashlib.sha256(png()).hexdigest()
    await play.later(3 * 86400 + 1)
    assert (await bot.ask("aibot_send_msg", send("g1", body)))["errcode"] == 40007


@pytest.mark.parametrize(
    ("data", "more", "errcode"),
    [
        (png(), {"kind": "shout"}, 40004),
        (png(), {"total_size": (10 << 20) + 1}, 45001),
        (png(), {"total_chunks": 101}, 40058),
        (png(), {"total_chunks": 2}, 40058),
        (png(), {"total_size": 99}, 40058),
        (png(), {"md5": "0" * 32}, 40058),
        (b"1234", {}, 40058),
        (b"not a picture", {}, 40005),
        (b"x" * (512 * 1024 + 1), {"kind": "file"}, 45001),
    ],
)
async def test_wrong_uploads(bot: BotSide, data: bytes, more: dict[str, object], errcode: int) -> None:
    assert (await upload(bot, data, **more))["errcode"] == errcode


async def test_an_upload_session_ends_after_half_an_hour(play: Play, bot: BotSide) -> None:
    begun = await bot.ask(
        "aibot_upload_media_init", {"type": "file", "filename": "a", "total_size": 9, "total_chunks": 1}
    )
    await play.later(1801)
    chunk = {"upload_id": begun["body"]["upload_id"], "chunk_index": 0, "base64_data": "QUJD"}
    assert (await bot.ask("aibot_upload_media_chunk", chunk))["errcode"] == 40058


async def test_thirty_uploads_a_minute(bot: BotSide) -> None:
    body = {"type": "file", "filename": "a", "total_size": 9, "total_chunks": 1}
    codes = [(await bot.ask("aibot_upload_media_init", body))["errcode"] for _ in range(31)]
    assert codes == [0] * 30 + [45009]


async def test_frames_that_are_none(bot: BotSide) -> None:
    await bot.socket.send_str("not json")
    assert (await bot.next())["errcode"] == 40058
    assert (await bot.ask("aibot_dance"))["errcode"] == 40058
    await bot.socket.send_json({"cmd": "aibot_send_msg", "body": {}})
    assert (await bot.next())["errcode"] == 846605


async def test_subscribing_is_frequency_protected(bot: BotSide) -> None:
    codes = [(await bot.ask("aibot_subscribe", {"bot_id": "b1", "secret": "bs"}))["errcode"] for _ in range(60)]
    assert codes == [0] * 59 + [45009]
