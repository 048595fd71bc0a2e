"""What web authorization handed out: codes, page tokens, refresh tokens."""

import secrets
from dataclasses import dataclass

from sandbox.errors import Refused


@dataclass(frozen=True, slots=True)
class Grant:
    """Whom a code or token stands for, and until when (epoch seconds)."""

    openid: str
    scope: str
    expires_at: float


class Grants:
    """Codes and tokens by their text."""

    def __init__(self) -> None:
        self._codes: dict[str, Grant] = {}
        self._used: set[str] = set()
        self._tokens: dict[str, Grant] = {}
        self._refreshes: dict[str, Grant] = {}

    def add_code(self, openid: str, scope: str, expires_at: float) -> str:
        """A code for one use."""
        code = secrets.token_urlsafe(24)
        self._codes[code] = Grant(openid, scope, expires_at)
        return code

    def spend_code(self, code: str, now: float) -> Grant:
        """Raises Refused 40163 (used before), 40029 (unknown or too old)."""
        if code in self._used:
            raise Refused(40163)
        grant = self._codes.pop(code, None)
        if grant is None or grant.expires_at <= now:
            raise Refused(40029)
        self._used.add(code)
        return grant

    def add_tokens(self, grant: Grant, token_until: float, refresh_until: float) -> tuple[str, str]:
        """A page token and a refresh token for the same person."""
        token, refresh = secrets.token_urlsafe(64), secrets.token_urlsafe(64)
        self._tokens[token] = Grant(grant.openid, grant.scope, token_until)
        self._refreshes[refresh] = Grant(grant.openid, grant.scope, refresh_until)
        return token, refresh

    def find_token(self, token: str, now: float) -> Grant:
        """Raises Refused 40001 (unknown), 42001 (too old)."""
        grant = self._tokens.get(token)
        if grant is None:
            raise Refused(40001)
        if grant.expires_at <= now:
            raise Refused(42001)
        return grant

    def find_refresh(self, refresh: str, now: float) -> Grant:
        """Raises Refused 40030."""
        grant = self._refreshes.get(refresh)
        if grant is None or grant.expires_at <= now:
            raise Refused(40030)
        return grant
