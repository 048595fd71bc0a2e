"""What reaches the AI bot: mentions, quotes, pictures, single chats."""

from aibot.crypto_utils import decrypt_file

from tests.sandbox.conftest import BotSide, Play, b64, png
from tests.sandbox.workgroup import markdown, messages, say, send


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
