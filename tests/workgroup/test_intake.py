"""From frames to the sink: order within a chat, company across chats, bounds, apologies."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest

from bot.ports import Refused, Unreachable
from bot.workgroup.aibot_intake import AibotIntake
from bot.workgroup.aibot_transport import AibotTransport
from bot.workgroup.frames import Frame
from bot.workgroup.lanes import Lanes
from bot.workgroup.sink import Reply
from grid.message import Message
from handlers.update import Update
from tests.clock import START
from tests.workgroup.builders import ScriptedLine
from tests.workgroup.gateway import click_body, text_body
from tests.workgroup.hands import FakePace, settle


class Sink:
    """Takes updates; `act` decides what comes of each."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.act: Callable[[Update], Awaitable[Reply | None]] = _answer

    async def feed(self, update: Update) -> Reply | None:
        self.begun.append(update.text)
        reply = await self.act(update)
        self.ended.append(update.text)
        return reply


async def _answer(update: Update) -> Reply | None:
    return Reply(Message("x", f"收到{update.text}"))


@pytest.fixture
def line() -> ScriptedLine:
    return ScriptedLine()


@pytest.fixture
def sink() -> Sink:
    return Sink()


def make_intake(sink: Sink, line: ScriptedLine, lanes: Lanes | None = None, **more: object) -> AibotIntake:
    return AibotIntake(
        sink,
        AibotTransport(line, FakePace()),
        bot_id="B1",
        bot_name="网格助手",
        now=lambda: START,
        lanes=lanes,
        **more,  # type: ignore[arg-type]
    )


def frame(text: str, chatid: str = "G1", msgid: str = "") -> Frame:
    return Frame("aibot_msg_callback", f"cb-{text}", text_body(f"@网格助手 {text}", msgid or text, chatid=chatid))


async def test_an_answer_comes_back_with_the_callbacks_id(sink: Sink, line: ScriptedLine) -> None:
    intake = make_intake(sink, line)
    intake.take(frame("接单"))
    await intake.drain()
    assert sink.ended == ["接单"]
    (asked,) = line.asked
    assert asked == ("aibot_respond_msg", {"msgtype": "markdown", "markdown": {"content": "收到接单"}}, "cb-接单")


async def test_one_chat_keeps_its_order_while_others_go_on(sink: Sink, line: ScriptedLine) -> None:
    gate = asyncio.Event()

    async def act(update: Update) -> Reply | None:
        if update.text == "一":
            await gate.wait()
        return None

    sink.act = act
    intake = make_intake(sink, line)
    for text, chat in (("一", "G1"), ("二", "G1"), ("三", "G2"), ("四", "G1")):
        intake.take(frame(text, chat))
    await settle()
    assert (sink.begun, sink.ended) == (["一", "三"], ["三"])
    gate.set()
    await intake.drain()
    assert sink.ended == ["三", "一", "二", "四"]


async def test_no_more_at_once_than_the_width(sink: Sink, line: ScriptedLine) -> None:
    gate = asyncio.Event()

    async def act(update: Update) -> Reply | None:
        await gate.wait()
        return None

    sink.act = act
    intake = make_intake(sink, line, Lanes(width=3))
    for number in range(10):
        intake.take(frame(str(number), f"G{number}"))
    await settle()
    assert len(sink.begun) == 3
    gate.set()
    await intake.drain()
    assert len(sink.ended) == 10


async def test_what_does_not_fit_is_told_so(sink: Sink, line: ScriptedLine) -> None:
    gate = asyncio.Event()

    async def act(update: Update) -> Reply | None:
        await gate.wait()
        return None

    sink.act = act
    intake = make_intake(sink, line, Lanes(width=1, capacity=2))
    for text in ("一", "二", "三"):
        intake.take(frame(text))
    await settle()
    (asked,) = line.asked
    assert asked[2] == "cb-三"
    assert "再发一次" in asked[1]["markdown"]["content"]
    gate.set()
    await intake.drain()
    assert sink.ended == ["一", "二"]


async def test_a_failing_sink_is_answered_and_the_lane_goes_on(
    sink: Sink, line: ScriptedLine, caplog: pytest.LogCaptureFixture
) -> None:
    async def act(update: Update) -> Reply | None:
        if update.text == "一":
            raise ValueError("李先生13900000001")
        return await _answer(update)

    sink.act = act
    intake = make_intake(sink, line)
    intake.take(frame("一"))
    intake.take(frame("二"))
    await intake.drain()
    said = [body["markdown"]["content"] for _, body, _ in line.asked]
    assert "没有处理成功" in said[0]
    assert said[1] == "收到二"
    assert "ValueError" in caplog.text
    assert "李先生" not in caplog.text


async def test_a_reply_that_the_wire_did_not_carry_is_handed_back(sink: Sink, line: ScriptedLine) -> None:
    back: list[tuple[str, str]] = []

    def keep(update: Update, reply: Reply) -> None:
        assert reply.message is not None
        back.append((update.key, reply.message.text))

    line.script["aibot_respond_msg"] = [Unreachable("gone"), Refused(45009, retry_seconds=60.0)]
    intake = make_intake(sink, line, on_unanswered=keep)
    intake.take(frame("一"))
    intake.take(frame("二"))
    await intake.drain()
    assert back == [("aibot:B1:一", "收到一"), ("aibot:B1:二", "收到二")]


@pytest.mark.parametrize("body", [{}, {"msgtype": "text"}, {"from": 7}, {"msgid": "m", "from": {"userid": ""}}])
async def test_a_broken_callback_is_skipped(
    sink: Sink, line: ScriptedLine, body: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    intake = make_intake(sink, line)
    intake.take(Frame("aibot_msg_callback", "cb", body))
    await intake.drain()
    assert not sink.begun
    assert "skipped" in caplog.text


async def test_a_click_goes_through_its_groups_lane(sink: Sink, line: ScriptedLine) -> None:
    order: list[str] = []

    async def act(update: Update) -> Reply | None:
        await asyncio.sleep(0)
        order.append(update.event.key if update.event else update.text)
        return None

    sink.act = act
    intake = make_intake(sink, line)
    intake.take(frame("接单"))
    intake.take(Frame("aibot_event_callback", "cb-2", click_body()))
    await intake.drain()
    assert order == ["接单", "accept"]


async def test_closing_counts_what_was_left(sink: Sink, line: ScriptedLine, caplog: pytest.LogCaptureFixture) -> None:
    async def act(update: Update) -> Reply | None:
        await asyncio.Event().wait()
        return None

    sink.act = act
    intake = make_intake(sink, line)
    for text in ("一", "二"):
        intake.take(frame(text))
    await settle()
    await intake.close()
    assert "unfinished: 2" in caplog.text
    await intake.drain()


async def test_nothing_that_people_wrote_is_logged(
    sink: Sink, line: ScriptedLine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    line.script["aibot_respond_msg"] = [Unreachable("gone")]
    intake = make_intake(sink, line)
    intake.take(frame("李先生13900000001"))
    await intake.drain()
    assert caplog.text
    assert "李先生" not in caplog.text
    assert "wangfang" not in caplog.text
