"""What the voice job asks of speech recognition: one small port, and who stands behind it."""

from typing import Protocol


class Transcriber(Protocol):
    """Turns a recording into text."""

    async def transcribe(self, content: bytes, mime: str) -> str:
        """The text; empty when nothing was understood. Raises `WireFailure` (another try may help), `BadSound` (none will)."""
        ...


class TranscriberMissing(Exception):
    """The configured recogniser cannot be had on this machine; the text says so, and what to do, in Chinese."""
