"""Kept pictures on their way out: one notice's picture goes to thousands, and is read from the disk once."""

import asyncio
from collections import OrderedDict

from bot.media_store import MediaStore
from bot.ports import Attachment, Picture, Recording
from bot.voice.sound import AMR, AMR_SECONDS, MP3, BadSound, measure_seconds, render_amr
from storage.archive import Archive
from storage.columns import MediaState
from storage.tables import Media

_SHELF_BYTES = 16 << 20
_ENDINGS = {"image/jpeg": "jpg", "image/png": "png"}


class PictureShelf:
    """Pictures by media id. The row is asked each time, so that what was erased by law is not shown again; the bytes stay a while."""

    def __init__(self, archive: Archive, store: MediaStore, shelf_bytes: int = _SHELF_BYTES) -> None:
        self._archive, self._store, self._room = archive, store, shelf_bytes
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0

    async def load(self, media_id: int) -> Attachment:
        """The picture, or the recording as chats play it.

        Raises `LookupError` when there is none, `OSError` when its file is damaged.
        """
        async with self._archive.reads() as session:
            row = await session.get(Media, media_id)
        if row is None or row.state is not MediaState.KEPT or row.sha256 is None or row.mime not in (*_ENDINGS, MP3):
            raise LookupError(f"no kept picture {media_id}")
        if row.mime == MP3:
            return await asyncio.to_thread(self._make_recording, media_id, row.sha256)
        # An ASCII name with the right ending: WeChat refuses others (41005).
        return Picture(f"{media_id}.{_ENDINGS[row.mime]}", row.mime, await self._read(row.sha256))

    def _make_recording(self, media_id: int, digest: str) -> Recording:
        content = self._store.read(digest)
        try:
            if measure_seconds(content, MP3) <= AMR_SECONDS:
                return Recording(f"voice-{media_id}.amr", AMR, render_amr(content, MP3))
        except BadSound as fault:
            raise OSError(f"kept recording {media_id} is damaged") from fault
        return Recording(f"voice-{media_id}.mp3", MP3, content)

    async def _read(self, digest: str) -> bytes:
        content = self._kept.get(digest)
        if content is None:
            content = await asyncio.to_thread(self._store.read, digest)
            self._put(digest, content)
        else:
            self._kept.move_to_end(digest)
        return content

    def _put(self, digest: str, content: bytes) -> None:
        if digest in self._kept:
            return
        self._kept[digest] = content
        self._size += len(content)
        while self._size > self._room:
            _, dropped = self._kept.popitem(last=False)
            self._size -= len(dropped)
