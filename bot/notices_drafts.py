"""Pictures that somebody sent while making a notice: from the open media folder into the notice's sealed ones.

A draft's field `media` names what is still on its way; while it names anything, the notice is not sent.
"""

import asyncio
import logging
from datetime import timedelta

from sqlmodel import col

from bot.cityhall import CityHall
from bot.media import find_lost_reason
from bot.media_store import MediaStore
from bot.notice_pictures import NoticePictures
from bot.notice_pictures_clean import PictureRefused
from grid.desk import SYSTEM
from grid.message import Message
from grid.notices.approval import ARRIVING as MEDIA
from grid.notices.steps import event, tell_workers
from grid.notices.wording import APPROVAL_KIND, tag
from storage.archive import Archive
from storage.columns import MediaState
from storage.notice_columns import NoticeState
from storage.notice_tables import Notice
from storage.plan import Change, Committed, Plan
from storage.queries import Books
from storage.tables import Media

log = logging.getLogger(__name__)

_SEALED = "已封存为通知图片"
_LOOK_BACK = timedelta(days=7)


class DraftPictures:
    """One per process; of two that take in the same picture, the notice's version lets one."""

    def __init__(
        self, archive: Archive, books: Books, hall: CityHall, store: MediaStore, pictures: NoticePictures
    ) -> None:
        self._archive, self._books, self._hall, self._store, self._pictures = archive, books, hall, store, pictures

    async def take_in(self) -> int:
        """Everything that has arrived; how many pictures were settled, one per notice at most."""
        settled = 0
        since = self._hall.desk().now - _LOOK_BACK
        for notice in await self._books.notices.list_with_arrivals(since):
            for media in await self._books.list_loose_media(notice.fields.get(MEDIA, ())):
                if media.state is MediaState.WANTED:
                    continue
                settled += await self._settle(notice, media)
                # The notice has moved on: its other pictures come at the next look.
                break
        return settled

    async def _settle(self, notice: Notice, media: Media) -> bool:
        if notice.state is NoticeState.CANCELLED:
            # Nobody needs it any more, and it must not lie about open.
            return await self._write(self._plan(notice, media), media)
        if media.state is not MediaState.KEPT or media.sha256 is None:
            return await self._drop(notice, media, find_lost_reason(media) or "没有取到")
        try:
            content = await asyncio.to_thread(self._store.read, media.sha256)
            position = await self._books.notices.count_pictures(notice.id)
            row = await self._pictures.keep(notice.id, content, position, media.by)
        except PictureRefused as refused:
            return await self._drop(notice, media, str(refused))
        except OSError as fault:
            log.error("picture of a notice not read: %s", type(fault).__name__)
            return await self._drop(notice, media, "文件损坏")
        ids = iter([await self._archive.numbers.take_id()])
        plan = self._plan(notice, media)
        plan.rows += [row, event(self._hall.desk(), notice, "picture", SYSTEM, ids, picture=row.id, by=media.by)]
        return await self._write(plan, media)

    async def _drop(self, notice: Notice, media: Media, why: str) -> bool:
        """It cannot be used: its sender hears why, once."""
        desk, plan = self._hall.desk(), self._plan(notice, media)
        message = Message(APPROVAL_KIND, f"{tag(notice)}有一张图片没有附上：{why}。请重新发送。")
        plan.outbox += tell_workers(desk, [notice.made_by], message)
        return await self._write(plan, media)

    def _plan(self, notice: Notice, media: Media) -> Plan:
        left = [one for one in notice.fields.get(MEDIA, ()) if one != media.id]
        fields = {name: value for name, value in notice.fields.items() if name != MEDIA}
        fields |= {MEDIA: left} if left else {}
        origin = {"door": media.origin.get("door", ""), "lost": _SEALED}
        gone = {"state": MediaState.LOST, "sha256": None, "origin": origin}
        return Plan(
            changes=[
                Change(Notice, notice.id, notice.version, {"fields": fields}),
                Change(Media, media.id, None, gone),
            ]
        )

    async def _write(self, plan: Plan, media: Media) -> bool:
        """Settled: then the open copy goes, unless the same photo is a case's, too."""
        if not isinstance(await self._archive.committer.commit(plan), Committed):
            return False
        if media.sha256 and not await self._books.count(Media, col(Media.sha256) == media.sha256):
            await asyncio.to_thread(self._store.remove, media.sha256)
        return True
