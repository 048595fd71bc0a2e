"""Addresses of notice pages: `/n/` and a signed token that names a notice and the target it was made for. Pure.

Whoever has the address may look until the notice is over; what he sees bears the target's name, so the token need not be a secret of
one person. It holds two numbers and the first 96 bits of an HMAC-SHA256 over them, in URL-safe base64.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from dataclasses import dataclass
from hashlib import sha256

PATH = "/n/"
KEY_BYTES = 32
_MAC_BYTES, _ID_BYTES = 12, 8
_LENGTH = 2 * _ID_BYTES + _MAC_BYTES


@dataclass(frozen=True, slots=True)
class NoticeTicket:
    """Which notice, and the `NoticeTarget` that the link was made for."""

    notice_id: int
    target_id: int


class NoticeLinks:
    """Makes and opens addresses. Raises `ValueError` for a secret that is too short to be random."""

    def __init__(self, secret: bytes, public_url: str) -> None:
        if len(secret) < KEY_BYTES:
            raise ValueError("the key of the notice pages is too short")
        # A key of its own, drawn from the house's: a ticket of another page opens nothing here.
        self._key = hmac.digest(secret, b"notice page: link", sha256)
        self._base = public_url.rstrip("/") + PATH

    def make(self, ticket: NoticeTicket) -> str:
        """The address."""
        body = ticket.notice_id.to_bytes(_ID_BYTES, "big") + ticket.target_id.to_bytes(_ID_BYTES, "big")
        return self._base + urlsafe_b64encode(body + self._mac(body)).decode().rstrip("=")

    def open(self, token: str) -> NoticeTicket | None:
        """The ticket, if it was signed with this key; None for everything else."""
        try:
            raw = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        except (Error, ValueError):
            return None
        body, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        if len(raw) != _LENGTH or not hmac.compare_digest(self._mac(body), mac):
            return None
        return NoticeTicket(int.from_bytes(body[:_ID_BYTES], "big"), int.from_bytes(body[_ID_BYTES:], "big"))

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body, sha256)[:_MAC_BYTES]
