"""Tokens, customer-service messages and housekeeping of the account's API."""

from sandbox.clock import china_month
from sandbox.errors import Refused
from sandbox.fields import flag_of, text_of
from sandbox.gate import Answer, Api, ApiCall, ok
from sandbox.oa_content import read_custom
from sandbox.residents import Resident

BASE = "/oa/cgi-bin"
PUSH_ADDRESSES = ["127.0.0.1", "127.0.0.0/8"]


async def _token(call: ApiCall) -> Answer:
    if call.query.get("grant_type") != "client_credential":
        raise Refused(40002)
    app_id = call.query.get("appid", "")
    call.world.account.check_app(app_id, call.query.get("secret", ""))
    token, life_seconds = call.world.tokens.issue_legacy(app_id)
    return {"access_token": token, "expires_in": int(life_seconds)}


async def _stable_token(call: ApiCall) -> Answer:
    if text_of(call.json, "grant_type") != "client_credential":
        raise Refused(40002)
    app_id = text_of(call.json, "appid")
    call.world.account.check_app(app_id, text_of(call.json, "secret"))
    token, life_seconds = call.world.tokens.issue_stable(app_id, flag_of(call.json, "force_refresh"))
    return {"access_token": token, "expires_in": int(life_seconds)}


def find_resident(call: ApiCall, openid: str) -> Resident:
    """The addressee; made on first use until an account is set up. Raises Refused 40003."""
    world = call.world
    found = world.residents.find(openid)
    if found is not None:
        return found
    if world.account.is_put or not openid:
        raise Refused(40003)
    return world.residents.ensure(openid)


async def _custom_send(call: ApiCall) -> Answer:
    body = call.message
    resident = find_resident(call, text_of(body, "touser"))
    content = read_custom(call.world, body)
    resident.take_push(call.world.clock.now())
    resident.talk.add("custom", content.msgtype, content.text, media=content.media, raw=body)
    call.world.books.deliver("residents", resident.openid)
    return ok()


async def _typing(call: ApiCall) -> Answer:
    resident = find_resident(call, text_of(call.json, "touser"))
    if text_of(call.json, "command") not in ("Typing", "CancelTyping"):
        raise Refused(45072, "invalid command")
    now = call.world.clock.now()
    if not (resident.message_window.is_open(now) or resident.action_window.is_open(now)):
        raise Refused(45080, "no valid session")
    return ok()


async def _clear_quota(call: ApiCall) -> Answer:
    world = call.world
    if world.account.is_put and text_of(call.json, "appid") != world.account.app_id:
        raise Refused(40013)
    if not world.sendings.quota_clears.take(china_month(world.clock.now())):
        raise Refused(48006)
    return ok()


async def _addresses(call: ApiCall) -> Answer:
    return {"ip_list": PUSH_ADDRESSES}


async def _callback_check(call: ApiCall) -> Answer:
    if text_of(call.json, "action") not in ("dns", "ping", "all"):
        raise Refused(40201, "invalid action")
    return {
        "dns": [{"ip": "127.0.0.1", "real_operator": "DEFAULT"}],
        "ping": [{"ip": "127.0.0.1", "from_operator": "DEFAULT", "package_loss": "0%", "time": "0.1ms"}],
    }


APIS = (
    Api(f"{BASE}/token", _token, method="GET", needs_token=False),
    Api(f"{BASE}/stable_token", _stable_token, needs_token=False),
    Api(f"{BASE}/message/custom/send", _custom_send),
    Api(f"{BASE}/message/custom/typing", _typing),
    Api(f"{BASE}/clear_quota", _clear_quota),
    Api(f"{BASE}/getcallbackip", _addresses, method=""),
    Api(f"{BASE}/get_api_domain_ip", _addresses, method=""),
    Api(f"{BASE}/callback/check", _callback_check),
)
