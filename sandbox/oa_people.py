"""Followers and tags of the account's API.

Source: developers.weixin.qq.com/doc/service/api/usermanage
"""

from itertools import islice

from sandbox.errors import Refused
from sandbox.fields import Json, object_of, objects_of, text_of, texts_of, whole_of
from sandbox.gate import Answer, Api, ApiCall, ok
from sandbox.oa_custom import BASE
from sandbox.residents import Resident
from sandbox.tags import MAX_BATCH

PAGE_SIZE, INFO_BATCH = 10_000, 100


def _find(call: ApiCall, openid: str) -> Resident:
    found = call.world.residents.find(openid)
    if found is None:
        raise Refused(40003)
    return found


def _info(resident: Resident) -> Json:
    """No nickname and no picture: the platform stopped giving them in 2021."""
    if not resident.follows:
        return {"subscribe": 0, "openid": resident.openid}
    return {
        "subscribe": 1,
        "openid": resident.openid,
        "language": "zh_CN",
        "subscribe_time": int(resident.followed_at),
        "remark": resident.remark,
        "groupid": 0,
        "tagid_list": sorted(resident.tags),
        "subscribe_scene": "ADD_SCENE_QR_CODE" if resident.scene else "ADD_SCENE_SEARCH",
        "qr_scene": int(resident.scene) if resident.scene.isdigit() else 0,
        "qr_scene_str": "" if resident.scene.isdigit() else resident.scene,
    }


async def _user_info(call: ApiCall) -> Answer:
    return _info(_find(call, call.query.get("openid", "")))


async def _user_infos(call: ApiCall) -> Answer:
    wanted = objects_of(call.json, "user_list")
    if not 1 <= len(wanted) <= INFO_BATCH:
        raise Refused(40032)
    return {"user_info_list": [_info(_find(call, text_of(entry, "openid"))) for entry in wanted]}


def _page(openids: list[str], after: str) -> Json:
    start = openids.index(after) + 1 if after in openids else 0
    page = list(islice(openids, start, start + PAGE_SIZE))
    return {"count": len(page), "data": {"openid": page}, "next_openid": page[-1] if page else ""}


async def _user_list(call: ApiCall) -> Answer:
    openids = [resident.openid for resident in call.world.residents.all() if resident.follows]
    return {"total": len(openids)} | _page(openids, call.query.get("next_openid", ""))


async def _remark(call: ApiCall) -> Answer:
    resident, remark = _find(call, text_of(call.json, "openid")), text_of(call.json, "remark")
    if len(remark) >= 30:
        raise Refused(45002)
    resident.remark = remark
    return ok()


async def _create_tag(call: ApiCall) -> Answer:
    tag = call.world.tags.create(text_of(object_of(call.message, "tag"), "name"))
    return {"tag": {"id": tag.tag_id, "name": tag.name}}


async def _get_tags(call: ApiCall) -> Answer:
    return {"tags": [tag.as_json() for tag in call.world.tags.tags.values()]}


async def _update_tag(call: ApiCall) -> Answer:
    tag = object_of(call.message, "tag")
    call.world.tags.rename(whole_of(tag, "id", -1), text_of(tag, "name"))
    return ok()


async def _delete_tag(call: ApiCall) -> Answer:
    tag = call.world.tags.get(whole_of(object_of(call.json, "tag"), "id", -1))
    members = [_find(call, openid) for openid in tag.members]
    call.world.tags.delete(tag.tag_id, members)
    return ok()


def _batch(call: ApiCall) -> list[Resident]:
    openids = texts_of(call.json, "openid_list")
    if not openids:
        raise Refused(40031)
    if len(openids) > MAX_BATCH:
        raise Refused(40032)
    return [_find(call, openid) for openid in openids]


async def _tag_many(call: ApiCall) -> Answer:
    call.world.tags.put_on(whole_of(call.json, "tagid", -1), _batch(call))
    return ok()


async def _untag_many(call: ApiCall) -> Answer:
    call.world.tags.take_off(whole_of(call.json, "tagid", -1), _batch(call))
    return ok()


async def _tags_of(call: ApiCall) -> Answer:
    return {"tagid_list": sorted(_find(call, text_of(call.json, "openid")).tags)}


async def _tag_members(call: ApiCall) -> Answer:
    tag = call.world.tags.get(whole_of(call.json, "tagid", -1))
    return _page(list(tag.members), text_of(call.json, "next_openid"))


APIS = (
    Api(f"{BASE}/user/info", _user_info, method="GET"),
    Api(f"{BASE}/user/info/batchget", _user_infos),
    Api(f"{BASE}/user/info/updateremark", _remark),
    Api(f"{BASE}/user/get", _user_list, method="GET"),
    Api(f"{BASE}/tags/create", _create_tag),
    Api(f"{BASE}/tags/get", _get_tags, method=""),
    Api(f"{BASE}/tags/update", _update_tag),
    Api(f"{BASE}/tags/delete", _delete_tag),
    Api(f"{BASE}/tags/members/batchtagging", _tag_many),
    Api(f"{BASE}/tags/members/batchuntagging", _untag_many),
    Api(f"{BASE}/tags/getidlist", _tags_of),
    Api(f"{BASE}/user/tag/get", _tag_members, method=""),
)
