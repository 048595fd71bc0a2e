"""The voice job, made from settings: who transcribes, and what a kept medium means."""

import asyncio
from pathlib import Path
from typing import assert_never

from bot.cityhall import CityHall
from bot.clock import Clock
from bot.clue_media import ClueTeller
from bot.dispatcher import Dispatcher
from bot.media_store import MediaStore
from bot.pictures import PictureTeller
from bot.settings import VoiceProvider, VoiceSettings
from bot.voice.job import VoiceJob
from bot.voice.local import LocalTranscriber, open_recogniser
from bot.voice.platform import PlatformTranscriber, VoiceApi
from bot.voice.recordings import VOICE, RecordingTeller
from bot.voice.transcriber import Transcriber
from storage.archive import Archive
from storage.plan import Plan
from storage.queries import Books
from storage.tables import Media


class KeptTeller:
    """`on_kept` and `on_lost` of the media job: pictures, recordings and what came with a clue each go their way."""

    def __init__(self, books: Books, hall: CityHall) -> None:
        self._pictures, self._recordings = PictureTeller(books, hall), RecordingTeller(books, hall)
        self._clues = ClueTeller(books, hall)

    async def on_kept(self, media: Media) -> Plan | None:
        """What a kept medium means for its case, or its clue."""
        if media.kind == VOICE:
            return await self._recordings.on_kept(media)
        return await self._pictures.on_kept(media) or await self._clues.on_kept(media)

    async def on_lost(self, media: Media) -> Plan | None:
        """What a lost one means: of a recording, that nobody will ever hear it; of a picture, that another must be sent."""
        if media.kind == VOICE:
            return await self._recordings.on_lost(media)
        return await self._pictures.on_lost(media) or await self._clues.on_lost(media)


async def open_transcriber(settings: VoiceSettings, api: VoiceApi | None) -> Transcriber | None:
    """The configured recogniser; None when there is none. Raises `TranscriberMissing`."""
    match settings.provider:
        case VoiceProvider.PLATFORM:
            return PlatformTranscriber(api) if api is not None else None
        case VoiceProvider.LOCAL:
            folder = Path(settings.model_dir)
            # A model of hundreds of megabytes: its loading must not hold up the start of everything else.
            model = await asyncio.to_thread(open_recogniser, folder, settings.model_kind, settings.threads)
            return LocalTranscriber(model)
        case VoiceProvider.OFF:
            return None
        case _:
            assert_never(settings.provider)


async def open_voice(
    settings: VoiceSettings,
    archive: Archive,
    books: Books,
    store: MediaStore,
    api: VoiceApi | None,
    dispatcher: Dispatcher,
    clock: Clock,
) -> VoiceJob:
    """The job, ready to run. Raises `TranscriberMissing`."""
    transcriber = await open_transcriber(settings, api)
    return VoiceJob(archive, books, store, transcriber, dispatcher, settings, clock)
