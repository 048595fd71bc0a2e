"""Uploads over the bot's line: thirty a minute, a thousand an hour; more are not even begun."""

import pytest

from bot.ports import Paced, Picture
from bot.workgroup.aibot_transport import AibotTransport
from grid.message import Message
from tests.workgroup.builders import GROUP, ScriptedLine
from tests.workgroup.hands import FakePace


def make_picture(number: int) -> Picture:
    return Picture(f"{number}.jpg", "image/jpeg", b"picture %06d" % number)


async def _send(transport: AibotTransport, number: int) -> None:
    await transport.send(GROUP, Message("notice", "看图"), (make_picture(number),), f"k{number}")


async def test_the_thirty_first_of_a_minute_waits_and_says_nothing(pace: FakePace) -> None:
    line = ScriptedLine()
    transport = AibotTransport(line, pace)
    for number in range(30):
        await _send(transport, number)
    said = len(line.said())
    with pytest.raises(Paced) as held:
        await _send(transport, 30)
    assert held.value.retry_seconds == pytest.approx(60.0)
    assert (line.uploads, len(line.said())) == (30, said)
    # What is up there already costs no upload.
    await _send(transport, 7)
    assert line.uploads == 30
    pace.advance(60)
    await _send(transport, 30)
    assert line.uploads == 31


async def test_an_hour_takes_a_thousand(pace: FakePace) -> None:
    line = ScriptedLine()
    transport = AibotTransport(line, pace)
    for number in range(1000):
        if number % 30 == 0:
            pace.advance(61)
        await _send(transport, number)
    pace.advance(61)
    with pytest.raises(Paced):
        await _send(transport, 1000)
    pace.advance(3600)
    await _send(transport, 1000)
    assert line.uploads == 1001
