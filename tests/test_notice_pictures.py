"""A notice's picture from whoever sent it to the groups: cleaned, sealed, marked, erased."""

import io
import os
import random
import stat
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image, ImageChops

from bot.media_store import MediaStore
from bot.notice_pictures import ERASED, NoticePictures
from bot.notice_pictures_clean import (
    ANIMATED,
    DAMAGED,
    KEPT_BYTES,
    NO_PICTURE,
    SIDE_PIXELS,
    TOO_LARGE,
    TOO_MANY_PIXELS,
    TOO_SMALL,
    PictureRefused,
    clean_picture,
)
from bot.notice_pictures_jpeg import encode_rows
from bot.notice_pictures_marks import MAX_BYTES, find_font, make_base, mark
from bot.notice_pictures_shelf import NoticeShelf
from bot.ports import Address, Picture
from bot.sealing import BadKey, BadSeal, Seal, key_path, load_seal
from grid.city import City
from storage.archive import Archive
from storage.columns import AreaKind, AreaLevel, Channel, GroupKind
from storage.notice_columns import NoticeKind, NoticeState
from storage.notice_tables import Notice, NoticeEvent, NoticePicture
from storage.plan import Change, Plan
from storage.rows import fresh
from storage.tables import Area, WorkGroup
from tests.clock import START, FakeClock
from tests.pictures import has_place, has_traces, make_photo

ZONE = ZoneInfo("Asia/Shanghai")


def render(picture: Image.Image, form: str = "JPEG", **more: object) -> bytes:
    content = io.BytesIO()
    picture.save(content, form, **more)  # type: ignore[arg-type]
    return content.getvalue()


def plain(width: int = 640, height: int = 480, mode: str = "RGB") -> Image.Image:
    return Image.new(mode, (width, height), (90, 120, 60) if mode == "RGB" else 1)


def noise(width: int, height: int) -> Image.Image:
    return Image.frombytes("RGB", (width, height), random.Random(1).randbytes(width * height * 3))


def open_picture(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


BAD = {
    "empty": (b"", NO_PICTURE),
    "script": (b"#!/bin/sh\nrm -rf /\n", NO_PICTURE),
    "page": (b"<html><script>alert(1)</script></html>", NO_PICTURE),
    "vector": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", NO_PICTURE),
    "recording": (b"#!AMR\n" + bytes(100), NO_PICTURE),
    "only the first bytes": (b"\xff\xd8\xff\xe0" + b"x" * 200, DAMAGED),
    "truncated": (render(noise(400, 300))[:20_000], DAMAGED),
    "truncated png": (render(noise(400, 300), "PNG")[:20_000], DAMAGED),
    "animated": (render(plain(), "GIF", save_all=True, append_images=[noise(640, 480)]), ANIMATED),
    "60 megapixels": (render(plain(10_000, 6_000, "1"), "PNG"), TOO_MANY_PIXELS),
    "60 megapixels as jpeg": (render(Image.new("L", (10_000, 6_000)), quality=10), TOO_MANY_PIXELS),
    "a bomb": (render(Image.new("1", (30_000, 30_000)), "PNG"), TOO_MANY_PIXELS),
    "tiny": (render(plain(100, 700)), TOO_SMALL),
    "heavy": (b"\xff\xd8\xff" + bytes(21 << 20), TOO_LARGE),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_usable_picture_is_refused_with_one_sentence(name: str) -> None:
    content, sentence = BAD[name]
    with pytest.raises(PictureRefused) as refused:
        clean_picture(content)
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("form", "more"), [("JPEG", {}), ("PNG", {}), ("BMP", {}), ("WEBP", {}), ("GIF", {})], ids=lambda value: str(value)
)
def test_still_pictures_of_the_usual_forms_are_taken(form: str, more: dict[str, object]) -> None:
    clean = clean_picture(render(plain(), form, **more))
    assert open_picture(clean).format == "JPEG"


def test_nothing_of_the_file_is_left_but_what_is_seen() -> None:
    photo = make_photo() + b"<?php system($_GET['x']);"
    assert has_place(photo)
    clean = clean_picture(photo)
    assert not has_place(clean)
    assert not has_traces(clean)
    assert b"php" not in clean


def test_the_orientation_is_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    clean = open_picture(clean_picture(render(plain(640, 320), exif=exif)))
    assert clean.size == (320, 640)


def test_what_is_large_is_scaled_down() -> None:
    clean = clean_picture(render(noise(2600, 2000), quality=95))
    assert len(clean) <= KEPT_BYTES
    assert max(open_picture(clean).size) <= SIDE_PIXELS


def test_stripes_put_in_are_what_encoding_all_of_it_would_be() -> None:
    picture = noise(333, 250)
    changed = picture.copy()
    changed.paste((255, 0, 0), (10, 70, 200, 90))
    stripe = encode_rows(changed.crop((0, 64, 333, 96)), 80)
    assert encode_rows(picture, 80).join({4: stripe.rows}) == encode_rows(changed, 80).join()
    assert encode_rows(picture, 80).join() != encode_rows(changed, 80).join()


def test_marks_differ_by_receiver_and_only_there() -> None:
    base = make_base(clean_picture(render(noise(900, 700))), "城关派出所 通1123-01", find_font())
    one, two = mark(base, "一网格工作群 #7"), mark(base, "二网格工作群 #8")
    assert one != two
    assert one == mark(base, "一网格工作群 #7")
    assert max(len(one), len(two)) <= MAX_BYTES + 100_000
    box = ImageChops.difference(open_picture(one), open_picture(two)).getbbox()
    assert box is not None
    # At the top there is only what all have in common.
    assert box[1] > 700 * 0.15


def test_the_mark_stands_at_three_heights_so_that_a_crop_keeps_one() -> None:
    base = make_base(clean_picture(render(plain(900, 700))), "城关派出所", find_font())
    assert len(base.stripes) == 3
    one, two = open_picture(mark(base, "一网格")), open_picture(mark(base, "二网格"))
    for top in (0, 250, 450):
        crop = (0, top, 900, top + 250)
        assert ImageChops.difference(one.crop(crop), two.crop(crop)).getbbox() is not None


def test_a_low_picture_is_marked_too() -> None:
    base = make_base(clean_picture(render(plain(800, 160))), "城关派出所", find_font())
    assert open_picture(mark(base, "一网格")).size == (800, 160)


def test_without_a_chinese_font_codes_still_tell_receivers_apart() -> None:
    base = make_base(clean_picture(render(plain())), "城关派出所 通1123-01", "")
    assert mark(base, "一网格工作群 #7") != mark(base, "一网格工作群 #8")


def test_seals_open_only_whole_and_under_their_own_name_and_key() -> None:
    seal = Seal(b"k" * 32)
    nonce, sealed = seal.close(b"a face", "x")
    assert b"a face" not in sealed
    assert seal.open(nonce, sealed, "x") == b"a face"
    assert seal.close(b"a face", "x")[1] != sealed
    for others in ((nonce, sealed[:-1] + b"\0", "x"), (nonce, sealed, "y"), (nonce[::-1], sealed, "x")):
        with pytest.raises(BadSeal):
            seal.open(*others)
    with pytest.raises(BadSeal):
        Seal(b"z" * 32).open(nonce, sealed, "x")


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "media"
    nonce, sealed = load_seal(folder).close(b"a face", "x")
    path = key_path(folder)
    assert path.parent == folder.parent
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_seal(folder).open(nonce, sealed, "x") == b"a face"
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_given_key_must_be_one(tmp_path: Path) -> None:
    with pytest.raises(BadKey, match="32 字节"):
        load_seal(tmp_path / "media", "c2hvcnQ=")
    assert load_seal(tmp_path / "media", "a" * 43 + "=").close(b"x", "y")


class Room:
    """Pictures of one notice in an archive, and a city of two groups."""

    def __init__(self, archive: Archive, folder: Path, clock: FakeClock) -> None:
        self.archive, self.folder, self.clock = archive, folder, clock
        self.pictures = NoticePictures(archive, folder, Seal(b"k" * 32), clock)
        self.city = City(
            [make_area("1", AreaLevel.STREET, "东街道", "/1/"), make_area("1-1", AreaLevel.GRID, "一网格", "/1/1-1/")],
            [],
            [],
            [make_group(7, "一群"), make_group(8, "二群")],
        )
        self.seconds = 0.0
        self.shelf = self.make_shelf()

    def make_shelf(self, *, per_group: bool = True) -> NoticeShelf:
        return NoticeShelf(
            self.archive,
            self.pictures,
            lambda: self.city,
            ZONE,
            font=find_font(),
            per_group=per_group,
            monotonic=lambda: self.seconds,
        )

    async def put(self, photo: bytes) -> NoticePicture:
        notice = fresh(
            Notice,
            id=1,
            number="通1123-01",
            kind=NoticeKind.SUSPECT,
            state=NoticeState.SENDING,
            fields={"station": "城关派出所"},
            made_at=START,
            ends_at=START + timedelta(days=7),
        )
        row = await self.pictures.keep(1, photo, 0, "worker:12")
        await self.archive.committer.commit(Plan(rows=[notice, row]))
        return row

    async def row(self, picture_id: int) -> NoticePicture:
        found = await self.pictures.find(picture_id)
        assert found is not None
        return found

    async def events(self) -> list[NoticeEvent]:
        async with self.archive.reads() as session:
            found = await session.get(NoticeEvent, (await self.row_ids())[0])
            return [found] if found else []

    async def row_ids(self) -> list[int]:
        from_events = "SELECT id FROM notice_event ORDER BY id"
        async with self.archive.engine.connect() as connection:
            return [row[0] for row in await connection.exec_driver_sql(from_events)]


def make_area(code: str, level: AreaLevel, name: str, path: str) -> Area:
    parent = None if code == "1" else "1"
    return fresh(Area, code=code, parent_code=parent, level=level, kind=AreaKind.URBAN, name=name, path=path)


def make_group(group_id: int, name: str) -> WorkGroup:
    return fresh(
        WorkGroup,
        id=group_id,
        key=str(group_id),
        name=name,
        area_code="1-1",
        kind=GroupKind.WORK,
        send_via=Channel.WEBHOOK,
        receive_via=Channel.NONE,
    )


@pytest.fixture
def room(archive: Archive, tmp_path: Path, clock: FakeClock) -> Room:
    return Room(archive, tmp_path / "media", clock)


def by_webhook(group_id: int) -> Address:
    return Address(f"group:{group_id}", "", "key", "webhook")


def by_bot(group_id: int) -> Address:
    return Address(f"group:{group_id}", f"chat{group_id}", "", "aibot")


def content_of(found: object) -> bytes:
    assert isinstance(found, Picture)
    return found.content


async def test_what_lies_in_the_folder_is_no_picture(room: Room) -> None:
    row = await room.put(make_photo())
    sealed = MediaStore(room.folder).read(row.sha256)
    assert b"\xff\xd8\xff" not in sealed[:64]
    assert (row.width, row.height, row.mime) == (320, 240, "image/jpeg")
    assert open_picture(await room.pictures.open(row)).size == (320, 240)


async def test_each_webhook_group_has_its_own_and_a_street_shares_one(room: Room) -> None:
    row = await room.put(make_photo())
    one, two = [content_of(await room.shelf.dress(row.id, by_webhook(number))) for number in (7, 8)]
    assert one != two
    over_bot = [await room.shelf.dress(row.id, by_bot(number)) for number in (7, 8)]
    # The very same bytes: they are uploaded once.
    assert over_bot[0] is over_bot[1]
    assert content_of(over_bot[0]) not in (one, two)
    assert not has_traces(one)


async def test_without_marks_for_groups_all_share_one(room: Room) -> None:
    row, shelf = await room.put(make_photo()), room.make_shelf(per_group=False)
    found = [await shelf.dress(row.id, by_webhook(number)) for number in (7, 8)]
    assert found[0] is found[1]


async def test_other_pictures_are_left_to_the_media_job(room: Room) -> None:
    assert await room.shelf.dress(4711, by_webhook(7)) is None


async def test_it_is_erased_at_its_end_and_the_record_stays(room: Room) -> None:
    row = await room.put(make_photo())
    assert await room.pictures.erase_due() == 0
    await room.shelf.dress(row.id, by_webhook(7))
    room.clock.advance(timedelta(days=7))
    assert await room.pictures.erase_due() == 1
    assert await room.pictures.erase_due() == 0
    assert not MediaStore(room.folder).path_of(row.sha256).exists()
    gone = await room.row(row.id)
    assert (gone.erased_at, gone.nonce, gone.sha256) == (room.clock(), None, row.sha256)
    assert [event.kind for event in await room.events()] == [ERASED]
    with pytest.raises(LookupError):
        await room.shelf.dress(row.id, by_webhook(7))


@pytest.mark.parametrize("state", [NoticeState.RECALLED, NoticeState.ENDED, NoticeState.REFUSED, NoticeState.CANCELLED])
async def test_a_notice_that_is_over_keeps_no_picture(room: Room, state: NoticeState) -> None:
    await room.put(make_photo())
    await room.archive.committer.commit(Plan(changes=[Change(Notice, 1, None, {"state": state})]))
    assert await room.pictures.erase_due() == 1


@pytest.mark.parametrize(
    "state", [NoticeState.DRAFT, NoticeState.WAITING, NoticeState.SCHEDULED, NoticeState.SENDING, NoticeState.SENT]
)
async def test_a_notice_that_stands_keeps_its_picture(room: Room, state: NoticeState) -> None:
    await room.put(make_photo())
    await room.archive.committer.commit(Plan(changes=[Change(Notice, 1, None, {"state": state})]))
    assert await room.pictures.erase_due() == 0


async def test_bytes_that_a_repeated_notice_shares_stay_until_both_are_over(room: Room) -> None:
    row = await room.put(make_photo())
    again = fresh(Notice, id=2, number="通1123-02", kind=NoticeKind.MISSING, state=NoticeState.SCHEDULED, made_at=START)
    shared = fresh(NoticePicture, id=99, notice_id=2, sha256=row.sha256, nonce=row.nonce, created_at=START)
    await room.archive.committer.commit(Plan(rows=[again, shared]))
    room.clock.advance(timedelta(days=8))
    assert await room.pictures.erase_due() == 1
    assert open_picture(await room.pictures.open(shared)).size == (320, 240)
    await room.archive.committer.commit(Plan(changes=[Change(Notice, 2, None, {"state": NoticeState.ENDED})]))
    assert await room.pictures.erase_due() == 1
    assert not MediaStore(room.folder).path_of(row.sha256).exists()


async def test_what_another_process_erased_is_not_sent_for_long(room: Room) -> None:
    row = await room.put(make_photo())
    await room.shelf.dress(row.id, by_webhook(7))
    erased = Change(NoticePicture, row.id, None, {"erased_at": START, "nonce": None})
    await room.archive.committer.commit(Plan(changes=[erased]))
    room.seconds += 11
    with pytest.raises(LookupError):
        await room.shelf.dress(row.id, by_webhook(8))


async def test_faces_do_not_lie_about_in_memory(room: Room) -> None:
    row = await room.put(make_photo())
    await room.shelf.dress(row.id, by_webhook(7))
    await room.shelf.sweep()
    assert room.shelf.holds(row.id)
    others: list[str] = []
    room.shelf.lets_go.append(lambda: others.append("forgotten"))
    room.seconds += 61
    await room.shelf.sweep()
    assert not room.shelf.holds(row.id)
    assert others == ["forgotten"]
    await room.shelf.sweep()
    assert others == ["forgotten"]


async def test_a_changed_file_is_an_error_and_no_picture(room: Room) -> None:
    row = await room.put(make_photo())
    MediaStore(room.folder).path_of(row.sha256).write_bytes(b"something else")
    with pytest.raises(OSError, match="changed"):
        await room.shelf.dress(row.id, by_webhook(7))
