"""The AI bot as a channel: messages into groups and single chats, answers to callbacks, card updates, the welcome."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from bot.ports import Address, Attachment, Refused, Sent, WireFailure
from bot.refusals import Wire
from bot.workgroup.aibot_upload import Line, MediaShelf, kind_of
from bot.workgroup.frames import RESPOND, RESPOND_UPDATE, RESPOND_WELCOME, SEND, Body
from bot.workgroup.layout import WEBHOOK_TEXT_BYTES, PictureUnfit, clean_text, count_word, cut_bytes, render_markdown
from bot.workgroup.layout_card import fits_card, render_card, render_updated_card
from bot.workgroup.pace import Pace, RealPace
from bot.workgroup.parts import SentParts
from bot.workgroup.refused import is_content_fault
from bot.workgroup.sink import Reply
from grid.message import Card, Message
from handlers.update import Update

log = logging.getLogger(__name__)

VIA = "aibot"
CLICK, ENTER_CHAT = "TEMPLATE_CARD_EVENT", "ENTER_CHAT"
_BAD_MEDIA_ID = 40007
_Say = Callable[[Body], Awaitable[object]]


def _markdown(message: Message) -> Body:
    return {"msgtype": "markdown", "markdown": {"content": render_markdown(message)}}


class AibotTransport:
    """`bot.ports.Transport` for `group:` and `worker:` addresses; `address.chat` is the group's chatid or the worker's userid.

    Each conversation takes 30 messages a minute and 1000 an hour; a message with a card is two (see `layout_card`), each picture one more.
    """

    def __init__(self, line: Line, pace: Pace | None = None) -> None:
        self._line = line
        self._shelf = MediaShelf(line, pace or RealPace())
        self._sent = SentParts()

    async def send(self, address: Address, message: Message, pictures: tuple[Attachment, ...], key: str) -> Sent:
        """Text, pictures, card, in this order. A second try with the same `key` goes on where the first one broke off.

        Raises `Refused` (`Paced` when no upload is free), `Unreachable`, `BadAnswer`. Only the text decides: a card or picture that is
        refused for good is left out, and a picture left out is told.
        """
        say = self._sayer(address.chat)
        parts = self._make_parts(say, message, pictures)
        if pictures and self._sent.count(key) == 0:
            self._shelf.check_room(pictures)
        for number, part in enumerate(parts, 1):
            if number > self._sent.count(key):
                await part()
                self._sent.mark(key, number)
        return Sent(VIA)

    async def reply(self, update: Update, reply: Reply) -> None:
        """Everything that a reply holds, by the way that its update allows. Raises `WireFailure` if the message did not get through."""
        if update.event is None:
            if reply.message is not None:
                await self.answer(update, reply.message)
            return
        if update.event.name == ENTER_CHAT and reply.message is not None:
            await self.welcome(update, reply.message)
            return
        # A click's req_id takes a card update and nothing else; words go as a message of their own.
        fallback = await self._try_update(update, reply.updated_card)
        message = reply.message or fallback
        if message is not None:
            await self._say_all(self._sayer(update.chat or update.person), message)

    async def answer(self, update: Update, message: Message) -> None:
        """Answer a message with its own req_id (up to 24 h); if that is refused, say it in the chat. Raises `WireFailure`."""
        try:
            await self._say_all(lambda body: self._line.request(RESPOND, body, update.req_id), message)
        except Refused as fault:
            if fault.retry_seconds is not None:
                raise
            log.info("aibot answer refused with %d; said in the chat instead", fault.errcode)
            await self._say_all(self._sayer(update.chat or update.person), message)

    async def update_card(self, update: Update, card: Card) -> None:
        """Turn the clicked card into `card`, for everybody who sees it; only within 5 s of the click. Raises `WireFailure`."""
        task_id = update.event.details.get("task_id", "") if update.event else ""
        face = render_updated_card(card, task_id or card.task_id)
        body = {"response_type": "update_template_card", "template_card": face}
        await self._line.request(RESPOND_UPDATE, body, update.req_id)

    async def welcome(self, update: Update, message: Message) -> None:
        """Greet somebody who opened the chat; plain text, only within 5 s. Raises `WireFailure`."""
        text = cut_bytes(clean_text(message.text), WEBHOOK_TEXT_BYTES)
        await self._line.request(RESPOND_WELCOME, {"msgtype": "text", "text": {"content": text}}, update.req_id)

    async def _try_update(self, update: Update, card: Card | None) -> Message | None:
        """Update the clicked card; when it cannot be done, what the card would have said, as a message."""
        if card is None:
            return None
        try:
            await self.update_card(update, card)
        except (WireFailure, ValueError) as fault:
            log.warning("aibot card not updated: %s", fault)
            lines = [card.title, *(f"{name}：{value}" for name, value in card.lines)]
            return Message("card_state", "\n".join(lines))
        return None

    def _sayer(self, chat: str) -> _Say:
        return lambda body: self._line.request(SEND, {"chatid": chat, **body})

    async def _say_all(self, say: _Say, message: Message) -> None:
        for part in self._make_parts(say, message, ()):
            await part()

    def _make_parts(
        self, say: _Say, message: Message, pictures: tuple[Attachment, ...]
    ) -> tuple[Callable[[], Awaitable[object]], ...]:
        card = message.card
        if card is not None and not pictures and fits_card(card, message):
            return (lambda: self._say_card_alone(say, card, message),)
        parts: list[Callable[[], Awaitable[object]]] = [lambda: say(_markdown(message))]
        if pictures:
            parts.append(lambda: self._say_pictures(say, pictures))
        if card is not None:
            parts.append(lambda: self._say_card(say, card, None))
        return tuple(parts)

    async def _say_card_alone(self, say: _Say, card: Card, message: Message) -> None:
        if not await self._say_card(say, card, message):
            await say(_markdown(message))

    async def _say_card(self, say: _Say, card: Card, message: Message | None) -> bool:
        """Whether the card arrived. Refused for good is not an error: the text has said everything, commands work without buttons."""
        try:
            await say({"msgtype": "template_card", "template_card": render_card(card, message)})
        except ValueError as fault:
            log.error("aibot card left out: %s", fault)
            return False
        except Refused as fault:
            if not is_content_fault(fault, Wire.AIBOT):
                raise
            log.warning("aibot card refused with %d", fault.errcode)
            return False
        return True

    async def _say_pictures(self, say: _Say, pictures: tuple[Attachment, ...]) -> None:
        missing = 0
        for picture in pictures:
            missing += not await self._say_picture(say, picture)
        if missing:
            await say(
                _markdown(
                    Message("missing_pictures", f"（有 {missing} {count_word(pictures)}没能发出，请在工单页查看。）")
                )
            )

    async def _say_picture(self, say: _Say, picture: Attachment) -> bool:
        try:
            await self._upload_and_say(say, picture)
        except PictureUnfit as fault:
            log.warning("aibot picture left out: %s", fault)
            return False
        except Refused as fault:
            if not is_content_fault(fault, Wire.AIBOT):
                raise
            log.warning("aibot picture refused with %d", fault.errcode)
            return False
        return True

    async def _upload_and_say(self, say: _Say, picture: Attachment) -> None:
        try:
            await say(_file(picture, await self._shelf.media_id(picture)))
        except Refused as fault:
            if fault.errcode != _BAD_MEDIA_ID:
                raise
            # The platform forgot it before we did: once more, freshly uploaded.
            self._shelf.forget(picture)
            await say(_file(picture, await self._shelf.media_id(picture)))


def _file(picture: Attachment, media_id: str) -> dict[str, Any]:
    kind = kind_of(picture)
    return {"msgtype": kind, kind: {"media_id": media_id}}
