"""The official account as its owner configured it, and the tokens it handed out.

Source: developers.weixin.qq.com/doc/subscription/api/base
"""

import secrets
from dataclasses import dataclass, field

from sandbox.clock import MINUTE_SECONDS, SandboxClock, china_day
from sandbox.crypto import MessageCrypto
from sandbox.errors import Refused
from sandbox.limits import DailyCount, SlidingWindow

TOKEN_LIFE_SECONDS = 7200.0
OVERLAP_SECONDS = 300.0
FORCE_GAP_SECONDS = 30.0
MODES = ("plain", "compatible", "safe")
GH_ID = "gh_wangge000001"


@dataclass(slots=True)
class Account:
    """The account's settings; `is_put` is False until the control API set them, and then any credential passes."""

    app_id: str = "wx0000000000000000"
    app_secret: str = ""
    token: str = ""
    encoding_aes_key: str = ""
    mode: str = "plain"
    callback_url: str = ""
    gh_id: str = GH_ID
    is_put: bool = False

    def crypto(self) -> MessageCrypto:
        """Seals pushes and opens replies. Raises ValueError for a bad EncodingAESKey."""
        return MessageCrypto(self.token, self.encoding_aes_key, self.app_id)

    def check_app(self, app_id: str, secret: str) -> None:
        """Raises Refused 41002, 41004 (missing), 40013 (app), 40125 (secret)."""
        if not app_id:
            raise Refused(41002)
        if not secret:
            raise Refused(41004)
        if self.is_put and app_id != self.app_id:
            raise Refused(40013)
        if self.is_put and secret != self.app_secret:
            raise Refused(40125)


@dataclass(slots=True)
class _Issued:
    """One token. `revoked` tells a replaced token (40001) from an old one (42001)."""

    text: str
    expires_at: float
    revoked: bool = False


@dataclass(slots=True)
class _Issuer:
    """The tokens of one app: `/token` and `/stable_token` never disturb each other."""

    legacy: _Issued | None = None
    stable: _Issued | None = None
    forced_at: float = -1e18
    forces: DailyCount = field(default_factory=lambda: DailyCount(20))
    legacy_calls: DailyCount = field(default_factory=lambda: DailyCount(2000))
    stable_calls: SlidingWindow = field(default_factory=lambda: SlidingWindow(10_000, MINUTE_SECONDS))


class TokenStore:
    """Hands out access tokens and judges those that come back."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._issuers: dict[str, _Issuer] = {}
        self._tokens: dict[str, _Issued] = {}

    def forget(self) -> None:
        """No token is good any more: the account was set up anew."""
        self._issuers.clear()
        self._tokens.clear()

    def _issue(self) -> _Issued:
        issued = _Issued("90_" + secrets.token_urlsafe(384), self._clock.now() + TOKEN_LIFE_SECONDS)
        self._tokens[issued.text] = issued
        return issued

    def _replace(self, old: _Issued | None, overlap_seconds: float) -> None:
        if old is None:
            return
        old.expires_at = min(old.expires_at, self._clock.now() + overlap_seconds)
        old.revoked = True

    def issue_legacy(self, app_id: str) -> tuple[str, float]:
        """Token and life in seconds from `/token`; the one before dies after five minutes. Raises Refused 45009."""
        issuer = self._issuers.setdefault(app_id, _Issuer())
        if not issuer.legacy_calls.take(china_day(self._clock.now())):
            raise Refused(45009)
        self._replace(issuer.legacy, OVERLAP_SECONDS)
        issuer.legacy = self._issue()
        return issuer.legacy.text, TOKEN_LIFE_SECONDS

    def issue_stable(self, app_id: str, force_refresh: bool) -> tuple[str, float]:
        """Token and remaining seconds from `/stable_token`. Raises Refused 45009, 45011."""
        issuer = self._issuers.setdefault(app_id, _Issuer())
        now = self._clock.now()
        if not issuer.stable_calls.take(now):
            raise Refused(45011)
        if force_refresh:
            self._force(issuer, now)
        elif issuer.stable is None or issuer.stable.expires_at - now <= OVERLAP_SECONDS:
            issuer.stable = self._issue()
        assert issuer.stable is not None
        return issuer.stable.text, issuer.stable.expires_at - now

    def _force(self, issuer: _Issuer, now: float) -> None:
        if now - issuer.forced_at < FORCE_GAP_SECONDS:
            raise Refused(45011)
        if not issuer.forces.take(china_day(now)):
            raise Refused(45009)
        issuer.forced_at = now
        self._replace(issuer.stable, 0.0)
        issuer.stable = self._issue()

    def check(self, token: str) -> None:
        """Raises Refused 41001 (missing), 40001 (unknown or replaced), 42001 (too old)."""
        if not token:
            raise Refused(41001)
        issued = self._tokens.get(token)
        if issued is None:
            raise Refused(40001)
        if issued.expires_at <= self._clock.now():
            raise Refused(40001 if issued.revoked else 42001)

    def revoke_all(self) -> None:
        """Every token stops working at once, as when somebody else fetched a new one (control API)."""
        for issued in self._tokens.values():
            issued.expires_at, issued.revoked = min(issued.expires_at, self._clock.now()), True
        self._issuers.clear()
