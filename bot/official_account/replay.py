"""Signatures that were used: what a plain push's signature once said, it must go on saying."""

import hashlib
from collections import OrderedDict

# About 12 MB when full: 100 plain pushes a second for the whole window. Past that the oldest are forgotten first.
MAX_REMEMBERED = 60_000


class UsedSignatures:
    """Which body each signature came with, for as long as the signature is fresh."""

    def __init__(self, window_seconds: int, capacity: int = MAX_REMEMBERED) -> None:
        self._window_seconds = window_seconds
        self._capacity = capacity
        self._digests: OrderedDict[bytes, tuple[int, bytes]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._digests)

    def is_reused(self, signature: str, body: bytes, now_seconds: int) -> bool:
        """Whether this (verified, hexadecimal) signature came with another body before; the same body again is harmless."""
        key, digest = bytes.fromhex(signature), hashlib.sha256(body).digest()[:16]
        self._forget(now_seconds - 2 * self._window_seconds)
        _, known = self._digests.setdefault(key, (now_seconds, digest))
        return known != digest

    def _forget(self, before_seconds: int) -> None:
        # A signature stamped in the future stays fresh for up to two windows.
        while self._digests:
            key = next(iter(self._digests))
            if self._digests[key][0] >= before_seconds and len(self._digests) < self._capacity:
                return
            del self._digests[key]
