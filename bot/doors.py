"""The two doors, opened from settings: the official account and the work groups' bot. An absent section keeps a door closed."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import aiohttp
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.clock import Clock
from bot.delivery.buckets import Buckets
from bot.delivery.directory import VIA_AIBOT
from bot.dispatcher import Dispatcher
from bot.lease import Lease
from bot.official_account.api import OfficialAccountApi
from bot.official_account.connect import AccountSecret, open_api
from bot.official_account.door import AccountDoor, AccountKeys, Mode
from bot.official_account.transport import OfficialAccountTransport, TemplateConfig, TemplateKind
from bot.ports import Transport
from bot.settings import AibotMode, OfficialAccountSettings, Settings
from bot.workgroup.aibot_door import make_aibot_door
from bot.workgroup.aibot_holder import AibotHolder, HolderState
from bot.workgroup.aibot_media import fetch_media
from bot.workgroup.sink import Reply
from handlers.update import MediaRef, Update

Fetch = Callable[[Mapping[str, Any]], Awaitable[tuple[bytes, str]]]


@dataclass(frozen=True, slots=True)
class AccountParts:
    """What the official account's door is made of."""

    door: AccountDoor
    api: OfficialAccountApi
    transport: OfficialAccountTransport
    templates: tuple[str, ...]
    fetchers: Mapping[str, Fetch]


async def open_account(
    stack: AsyncExitStack, settings: Settings, engine: AsyncEngine, clock: Clock
) -> AccountParts | None:
    """The official account, ready to take in and to send; None when the section is absent."""
    account = settings.official_account
    if account is None:
        return None
    door = AccountDoor(account_keys(account))
    secret = AccountSecret(account.app_id, account.app_secret.get_secret_value())
    api = await stack.enter_async_context(open_api(account.api_base, secret, engine, clock))
    templates = _templates(account)

    async def fetch(origin: Mapping[str, Any]) -> tuple[bytes, str]:
        return await api.fetch_media(str(origin["media_id"]))

    return AccountParts(door, api, OfficialAccountTransport(api, templates, clock), tuple(templates), {"oa": fetch})


def account_keys(account: OfficialAccountSettings) -> AccountKeys:
    """What the door needs of the section."""
    return AccountKeys(
        app_id=account.app_id,
        token=account.token.get_secret_value(),
        encoding_aes_key=account.encoding_aes_key.get_secret_value(),
        mode=Mode(account.mode.value),
        account=account.account,
    )


def _templates(account: OfficialAccountSettings) -> dict[str, TemplateConfig]:
    found = {}
    for name in type(account.templates).model_fields:
        template = account.templates.find(name)
        if template is not None:
            found[name] = TemplateConfig(template.id, TemplateKind(template.kind.value), template.fields)
    return found


@dataclass(frozen=True, slots=True)
class ChatDoor:
    """The AI bot's line: this process holds it, or stands by."""

    holder: AibotHolder
    transports: Mapping[str, Transport]
    fetchers: Mapping[str, Fetch]

    def can_send(self) -> bool:
        """Whether this process may send to groups and workers now."""
        return self.holder.can_send

    def is_well(self) -> bool:
        """Whether the line is up, or another process may have it."""
        return self.holder.can_send or self.holder.state is HolderState.STANDBY


class _Sink:
    """The dispatcher as the wire sees it."""

    def __init__(self, dispatcher: Dispatcher, buckets: Buckets, clock: Clock) -> None:
        self._dispatcher, self._buckets, self._clock = dispatcher, buckets, clock

    async def feed(self, update: Update) -> Reply | None:
        reply = await self._dispatcher.feed_chat(update)
        if reply is not None and reply.message is not None:
            # Answers count in the conversation's limit like everything else that the bot says there.
            self._buckets.note(VIA_AIBOT, update.chat or update.person, self._clock().timestamp())
        return reply


def open_chat_door(
    settings: Settings,
    engine: AsyncEngine,
    session: aiohttp.ClientSession,
    dispatcher: Dispatcher,
    clock: Clock,
    holder: str,
    buckets: Buckets,
) -> ChatDoor | None:
    """The bot's long connection, not yet dialled; None when the section is absent or in callback mode."""
    bot = settings.aibot
    if bot is None or bot.mode is not AibotMode.WS:
        return None
    door = make_aibot_door(
        session,
        Lease(engine, f"aibot:{bot.bot_id}", holder),
        _Sink(dispatcher, buckets, clock),
        ws_url=bot.ws_url,
        bot_id=bot.bot_id,
        secret=bot.secret.get_secret_value(),
        bot_name=bot.name,
        now=clock,
        on_unanswered=dispatcher.answer_later,
    )

    async def fetch(origin: Mapping[str, Any]) -> tuple[bytes, str]:
        # What it is, is seen from the bytes: the platform names no type.
        return await fetch_media(session, MediaRef("", url=str(origin["url"]), aes_key=str(origin["aes_key"]))), ""

    return ChatDoor(door.holder, {"aibot": door.transport}, {"aibot": fetch})
