"""Pictures of notices: taken in clean, kept sealed, opened for sending and showing, erased when their notice is over."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, or_, select
from sqlmodel import SQLModel

from bot.clock import Clock
from bot.media_pictures import MIME
from bot.media_store import MediaStore
from bot.notice_pictures_clean import clean_picture
from bot.sealing import Seal
from storage.archive import Archive
from storage.notice_columns import NoticeState
from storage.notice_tables import Notice, NoticeEvent, NoticePicture
from storage.plan import Change, Plan
from storage.rows import columns_of, fresh, from_line

log = logging.getLogger(__name__)

ERASED = "picture_erased"
_NAME = "notice picture"
_OVER = (NoticeState.RECALLED, NoticeState.ENDED, NoticeState.REFUSED, NoticeState.CANCELLED)
_NOTICE: Any = Notice.__table__  # type: ignore[attr-defined]  # SQLModel adds it
_PICTURE: Any = NoticePicture.__table__  # type: ignore[attr-defined]  # SQLModel adds it
_P = _PICTURE.c
_MOST_AT_ONCE = 100


class NoticePictures:
    """The pictures of all notices. `on_erased` are told the ids of what is gone, so that nobody keeps them in memory."""

    def __init__(self, archive: Archive, folder: Path, seal: Seal, clock: Clock) -> None:
        self._archive, self._seal, self._clock = archive, seal, clock
        self._store = MediaStore(folder)
        # Each may take tens of megabytes while it is decoded.
        self._decoding = asyncio.Semaphore(1)
        self.on_erased: list[Callable[[Sequence[int]], None]] = []

    async def keep(self, notice_id: int, content: bytes, position: int, by: str) -> NoticePicture:
        """Clean, seal and keep what somebody sent; the row for the plan that makes it the notice's.

        `by`: `worker:12`. Raises `PictureRefused` with the sentence for him, `OSError` when the disk fails.
        """
        async with self._decoding:
            clean = await asyncio.to_thread(clean_picture, content)
        nonce, digest = await asyncio.to_thread(self._write, clean)
        width, height = _read_size(clean)
        return fresh(
            NoticePicture,
            id=await self._archive.numbers.take_id(),
            notice_id=notice_id,
            position=position,
            sha256=digest,
            nonce=nonce,
            mime=MIME,
            bytes=len(clean),
            width=width,
            height=height,
            by=by,
            created_at=self._clock(),
        )

    async def find(self, picture_id: int) -> NoticePicture | None:
        """The row of a notice's picture; None when this id is something else's."""
        async with self._archive.engine.connect() as connection:
            line = (await connection.execute(select(*columns_of(NoticePicture)).where(_P.id == picture_id))).first()
        return from_line(NoticePicture, line) if line else None

    async def open(self, picture: NoticePicture) -> bytes:
        """The clean JPEG, without a mark: for making marked ones only. Raises `LookupError` once it is erased, `OSError`."""
        if picture.erased_at is not None or picture.nonce is None:
            raise LookupError(f"notice picture {picture.id} is erased")
        return await asyncio.to_thread(self._read, picture.sha256, picture.nonce)

    async def erase_due(self) -> int:
        """Erase the pictures of notices that are over; the rows stay, and the history says when. How many there were."""
        erased = await self._list_due()
        for picture in erased:
            await self._erase(picture)
        for tell in self.on_erased if erased else ():
            tell([picture.id for picture in erased])
        return len(erased)

    async def _list_due(self) -> list[NoticePicture]:
        query = select(*columns_of(NoticePicture)).join(_NOTICE, _NOTICE.c.id == _P.notice_id)
        query = query.where(_P.erased_at.is_(None), or_(_NOTICE.c.state.in_(_OVER), _NOTICE.c.ends_at <= self._clock()))
        async with self._archive.engine.connect() as connection:
            lines = await connection.execute(query.order_by(_P.id).limit(_MOST_AT_ONCE))
            return [from_line(NoticePicture, line) for line in lines]

    async def _erase(self, picture: NoticePicture) -> None:
        # The bytes first: should we die in between, the next look finds the row and erases what is gone already.
        if not await self._is_shared(picture):
            await asyncio.to_thread(self._store.remove, picture.sha256)
        now = self._clock()
        told: SQLModel = fresh(
            NoticeEvent,
            id=await self._archive.numbers.take_id(),
            notice_id=picture.notice_id,
            at=now,
            kind=ERASED,
            actor="system",
            payload={"picture": picture.id, "sha256": picture.sha256},
        )
        gone = Change(NoticePicture, picture.id, None, {"erased_at": now, "nonce": None})
        await self._archive.committer.commit(Plan(rows=[told], changes=[gone]))
        log.info("notice picture %d erased", picture.id)

    async def _is_shared(self, picture: NoticePicture) -> bool:
        """A repeated notice may point to the bytes of the one it was made from."""
        others = select(func.count()).where(_P.sha256 == picture.sha256, _P.id != picture.id, _P.erased_at.is_(None))
        async with self._archive.engine.connect() as connection:
            return bool((await connection.execute(others)).scalar_one())

    def _write(self, clean: bytes) -> tuple[bytes, str]:
        nonce, sealed = self._seal.close(clean, _NAME)
        return nonce, self._store.write(sealed)

    def _read(self, digest: str, nonce: bytes) -> bytes:
        return self._seal.open(nonce, self._store.read(digest), _NAME)


def station_of(notice: Notice, area_name: str) -> str:
    """Who stands behind a notice: the issuing station, else the issuer, else the area it was made for."""
    named = notice.fields.get("station") or notice.fields.get("issuer")
    return str(named) if named else area_name


def common_mark(notice: Notice, station: str, local: datetime) -> str:
    """The part of the watermark that is the same for everybody: station, number, date."""
    return f"{station} {notice.number} {local:%Y-%m-%d}"


def _read_size(jpeg: bytes) -> tuple[int, int]:
    """Width and height of our own JPEG: the frame header (SOF0–2) holds them."""
    at = 2
    while True:
        marker, length = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xC2:
            return int.from_bytes(jpeg[at + 7 : at + 9], "big"), int.from_bytes(jpeg[at + 5 : at + 7], "big")
        at += 2 + length
