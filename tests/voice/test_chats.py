"""Recordings in work groups: a voice message where it is short enough, a file where it is not; the text always first."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bot.media_shelf import PictureShelf
from bot.media_store import MediaStore
from bot.official_account.transport import OfficialAccountTransport
from bot.ports import Address, Picture, Recording, Refused
from bot.voice.sound import AMR, MP3, render_mp3
from bot.workgroup.aibot_upload import kind_of, upload_picture
from bot.workgroup.frames import Body
from bot.workgroup.layout import PictureUnfit, count_word
from bot.workgroup.webhook_transport import WebhookTransport
from grid.message import Message
from sandbox.app import make_app
from storage.archive import Archive
from storage.columns import MediaState
from storage.plan import Plan
from storage.rows import fresh
from storage.tables import Media
from tests.clock import START
from tests.voice.sounds import make_sound

GROUP = Address("group:1", "G1", "hook-1")
VOICE = Recording("voice-7.amr", AMR, make_sound())
FILE = Recording("voice-8.mp3", MP3, render_mp3(make_sound(), AMR))
TEXT = Message("recording", "【工单 1123-08】居民的语音：", pictures=(7,))


@pytest.fixture
async def base() -> AsyncIterator[str]:
    runner = web.AppRunner(make_app(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
async def robot(base: str) -> AsyncIterator[WebhookTransport]:
    async with aiohttp.ClientSession() as session:
        body = {"name": "三网格", "members": [], "bots": [], "webhook_key": GROUP.webhook_key}
        async with session.put(f"{base}/sandbox/groups/G1", json=body) as response:
            assert response.status == 200
        yield WebhookTransport(session, f"{base}/wecom")


async def _shown(base: str) -> list[str]:
    async with aiohttp.request("GET", f"{base}/sandbox/groups/G1/messages") as response:
        return [row["msgtype"] for row in await response.json()]


@pytest.mark.parametrize(("recording", "kind"), [(VOICE, "voice"), (FILE, "file")])
async def test_the_group_robot_s_recording_comes_after_its_text(
    robot: WebhookTransport, base: str, recording: Recording, kind: str
) -> None:
    await robot.send(GROUP, TEXT, (recording,), "outbox:1")
    assert await _shown(base) == ["text", kind]
    await robot.send(GROUP, TEXT, (recording,), "outbox:1")
    assert await _shown(base) == ["text", kind], "a repeat says nothing again"


async def test_a_wrong_key_is_refused_without_showing_it(robot: WebhookTransport) -> None:
    with pytest.raises(Refused) as caught:
        await robot.send(Address("group:2", "G2", "hook-secret"), TEXT, (VOICE,), "")
    assert caught.value.errcode == 93000
    assert "hook-secret" not in repr(caught.value)


class Line:
    """Takes an upload and says what it was told."""

    def __init__(self) -> None:
        self.asked: list[Body] = []

    async def request(self, cmd: str, body: Body, req_id: str | None = None) -> Body:
        self.asked.append(body)
        return {"upload_id": "u", "media_id": "m"}


@pytest.mark.parametrize(("recording", "kind"), [(VOICE, "voice"), (FILE, "file")])
async def test_the_bot_uploads_it_as_what_it_is(recording: Recording, kind: str) -> None:
    line = Line()
    assert await upload_picture(line, recording) == "m"
    assert (line.asked[0]["type"], line.asked[0]["filename"]) == (kind, recording.name)
    assert kind_of(recording) == kind


async def test_a_voice_message_above_two_megabytes_is_not_uploaded() -> None:
    with pytest.raises(PictureUnfit):
        await upload_picture(Line(), Recording("voice.amr", AMR, b"#!AMR\n" + bytes(2 << 20)))


def test_what_is_missing_is_named() -> None:
    assert count_word((VOICE,)) == "段录音"
    assert count_word((VOICE, Picture("a.jpg", "image/jpeg", b""))) == "张照片"


class Account:
    """An account's API that only takes text."""

    def __init__(self) -> None:
        self.said: list[str] = []

    async def send_text(self, openid: str, text: str) -> None:
        self.said.append(text)


async def test_a_resident_is_sent_no_recordings() -> None:
    account = Account()
    transport = OfficialAccountTransport(account, {}, lambda: START)  # type: ignore[arg-type]  # only what is used
    await transport.send(Address("oa:o", "o"), TEXT, (VOICE,), "k")
    assert account.said == [TEXT.text]


@pytest.mark.parametrize(("seconds", "mime"), [(2.0, AMR), (70.0, MP3)])
async def test_a_kept_recording_is_loaded_as_chats_play_it(
    archive: Archive, tmp_path: Path, seconds: float, mime: str
) -> None:
    store = MediaStore(tmp_path)
    await _keep(archive, store, render_mp3(make_sound("wav", seconds), "audio/wav"), MP3)
    loaded = await PictureShelf(archive, store).load(7)
    assert isinstance(loaded, Recording)
    assert (loaded.mime, loaded.name) == (mime, f"voice-7.{'amr' if mime == AMR else 'mp3'}")


async def test_a_recording_that_nobody_can_play_is_not_sent(archive: Archive, tmp_path: Path) -> None:
    store = MediaStore(tmp_path)
    await _keep(archive, store, b"#!SILK_V3", "audio/silk")
    with pytest.raises(LookupError):
        await PictureShelf(archive, store).load(7)


async def test_a_kept_recording_that_was_damaged_is_not_sent(archive: Archive, tmp_path: Path) -> None:
    store = MediaStore(tmp_path)
    await _keep(archive, store, b"\xff\xf3 no sound", MP3)
    with pytest.raises(OSError, match="damaged"):
        await PictureShelf(archive, store).load(7)


async def _keep(archive: Archive, store: MediaStore, content: bytes, mime: str) -> None:
    row = fresh(
        Media,
        id=7,
        kind="voice",
        state=MediaState.KEPT,
        sha256=store.write(content),
        mime=mime,
        created_at=START,
    )
    await archive.committer.commit(Plan(rows=[row]))
