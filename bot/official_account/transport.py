"""The official account as a channel: neutral messages to residents, by whatever way is open to them today."""

import asyncio
import hashlib
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import assert_never

from bot.official_account.api import OfficialAccountApi
from bot.official_account.texts import split_text
from bot.ports import Address, Attachment, Picture, Refused, Sent
from grid.message import Message, Template

_MEDIA_GONE = 40007
_NO_TEMPLATE = 40037
_MEDIA_LIFE = timedelta(days=2, hours=12)
_REMEMBERED = 512
_EMPTY_FIELD = "无"
_LINK_FIELD = "url"
# Characters that a 类目模板 or 订阅通知 keyword takes; its name says its type (thing1, phrase2, …). Longer ones are refused (47003).
_FIELD_CHARACTERS = {
    "thing": 20,
    "short_thing": 10,
    "name": 10,
    "phrase": 5,
    "symbol": 5,
    "number": 32,
    "letter": 32,
    "character_string": 32,
    "phone_number": 17,
}
_KEYWORD_TYPE = re.compile(r"[a-z_]*[a-z]")
_Step = Callable[[], Awaitable[None]]
_CLIENT_ID = re.compile(r"[0-9A-Za-z_-]{1,32}")


class TemplateKind(StrEnum):
    """Which of the platform's two mechanisms a configured template belongs to."""

    TEMPLATE = "template"
    SUBSCRIPTION = "subscription"


@dataclass(frozen=True, slots=True)
class TemplateConfig:
    """A template as the account's console has it. `fields`: our field's name → the platform's keyword (`thing1`)."""

    id: str
    kind: TemplateKind
    fields: Mapping[str, str] = field(default_factory=dict)


class OfficialAccountTransport:
    """`bot.ports.ResidentTransport` for addresses `oa:OPENID`. `templates` by our names (resolved, reminder, notice); `now` is aware."""

    def __init__(
        self, api: OfficialAccountApi, templates: Mapping[str, TemplateConfig], now: Callable[[], datetime]
    ) -> None:
        self._api = api
        self._templates = templates
        self._uploads = Uploads(api, now)
        self._done: OrderedDict[str, int] = OrderedDict()

    async def send(self, address: Address, message: Message, pictures: tuple[Attachment, ...], key: str) -> Sent:
        """Text, lines to tap, pictures, as customer-service messages (recordings go to work groups only).

        Raises `WireFailure`; 45015 and 45047 past the reply window.

        A message of several parts that broke off goes on where it stopped when it is sent again under the same `key`.
        """
        shown = tuple(picture for picture in pictures if isinstance(picture, Picture))
        steps = await self._plan(address.chat, message, shown)
        for number in range(self._done.get(key, 0), len(steps)):
            await steps[number]()
            self._done[key] = number + 1
            if len(self._done) > _REMEMBERED:
                self._done.popitem(last=False)
        self._done.pop(key, None)
        return Sent("custom")

    async def send_template(self, address: Address, template: Template, key: str) -> Sent:
        """The configured template, past the reply window. Raises `WireFailure`; 40037 for one that is not configured.

        The platform drops a repeat under the same `key` for ten minutes (模板消息 only).
        """
        config = self._templates.get(template.name)
        if config is None:
            raise Refused(_NO_TEMPLATE)
        fields = render_fields(config, template.fields)
        link = template.fields.get(_LINK_FIELD, "")
        match config.kind:
            case TemplateKind.TEMPLATE:
                platform_id = await self._api.send_template(address.chat, config.id, fields, _fit_key(key), link)
                return Sent("template", platform_id)
            case TemplateKind.SUBSCRIPTION:
                await self._api.send_subscription(address.chat, config.id, fields, link)
                return Sent("subscribe")
            case _:
                assert_never(config.kind)

    async def _plan(self, openid: str, message: Message, pictures: tuple[Picture, ...]) -> list[_Step]:
        # Uploads come first: when one fails, nothing has been said that would be said again.
        for picture in pictures:
            await self._uploads.find_or_upload(picture)
        pieces = split_text(message.text)
        steps = [partial(self._api.send_text, openid, piece) for piece in pieces]
        if message.choices and pieces:
            steps[-1] = partial(self._api.send_menu, openid, pieces[-1], message.choices)
        return [*steps, *(partial(self._send_picture, openid, picture) for picture in pictures)]

    async def _send_picture(self, openid: str, picture: Picture) -> None:
        try:
            await self._api.send_image(openid, await self._uploads.find_or_upload(picture))
        except Refused as refused:
            if refused.errcode != _MEDIA_GONE:
                raise
            self._uploads.forget(picture)
            await self._api.send_image(openid, await self._uploads.find_or_upload(picture))


def _fit_key(key: str) -> str:
    return key if _CLIENT_ID.fullmatch(key) else hashlib.sha256(key.encode()).hexdigest()[:32]


def render_fields(config: TemplateConfig, fields: Mapping[str, str]) -> dict[str, str]:
    """The platform's keywords with our values, one line each and cut to what the keyword's type takes; empty ones are refused."""
    return {keyword: _fit(keyword, fields.get(ours, "")) for ours, keyword in config.fields.items()}


def _fit(keyword: str, value: str) -> str:
    line = " ".join(value.split()) or _EMPTY_FIELD
    kind = _KEYWORD_TYPE.match(keyword)
    limit = _FIELD_CHARACTERS.get(kind[0]) if kind else None
    if limit is None or len(line) <= limit:
        return line
    return line[: limit - 1] + "…" if limit > 5 else line[:limit]


class Uploads:
    """Pictures that the platform holds already: one notice's picture goes to thousands."""

    def __init__(self, api: OfficialAccountApi, now: Callable[[], datetime]) -> None:
        self._api = api
        self._now = now
        self._held: OrderedDict[str, tuple[str, datetime]] = OrderedDict()
        self._lock = asyncio.Lock()

    async def find_or_upload(self, picture: Picture) -> str:
        """The media id of a picture; uploaded where none is known, or the known one is close to its third day."""
        digest = _digest(picture)
        async with self._lock:
            media_id, until = self._held.get(digest, ("", self._now()))
            if media_id and until > self._now():
                return media_id
            media_id = await self._api.upload_image(picture.name, picture.content, picture.mime)
            self._held[digest] = (media_id, self._now() + _MEDIA_LIFE)
            if len(self._held) > _REMEMBERED:
                self._held.popitem(last=False)
            return media_id

    def forget(self, picture: Picture) -> None:
        """The platform no longer knows it."""
        self._held.pop(_digest(picture), None)


def _digest(picture: Picture) -> str:
    return hashlib.sha256(picture.content).hexdigest()
