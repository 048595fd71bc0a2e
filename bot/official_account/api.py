"""What the house asks of the official account's API (api.weixin.qq.com; every path as in developers.weixin.qq.com/doc/service/api).

Each method raises `Refused` (with the platform's errcode), `Unreachable` or `BadAnswer`. A message to a person is sent again only if it
surely did not arrive; what the platform can tell apart, or what changes nothing, is repeated up to three times.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import aiohttp

from bot.official_account.http import (
    JSON_SECONDS,
    MAX_JSON_BYTES,
    MEDIA_SECONDS,
    Answer,
    Json,
    PlatformHttp,
    parse_json,
    render_json,
    take,
)
from bot.official_account.tokens import AccessTokens
from bot.ports import BadAnswer, Refused
from grid.message import Choice

TOKEN_ERRORS = frozenset({40001, 40014, 42001})
MAX_MEDIA_BYTES = 20 << 20
TEMPORARY_SCENE_SECONDS = 30 * 24 * 3600
_VOICE, _LANGUAGE = "/cgi-bin/media/voice", "zh_CN"
_EXTENSIONS = {
    "image/jpeg": ("image", "jpg"),
    "image/png": ("image", "png"),
    "image/gif": ("image", "gif"),
    "audio/amr": ("voice", "amr"),
    "audio/mpeg": ("voice", "mp3"),
    "video/mp4": ("video", "mp4"),
}
_Got = TypeVar("_Got")


@dataclass(frozen=True, slots=True)
class Follower:
    """What the platform still tells of a person: names and pictures are no longer given."""

    openid: str
    follows: bool
    scene: str = ""


@dataclass(frozen=True, slots=True)
class CallbackCheck:
    """The platform's look at our callback: addresses that its name resolves to, and those that lost packets."""

    resolved: tuple[str, ...]
    lossy: tuple[str, ...]

    @property
    def is_well(self) -> bool:
        """Whether every address that was tried answered."""
        return not self.lossy


class OfficialAccountApi:
    """One account's API. Made by `connect.open_api`."""

    def __init__(self, http: PlatformHttp, tokens: AccessTokens) -> None:
        self._http = http
        self._tokens = tokens

    async def send_text(self, openid: str, text: str) -> None:
        """A customer-service text of at most about 2048 bytes; 45015 and 45047 when the person's window is closed or used up."""
        await self._send_custom(openid, {"msgtype": "text", "text": {"content": text}})

    async def send_menu(self, openid: str, head: str, choices: Sequence[Choice], tail: str = "") -> None:
        """A text with lines to tap; a tap comes back as a text whose `bizmsgmenuid` is the choice's `reply`."""
        lines = [{"id": choice.reply, "content": choice.text} for choice in choices]
        menu = {"head_content": head, "list": lines, "tail_content": tail}
        await self._send_custom(openid, {"msgtype": "msgmenu", "msgmenu": menu})

    async def send_image(self, openid: str, media_id: str) -> None:
        """A picture that was uploaded before; 40007 when the id is older than three days."""
        await self._send_custom(openid, {"msgtype": "image", "image": {"media_id": media_id}})

    async def _send_custom(self, openid: str, content: Mapping[str, Any]) -> None:
        await self._post("/cgi-bin/message/custom/send", {"touser": openid, **content}, repeatable=False)

    async def send_template(
        self, openid: str, template_id: str, fields: Mapping[str, str], client_msg_id: str, url: str = ""
    ) -> str:
        """A 模板消息; the platform's message id. The same `client_msg_id` within ten minutes reaches the person once."""
        payload: Json = {"touser": openid, "template_id": template_id, "data": _render_fields(fields)}
        payload["client_msg_id"] = client_msg_id
        if url:
            payload["url"] = url
        found = await self._post("/cgi-bin/message/template/send", payload, repeatable=True)
        return str(found.get("msgid", ""))

    async def send_subscription(self, openid: str, template_id: str, fields: Mapping[str, str], page: str = "") -> None:
        """A 订阅通知; 43101 when the person did not subscribe to it, or refuses it now."""
        payload: Json = {"touser": openid, "template_id": template_id, "data": _render_fields(fields)}
        if page:
            payload["page"] = page
        await self._post("/cgi-bin/message/subscribe/bizsend", payload, repeatable=False)

    async def send_mass(self, openids: Sequence[str], text: str, client_msg_id: str) -> str:
        """A mass text to 2–10,000 followers; the platform's id of the job, which `MASSSENDJOBFINISH` names when it is done.

        The same `client_msg_id` within a day is refused with 45065, whose `platform_id` is the first job's (wechat.md §2.4).
        """
        payload: Json = {"touser": list(openids), "msgtype": "text", "text": {"content": text}}
        payload["clientmsgid"] = client_msg_id
        return str(take(await self._post("/cgi-bin/message/mass/send", payload, repeatable=False), "msg_id", int))

    async def get_mass_state(self, msg_id: str) -> str:
        """How far a mass message is: `SENDING`, `SEND_SUCCESS`, `SEND_FAIL`, `DELETE`."""
        found = await self._post("/cgi-bin/message/mass/get", {"msg_id": msg_id}, repeatable=True)
        return str(take(found, "msg_status"))

    async def upload_image(self, name: str, content: bytes, mime: str) -> str:
        """Upload for three days; the media id. Raises `ValueError` for a `mime` that the platform does not take.

        The platform answers 41005 to names outside ASCII and to names without an extension, so `name` lends its ASCII part only.
        """
        kind, extension = _EXTENSIONS[mime] if mime in _EXTENSIONS else _refuse_mime(mime)
        filename = f"{_ascii_stem(name)}.{extension}"

        def make_form() -> aiohttp.FormData:
            form = aiohttp.FormData()
            form.add_field("media", content, filename=filename, content_type=mime)
            return form

        async def upload(token: str) -> Json:
            query = {"access_token": token, "type": kind}
            return parse_json(
                await self._http.post("/cgi-bin/media/upload", make_form, query=query, seconds=MEDIA_SECONDS)
            )

        found = await self._authorised(upload, repeatable=True)
        return str(take(found, "media_id"))

    async def fetch_media(self, media_id: str) -> tuple[bytes, str]:
        """The bytes of a picture, recording or video and their MIME type; 40007 when they are gone (after three days).

        Errors, and videos, come as JSON with HTTP 200. Raises `BadAnswer` past `MAX_MEDIA_BYTES`.
        """

        async def fetch(token: str) -> Answer:
            answer = await self._get_media("/cgi-bin/media/get", {"access_token": token, "media_id": media_id})
            if not _looks_like_json(answer):
                return answer
            return await self._get_media(take(parse_json(answer), "video_url"), {})

        answer = await self._authorised(fetch, repeatable=True)
        if not answer.content or _looks_like_json(answer):
            raise BadAnswer("no media")
        return answer.content, answer.mime

    async def _get_media(self, path: str, query: Mapping[str, str]) -> Answer:
        return await self._http.get(path, query=query, seconds=MEDIA_SECONDS, limit_bytes=MAX_MEDIA_BYTES)

    async def submit_voice(self, voice_id: str, mp3: bytes) -> None:
        """Hand in a recording for recognition (mp3, 16 kHz, mono, at most 1 MB; 40010 for a larger one) under a name of ours."""

        def make_form() -> aiohttp.FormData:
            form = aiohttp.FormData()
            form.add_field("media", mp3, filename="voice.mp3", content_type="audio/mpeg")
            return form

        async def submit(token: str) -> Json:
            query = {"access_token": token, "format": "mp3", "voice_id": voice_id, "lang": _LANGUAGE}
            path = f"{_VOICE}/addvoicetorecofortext"
            return parse_json(await self._http.post(path, make_form, query=query, seconds=MEDIA_SECONDS))

        await self._authorised(submit, repeatable=True)

    async def query_voice(self, voice_id: str) -> str:
        """The text of a recording handed in less than ten seconds ago; empty when there is none (yet)."""

        async def query(token: str) -> Json:
            asked = {"access_token": token, "voice_id": voice_id, "lang": _LANGUAGE}
            path = f"{_VOICE}/queryrecoresultfortext"
            return parse_json(await self._http.post(path, lambda: b"{}", query=asked, seconds=JSON_SECONDS))

        return str(take(await self._authorised(query, repeatable=True), "result"))

    async def create_menu(self, menu: Mapping[str, Any]) -> None:
        """Replace the account's menu: `{"button": […]}` as the platform documents it."""
        await self._post("/cgi-bin/menu/create", menu, repeatable=True)

    async def get_menu(self) -> Mapping[str, Any]:
        """The menu made by API, in the form `create_menu` takes; 46003 when there is none."""
        found = await self._get("/cgi-bin/menu/get", {})
        menu = found.get("menu")
        if not isinstance(menu, dict):
            raise BadAnswer("menu is missing")
        return menu

    async def create_scene_qr(self, scene: str, permanent: bool = True) -> tuple[str, str]:
        """Ticket and address of a QR code that brings `scene` (1 to 64 characters) with whoever scans it; temporary ones live 30 days."""
        payload: Json = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": scene}}}
        if not permanent:
            payload |= {"action_name": "QR_STR_SCENE", "expire_seconds": TEMPORARY_SCENE_SECONDS}
        found = await self._post("/cgi-bin/qrcode/create", payload, repeatable=True)
        return take(found, "ticket"), take(found, "url")

    async def get_user(self, openid: str) -> Follower:
        """Whether somebody follows, and by which scene he came; 40003 for somebody else's openid."""
        found = await self._get("/cgi-bin/user/info", {"openid": openid, "lang": "zh_CN"})
        scene = found.get("qr_scene_str") or found.get("qr_scene") or ""
        return Follower(take(found, "openid"), take(found, "subscribe", int) == 1, str(scene))

    async def check_token(self) -> None:
        """Make sure that the platform gives us a token. Raises `WireFailure`."""
        await self._tokens.get()

    async def check_callback(self) -> CallbackCheck:
        """Let the platform look up and ping our callback address."""
        payload = {"action": "all", "check_operator": "DEFAULT"}
        found = await self._post("/cgi-bin/callback/check", payload, repeatable=True)
        resolved = [row["ip"] for row in _rows(found, "dns")]
        lossy = [row["ip"] for row in _rows(found, "ping") if str(row.get("package_loss", "0%")) != "0%"]
        return CallbackCheck(tuple(resolved), tuple(lossy))

    async def _post(self, path: str, payload: Mapping[str, Any], *, repeatable: bool) -> Json:
        body = render_json(payload)

        async def post(token: str) -> Json:
            query = {"access_token": token}
            return parse_json(await self._http.post(path, lambda: body, query=query, seconds=JSON_SECONDS))

        return await self._authorised(post, repeatable=repeatable)

    async def _get(self, path: str, query: Mapping[str, str]) -> Json:
        async def get(token: str) -> Json:
            whole = {"access_token": token, **query}
            answer = await self._http.get(path, query=whole, seconds=JSON_SECONDS, limit_bytes=MAX_JSON_BYTES)
            return parse_json(answer)

        return await self._authorised(get, repeatable=True)

    async def _authorised(self, send: Callable[[str], Awaitable[_Got]], *, repeatable: bool) -> _Got:
        token = await self._tokens.get()
        try:
            return await self._http.repeat(lambda: send(token), repeatable=repeatable)
        except Refused as refused:
            if refused.errcode not in TOKEN_ERRORS:
                raise
        fresh = await self._tokens.renew(token)
        return await self._http.repeat(lambda: send(fresh), repeatable=repeatable)


def _render_fields(fields: Mapping[str, str]) -> Json:
    return {keyword: {"value": value} for keyword, value in fields.items()}


def _rows(found: Json, name: str) -> list[Json]:
    rows = found.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) and isinstance(row.get("ip"), str) for row in rows):
        raise BadAnswer(f"{name} is missing")
    return rows


def _looks_like_json(answer: Answer) -> bool:
    # Some of the platform's machines call their JSON text/plain; no picture or recording begins with a brace.
    is_named = "json" in answer.mime or answer.mime.startswith("text/")
    return is_named or answer.content[:1] == b"{"


def _ascii_stem(name: str) -> str:
    stem = re.sub(r"[^A-Za-z0-9_-]", "", name.rpartition(".")[0] or name)
    return stem[:40] or "media"


def _refuse_mime(mime: str) -> tuple[str, str]:
    raise ValueError(f"the platform takes no {mime}")
