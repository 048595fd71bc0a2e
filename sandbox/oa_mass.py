"""Mass messages: four a month for each person, de-duplicated by clientmsgid.

Source: developers.weixin.qq.com/doc/service/guide/product/message/Batch_Sends.html
"""

import hashlib
import json

from sandbox.clock import china_day
from sandbox.errors import Refused
from sandbox.fields import Json, byte_length, flag_of, object_of, text_of, texts_of, whole_of
from sandbox.gate import Answer, Api, ApiCall, ok
from sandbox.oa_content import Content, read_mass
from sandbox.oa_custom import BASE, find_resident
from sandbox.oa_push import push_event
from sandbox.oa_xml import Pair
from sandbox.residents import Resident
from sandbox.sendings import MassJob
from sandbox.world import World

MIN_LIST, MAX_LIST = 2, 10_000
KEY_BYTES = 64


async def _send(call: ApiCall) -> Answer:
    openids = texts_of(call.message, "touser")
    if len(openids) < MIN_LIST:
        raise Refused(40130)
    if len(openids) > MAX_LIST:
        raise Refused(40032)
    found = [call.world.residents.find(openid) for openid in openids]
    receivers = [resident for resident in found if resident is not None]
    if not receivers:
        raise Refused(40003)
    return _start(call, receivers, unknown=len(openids) - len(receivers))


async def _send_all(call: ApiCall) -> Answer:
    world, target = call.world, object_of(call.message, "filter")
    if flag_of(target, "is_to_all"):
        return _start(call, world.residents.all(), unknown=0)
    tag = world.tags.get(whole_of(target, "tag_id", -1))
    found = [world.residents.find(openid) for openid in tag.members]
    return _start(call, [resident for resident in found if resident is not None], unknown=0)


def _start(call: ApiCall, receivers: list[Resident], unknown: int) -> Answer:
    world, body = call.world, call.message
    content, key = read_mass(world, body), _client_key(body)
    world.sendings.check_mass_key(key)
    world.sendings.take_mass_call()
    job = MassJob(world.next_number() % 2**31, content.msgtype, "SENDING", 0, 0)
    world.sendings.note_mass(key, job)
    world.background(_carry_out(world, job, receivers, unknown, content, body))
    return ok(msg_id=job.msg_id, msg_data_id=job.msg_id + 1)


def _client_key(body: Json) -> str:
    """The caller's clientmsgid, else the digest of range and content. Raises Refused 45067."""
    key = text_of(body, "clientmsgid")
    if byte_length(key) > KEY_BYTES:
        raise Refused(45067)
    return key or hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


async def _carry_out(
    world: World, job: MassJob, receivers: list[Resident], unknown: int, content: Content, body: Json
) -> None:
    status = world.sendings.mass_status
    has_failed = status.startswith(("err", "send fail"))
    if not has_failed:
        for resident in receivers:
            _deliver(world, job, resident, content, body)
    job.failed += unknown
    job.status = "SEND_FAIL" if has_failed else "SEND_SUCCESS"
    total = len(receivers) + unknown
    pairs: list[Pair] = [
        ("Event", "MASSSENDJOBFINISH"),
        ("MsgID", job.msg_id),
        ("Status", status),
        ("TotalCount", total),
        ("FilterCount", job.sent + job.failed),
        ("SentCount", job.sent),
        ("ErrorCount", job.failed),
    ]
    await push_event(world, "o-mass-send-result", pairs)


def _deliver(world: World, job: MassJob, resident: Resident, content: Content, body: Json) -> None:
    if not resident.follows:
        job.failed += 1
        return
    is_delivered = resident.take_mass(world.clock.now())
    world.books.mass_message(resident.mass_received, is_delivered)
    if not is_delivered:
        job.failed += 1
        return
    job.sent += 1
    resident.talk.add("mass", content.msgtype, content.text, media=content.media, raw=body)
    world.books.deliver("residents", resident.openid)


async def _preview(call: ApiCall) -> Answer:
    world, body = call.world, call.message
    resident = find_resident(call, text_of(body, "touser") or text_of(body, "towxname"))
    content = read_mass(world, body)
    if not world.sendings.previews.take(china_day(world.clock.now())):
        raise Refused(45009)
    resident.talk.add("mass", content.msgtype, content.text, media=content.media, raw=body)
    return ok(msg_id=world.next_number() % 2**31)


def _find_job(call: ApiCall) -> MassJob:
    job = call.world.sendings.jobs.get(whole_of(call.json, "msg_id"))
    if job is None:
        raise Refused(40059, "invalid msg id")
    return job


async def _get(call: ApiCall) -> Answer:
    job = _find_job(call)
    return {"msg_id": job.msg_id, "msg_status": job.status}


async def _delete(call: ApiCall) -> Answer:
    job = _find_job(call)
    if job.msgtype not in ("mpnews", "mpvideo"):
        raise Refused(40059, "only articles and videos can be deleted")
    job.status = "DELETE"
    return ok()


APIS = (
    Api(f"{BASE}/message/mass/send", _send),
    Api(f"{BASE}/message/mass/sendall", _send_all),
    Api(f"{BASE}/message/mass/preview", _preview),
    Api(f"{BASE}/message/mass/get", _get),
    Api(f"{BASE}/message/mass/delete", _delete),
)
