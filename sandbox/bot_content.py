"""What an AI bot may say into a conversation, and how it comes to hang there.

Source: developer.work.weixin.qq.com/document/path/100719
"""

from dataclasses import dataclass, field

from sandbox.bots import Bot
from sandbox.cards import CardFace, read_card
from sandbox.errors import Refused
from sandbox.fields import Json, byte_length, object_of, text_of
from sandbox.talk import Card, Row, Talk
from sandbox.world import World

MARKDOWN_BYTES = 20480
FILES = ("file", "image", "voice", "video")


@dataclass(frozen=True, slots=True)
class BotMessage:
    """A checked message of a bot, not yet shown."""

    msgtype: str
    text: str
    media: list[Json] = field(default_factory=list)
    face: CardFace | None = None


def talk_of(world: World, chat: str, is_group: bool) -> Talk:
    """The conversation behind a chat id (group) or a user id (single chat)."""
    return world.chats.ensure_group(chat).talk if is_group else world.chats.ensure_worker(chat).talk


def read_message(world: World, bot: Bot, body: Json, types: tuple[str, ...]) -> BotMessage:
    """One of `types`. Raises Refused 40008, 44004, 45002, 40007, 40058."""
    msgtype = text_of(body, "msgtype")
    if msgtype not in types:
        raise Refused(40008)
    if msgtype == "template_card":
        return _card(bot, object_of(body, "template_card"))
    if msgtype in FILES:
        return _file(world, bot, msgtype, object_of(body, msgtype))
    return BotMessage(msgtype, bounded(text_of(object_of(body, msgtype), "content")))


def bounded(text: str, may_be_empty: bool = False) -> str:
    """Raises Refused 44004 (empty), 45002 (longer than 20480 bytes)."""
    if not text and not may_be_empty:
        raise Refused(44004)
    if byte_length(text) > MARKDOWN_BYTES:
        raise Refused(45002)
    return text


def _card(bot: Bot, card: Json) -> BotMessage:
    face = read_card(card)
    if face.task_id and face.task_id in bot.task_ids:
        raise Refused(40058, "template_card: task_id used before")
    return BotMessage("template_card", face.face, face=face)


def _file(world: World, bot: Bot, msgtype: str, part: Json) -> BotMessage:
    medium = world.media.find(text_of(part, "media_id"), f"bot:{bot.bot_id}")
    if medium is None or medium.kind != msgtype:
        raise Refused(40007)
    shown = world.media.as_json(medium.sha256, world.base_url, msgtype, medium.filename)
    return BotMessage(msgtype, "" if msgtype == "image" else medium.filename, [shown])


def show(world: World, bot: Bot, chat: str, is_group: bool, message: BotMessage, raw: object) -> Row:
    """Counts the message against the conversation's limits and hangs it there. Raises Refused 45009."""
    now = world.clock.now()
    bot.take_send(chat, now)
    card = make_card(bot, message.face) if message.face else None
    row = talk_of(world, chat, is_group).add(
        "bot", message.msgtype, message.text, userid=bot.bot_id, media=message.media, card=card, raw=raw
    )
    if card is not None and card.task_id:
        bot.task_ids.add(card.task_id)
        bot.cards[(chat, card.task_id)] = row
    world.books.sent("bot", f"{bot.bot_id}/{chat}", now)
    world.books.deliver("groups" if is_group else "workers", chat)
    return row


def make_card(bot: Bot, face: CardFace) -> Card:
    """The card as it hangs in the chat."""
    keys = frozenset(text_of(button, "key") for button in face.buttons)
    return Card(face.task_id, face.card_type, face.buttons, face.face, keys, bot.bot_id)


def update_card(world: World, row: Row, face: CardFace, userids: list[str], raw: Json) -> None:
    """Changes a card in place; with `userids` only for them, and then the card's own buttons stay for the others."""
    card = row.card
    assert card is not None
    card.updates.append(
        {"at": world.clock.now(), "text": face.face, "buttons": face.buttons, "userids": userids, "raw": raw}
    )
    if not userids:
        card.buttons, card.face, card.card_type = face.buttons, face.face, face.card_type
        row.text = face.face
    card.keys |= frozenset(text_of(button, "key") for button in face.buttons)
