"""The group robot's webhook as a channel: text with mentions, and pictures; it hears nothing (wechat.md §3.2).

The key in the address is the robot's only secret: it stands in no log, no exception text and no exception context.
"""

import io
import logging
from collections.abc import Mapping
from typing import Any

import aiohttp
import orjson

from bot.ports import Address, Attachment, BadAnswer, Recording, Sent, Unreachable, WireFailure
from bot.refusals import Wire
from bot.workgroup.aibot_upload import kind_of
from bot.workgroup.layout import PictureUnfit, count_word, render_webhook_texts
from bot.workgroup.parts import SentParts
from bot.workgroup.refused import make_refusal
from bot.workgroup.webhook_bodies import ReadyBodies
from grid.message import Message

log = logging.getLogger(__name__)

VIA = "webhook"
SEND_SECONDS = 10.0
MAX_ANSWER_BYTES = 1 << 16
_BAD_KEY = 93000
_Part = bytes | Recording


class WebhookTransport:
    """`bot.ports.Transport` for groups with a `webhook_key`. Cards have no buttons here: the text says everything."""

    def __init__(self, session: aiohttp.ClientSession, api_base: str, seconds: float = SEND_SECONDS) -> None:
        self._session = session
        self._url = f"{api_base.rstrip('/')}/cgi-bin/webhook"
        self._timeout = aiohttp.ClientTimeout(total=seconds)
        self._sent = SentParts()
        self._bodies = ReadyBodies()

    async def send(self, address: Address, message: Message, pictures: tuple[Attachment, ...], key: str) -> Sent:
        """Text (in parts of 2048 bytes), then pictures, recordings; a second try with the same `key` goes on where the first one broke off.

        Raises `Refused` (93000: the key is wrong or the robot was removed), `Unreachable`, `BadAnswer`.
        """
        if not address.webhook_key:
            raise make_refusal(_BAD_KEY, "the group has no webhook key", Wire.WEBHOOK)
        bodies, missing = self._render_bodies(message, pictures)
        if missing:
            note = Message("missing_pictures", f"（有 {missing} {count_word(pictures)}没能发出，请在工单页查看。）")
            bodies += _render_texts(note)
        for number, body in enumerate(bodies, 1):
            if number > self._sent.count(key):
                await self._post(address.webhook_key, await self._make_body(address.webhook_key, body))
                self._sent.mark(key, number)
        return Sent(VIA)

    def forget_pictures(self) -> None:
        """A picture was erased: nothing of any stays in memory."""
        self._bodies.forget()

    async def _make_body(self, webhook_key: str, part: bytes | Recording) -> bytes:
        if not isinstance(part, Recording):
            return part
        kind = kind_of(part)
        form = aiohttp.FormData()
        form.add_field("media", part.content, filename=part.name, content_type=part.mime)
        answer = await self._exchange(webhook_key, form, "upload_media", type=kind)
        if isinstance(answer, WireFailure):
            raise answer
        media_id = _check_answer(answer).get("media_id")
        if not isinstance(media_id, str):
            raise BadAnswer("the webhook took a file without naming it")
        return orjson.dumps({"msgtype": kind, kind: {"media_id": media_id}})

    def _render_bodies(self, message: Message, pictures: tuple[Attachment, ...]) -> tuple[tuple[_Part, ...], int]:
        """What to post, in order (a recording is uploaded when its turn comes), and how many pictures the robot cannot carry."""
        bodies: list[_Part] = list(_render_texts(message))
        missing = 0
        for picture in pictures:
            try:
                bodies.append(picture if isinstance(picture, Recording) else self._bodies.make(picture))
            except PictureUnfit as fault:
                log.warning("webhook picture left out: %s", fault)
                missing += 1
        return tuple(bodies), missing

    async def _post(self, webhook_key: str, body: bytes) -> None:
        # As a stream: a picture sent in one piece would hold up the event loop.
        raw = await self._exchange(webhook_key, io.BytesIO(body), "send")
        if isinstance(raw, WireFailure):
            # Raised out here, where no library's exception (its text holds the address) can become its context.
            raise raw
        _check_answer(raw)

    async def _exchange(
        self, webhook_key: str, content: io.BytesIO | aiohttp.FormData, path: str, **query: str
    ) -> bytes | WireFailure:
        is_json = isinstance(content, io.BytesIO)
        headers = {"Content-Type": "application/json; charset=utf-8"} if is_json else {}
        try:
            async with self._session.post(
                f"{self._url}/{path}",
                params={"key": webhook_key, **query},
                data=content,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
            ) as response:
                if response.status != 200:
                    return BadAnswer(f"the webhook answered HTTP {response.status}")
                return await response.content.read(MAX_ANSWER_BYTES)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return Unreachable(f"webhook: {type(error).__name__}")


def _render_texts(message: Message) -> tuple[_Part, ...]:
    return tuple(orjson.dumps(body) for body in render_webhook_texts(message))


def _check_answer(raw: bytes) -> Mapping[str, Any]:
    try:
        answer = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise BadAnswer("the webhook answered no JSON") from None
    code = answer.get("errcode") if isinstance(answer, dict) else None
    if not isinstance(code, int):
        raise BadAnswer("the webhook answered without errcode")
    if code != 0:
        raise make_refusal(code, str(answer.get("errmsg", "")), Wire.WEBHOOK)
    return dict(answer)
