"""The AI bot's long connection: credentials, kicks, frames that are none."""

import pytest

from tests.sandbox.conftest import BotSide, Play, connect
from tests.sandbox.workgroup import markdown, say, send


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


async def test_frames_that_are_none(bot: BotSide) -> None:
    await bot.socket.send_str("not json")
    assert (await bot.next())["errcode"] == 47001
    assert (await bot.ask("aibot_dance"))["errcode"] == 40058
    await bot.socket.send_json({"cmd": "aibot_send_msg", "body": {}})
    assert (await bot.next())["errcode"] == 846605


async def test_subscribing_is_frequency_protected(bot: BotSide) -> None:
    codes = [(await bot.ask("aibot_subscribe", {"bot_id": "b1", "secret": "bs"}))["errcode"] for _ in range(60)]
    assert codes == [0] * 59 + [45009]
