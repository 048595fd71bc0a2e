"""The official account's own speech recognition: hand in an mp3, ask for its text within ten seconds.

Source: developers.weixin.qq.com/doc/service/api/openpoc/ai/api_addvoicetorecofortext
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import Protocol

from bot.voice.sound import MP3, BadSound, render_mp3

MAX_BYTES = 1 << 20
# An empty text may mean "not yet": asked four times, the last time eight seconds after the recording was handed in.
_PAUSES_SECONDS = (0.5, 1.5, 2.5, 3.5)


class VoiceApi(Protocol):
    """As much of the official account's API as this needs."""

    async def submit_voice(self, voice_id: str, mp3: bytes) -> None:
        """Hand in. Raises `WireFailure`."""
        ...

    async def query_voice(self, voice_id: str) -> str:
        """The text, or nothing yet. Raises `WireFailure`."""
        ...


class PlatformTranscriber:
    """`Transcriber` by the platform. `sleep` takes seconds."""

    def __init__(self, api: VoiceApi, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._api, self._sleep = api, sleep

    async def transcribe(self, content: bytes, mime: str) -> str:
        """The text that the platform makes of it. Raises `WireFailure`; `BadSound` above 1 MB or when it cannot be decoded."""
        mp3 = content if mime == MP3 else await asyncio.to_thread(render_mp3, content, mime)
        if len(mp3) > MAX_BYTES:
            raise BadSound("too large")
        # A name of each try's own, so that an answer to an earlier one is never taken for this one's.
        voice_id = secrets.token_hex(12)
        await self._api.submit_voice(voice_id, mp3)
        for pause_seconds in _PAUSES_SECONDS:
            await self._sleep(pause_seconds)
            text = (await self._api.query_voice(voice_id)).strip()
            if text:
                return text
        return ""
