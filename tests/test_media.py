"""Media: fetched in time, made safe, kept whole, told on; and what cannot be had says why."""

import asyncio
import io
import os
import struct
import zlib
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from bot.media import MediaKeeper, MediaLost, find_lost_reason
from bot.media_kinds import find_mime, is_expected
from bot.media_pictures import BadPicture, reencode
from bot.media_store import MediaStore
from bot.ports import BadAnswer, Refused, Unreachable
from bot.settings import MediaSettings
from bot.workgroup.aibot_media import TooLarge
from grid.message import Message, render_body
from storage.archive import Archive
from storage.columns import MediaState
from storage.plan import Change, EventDraft, OutboxDraft, Plan
from storage.rows import fresh
from storage.tables import Case, Media, Outbox
from tests.clock import FakeClock
from tests.storage.builders import get_row, list_rows, make_case

LIMITS = {"max_pixels": 4_000_000, "side_pixels": 800, "max_bytes": 200_000}


def make_picture(size: tuple[int, int] = (40, 20), form: str = "JPEG", mode: str = "RGB", **more: Any) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size, "red" if mode in ("RGB", "RGBA", "P") else None).save(buffer, form, **more)
    return buffer.getvalue()


def make_photo() -> bytes:
    """Taken sideways, with a place, a device and a comment in it, and something behind its end."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "SECRET-DEVICE"
    exif.get_ifd(0x8825)[2] = (46.0, 48.0, 12.0)
    return make_picture((60, 30), exif=exif, comment=b"SECRET-COMMENT") + b"SECRET-TAIL"


def open_picture(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


class Platform:
    """Answers in turn; an exception is raised."""

    def __init__(self, *answers: bytes | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[Mapping[str, Any]] = []

    async def fetch(self, origin: Mapping[str, Any]) -> tuple[bytes, str]:
        self.asked.append(origin)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer, "text/html"


class Room:
    """A keeper on an archive, with the words of a test about it."""

    def __init__(self, archive: Archive, clock: FakeClock, folder: Path) -> None:
        self.archive, self.clock, self.folder = archive, clock, folder
        self.kept: list[Media] = []

    def keeper(self, platform: Platform, door: str = "oa", **more: Any) -> MediaKeeper:
        given: dict[str, Any] = {"on_kept": self.on_kept} | more
        settings = given.pop("settings", MediaSettings())
        return MediaKeeper(self.archive, {door: platform.fetch}, self.folder, settings, self.clock, **given)

    async def on_kept(self, media: Media) -> Plan | None:
        self.kept.append(media)
        body = render_body(Message("picture", "现场照片", pictures=(media.id,)))
        return Plan(outbox=[OutboxDraft("group:1", "picture", body, self.clock())])

    async def want(self, kind: str = "image", door: str = "oa", case_id: int | None = None) -> int:
        media_id = await self.archive.numbers.take_id()
        origin = {"door": door, "media_id": "M1", "url": "https://secret.example/x", "aes_key": "k"}
        row = fresh(
            Media,
            id=media_id,
            case_id=case_id,
            kind=kind,
            origin=origin,
            by="resident:1",
            state=MediaState.WANTED,
            due_at=self.clock(),
            created_at=self.clock(),
        )
        await self.archive.committer.commit(Plan(rows=[row]))
        return media_id

    async def row(self, media_id: int) -> Any:
        return await get_row(self.archive.engine, Media, media_id)


@pytest.fixture
def room(archive: Archive, clock: FakeClock, tmp_path: Path) -> Room:
    return Room(archive, clock, tmp_path / "media")


async def test_a_photo_is_fetched_made_safe_kept_and_told(room: Room) -> None:
    media_id, platform = await room.want(), Platform(make_photo())
    keeper = room.keeper(platform)
    assert await keeper.fetch_due() == 1
    row = await room.row(media_id)
    picture = await keeper.load(media_id)
    assert (row.state, row.mime, row.bytes) == (MediaState.KEPT, "image/jpeg", len(picture.content))
    assert row.sha256 == sha256(picture.content).hexdigest()
    assert (row.due_at, row.origin) == (None, {"door": "oa"})
    assert (picture.name, picture.mime) == (f"{media_id}.jpg", "image/jpeg")
    assert platform.asked[0]["media_id"] == "M1"
    (told,) = room.kept
    assert (told.id, told.state, told.sha256) == (media_id, MediaState.KEPT, row.sha256)
    assert [row.kind for row in await list_rows(room.archive.engine, Outbox)] == ["picture"]
    assert await keeper.fetch_due() == 0


def test_nothing_of_the_senders_file_remains() -> None:
    content = reencode(make_photo(), **LIMITS)
    assert b"SECRET" not in content
    picture = open_picture(content)
    assert picture.size == (30, 60), "it stands upright"
    assert not picture.getexif()
    assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_what_hides_in_a_png_is_gone() -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "SECRET-TEXT", zip=False)
    notes.add_itxt("XML:com.adobe.xmp", "SECRET-XMP")
    content = reencode(make_picture((30, 30), "PNG", pnginfo=notes), **LIMITS)
    assert b"SECRET" not in content
    assert open_picture(content).format == "JPEG"


@pytest.mark.parametrize(
    ("form", "mode"),
    [
        ("JPEG", "RGB"),
        ("JPEG", "L"),
        ("JPEG", "CMYK"),
        ("PNG", "RGBA"),
        ("PNG", "P"),
        ("PNG", "1"),
        ("PNG", "LA"),
        ("PNG", "I;16"),
        ("GIF", "P"),
        ("BMP", "RGB"),
        ("WEBP", "RGBA"),
    ],
)
def test_every_kind_of_picture_becomes_a_jpeg(form: str, mode: str) -> None:
    content = make_picture((1000, 500), form, mode)
    mime = find_mime(content)
    assert mime is not None
    assert is_expected("image", mime)
    picture = open_picture(reencode(content, **LIMITS))
    assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (800, 400))


def test_what_is_transparent_becomes_white() -> None:
    content = reencode(make_transparent(), **LIMITS)
    assert open_picture(content).getpixel((5, 5)) == (255, 255, 255)


def make_transparent() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGBA", (20, 20), (255, 0, 0, 0)).save(buffer, "PNG")
    return buffer.getvalue()


def test_an_animation_is_kept_by_its_first_frame() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    picture = open_picture(reencode(buffer.getvalue(), **LIMITS))
    red, _, blue = picture.getpixel((10, 10))  # type: ignore[misc]
    assert red > 200 > blue


def test_a_noisy_picture_is_made_to_fit() -> None:
    noise = Image.frombytes("RGB", (800, 800), os.urandom(800 * 800 * 3))
    buffer = io.BytesIO()
    noise.save(buffer, "PNG")
    assert len(reencode(buffer.getvalue(), max_pixels=4_000_000, side_pixels=800, max_bytes=65_536)) <= 65_536


def make_bomb(width: int, height: int) -> bytes:
    """A PNG that claims to be huge."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    data = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", len(header))
        + chunk
        + struct.pack(">I", zlib.crc32(chunk))
        + struct.pack(">I", len(data))
        + b"IDAT"
        + data
        + struct.pack(">I", zlib.crc32(b"IDAT" + data))
    )


@pytest.mark.parametrize("size", [(2001, 1000), (60_000, 60_000), (1 << 30, 1 << 30)])
def test_a_bomb_is_refused_before_it_is_decoded(size: tuple[int, int]) -> None:
    with pytest.raises(BadPicture):
        reencode(make_bomb(*size), **LIMITS)


@given(st.integers(0, 2000), st.binary(max_size=30))
def test_broken_pictures_never_raise_anything_else(cut: int, tail: bytes) -> None:
    for content in (make_picture(), make_picture(form="PNG"), make_picture(form="GIF", mode="P")):
        try:
            reencode(content[: cut % len(content)] + tail, **LIMITS)
        except BadPicture:
            continue


@pytest.mark.parametrize(
    ("content", "mime"),
    [
        (b"#!AMR\n\x3c", "audio/amr"),
        (b"\x02#!SILK_V3", "audio/silk"),
        (b"ID3\x04", "audio/mpeg"),
        (b"RIFF\0\0\0\0WAVEfmt ", "audio/wav"),
        (b"\0\0\0\x18ftypisom", "video/mp4"),
        (b"\0\0\0\x18ftypM4A ", "audio/mp4"),
        (b"%PDF-1.7", "application/pdf"),
        (b"MZ\x90\0", None),
        (b"\x7fELF", None),
        (b"<html><script>", None),
        (b"<svg onload=", None),
        (b"#!/bin/sh", None),
        (b"", None),
    ],
)
def test_types_are_read_from_the_bytes(content: bytes, mime: str | None) -> None:
    assert find_mime(content) == mime


@pytest.mark.parametrize(
    ("kind", "content"),
    [("image", b"<html>"), ("image", b"%PDF-1.7"), ("voice", b"MZ\x90"), ("file", b"MZ\x90"), ("odd", b"%PDF-1.7")],
)
async def test_what_is_not_what_it_says_is_lost_with_a_reason(room: Room, kind: str, content: bytes) -> None:
    media_id = await room.want(kind)
    await room.keeper(Platform(content)).fetch_due()
    row = await room.row(media_id)
    assert (row.state, row.due_at) == (MediaState.LOST, None)
    assert row.origin == {"door": "oa", "lost": "文件类型与所说的不符，或不支持"}
    assert find_lost_reason(fresh(Media, **row._mapping)) == "文件类型与所说的不符，或不支持"
    assert room.kept == []


async def test_a_recording_is_kept_as_it_is(room: Room) -> None:
    media_id = await room.want("voice")
    keeper = room.keeper(Platform(b"#!AMR\n" + b"x" * 100))
    await keeper.fetch_due()
    row = await room.row(media_id)
    assert (row.state, row.mime, row.bytes) == (MediaState.KEPT, "audio/amr", 106)
    assert keeper.store.read(row.sha256).startswith(b"#!AMR")
    with pytest.raises(LookupError):
        await keeper.load(media_id)


async def test_a_failed_fetch_is_tried_again_later(room: Room) -> None:
    media_id = await room.want()
    keeper = room.keeper(Platform(Unreachable(), BadAnswer(), Refused(-1), make_picture()))
    pauses = []
    for _ in range(3):
        await keeper.fetch_due()
        row = await room.row(media_id)
        pauses.append((row.due_at - room.clock()).total_seconds())
        assert await keeper.fetch_due() == 0
        room.clock.set(row.due_at)
    assert pauses == [5, 10, 20]
    await keeper.fetch_due()
    assert (await room.row(media_id)).state is MediaState.KEPT


async def test_it_is_given_up_when_the_platform_cannot_have_it_any_more(room: Room) -> None:
    media_id = await room.want()
    keeper = room.keeper(Platform(*[Unreachable()] * 40))
    for _ in range(20):
        assert await keeper.fetch_due() == 1
        room.clock.set((await room.row(media_id)).due_at)
    assert (await room.row(media_id)).state is MediaState.WANTED
    room.clock.set((await room.row(media_id)).created_at + timedelta(days=3))
    await keeper.fetch_due()
    row = await room.row(media_id)
    assert row.state is MediaState.LOST
    assert find_lost_reason(fresh(Media, **row._mapping)) == "多次下载失败，平台已不再保留"


@pytest.mark.parametrize(
    ("door", "failure", "reason"),
    [
        ("oa", Refused(40007), "40007 媒体文件编号无效或已过期"),
        ("aibot", Refused(404), "下载链接已失效"),
        ("aibot", TooLarge("x"), "文件太大，超过 20 MB"),
        ("nowhere", Refused(-1), "来源通道没有开通"),
    ],
)
async def test_what_is_gone_is_lost_at_once(room: Room, door: str, failure: Exception, reason: str) -> None:
    media_id = await room.want(door=door)
    told: list[Media] = []

    async def on_lost(media: Media) -> Plan | None:
        told.append(media)
        return None

    await room.keeper(Platform(failure), door if door != "nowhere" else "oa", on_lost=on_lost).fetch_due()
    row = await room.row(media_id)
    assert (row.state, row.origin["lost"]) == (MediaState.LOST, reason)
    assert [media.id for media in told] == [media_id]


async def test_a_full_disk_loses_nothing(room: Room) -> None:
    media_id = await room.want()
    room.folder.write_bytes(b"a file where the folder should be")
    keeper = room.keeper(Platform(*[make_picture()] * 20))
    for _ in range(10):
        assert await keeper.fetch_due() == 1
        room.clock.advance(seconds=60)
    row = await room.row(media_id)
    assert (row.state, row.tries) == (MediaState.WANTED, 0)
    room.folder.unlink()
    await keeper.fetch_due()
    assert (await room.row(media_id)).state is MediaState.KEPT


async def test_two_processes_do_not_fetch_the_same(room: Room) -> None:
    ids = [await room.want() for _ in range(8)]
    platforms = [Platform(*[make_picture()] * 8) for _ in range(2)]
    keepers = [room.keeper(platform, settings=MediaSettings(at_once=4)) for platform in platforms]
    await asyncio.gather(*(keeper.fetch_due() for keeper in keepers))
    await asyncio.gather(*(keeper.fetch_due() for keeper in keepers))
    assert sum(len(platform.asked) for platform in platforms) == 8
    assert [(await room.row(media_id)).state for media_id in ids] == [MediaState.KEPT] * 8


async def test_who_dies_over_a_fetch_leaves_it_due_again(room: Room) -> None:
    media_id = await room.want()
    await room.keeper(Platform())._claims.take(room.clock(), 1)
    keeper = room.keeper(Platform(make_picture()))
    assert await keeper.fetch_due() == 0
    room.clock.advance(seconds=301)
    await keeper.fetch_due()
    assert (await room.row(media_id)).state is MediaState.KEPT


async def test_what_is_told_knows_the_case_it_was_attached_to_meanwhile(room: Room) -> None:
    await room.archive.committer.commit(Plan(rows=[make_case(7)]))
    media_id = await room.want()

    class Slow(Platform):
        async def fetch(self, origin: Mapping[str, Any]) -> tuple[bytes, str]:
            await room.archive.committer.commit(Plan(changes=[Change(Media, media_id, None, {"case_id": 7})]))
            return make_picture(), ""

    await room.keeper(Slow()).fetch_due()
    assert [media.case_id for media in room.kept] == [7]


async def test_a_conflict_of_what_is_told_is_decided_again(room: Room) -> None:
    await room.archive.committer.commit(Plan(rows=[make_case(7)]))
    media_id, calls = await room.want(), []

    async def on_kept(media: Media) -> Plan | None:
        calls.append(media)
        version = 0 if len(calls) > 2 else 99
        return Plan(changes=[Change(Case, 7, version, {"hurried": 1})])

    await room.keeper(Platform(make_picture()), on_kept=on_kept).fetch_due()
    assert len(calls) == 3
    assert (await room.row(media_id)).state is MediaState.KEPT


async def test_what_cannot_be_told_is_kept_all_the_same(room: Room) -> None:
    media_id = await room.want()

    async def on_kept(media: Media) -> Plan | None:
        return Plan(events=[EventDraft(404, "noted", room.clock(), "system", {})])

    await room.keeper(Platform(make_picture()), on_kept=on_kept).fetch_due()
    assert (await room.row(media_id)).state is MediaState.KEPT


async def test_run_fetches_until_it_is_cancelled(room: Room) -> None:
    told = asyncio.Event()

    async def on_kept(media: Media) -> Plan | None:
        told.set()
        return None

    keeper = room.keeper(Platform(make_picture()), on_kept=on_kept, settings=MediaSettings(poll_seconds=3600))
    running = asyncio.create_task(keeper.run())
    await room.want()
    keeper.wake()
    await asyncio.wait_for(told.wait(), 10)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_bytes_from_elsewhere_are_kept_the_same_way(room: Room) -> None:
    keeper = room.keeper(Platform(), settings=MediaSettings(max_bytes=2 << 20))
    kept = await keeper.keep(make_photo(), "image")
    assert (kept.mime, len(keeper.store.read(kept.sha256))) == ("image/jpeg", kept.size_bytes)
    for content, reason in ((b"x" * (3 << 20), "超过 2 MB"), (b"MZ", "类型"), (make_picture()[:60], "无法打开")):
        with pytest.raises(MediaLost, match=reason):
            await keeper.keep(content, "image")


def test_the_store_keeps_the_same_bytes_once_and_for_the_owner_only(tmp_path: Path) -> None:
    store = MediaStore(tmp_path / "a" / "media")
    digest = store.write(b"one")
    assert store.write(b"one") == digest
    files = [path for path in (tmp_path / "a" / "media").rglob("*") if path.is_file()]
    assert files == [store.path_of(digest)]
    assert files[0].stat().st_mode & 0o777 == 0o600
    assert store.read(digest) == b"one"


def test_a_damaged_file_is_noticed_and_mended(tmp_path: Path) -> None:
    store = MediaStore(tmp_path)
    digest = store.write(b"one")
    store.path_of(digest).write_bytes(b"two")
    with pytest.raises(OSError, match="damaged"):
        store.read(digest)
    store.write(b"one")
    assert store.read(digest) == b"one"
    store.remove(digest)
    store.remove(digest)
    with pytest.raises(FileNotFoundError):
        store.read(digest)


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n"])
def test_only_digests_lead_to_files(tmp_path: Path, digest: str) -> None:
    with pytest.raises(ValueError, match="digest"):
        MediaStore(tmp_path).path_of(digest)


async def test_an_erased_picture_is_not_shown_from_memory(room: Room) -> None:
    media_id, keeper = await room.want(), room.keeper(Platform(make_picture()))
    await keeper.fetch_due()
    await keeper.load(media_id)
    await room.archive.committer.commit(Plan(changes=[Change(Media, media_id, None, {"state": MediaState.LOST})]))
    with pytest.raises(LookupError):
        await keeper.load(media_id)
