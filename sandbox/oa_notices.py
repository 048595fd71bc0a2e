"""Template messages and subscription notices.

Source: developers.weixin.qq.com/doc/service/Subscription_Messages/intro.html
"""

import re

from sandbox.errors import Refused
from sandbox.fields import Json, object_of, text_of
from sandbox.gate import Answer, Api, ApiCall, ok
from sandbox.oa_custom import BASE, find_resident
from sandbox.oa_push import push_event
from sandbox.oa_xml import Pair
from sandbox.residents import Resident
from sandbox.world import World

# Keyword kinds of category templates and their longest values, in characters.
KEYWORD_LIMITS = {"thing": 20, "phrase": 5, "character_string": 32, "number": 32, "name": 10, "letter": 32, "symbol": 5}
_KEYWORD = re.compile(r"([a-z_]+?)\d+")
MAX_ONE_TIME_TITLE, MAX_ONE_TIME_CONTENT = 15, 200


def check_fields(body: Json) -> str:
    """The notice as a phone shows it. Raises Refused 47003 for data that is empty, odd or too long."""
    data = object_of(body, "data")
    if not data:
        raise Refused(47003)
    return "\n".join(_checked_value(name, data[name]) for name in data)


def _checked_value(name: str, entry: object) -> str:
    value = text_of(entry, "value") if isinstance(entry, dict) else ""
    kind = _KEYWORD.fullmatch(name)
    limit = KEYWORD_LIMITS.get(kind.group(1)) if kind else None
    if not isinstance(entry, dict) or (kind and not value) or (limit is not None and len(value) > limit):
        raise Refused(47003, f"data.{name}.value invalid")
    return f"{name}：{value}"


def _check_template(world: World, template_id: str) -> None:
    known = world.sendings.template_ids
    if not template_id or (known and template_id not in known):
        raise Refused(40037)


async def _template_send(call: ApiCall) -> Answer:
    world, body = call.world, call.message
    resident = find_resident(call, text_of(body, "touser"))
    _check_template(world, text_of(body, "template_id"))
    if not resident.follows:
        raise Refused(43004)
    text, client_id = check_fields(body), text_of(body, "client_msg_id")
    earlier = world.sendings.seen_template(resident.openid, client_id)
    if earlier is not None:
        return ok(msgid=earlier)
    msgid = world.next_number()
    world.sendings.note_template(resident.openid, client_id, msgid)
    is_blocked = resident.templates_accepted is False
    if not is_blocked:
        _deliver(world, resident, "template", text, body)
    world.background(_template_finished(world, resident.openid, msgid, is_blocked))
    return ok(msgid=msgid)


def _deliver(world: World, resident: Resident, via: str, text: str, body: Json) -> None:
    resident.talk.add(via, via, text, raw=body)
    world.books.deliver("residents", resident.openid)


async def _template_finished(world: World, openid: str, msgid: int, is_blocked: bool) -> None:
    status = "failed:user block" if is_blocked else "success"
    pairs: list[Pair] = [("Event", "TEMPLATESENDJOBFINISH"), ("MsgID", msgid), ("Status", status)]
    await push_event(world, openid, pairs)


async def _bizsend(call: ApiCall) -> Answer:
    world, body = call.world, call.message
    resident = find_resident(call, text_of(body, "touser"))
    template_id = text_of(body, "template_id")
    _check_template(world, template_id)
    page = text_of(body, "page")
    if page and not page.startswith(("http://", "https://")):
        raise Refused(41030)
    text = check_fields(body)
    if not resident.accepts(template_id):
        raise Refused(43101)
    msgid = world.next_number()
    _deliver(world, resident, "subscribe", text, body)
    world.background(_subscribe_sent(world, resident.openid, template_id, msgid))
    return ok(msgid=msgid)


async def _subscribe_sent(world: World, openid: str, template_id: str, msgid: int) -> None:
    entry: list[Pair] = [
        ("TemplateId", template_id),
        ("MsgID", str(msgid)),
        ("ErrorCode", 0),
        ("ErrorStatus", "success"),
    ]
    pairs: list[Pair] = [("Event", "subscribe_msg_sent_event"), ("SubscribeMsgSentEvent", [("List", entry)])]
    await push_event(world, openid, pairs)


async def _one_time_send(call: ApiCall) -> Answer:
    world, body = call.world, call.message
    resident = find_resident(call, text_of(body, "touser"))
    _check_template(world, text_of(body, "template_id"))
    title = text_of(body, "title")
    content = text_of(object_of(object_of(body, "data"), "content"), "value")
    if not content or len(content) > MAX_ONE_TIME_CONTENT or len(title) > MAX_ONE_TIME_TITLE:
        raise Refused(47003)
    if not resident.accepts(text_of(body, "template_id")):
        raise Refused(43101)
    _deliver(world, resident, "subscribe", f"{title}\n{content}", body)
    return ok()


APIS = (
    Api(f"{BASE}/message/template/send", _template_send),
    Api(f"{BASE}/message/subscribe/bizsend", _bizsend),
    Api(f"{BASE}/message/template/subscribe", _one_time_send),
)
