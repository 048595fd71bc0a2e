"""Pictures sent while a notice is made: they wait, are sealed as the notice's own, and hold it back until then."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from sqlmodel import col, select

from bot.cityhall import CityHall
from bot.media_store import MediaStore
from bot.notice_pictures import NoticePictures
from bot.notices_drafts import DraftPictures
from bot.sealing import load_seal
from grid.deadlines import Deadlines
from handlers.update import MediaRef
from storage.columns import MediaState
from storage.plan import Change, Plan
from storage.tables import Media
from tests.handlers.worker.city import CHAT_STREET, ZHAO, ZHOU
from tests.handlers.worker.notices_town import FIRST, event_kinds, make_jobs, notice_of
from tests.handlers.worker.talk import PHOTO, ZONE, Town

TASK = "通知 任务 周五17点 全街道 请逐户排查燃气隐患"


def picture_bytes() -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (320, 240), "white").save(buffer, "JPEG")
    return buffer.getvalue()


async def media_rows(town: Town) -> list[Media]:
    async with town.archive.reads() as session:
        return list((await session.execute(select(Media).order_by(col(Media.id)))).scalars())


class Shelves:
    """The open media folder and the sealed one, with the job between them."""

    def __init__(self, town: Town, folder: Path) -> None:
        self.town, self.store = town, MediaStore(folder)
        pictures = NoticePictures(town.archive, folder, load_seal(folder), town.clock)
        self.hall = CityHall(town.books, Deadlines(), ZONE, town.house, town.clock)
        self.job = DraftPictures(town.archive, town.books, self.hall, self.store, pictures)

    async def arrive(self, media: Media, content: bytes) -> str:
        """The media job has fetched it."""
        await self.hall.load()
        digest = self.store.write(content)
        kept = {"state": MediaState.KEPT, "sha256": digest, "origin": {"door": "aibot"}}
        await self.town.write(Plan(changes=[Change(Media, media.id, None, kept)]))
        return digest


@pytest.fixture
def shelves(town: Town, tmp_path: Path) -> Shelves:
    return Shelves(town, tmp_path)


async def test_a_photo_alone_goes_to_the_draft(town: Town, shelves: Shelves) -> None:
    await town.says(ZHAO, TASK)
    assert "图片：0张，另有1张正在处理" in await town.says(ZHAO, "", media=[PHOTO])
    assert "马上开始发送" in await town.says(ZHAO, "发送")
    jobs = await make_jobs(town)
    assert await jobs.send_due() == 0
    (media,) = await media_rows(town)
    assert await shelves.job.take_in() == 0
    digest = await shelves.arrive(media, picture_bytes())
    assert await shelves.job.take_in() == 1
    assert await shelves.job.take_in() == 0
    notice = await notice_of(town)
    assert "media" not in notice.fields
    assert await town.books.notices.count_pictures(notice.id) == 1
    # Nothing of it lies open any more.
    assert not shelves.store.path_of(digest).exists()
    assert (await media_rows(town))[0].sha256 is None
    assert await jobs.send_due() == 1
    assert "picture" in await event_kinds(town)


async def test_two_pictures_with_the_first_line(town: Town, shelves: Shelves) -> None:
    said = await town.says(ZHAO, TASK, CHAT_STREET, media=[PHOTO, MediaRef("image", url="https://example.invalid/q")])
    assert "另有2张正在处理" in said
    for media in await media_rows(town):
        await shelves.arrive(media, picture_bytes())
    assert [await shelves.job.take_in() for _ in range(3)] == [1, 1, 0]
    # One file was both: it is erased with the second.
    assert await town.books.notices.count_pictures((await notice_of(town)).id) == 2


async def test_what_is_no_picture_is_told_to_its_sender(town: Town, shelves: Shelves) -> None:
    await town.says(ZHAO, TASK)
    await town.says(ZHAO, "", media=[PHOTO])
    (media,) = await media_rows(town)
    await shelves.arrive(media, b"#!/bin/sh")
    assert await shelves.job.take_in() == 1
    assert "有一张图片没有附上" in (await town.told(f"worker:{ZHAO}"))[-1].text
    assert await town.books.notices.count_pictures((await notice_of(town)).id) == 0


async def test_what_the_platform_lost_is_told_too(town: Town, shelves: Shelves) -> None:
    await town.says(ZHAO, TASK)
    await town.says(ZHAO, "", media=[PHOTO])
    await shelves.hall.load()
    (media,) = await media_rows(town)
    lost = {"state": MediaState.LOST, "origin": {"door": "aibot", "lost": "下载链接已失效"}}
    await town.write(Plan(changes=[Change(Media, media.id, None, lost)]))
    assert await shelves.job.take_in() == 1
    assert "下载链接已失效" in (await town.told(f"worker:{ZHAO}"))[-1].text


async def test_only_pictures_and_not_too_many(town: Town) -> None:
    await town.says(ZHAO, TASK)
    assert "只能附图片" in await town.says(ZHAO, "", media=[MediaRef("file", url="https://example.invalid/f")])
    assert "最多附9张" in await town.says(ZHAO, "", media=[PHOTO] * 10)
    assert await media_rows(town) == []


async def test_a_series_keeps_its_pictures(town: Town, shelves: Shelves) -> None:
    await town.says(ZHAO, TASK)
    await town.says(ZHAO, "", media=[PHOTO])
    (media,) = await media_rows(town)
    await shelves.arrive(media, picture_bytes())
    await shelves.job.take_in()
    await town.says(ZHAO, "定时 明天8点 每周")
    await town.says(ZHAO, "发送")
    town.clock.advance(days=1)
    assert await (await make_jobs(town)).send_due() == 1
    first, second = await notice_of(town, FIRST), await notice_of(town, "通1124-01")
    one = (await town.books.notices.list_pictures(first.id))[0]
    other = (await town.books.notices.list_pictures(second.id))[0]
    assert (one.sha256, one.nonce) == (other.sha256, other.nonce)


async def test_who_approves_sees_the_pictures(town: Town, shelves: Shelves) -> None:
    await town.says(ZHOU, "通知 公告 本社区 周六大扫除")
    await town.says(ZHOU, "", media=[PHOTO])
    assert "图片还在处理" in await town.says(ZHOU, "提交")
    (media,) = await media_rows(town)
    await shelves.arrive(media, picture_bytes())
    await shelves.job.take_in()
    assert "还须1人同意" in await town.says(ZHOU, "提交")
    (picture,) = await town.books.notices.list_pictures((await notice_of(town)).id)
    assert (await town.told(f"worker:{ZHAO}"))[-1].pictures == (picture.id,)


async def test_pictures_of_a_dropped_draft_do_not_lie_open(town: Town, shelves: Shelves) -> None:
    await town.says(ZHAO, TASK)
    await town.says(ZHAO, "", media=[PHOTO])
    await town.says(ZHAO, "取消")
    (media,) = await media_rows(town)
    digest = await shelves.arrive(media, picture_bytes())
    assert await shelves.job.take_in() == 1
    assert not shelves.store.path_of(digest).exists()
    assert await town.books.notices.count_pictures((await notice_of(town)).id) == 0
    assert await shelves.job.take_in() == 0
