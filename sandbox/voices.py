"""What the platforms' speech recognition will hear: a test says so beforehand."""

import hashlib

DEFAULT = "default"


class Voices:
    """Transcripts by the sha256 of the sound's bytes, with one for all others."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self.queued: dict[str, tuple[str, float]] = {}
        """Jobs of addvoicetorecofortext: voice id → text and time of submission (epoch seconds)."""

    def set(self, sha256: str, text: str) -> None:
        """`sha256` may be `default`."""
        self._texts[sha256] = text

    def hear(self, sound: bytes) -> str:
        """The transcript of a sound; empty when nobody said what it holds."""
        digest = hashlib.sha256(sound).hexdigest()
        return self._texts.get(digest, self._texts.get(DEFAULT, ""))
