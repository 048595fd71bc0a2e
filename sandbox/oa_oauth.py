"""Web authorization: a code that lives five minutes and works once, and the page tokens it buys.

Source: developers.weixin.qq.com/doc/service/guide/h5/auth.html
"""

import secrets
from urllib.parse import urlencode

from aiohttp import web

from sandbox.account import TOKEN_LIFE_SECONDS
from sandbox.clock import DAY_SECONDS
from sandbox.errors import Refused
from sandbox.fields import Json
from sandbox.gate import Answer, Api, ApiCall, ok
from sandbox.oauth import Grant
from sandbox.world import World

CODE_SECONDS = 300.0
REFRESH_SECONDS = 30 * DAY_SECONDS
SCOPES = ("snsapi_base", "snsapi_userinfo")


async def _authorize(call: ApiCall) -> Answer:
    """Sends the browser back with a code. Whose phone it is, `openid` says; without it a small form asks."""
    world, query = call.world, call.query
    redirect_uri = query.get("redirect_uri", "")
    is_wrong_app = world.account.is_put and query.get("appid") != world.account.app_id
    if is_wrong_app or query.get("scope") not in SCOPES or not redirect_uri.startswith(("http://", "https://")):
        return web.Response(status=400, text="参数错误")
    openid = query.get("openid", "")
    if not openid:
        return web.Response(text=_form(query), content_type="text/html", charset="utf-8")
    code = world.grants.add_code(openid, query["scope"], world.clock.now() + CODE_SECONDS)
    mark = "&" if "?" in redirect_uri else "?"
    location = redirect_uri + mark + urlencode({"code": code, "state": query.get("state", "")})
    return web.Response(status=302, headers={"Location": location})


def _form(query: dict[str, str]) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{_escape(name)}" value="{_escape(value)}">' for name, value in query.items()
    )
    field = '<label>用哪位居民打开（openid）<input name="openid" required></label><button>允许</button>'
    return f'<!doctype html><meta charset="utf-8"><title>授权</title><form>{hidden}{field}</form>'


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


async def _code_to_token(call: ApiCall) -> Answer:
    world, query = call.world, call.query
    world.account.check_app(query.get("appid", ""), query.get("secret", ""))
    if query.get("grant_type") != "authorization_code":
        raise Refused(40002)
    return _token_answer(world, world.grants.spend_code(query.get("code", ""), world.clock.now()))


def _token_answer(world: World, grant: Grant) -> Json:
    now = world.clock.now()
    token, refresh = world.grants.add_tokens(grant, now + TOKEN_LIFE_SECONDS, now + REFRESH_SECONDS)
    return {
        "access_token": token,
        "expires_in": int(TOKEN_LIFE_SECONDS),
        "refresh_token": refresh,
        "openid": grant.openid,
        "scope": grant.scope,
    }


async def _refresh(call: ApiCall) -> Answer:
    grant = call.world.grants.find_refresh(call.query.get("refresh_token", ""), call.world.clock.now())
    return _token_answer(call.world, grant)


async def _user_info(call: ApiCall) -> Answer:
    grant = call.world.grants.find_token(call.query.get("access_token", ""), call.world.clock.now())
    if grant.openid != call.query.get("openid"):
        raise Refused(40003)
    if grant.scope != "snsapi_userinfo":
        raise Refused(48001)
    return {"openid": grant.openid, "nickname": "微信用户", "sex": 0, "headimgurl": "", "privilege": []}


async def _ticket(call: ApiCall) -> Answer:
    return ok(ticket=secrets.token_urlsafe(64), expires_in=int(TOKEN_LIFE_SECONDS))


APIS = (
    Api("/oa/connect/oauth2/authorize", _authorize, method="GET", needs_token=False),
    Api("/oa/sns/oauth2/access_token", _code_to_token, method="", needs_token=False),
    Api("/oa/sns/oauth2/refresh_token", _refresh, method="", needs_token=False),
    Api("/oa/sns/userinfo", _user_info, method="GET", needs_token=False),
    Api("/oa/cgi-bin/ticket/getticket", _ticket, method="GET"),
)
