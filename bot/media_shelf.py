"""Kept pictures on their way out: one notice's picture goes to thousands, and is read from the disk once."""

import asyncio
from collections import OrderedDict

from bot.media_store import MediaStore
from bot.ports import Picture
from storage.archive import Archive
from storage.columns import MediaState
from storage.tables import Media

_SHELF_BYTES = 16 << 20
_ENDINGS = {"image/jpeg": "jpg", "image/png": "png"}


class PictureShelf:
    """Pictures by media id; the last few stay in memory."""

    def __init__(self, archive: Archive, store: MediaStore, shelf_bytes: int = _SHELF_BYTES) -> None:
        self._archive, self._store, self._room = archive, store, shelf_bytes
        self._kept: OrderedDict[int, Picture] = OrderedDict()
        self._size = 0

    async def load(self, media_id: int) -> Picture:
        """The picture. Raises `LookupError` when there is none, `OSError` when its file is damaged."""
        if (picture := self._kept.get(media_id)) is not None:
            self._kept.move_to_end(media_id)
            return picture
        picture = await self._read(media_id)
        self._put(media_id, picture)
        return picture

    async def _read(self, media_id: int) -> Picture:
        async with self._archive.reads() as session:
            row = await session.get(Media, media_id)
        if row is None or row.state is not MediaState.KEPT or row.sha256 is None or row.mime not in _ENDINGS:
            raise LookupError(f"no kept picture {media_id}")
        content = await asyncio.to_thread(self._store.read, row.sha256)
        # An ASCII name with the right ending: WeChat refuses others (41005).
        return Picture(f"{media_id}.{_ENDINGS[row.mime]}", row.mime, content)

    def _put(self, media_id: int, picture: Picture) -> None:
        if media_id in self._kept:
            return
        self._kept[media_id] = picture
        self._size += len(picture.content)
        while self._size > self._room:
            _, dropped = self._kept.popitem(last=False)
            self._size -= len(dropped.content)
