"""The voice job: kept recordings become text, and the text is read as if it had been typed; what nobody makes out goes to a person.

A recording that was announced is never forgotten: its row is claimed, worked on and ended in the archive, so a process that dies over
it leaves it due again, and the text enters under a key of its own (`voice:MEDIA_ID`), so nothing is read twice.
"""

import asyncio
import logging
from datetime import timedelta

from bot.clock import Clock
from bot.dispatcher import Dispatcher
from bot.media_store import MediaStore
from bot.ports import WireFailure
from bot.settings import VoiceSettings
from bot.voice.claims import TranscriptionClaims
from bot.voice.sound import BadSound, measure_seconds
from bot.voice.transcriber import Transcriber
from handlers.update import Door, Update, UpdateKind
from storage.archive import Archive
from storage.columns import MediaState, TranscriptionState
from storage.plan import Change, Plan
from storage.queries import Books
from storage.tables import Media, Transcription

log = logging.getLogger(__name__)

# Longer than any recogniser takes over the longest recording: another process may then take it up.
_HOLD = timedelta(minutes=3)
_WORK_SECONDS = 120.0
_AT_ONCE = 2
_LONGEST_PAUSE_SECONDS = 300.0


class NotNow(Exception):
    """The recogniser could not be asked; a later try may do better."""


class VoiceJob:
    """Works on `transcription`. `transcriber` None: nobody transcribes, what is left over goes to people."""

    def __init__(
        self,
        archive: Archive,
        books: Books,
        store: MediaStore,
        transcriber: Transcriber | None,
        dispatcher: Dispatcher,
        settings: VoiceSettings,
        clock: Clock,
    ) -> None:
        self._archive, self._books, self._store = archive, books, store
        self._transcriber, self._dispatcher = transcriber, dispatcher
        self._settings, self._clock = settings, clock
        self._claims = TranscriptionClaims(archive.engine, _HOLD)

    async def run(self) -> None:
        """Turn into text what is due, until cancelled."""
        while True:
            try:
                found = await self.hear_due()
            except Exception as error:
                log.error("voice turn failed: %s", type(error).__name__)
                found = 0
            if not found:
                await asyncio.sleep(self._settings.poll_seconds)

    async def hear_due(self) -> int:
        """Work on the recordings that are due; how many there were."""
        ids = await self._claims.take(self._clock(), _AT_ONCE)
        results = await asyncio.gather(*(self._hear(media_id) for media_id in ids), return_exceptions=True)
        for failure in results:
            if isinstance(failure, Exception):
                # Its claim runs out, then it is tried again.
                log.error("voice job failed: %s", type(failure).__name__)
        return len(ids)

    async def _hear(self, media_id: int) -> None:
        row = await self._books.find(Transcription, media_id)
        if row is None or row.state is not TranscriptionState.WANTED:
            return
        try:
            text = await self._transcribe(row, await self._books.find(Media, media_id))
        except NotNow:
            await self._write_pause(row)
            return
        await self._say(row, text)

    async def _transcribe(self, row: Transcription, media: Media | None) -> str:
        """The text; empty when there is none to be had. Raises `NotNow`."""
        # An earlier try of ours, or of a process that died, may have got through: the text is read once.
        if self._transcriber is None or await self._books.find_inbound(_key(row)) is not None:
            return ""
        if media is None or media.state is not MediaState.KEPT or media.sha256 is None:
            return ""
        # Claimed more often than it may be tried: processes died over it, and it must not kill the next one too.
        if row.tries > self._settings.max_tries:
            return ""
        try:
            content = await asyncio.to_thread(self._store.read, media.sha256)
            if await asyncio.to_thread(measure_seconds, content, media.mime) > self._settings.max_seconds:
                return ""
            async with asyncio.timeout(_WORK_SECONDS):
                return await self._transcriber.transcribe(content, media.mime)
        except (BadSound, OSError) as error:
            if isinstance(error, TimeoutError):
                return self._give_up_or_wait(row, error)
            log.warning("recording %d cannot be read: %s", row.media_id, type(error).__name__)
            return ""
        except WireFailure as failure:
            return self._give_up_or_wait(row, failure)

    def _give_up_or_wait(self, row: Transcription, failure: Exception) -> str:
        log.warning("recording %d not transcribed: %s (try %d)", row.media_id, type(failure).__name__, row.tries)
        if row.tries < self._settings.max_tries:
            raise NotNow
        return ""

    async def _say(self, row: Transcription, text: str) -> None:
        running = self._dispatcher.begin(_make_update(row, text))
        # Nobody waits for the reply any more: it goes by the outbox, in the same transaction.
        running.is_late = True
        await running.task
        present = await self._books.find(Transcription, row.media_id)
        if present is not None and present.state is TranscriptionState.WANTED:
            # It was said before, or could not be handled (then the duty group has been told): either way it is over.
            await self._write(row, state=TranscriptionState.UNHEARD, due_at=None)

    async def _write_pause(self, row: Transcription) -> None:
        seconds = self._settings.first_retry_seconds * 2 ** min(row.tries - 1, 20)
        await self._write(row, due_at=self._clock() + timedelta(seconds=min(seconds, _LONGEST_PAUSE_SECONDS)))

    async def _write(self, row: Transcription, **values: object) -> None:
        await self._archive.committer.commit(Plan(changes=[Change(Transcription, row.media_id, None, values)]))


def _key(row: Transcription) -> str:
    return f"voice:{row.media_id}"


def _make_update(row: Transcription, text: str) -> Update:
    return Update(
        door=Door.OFFICIAL_ACCOUNT,
        kind=UpdateKind.TEXT,
        key=_key(row),
        person=row.person,
        account=row.account,
        created_at=row.said_at,
        text=text,
        spoken=row.media_id,
    )
