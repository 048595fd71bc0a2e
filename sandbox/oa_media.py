"""Temporary and permanent media of the account.

Source: developers.weixin.qq.com/doc/subscription/api/material
"""

from urllib.parse import quote

from aiohttp import web

from sandbox.errors import Refused
from sandbox.fields import Json, text_of
from sandbox.forms import FilePart, read_file
from sandbox.gate import Answer, Api, ApiCall, ok
from sandbox.media import Medium, sniff
from sandbox.oa_content import OWNER
from sandbox.oa_custom import BASE

SIZE_CODES = {"image": 40009, "voice": 40010, "video": 40011, "thumb": 40012}
LIMITS_BYTES = {"image": 10 << 20, "voice": 2 << 20, "video": 10 << 20, "thumb": 64 << 10}
TEMPORARY_FORMS = {"image": {"png", "jpg", "gif"}, "voice": {"amr", "mp3"}, "video": {"mp4"}, "thumb": {"jpg"}}
PERMANENT_FORMS = TEMPORARY_FORMS | {"image": {"png", "jpg", "gif", "bmp"}, "voice": {"amr", "mp3", "wav"}}
PAGE_IMAGE_BYTES = 1 << 20


def _check(call: ApiCall, kind: str, part: FilePart, forms: dict[str, set[str]]) -> None:
    if len(part.data) > LIMITS_BYTES[kind]:
        raise Refused(SIZE_CODES[kind])
    if sniff(part.data) not in forms[kind]:
        raise Refused(40005)
    if kind in ("image", "thumb") and not call.world.media.is_picture(part.data):
        raise Refused(40005)


async def _upload(call: ApiCall) -> Answer:
    kind = call.query.get("type", "")
    if kind not in LIMITS_BYTES:
        raise Refused(40004)
    part = await read_file(call.request)
    _check(call, kind, part, TEMPORARY_FORMS)
    medium = call.world.media.add(kind, part.data, OWNER, part.filename)
    key = "thumb_media_id" if kind == "thumb" else "media_id"
    return {"type": kind, key: medium.media_id, "created_at": int(medium.created_at)}


async def _get(call: ApiCall) -> Answer:
    medium = call.world.media.find(call.query.get("media_id", ""), OWNER)
    if medium is None:
        raise Refused(40007)
    if medium.kind == "video":
        return {"video_url": call.world.media.as_json(medium.sha256, call.world.base_url)["url"]}
    return _file_answer(call, medium)


def _file_answer(call: ApiCall, medium: Medium) -> web.Response:
    name = quote(medium.filename or f"media.{medium.form or 'bin'}")
    return web.Response(
        body=call.world.media.data_of(medium),
        content_type=medium.content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def _upload_page_image(call: ApiCall) -> Answer:
    part = await read_file(call.request)
    if len(part.data) > PAGE_IMAGE_BYTES:
        raise Refused(40009)
    if sniff(part.data) not in ("png", "jpg") or not call.world.media.is_picture(part.data):
        raise Refused(40005)
    return {"url": call.world.media.as_json(call.world.media.keep(part.data), call.world.base_url)["url"]}


async def _add_material(call: ApiCall) -> Answer:
    kind = call.query.get("type", "")
    part = await read_file(call.request)
    kind = kind or part.fields.get("type", "")
    if kind not in LIMITS_BYTES:
        raise Refused(40004)
    _check(call, kind, part, PERMANENT_FORMS)
    if kind == "video" and not part.fields.get("description"):
        raise Refused(40058, "a video needs its description")
    medium = call.world.media.add(kind, part.data, OWNER, part.filename, permanent=True)
    answer: Json = {"media_id": medium.media_id}
    if kind == "image":
        answer["url"] = call.world.media.as_json(medium.sha256, call.world.base_url)["url"]
    return answer


async def _get_material(call: ApiCall) -> Answer:
    medium = call.world.media.find(text_of(call.json, "media_id"), OWNER)
    if medium is None or medium.expires_at is not None:
        raise Refused(40007)
    return _file_answer(call, medium)


async def _delete_material(call: ApiCall) -> Answer:
    if not call.world.media.drop(text_of(call.json, "media_id")):
        raise Refused(40007)
    return ok()


APIS = (
    Api(f"{BASE}/media/upload", _upload, reads_body=False),
    Api(f"{BASE}/media/get", _get, method="GET"),
    Api(f"{BASE}/media/get/jssdk", _get, method="GET"),
    Api(f"{BASE}/media/uploadimg", _upload_page_image, reads_body=False),
    Api(f"{BASE}/material/add_material", _add_material, reads_body=False),
    Api(f"{BASE}/material/get_material", _get_material),
    Api(f"{BASE}/material/del_material", _delete_material),
)
