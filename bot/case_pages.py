"""The case page wired up: its key, its links on every desk, and the media pipeline and recordings that it asks for."""

import asyncio
import secrets
import time

from aiohttp import web

from bot.cityhall import CityHall
from bot.media import MediaKeeper, MediaLost
from bot.settings import Settings
from bot.voice.recordings import RecordingTeller
from console.links import PageLinks
from console.ports import KeptPicture, Unusable, UploadLimits
from console.tickets import KEY_BYTES, TicketKey
from console.web import Parts, make_case_pages
from grid.links import NO_LINKS, Links
from storage.archive import Archive
from storage.columns import MediaState
from storage.queries import Books
from storage.tables import Media

CASE_PAGE_KEY = "case_page_key"
"""The fact that holds the key of all links; a new value ends every link that was ever sent."""


def draw_key() -> str:
    """A fresh key as the archive keeps it."""
    return secrets.token_hex(KEY_BYTES)


async def read_key(books: Books) -> TicketKey:
    """The house's key. Raises `LookupError` when `prepare_archive` has not been here."""
    kept = await books.find_setting(CASE_PAGE_KEY)
    if not kept:
        raise LookupError("no key of the case pages")
    return TicketKey(bytes.fromhex(kept))


def make_links(settings: Settings, key: TicketKey) -> Links:
    """The links of a house that has said where it is reached from outside; others send none, a reader could not open them."""
    server = settings.server
    if "public_url" not in server.model_fields_set or not server.public_url:
        return NO_LINKS
    return PageLinks(key, server.public_url, settings.privacy.case_page_days)


class PagePictures:
    """`console.ports.Pictures` with the media job's own pipeline and folder."""

    def __init__(self, keeper: MediaKeeper) -> None:
        self._keeper = keeper

    async def keep(self, content: bytes) -> KeptPicture:
        """Decode, encode anew, keep. Raises `Unusable`, `OSError`."""
        try:
            kept = await self._keeper.keep(content, "image")
        except MediaLost:
            raise Unusable(
                "选的文件里有一个不是照片，或已经损坏，什么都没有提交。请重新选择照片（JPG、PNG等）。"
            ) from None
        return KeptPicture(kept.sha256, kept.mime, kept.size_bytes)

    async def read(self, row: Media) -> bytes:
        """The kept bytes. Raises `LookupError`, `OSError`."""
        if row.state is not MediaState.KEPT or row.sha256 is None:
            raise LookupError(f"no kept medium {row.id}")
        return await asyncio.to_thread(self._keeper.store.read, row.sha256)


def make_pages(
    settings: Settings, archive: Archive, books: Books, hall: CityHall, keeper: MediaKeeper, key: TicketKey
) -> web.Application:
    """What stands under `/c/`."""
    recordings = RecordingTeller(books, hall)
    limits = UploadLimits(picture_bytes=settings.media.max_bytes, form_bytes=2 * settings.media.max_bytes)
    return make_case_pages(
        Parts(
            archive=archive,
            books=books,
            desk=hall.desk,
            key=key,
            pictures=PagePictures(keeper),
            reader=lambda: hall.reader,
            follow=recordings.follow,
            elapsed=time.monotonic,
            limits=limits,
        )
    )
