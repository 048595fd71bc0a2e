"""The access token, shared by all processes through the archive (developers.weixin.qq.com/doc/…/api_getstableaccesstoken).

`stable_token` in normal mode hands out the same token until shortly before its end, to everybody who asks: two processes that
fetch at once do no harm. `force_refresh` kills the present token and is rationed (20 a day): it is claimed in the archive first.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select

from bot.ports import Refused, Unreachable
from bot.refusals import Next, find_refusal
from storage.engine import is_sqlite
from storage.tables import Token
from storage.writing import writing

log = logging.getLogger(__name__)

# The platform begins to hand out the next token 300 s before the end of the present one.
EARLY_SECONDS = 240
# At most 20 forced refreshes a day, all processes together.
FORCE_AGAIN_SECONDS = 75 * 60
# A wrong secret or an address outside the whitelist stays wrong: nobody asks again sooner.
HOLD_OFF_SECONDS = 30


@dataclass(frozen=True, slots=True)
class FetchedToken:
    """A token as the platform gave it: the value and how many seconds it has left."""

    value: str
    seconds: int


@dataclass(frozen=True, slots=True)
class _Held:
    value: str
    until: datetime


Fetch = Callable[[bool], Awaitable[FetchedToken]]


class AccessTokens:
    """The one place that knows the token. `fetch(force)` asks the platform; `now` is aware."""

    def __init__(self, engine: AsyncEngine, name: str, fetch: Fetch, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._name = name
        self._fetch = fetch
        self._now = now
        self._lock = asyncio.Lock()
        self._held: _Held | None = None
        self._refused: tuple[Refused, datetime] | None = None

    async def get(self) -> str:
        """A token that should still be good. Raises `WireFailure` where the platform gives none."""
        held = self._held
        if held and held.until > self._now():
            return held.value
        async with self._lock:
            return await self._find_or_fetch(failed="")

    async def renew(self, failed: str) -> str:
        """A token in place of one that the platform just refused; the same again if it insists and may not be forced now."""
        async with self._lock:
            value = await self._find_or_fetch(failed)
            if value != failed or not await self._claim_force():
                return value
            log.warning("access token forced anew")
            return await self._ask(force=True)

    async def _find_or_fetch(self, failed: str) -> str:
        for held in (self._held, await self._read()):
            if held and held.value != failed and held.until > self._now():
                self._held = held
                return held.value
        return await self._ask(force=False)

    async def _ask(self, *, force: bool) -> str:
        self._check_hold_off()
        try:
            fetched = await self._fetch(force)
        except Refused as refused:
            if find_refusal(refused.errcode).next is Next.CONFIG_FAULT:
                self._refused = (refused, self._now() + timedelta(seconds=HOLD_OFF_SECONDS))
            raise
        usable_seconds = max(fetched.seconds - EARLY_SECONDS, min(fetched.seconds, 30))
        self._held = _Held(fetched.value, self._now() + timedelta(seconds=usable_seconds))
        await self._write(self._held)
        return fetched.value

    def _check_hold_off(self) -> None:
        if self._refused and self._now() < self._refused[1]:
            raise Refused(self._refused[0].errcode, self._refused[0].errmsg)
        self._refused = None

    async def _read(self) -> _Held | None:
        query = select(Token.value, Token.expires_at).where(col(Token.name) == self._name)
        try:
            async with self._engine.connect() as connection:
                row = (await connection.execute(query)).first()
        except SQLAlchemyError:
            # Its text would quote the statement with its values.
            raise Unreachable("token store") from None
        return _Held(row.value, row.expires_at) if row else None

    async def _write(self, held: _Held) -> None:
        values = {"value": held.value, "expires_at": held.until}
        insert: Any = sqlite.insert if is_sqlite(self._engine) else postgresql.insert
        statement = insert(Token).values(name=self._name, **values)
        await self._execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))

    async def _claim_force(self) -> bool:
        now = self._now()
        rested = col(Token.forced_at) <= now - timedelta(seconds=FORCE_AGAIN_SECONDS)
        claim = update(Token).where(col(Token.name) == self._name, or_(col(Token.forced_at).is_(None), rested))
        return await self._execute(claim.values(forced_at=now)) == 1

    async def _execute(self, statement: Any) -> int:
        try:
            async with writing(self._engine) as connection:
                return int((await connection.execute(statement)).rowcount)
        except SQLAlchemyError:
            raise Unreachable("token store") from None
