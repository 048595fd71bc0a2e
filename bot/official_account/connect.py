"""Making the API of one account: its session, its secret, its token."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

import aiohttp
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.official_account.api import OfficialAccountApi
from bot.official_account.http import JSON_SECONDS, Json, PlatformHttp, Waits, parse_json, render_json, take
from bot.official_account.tokens import AccessTokens, FetchedToken


@dataclass(frozen=True, slots=True)
class AccountSecret:
    """Who we are to the API."""

    app_id: str
    app_secret: str = field(repr=False)


@asynccontextmanager
async def open_api(
    api_base: str, secret: AccountSecret, engine: AsyncEngine, now: Callable[[], datetime], waits: Waits | None = None
) -> AsyncIterator[OfficialAccountApi]:
    """The API of one account over one session; `api_base` is `https://api.weixin.qq.com` or a pretend one."""
    async with aiohttp.ClientSession() as session:
        http = PlatformHttp(session, api_base, waits or Waits())

        async def fetch(force: bool) -> FetchedToken:
            return await _fetch_token(http, secret, force)

        yield OfficialAccountApi(http, AccessTokens(engine, f"oa:{secret.app_id}", fetch, now))


async def _fetch_token(http: PlatformHttp, secret: AccountSecret, force: bool) -> FetchedToken:
    payload = {"grant_type": "client_credential", "appid": secret.app_id, "secret": secret.app_secret}
    body = render_json({**payload, "force_refresh": force})

    async def post() -> Json:
        return parse_json(await http.post("/cgi-bin/stable_token", lambda: body, query={}, seconds=JSON_SECONDS))

    # A forced one is rationed: one whose answer was lost is not asked for again.
    found = await http.repeat(post, repeatable=not force)
    return FetchedToken(take(found, "access_token"), take(found, "expires_in", int))
