"""The official account's door: what WeChat pushes becomes an `Update` or one of two refusals; replies are sealed here.

The order of checks: query → signature (constant time) → freshness → replay → decrypt and app id → DOCTYPE, XML → account.
Nothing that costs more than a hash is done for somebody who does not know the token.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.official_account.replay import UsedSignatures
from bot.official_account.texts import cut_text
from bot.official_account.updates import parse_seconds, parse_update
from bot.official_account.wall import (
    NotFromPlatform,
    Sealer,
    Unreadable,
    drop_illegal,
    find_encrypted,
    is_same,
    parse_fields,
    render_envelope,
    render_text,
    sign,
)
from handlers.update import Update

MAX_BODY_BYTES = 64 * 1024
FRESH_SECONDS = 600
SUCCESS = b"success"
_MAX_QUERY_CHARACTERS = 256

__all__ = ["MAX_BODY_BYTES", "AccountDoor", "AccountKeys", "Mode", "NotFromPlatform", "Unreadable"]


class Mode(StrEnum):
    """How the account's console says messages are pushed."""

    PLAIN = "plain"
    COMPATIBLE = "compatible"
    SAFE = "safe"


@dataclass(frozen=True, slots=True)
class AccountKeys:
    """What the account's console and the config must agree on; `account` (gh_…) is optional and then checked too."""

    app_id: str
    token: str = field(repr=False)
    encoding_aes_key: str = field(repr=False, default="")
    mode: Mode = Mode.SAFE
    account: str = ""


class HasText(Protocol):
    """Anything that has something to say."""

    @property
    def text(self) -> str: ...


class AccountDoor:
    """Opens pushes and seals replies of one official account. One per process; not for several threads."""

    def __init__(self, keys: AccountKeys) -> None:
        """Raises `ValueError` for keys that can never work: a mode unknown, a token not ASCII, an AES key not of 43 characters."""
        if not keys.token or not keys.token.isascii():
            raise ValueError("token must be ASCII and not empty")
        self._token = keys.token
        self._mode = Mode(keys.mode)
        self._account = keys.account
        self._sealer = None if self._mode is Mode.PLAIN else Sealer(keys.encoding_aes_key, keys.app_id)
        self._used = UsedSignatures(FRESH_SECONDS)

    def check_echo(self, query: Mapping[str, str]) -> str:
        """The text to answer WeChat's GET with, verbatim and as text/plain; raises `NotFromPlatform`.

        The echo is plain in every mode of an official account, and not covered by the signature: only simple ones pass.
        """
        timestamp, nonce, echo = _get(query, "timestamp"), _get(query, "nonce"), _get(query, "echostr")
        self._check_signature(_get(query, "signature"), timestamp, nonce)
        if not echo.isalnum():
            raise NotFromPlatform("echo")
        return echo

    def is_sealed(self, query: Mapping[str, str]) -> bool:
        """Whether this push came encrypted, so that its reply should be."""
        return self._mode is Mode.SAFE or (self._mode is Mode.COMPATIBLE and query.get("encrypt_type") == "aes")

    def open_update(self, query: Mapping[str, str], body: bytes, now: datetime) -> Update:
        """The push as an `Update`. Raises `NotFromPlatform` (403) or `Unreadable` (answer `success`), never anything else.

        `now` is aware. Bodies over `MAX_BODY_BYTES` are refused unread; the web layer should answer 413 before.
        """
        if len(body) > MAX_BODY_BYTES:
            raise NotFromPlatform("size")
        xml = self._open_sealed(query, body, now) if self.is_sealed(query) else self._open_plain(query, body, now)
        update = parse_update(parse_fields(xml))
        if self._account and update.account != self._account:
            raise NotFromPlatform("account")
        return update

    def _open_sealed(self, query: Mapping[str, str], body: bytes, now: datetime) -> str:
        assert self._sealer is not None  # every mode that seals has one
        timestamp, nonce = _get(query, "timestamp"), _get(query, "nonce")
        given = _get(query, "msg_signature")
        encrypted = next(
            (text for text in find_encrypted(body) if is_same(sign(self._token, timestamp, nonce, text), given)), None
        )
        if encrypted is None:
            raise NotFromPlatform("signature")
        _check_fresh(timestamp, now)
        return self._sealer.open(encrypted)

    def _open_plain(self, query: Mapping[str, str], body: bytes, now: datetime) -> str:
        timestamp, nonce, given = _get(query, "timestamp"), _get(query, "nonce"), _get(query, "signature")
        self._check_signature(given, timestamp, nonce)
        _check_fresh(timestamp, now)
        # A plain push's signature does not cover its body: whoever saw one could say anything with it.
        if self._used.is_reused(given, body, int(now.timestamp())):
            raise NotFromPlatform("replay")
        return body.decode("utf-8", "replace")

    def _check_signature(self, given: str, timestamp: str, nonce: str) -> None:
        if not is_same(sign(self._token, timestamp, nonce), given):
            raise NotFromPlatform("signature")

    def seal_reply(
        self, reply: str | HasText | None, update: Update, nonce: str, now: datetime, sealed: bool | None = None
    ) -> bytes:
        """The response body: `success` when there is nothing to say, otherwise the reply, encrypted where the push was.

        `nonce` is the request's own. `sealed` comes from `is_sealed(query)`; without it, safe and compatible mode seal.
        A text over 2000 bytes of UTF-8 is cut with `…`: the caller should have split it.
        """
        text = drop_illegal(reply if isinstance(reply, str) else reply.text) if reply else ""
        if not text.strip():
            return SUCCESS
        timestamp = str(int(now.timestamp()))
        xml = render_text(update.person, update.account, int(timestamp), cut_text(text))
        if self._sealer is None or sealed is False:
            return xml.encode()
        encrypted = self._sealer.seal(xml)
        signature = sign(self._token, timestamp, nonce, encrypted)
        return render_envelope(encrypted, signature, timestamp, nonce).encode()


def _get(query: Mapping[str, str], name: str) -> str:
    value = query.get(name, "")
    if not value or len(value) > _MAX_QUERY_CHARACTERS or not value.isascii():
        raise NotFromPlatform("query")
    return value


def _check_fresh(timestamp: str, now: datetime) -> None:
    try:
        seconds = parse_seconds(timestamp)
    except ValueError:
        raise NotFromPlatform("query") from None
    if abs(now.timestamp() - seconds) > FRESH_SECONDS:
        raise NotFromPlatform("stale")
