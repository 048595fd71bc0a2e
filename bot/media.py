"""Media: what residents and workers sent is fetched before the platform forgets it, made safe, kept, and told on."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.clock import Clock
from bot.media_claims import MediaClaims
from bot.media_kinds import PICTURES, find_mime, is_expected
from bot.media_pictures import MIME, BadPicture, reencode
from bot.media_shelf import PictureShelf
from bot.media_store import MediaStore
from bot.ports import Attachment, Refused, WireFailure
from bot.refusals import Next, Wire, find_refusal
from bot.settings import MediaSettings
from bot.voice.sound import MP3, BadSound, render_mp3
from bot.workgroup.aibot_media import TooLarge
from storage.archive import Archive
from storage.columns import MediaState
from storage.committer import StorageFailed
from storage.plan import Change, Conflict, Plan
from storage.rows import with_changes
from storage.tables import Media

log = logging.getLogger(__name__)

Fetch = Callable[[Mapping[str, Any]], Awaitable[tuple[bytes, str]]]
"""From a row's `origin` to bytes and the type that the platform names (not believed). Raises `WireFailure`."""

OnKept = Callable[[Media], Awaitable[Plan | None]]

# How long a platform holds what it announced (wechat.md §2.5: three days; §3.3: five minutes).
_LIVES = {"oa": timedelta(days=3), "aibot": timedelta(minutes=5)}
_HOLD = timedelta(minutes=5)
_WORK_SECONDS = 240.0
_LONGEST_PAUSE_SECONDS = 900.0
_OWN_TROUBLE_PAUSE = timedelta(minutes=1)
_TOLD_TRIES = 5


class MediaLost(Exception):
    """It cannot be had, now or later; the text is the reason, in Chinese, for the case's page."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What lies in the folder."""

    sha256: str
    mime: str
    size_bytes: int


class MediaKeeper:
    """The media job. `fetchers` by door (`oa`, `aibot`); `on_kept` says what a kept row means for its case, in the same transaction."""

    def __init__(
        self,
        archive: Archive,
        fetchers: Mapping[str, Fetch],
        folder: Path,
        settings: MediaSettings,
        clock: Clock,
        on_kept: OnKept | None = None,
        on_lost: OnKept | None = None,
    ) -> None:
        self._archive, self._fetchers, self._settings, self._clock = archive, fetchers, settings, clock
        self._on_kept, self._on_lost = on_kept, on_lost
        self.store = MediaStore(folder)
        self._shelf = PictureShelf(archive, self.store)
        self._claims = MediaClaims(archive.engine, _HOLD)
        # Pictures are decoded one at a time: each may take tens of megabytes.
        self._decoding = asyncio.Semaphore(1)
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Fetch what is wanted, until cancelled."""
        while True:
            self._wake.clear()
            try:
                found = await self.fetch_due()
            except Exception as error:
                log.error("media turn failed: %s", type(error).__name__)
                found = 0
            if not found:
                await self._rest()

    def wake(self) -> None:
        """Look at once: something was just announced."""
        self._wake.set()

    async def fetch_due(self) -> int:
        """Fetch up to `at_once` media that are due; how many were tried."""
        ids = await self._claims.take(self._clock(), self._settings.at_once)
        results = await asyncio.gather(*(self._handle(media_id) for media_id in ids), return_exceptions=True)
        for failure in results:
            if isinstance(failure, Exception):
                # Its claim runs out, then it is tried again.
                log.error("media job failed: %s", type(failure).__name__)
        return len(ids)

    async def load(self, media_id: int) -> Attachment:
        """A kept picture or recording, ready to send. Raises `LookupError` when there is none, `OSError` when its file is damaged."""
        return await self._shelf.load(media_id)

    async def keep(self, content: bytes, kind: str) -> Kept:
        """Make bytes safe and keep them (from a case page, a notice). Raises `MediaLost` with the reason, `OSError`."""
        if len(content) > self._settings.max_bytes:
            raise MediaLost(f"文件太大，超过 {self._settings.max_bytes >> 20} MB")
        mime = find_mime(content)
        if mime is None or not is_expected(kind, mime):
            raise MediaLost("文件类型与所说的不符，或不支持")
        if mime in PICTURES:
            content, mime = await self._make_safe(content), MIME
        elif kind == "voice":
            content, mime = await self._make_playable(content, mime)
        return Kept(await asyncio.to_thread(self.store.write, content), mime, len(content))

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.poll_seconds):
                await self._wake.wait()

    async def _handle(self, media_id: int) -> None:
        row = await self._read(media_id)
        if row is None or row.state is not MediaState.WANTED:
            return
        try:
            async with asyncio.timeout(_WORK_SECONDS):
                kept = await self._fetch(row)
        except MediaLost as lost:
            await self._write_lost(row, str(lost))
        except (WireFailure, TimeoutError) as failure:
            await self._write_failed(row, failure)
        except OSError as error:
            # A full or broken disk is our own trouble and soon mended; the platform still has the file.
            log.error("media %d not written: %s", row.id, type(error).__name__)
            await self._write_pause(row, _OWN_TROUBLE_PAUSE, row.tries - 1)
        else:
            await self._write_kept(row, kept)

    async def _fetch(self, row: Media) -> Kept:
        fetch = self._fetchers.get(str(row.origin.get("door", "")))
        if fetch is None:
            raise MediaLost("来源通道没有开通")
        try:
            content, _ = await fetch(row.origin)
        except TooLarge:
            raise MediaLost(f"文件太大，超过 {self._settings.max_bytes >> 20} MB") from None
        return await self.keep(content, row.kind)

    async def _make_safe(self, content: bytes) -> bytes:
        limits = {
            "max_pixels": self._settings.max_pixels,
            "side_pixels": self._settings.picture_pixels,
            "max_bytes": self._settings.picture_bytes,
        }
        try:
            async with self._decoding:
                return await asyncio.to_thread(reencode, content, **limits)
        except BadPicture:
            raise MediaLost("图片无法打开，或大得不合常理") from None

    async def _make_playable(self, content: bytes, mime: str) -> tuple[bytes, str]:
        try:
            async with self._decoding:
                return await asyncio.to_thread(render_mp3, content, mime), MP3
        except BadSound as fault:
            # It may be the only word somebody sent: kept as it came, it can still be given to whoever knows its form.
            log.warning("recording kept as it came: %s", fault)
            return content, mime

    async def _write_failed(self, row: Media, failure: Exception) -> None:
        reason = _find_final_reason(row, failure)
        age, life = self._clock() - row.created_at, _LIVES.get(str(row.origin.get("door")), timedelta())
        if reason is None and row.tries >= self._settings.max_tries and age >= life:
            reason = "多次下载失败，平台已不再保留"
        if reason is not None:
            await self._write_lost(row, reason)
            return
        seconds = self._settings.first_retry_seconds * 2 ** min(row.tries - 1, 30)
        await self._write_pause(row, timedelta(seconds=min(seconds, _LONGEST_PAUSE_SECONDS)), row.tries)

    async def _write_pause(self, row: Media, pause: timedelta, tries: int) -> None:
        values = {"due_at": self._clock() + pause, "tries": max(0, tries)}
        await self._archive.committer.commit(Plan(changes=[Change(Media, row.id, None, values)]))

    async def _write_kept(self, row: Media, kept: Kept) -> None:
        # The platform's link and key are of no more use, and need not lie about.
        origin = {"door": row.origin.get("door", "")}
        values = {"state": MediaState.KEPT, "sha256": kept.sha256, "mime": kept.mime, "bytes": kept.size_bytes}
        await self._write_end(row, {**values, "origin": origin, "due_at": None}, self._on_kept)

    async def _write_lost(self, row: Media, reason: str) -> None:
        log.warning("media %d lost", row.id)
        origin = {"door": row.origin.get("door", ""), "lost": reason}
        values = {"state": MediaState.LOST, "origin": origin, "due_at": None}
        await self._write_end(row, values, self._on_lost)

    async def _write_end(self, row: Media, values: dict[str, Any], tell: OnKept | None) -> None:
        end = Plan(changes=[Change(Media, row.id, None, values)])
        for _ in range(_TOLD_TRIES):
            # Read anew each time: it may have been attached to a case while it was on its way.
            present = await self._read(row.id)
            if present is None or present.state is not MediaState.WANTED:
                return
            told = await tell(with_changes(present, values)) if tell else None
            if await self._commit(end.merge(told) if told else end, end):
                return
        await self._archive.committer.commit(end)

    async def _commit(self, plan: Plan, end: Plan) -> bool:
        try:
            return not isinstance(await self._archive.committer.commit(plan), Conflict)
        except StorageFailed:
            if plan is end:
                raise
            # What the case says about it cannot be written; that it is kept still can.
            await self._archive.committer.commit(end)
            return True

    async def _read(self, media_id: int) -> Media | None:
        async with self._archive.reads() as session:
            return await session.get(Media, media_id)


def _find_final_reason(row: Media, failure: Exception) -> str | None:
    """Why another try would be refused as well; None when it might do better."""
    if not isinstance(failure, Refused):
        return None
    if row.origin.get("door") == "aibot":
        # The link answered with HTTP 4xx: after five minutes it is dead.
        return "下载链接已失效"
    entry = find_refusal(failure.errcode, Wire.OFFICIAL_ACCOUNT)
    return f"{failure.errcode} {entry.meaning}" if entry.next is Next.BUG else None


def find_lost_reason(row: Media) -> str:
    """Why a lost medium is lost, for people; empty for one that is not."""
    return str(row.origin.get("lost", "")) if row.state is MediaState.LOST else ""
