"""What a link to a case page says, and how it is signed: who may see which case, until when. Pure.

A ticket is a scope, the day after which it is void, the case, whom it was made for, and the first 96 bits of an HMAC-SHA256 over
these; written in base 58, which has no mark that a chat client would drop from the end of an address. Nothing of it is secret but the key.
"""

import hmac
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
_EPOCH = date(2026, 1, 1)
_MAC_BYTES = 12
_LONGEST = 48
_HEAD_BYTES = 3
KEY_BYTES = 32


class Scope(StrEnum):
    """What a link is good for: reading what is masked, being the reporter, being one worker, reading all that is kept of oneself."""

    READ = "read"
    RESIDENT = "resident"
    WORKER = "worker"
    EXPORT = "export"


# Never 0: the first byte of a ticket must be seen in its number.
_CODES = {Scope.READ: 1, Scope.RESIDENT: 2, Scope.WORKER: 3, Scope.EXPORT: 4}
_SCOPES = {code: scope for scope, code in _CODES.items()}


@dataclass(frozen=True, slots=True)
class Ticket:
    """`subject`: the resident's or the worker's id, 0 for a link that anybody may read with. `last_on`: the last day (UTC) it is good."""

    scope: Scope
    case_id: int
    subject: int
    last_on: date


class TicketKey:
    """The key that signs links and forms. Raises `ValueError` for one that is too short to be random."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < KEY_BYTES:
            raise ValueError("the key of the case pages is too short")
        self._links = hmac.digest(secret, b"case page: link", sha256)
        self._forms = hmac.digest(secret, b"case page: form", sha256)

    def seal(self, ticket: Ticket) -> str:
        """The ticket as it stands in an address. Raises `ValueError` for a negative id or a day before 2026."""
        days = (ticket.last_on - _EPOCH).days
        head = bytes((_CODES[ticket.scope], *days.to_bytes(2, "big")))
        body = head + _write_number(ticket.case_id) + _write_number(ticket.subject)
        return _write_base(body + self._mac(body))

    def open(self, token: str) -> Ticket | None:
        """The ticket, if it was signed with this key, letter for letter; None for everything else."""
        raw = _read_base(token)
        if raw is None or len(raw) <= _HEAD_BYTES + _MAC_BYTES:
            return None
        body, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        if not hmac.compare_digest(self._mac(body), mac):
            return None
        return _parse(body)

    def sign_form(self, token: str) -> str:
        """What a form of this link's page must bring along: nobody else's page can know it."""
        return hmac.digest(self._forms, token.encode(), sha256).hex()[:32]

    def is_form_of(self, token: str, signed: str) -> bool:
        """Whether a form came from this link's own page; compared in constant time."""
        return hmac.compare_digest(self.sign_form(token).encode(), signed.encode())

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self._links, body, sha256)[:_MAC_BYTES]


def is_over(ticket: Ticket, now: datetime) -> bool:
    """Whether the ticket's last day is past; `now` is aware."""
    return now.astimezone(UTC).date() > ticket.last_on


def last_day(now: datetime, days: int) -> date:
    """The last day of a ticket made now that is good for at least `days` days."""
    return (now.astimezone(UTC) + timedelta(days=days)).date()


def _parse(body: bytes) -> Ticket | None:
    scope = _SCOPES.get(body[0])
    case = _read_number(body, _HEAD_BYTES)
    subject = _read_number(body, case[1]) if case is not None else None
    if scope is None or case is None or subject is None or subject[1] != len(body):
        return None
    last_on = _EPOCH + timedelta(days=int.from_bytes(body[1:_HEAD_BYTES], "big"))
    return Ticket(scope, case[0], subject[0], last_on)


def _write_number(number: int) -> bytes:
    """Seven bits a byte, the highest bit says that more follow: a small id takes little room."""
    if number < 0:
        raise ValueError("ids are not negative")
    written = bytearray()
    while number > 0x7F:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*written, number))


def _read_number(body: bytes, at: int) -> tuple[int, int] | None:
    number = shift = 0
    for index in range(at, len(body)):
        number |= (body[index] & 0x7F) << shift
        shift += 7
        if not body[index] & 0x80:
            return number, index + 1
    return None


def _write_base(raw: bytes) -> str:
    number, letters = int.from_bytes(raw, "big"), []
    while number:
        number, rest = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[rest])
    return "".join(reversed(letters))


def _read_base(token: str) -> bytes | None:
    if not token or len(token) > _LONGEST or token[0] == _ALPHABET[0] or any(one not in _VALUES for one in token):
        return None
    number = 0
    for letter in token:
        number = number * len(_ALPHABET) + _VALUES[letter]
    return number.to_bytes((number.bit_length() + 7) // 8, "big")
