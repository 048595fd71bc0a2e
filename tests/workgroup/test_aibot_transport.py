"""The bot as a channel: what goes out, in which order, and what happens when part of it is refused."""

import base64
import hashlib
import logging

import pytest

from bot.ports import BadAnswer, Picture, Refused, Unreachable
from bot.workgroup.aibot_transport import AibotTransport
from bot.workgroup.sink import Reply
from grid.message import Card, Message
from handlers.update import Event
from tests.workgroup.builders import BUTTONS, CARD, CLICK, DISPATCH, GROUP, PNG, ScriptedLine, make_update
from tests.workgroup.hands import FakePace


@pytest.fixture
def line() -> ScriptedLine:
    return ScriptedLine()


@pytest.fixture
def transport(line: ScriptedLine, pace: FakePace) -> AibotTransport:
    return AibotTransport(line, pace)


async def test_a_dispatch_is_the_whole_text_and_then_the_card(line: ScriptedLine, transport: AibotTransport) -> None:
    sent = await transport.send(GROUP, DISPATCH, (), "k")
    assert sent.via == "aibot"
    assert line.said() == ["send_msg markdown", "send_msg template_card"]
    assert line.asked[0][1] == {"chatid": "G1", "msgtype": "markdown", "markdown": {"content": DISPATCH.text}}
    assert line.asked[1][1]["template_card"]["task_id"] == "1123-08@1"


async def test_pictures_go_between_text_and_card(line: ScriptedLine, transport: AibotTransport) -> None:
    await transport.send(GROUP, DISPATCH, (PNG, PNG), "k")
    assert line.said() == ["send_msg markdown", "send_msg image", "send_msg image", "send_msg template_card"]
    assert line.uploads == 1


async def test_a_short_question_without_a_case_is_the_card_alone(line: ScriptedLine, transport: AibotTransport) -> None:
    await transport.send(GROUP, Message("registration", "张三申请登记，请确认。", CARD), (), "k")
    assert line.said() == ["send_msg template_card"]
    assert line.asked[0][1]["template_card"]["sub_title_text"] == "张三申请登记，请确认。"


async def test_a_lone_card_that_is_refused_becomes_text(line: ScriptedLine, transport: AibotTransport) -> None:
    line.script["aibot_send_msg"] = [Refused(40058)]
    await transport.send(GROUP, Message("registration", "张三申请登记，请确认。", CARD), (), "k")
    assert line.said() == ["send_msg template_card", "send_msg markdown"]


@pytest.mark.parametrize("errcode", [40058, 42014, 999_999])
async def test_a_refused_card_does_not_fail_the_message(
    line: ScriptedLine, transport: AibotTransport, errcode: int, caplog: pytest.LogCaptureFixture
) -> None:
    line.script["aibot_send_msg"] = [{}, Refused(errcode)]
    await transport.send(GROUP, DISPATCH, (), "k")
    assert str(errcode) in caplog.text


async def test_an_impossible_card_does_not_fail_the_message(
    line: ScriptedLine, transport: AibotTransport, caplog: pytest.LogCaptureFixture
) -> None:
    broken = Message("dispatch", DISPATCH.text, Card("有汉字", "题", (), BUTTONS))
    await transport.send(GROUP, broken, (), "k")
    assert line.said() == ["send_msg markdown"]
    assert "card left out" in caplog.text


@pytest.mark.parametrize(
    "failure", [Refused(45009, retry_seconds=60.0), Refused(93006), Refused(86003), Unreachable("gone")]
)
async def test_a_second_try_goes_on_where_the_first_broke_off(
    line: ScriptedLine, transport: AibotTransport, failure: Exception
) -> None:
    line.script["aibot_send_msg"] = [{}, failure]  # type: ignore[list-item]
    with pytest.raises(type(failure)):
        await transport.send(GROUP, DISPATCH, (), "k")
    await transport.send(GROUP, DISPATCH, (), "k")
    assert line.said() == ["send_msg markdown", "send_msg template_card", "send_msg template_card"]
    await transport.send(GROUP, DISPATCH, (), "k")
    assert len(line.asked) == 3
    await transport.send(GROUP, DISPATCH, (), "another")
    assert len(line.asked) == 5


async def test_what_the_chat_refuses_is_raised(line: ScriptedLine, transport: AibotTransport) -> None:
    line.script["aibot_send_msg"] = [Refused(93006)]
    with pytest.raises(Refused):
        await transport.send(GROUP, DISPATCH, (), "k")


async def test_a_picture_that_cannot_go_is_told(line: ScriptedLine, transport: AibotTransport) -> None:
    gif, big = Picture("a.gif", "image/gif", bytes(100)), Picture("b.png", "image/png", bytes((10 << 20) + 1))
    line.script["aibot_upload_media_init"] = [Refused(40009)]
    await transport.send(GROUP, Message("x", "看照片"), (gif, PNG, big), "k")
    assert line.said() == ["send_msg markdown", "send_msg markdown"]
    assert "3 张照片没能发出" in line.asked[-1][1]["markdown"]["content"]


async def test_an_upload_in_parts(line: ScriptedLine, transport: AibotTransport) -> None:
    content = bytes(range(256)) * 4096 + b"end"
    await transport.send(GROUP, Message("x", "看照片"), (Picture("p", "image/jpeg", content),), "k")
    cmds = [cmd for cmd, _, _ in line.asked]
    assert cmds == [
        "aibot_send_msg",
        "aibot_upload_media_init",
        *["aibot_upload_media_chunk"] * 3,
        "aibot_upload_media_finish",
        "aibot_send_msg",
    ]
    init, *chunks = (body for cmd, body, _ in line.asked[1:5])
    assert init == {
        "type": "image",
        "filename": "picture.jpg",
        "total_size": len(content),
        "total_chunks": 3,
        "md5": hashlib.md5(content, usedforsecurity=False).hexdigest(),
    }
    assert [chunk["chunk_index"] for chunk in chunks] == [0, 1, 2]
    assert b"".join(base64.b64decode(chunk["base64_data"]) for chunk in chunks) == content
    assert line.asked[-1][1]["image"] == {"media_id": "M1"}


async def test_one_picture_for_many_groups_goes_up_once_in_two_days(
    line: ScriptedLine, transport: AibotTransport, pace: FakePace
) -> None:
    for number in range(5):
        await transport.send(GROUP, Message("x", "看照片"), (PNG,), str(number))
    assert line.uploads == 1
    pace.advance(2.6 * 86_400)
    await transport.send(GROUP, Message("x", "看照片"), (PNG,), "later")
    assert line.uploads == 2


async def test_a_forgotten_media_id_is_uploaded_anew(line: ScriptedLine, transport: AibotTransport) -> None:
    line.script["aibot_send_msg"] = [{}, Refused(40007)]
    await transport.send(GROUP, Message("x", "看照片"), (PNG,), "k")
    assert line.uploads == 2
    assert line.asked[-1][1]["image"] == {"media_id": "M2"}


async def test_an_upload_without_an_id_is_a_bad_answer(line: ScriptedLine, transport: AibotTransport) -> None:
    line.script["aibot_upload_media_init"] = [{"upload_id": 7}]
    with pytest.raises(BadAnswer):
        await transport.send(GROUP, Message("x", "看照片"), (PNG,), "k")


async def test_an_answer_uses_the_callbacks_own_id(line: ScriptedLine, transport: AibotTransport) -> None:
    await transport.reply(make_update(), Reply(DISPATCH))
    assert line.said() == ["respond_msg markdown", "respond_msg template_card"]
    assert {req_id for _, _, req_id in line.asked} == {"cb-1"}


async def test_an_answer_that_came_too_late_is_said_in_the_chat(line: ScriptedLine, transport: AibotTransport) -> None:
    line.script["aibot_respond_msg"] = [Refused(846605)]
    await transport.reply(make_update(chat=None), Reply(Message("x", "好")))
    assert line.said() == ["respond_msg markdown", "send_msg markdown"]
    assert line.asked[1][1]["chatid"] == "wangfang"


@pytest.mark.parametrize("failure", [Unreachable("?"), Refused(45009, retry_seconds=60.0)])
async def test_an_answer_that_may_have_arrived_is_not_said_twice(
    line: ScriptedLine, transport: AibotTransport, failure: Exception
) -> None:
    line.script["aibot_respond_msg"] = [failure]  # type: ignore[list-item]
    with pytest.raises(type(failure)):
        await transport.reply(make_update(), Reply(Message("x", "好")))
    assert line.said() == ["respond_msg markdown"]


async def test_a_click_turns_its_card_and_words_go_apart(line: ScriptedLine, transport: AibotTransport) -> None:
    reply = Reply(Message("accepted", "王芳已接单"), Card("x", "已由王芳接单"))
    await transport.reply(make_update(event=CLICK), reply)
    assert line.said() == ["respond_update_msg", "send_msg markdown"]
    _, body, req_id = line.asked[0]
    assert (body["response_type"], body["template_card"]["task_id"], req_id) == (
        "update_template_card",
        "1123-08@1",
        "cb-1",
    )


@pytest.mark.parametrize("failure", [Refused(846605), Unreachable("?")])
async def test_a_card_that_cannot_turn_any_more_is_said(
    line: ScriptedLine, transport: AibotTransport, failure: Exception
) -> None:
    line.script["aibot_respond_update_msg"] = [failure]  # type: ignore[list-item]
    card = Card("x", "已由王芳接单", (("时间", "10:02"),))
    await transport.reply(make_update(event=CLICK), Reply(updated_card=card))
    assert line.said() == ["respond_update_msg", "send_msg markdown"]
    assert line.asked[1][1]["markdown"]["content"] == "已由王芳接单\n时间：10:02"


async def test_a_welcome_is_plain_text(line: ScriptedLine, transport: AibotTransport) -> None:
    await transport.reply(make_update(event=Event("ENTER_CHAT"), chat=None), Reply(Message("hi", "您好 *王芳* *！*")))
    assert line.asked == [
        ("aibot_respond_welcome_msg", {"msgtype": "text", "text": {"content": "您好 *王芳* *！*"}}, "cb-1")
    ]


async def test_no_words_are_logged(
    line: ScriptedLine, transport: AibotTransport, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    line.script["aibot_send_msg"] = [{}, Refused(40058, "下水道")]
    await transport.send(GROUP, DISPATCH, (), "k")
    line.script["aibot_respond_update_msg"] = [Refused(846605)]
    await transport.reply(make_update(event=CLICK), Reply(updated_card=Card("x", "下水道")))
    assert caplog.text
    assert "下水道" not in caplog.text
