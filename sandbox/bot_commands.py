"""What a bot does with a callback: answers it, welcomes, updates a card; and what it starts itself."""

from sandbox.bot_content import FILES, BotMessage, bounded, read_message, show, talk_of, update_card
from sandbox.bots import ANSWER_SECONDS, EVENT_ANSWER_SECONDS, STREAM_SECONDS, Asked, Bot
from sandbox.cards import read_card
from sandbox.errors import Refused
from sandbox.fields import Json, flag_of, object_of, text_of, texts_of
from sandbox.talk import Row
from sandbox.world import World

ANSWER_TYPES = ("markdown", "template_card", *FILES)
SEND_TYPES = ("markdown", "template_card", *FILES)
WELCOME_TYPES = ("text", "template_card")


def find_asked(world: World, bot: Bot, req_id: str, within_seconds: float) -> Asked:
    """The callback that is being answered. Raises Refused 846605 when unknown or too old."""
    asked = bot.asked.get(req_id)
    if asked is None:
        raise Refused(846605)
    if world.clock.now() - asked.at > within_seconds:
        raise Refused(846605, f"more than {within_seconds:.0f} seconds old")
    return asked


def respond(world: World, bot: Bot, req_id: str, body: Json) -> Json:
    """`aibot_respond_msg`, up to 24 hours after the callback. Raises Refused."""
    asked = find_asked(world, bot, req_id, ANSWER_SECONDS)
    msgtype = text_of(body, "msgtype")
    if msgtype == "stream":
        respond_stream(world, bot, asked, object_of(body, "stream"), body)
    elif msgtype == "stream_with_template_card":
        _respond_both(world, bot, asked, body)
    else:
        message = read_message(world, bot, body, ANSWER_TYPES)
        show(world, bot, asked.chat, asked.is_group, message, body)
    return {}


def respond_stream(world: World, bot: Bot, asked: Asked, stream: Json, raw: object) -> Row:
    """One part of a stream: the first hangs a message, the next replace its text until `finish`.

    Raises Refused 40058 (no id, msg_item), 846608 (after six minutes or after finish), 45002, 45009.
    """
    stream_id, is_finished = text_of(stream, "id"), flag_of(stream, "finish")
    if not stream_id or "msg_item" in stream:
        raise Refused(40058, "stream needs id; msg_item is not supported on the long connection")
    text = bounded(text_of(stream, "content"), may_be_empty=not is_finished)
    row = asked.streams.get(stream_id)
    if row is None:
        row = show(world, bot, asked.chat, asked.is_group, BotMessage("stream", text), raw)
        row.finished = is_finished
        asked.streams[stream_id] = row
        if not is_finished:
            # `show` told the page of a finished message.
            talk_of(world, asked.chat, asked.is_group).announce(row)
        return row
    if row.finished or world.clock.now() - asked.at > STREAM_SECONDS:
        raise Refused(846608)
    row.text, row.finished, row.raw = text, is_finished, raw
    talk_of(world, asked.chat, asked.is_group).announce(row)
    return row


def _respond_both(world: World, bot: Bot, asked: Asked, body: Json) -> None:
    if asked.has_card and "template_card" in body:
        raise Refused(40058, "one template_card for one message")
    if "template_card" in body:
        message = read_message(world, bot, {**body, "msgtype": "template_card"}, ("template_card",))
        show(world, bot, asked.chat, asked.is_group, message, body)
        asked.has_card = True
    respond_stream(world, bot, asked, object_of(body, "stream"), body)


def welcome(world: World, bot: Bot, req_id: str, body: Json) -> Json:
    """`aibot_respond_welcome_msg`, once, within five seconds of enter_chat. Raises Refused."""
    asked = find_asked(world, bot, req_id, EVENT_ANSWER_SECONDS)
    if asked.kind != "enter_chat" or asked.welcomed:
        raise Refused(846605, "no enter_chat waits for a welcome")
    message = read_message(world, bot, body, WELCOME_TYPES)
    show(world, bot, asked.chat, asked.is_group, message, body)
    asked.welcomed = True
    return {}


def change_card(world: World, bot: Bot, req_id: str, body: Json) -> Json:
    """`aibot_respond_update_msg` within five seconds of the click, for the card that was clicked. Raises Refused."""
    asked = find_asked(world, bot, req_id, EVENT_ANSWER_SECONDS)
    if asked.kind != "template_card_event":
        raise Refused(846605, "no card click waits for an update")
    replace_card(world, bot, asked, body)
    return {}


def replace_card(world: World, bot: Bot, asked: Asked, body: Json) -> None:
    """Changes the card that was clicked to `template_card`. Raises Refused 40058 when it is another's."""
    if text_of(body, "response_type") != "update_template_card":
        raise Refused(40058, "response_type must be update_template_card")
    card = object_of(body, "template_card")
    face = read_card(card)
    if face.task_id != asked.task_id:
        raise Refused(40058, "template_card: task_id differs from the clicked card")
    row = bot.cards[(asked.chat, asked.task_id)]
    update_card(world, row, face, texts_of(body, "userids"), card)
    talk_of(world, asked.chat, asked.is_group).announce(row)


def send(world: World, bot: Bot, body: Json) -> Json:
    """`aibot_send_msg` into a chat where somebody has spoken to this bot. Raises Refused 93006 elsewhere.

    `chat_type` is ignored: the official SDKs leave it out, and no page says what its numbers mean.
    """
    chat = text_of(body, "chatid")
    if chat not in bot.spoken:
        raise Refused(93006)
    is_group = chat in world.chats.groups
    message = read_message(world, bot, body, SEND_TYPES)
    show(world, bot, chat, is_group, message, body)
    return {}
