"""Files of the AI bot: parts, limits, three days."""

import base64
import hashlib

import pytest

from tests.sandbox.conftest import BotSide, Play, png
from tests.sandbox.workgroup import messages, say, send


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
