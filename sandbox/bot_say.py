"""What workers do in groups and single chats, and the callback that the platform makes of it.

Source: developer.work.weixin.qq.com/document/path/100719
"""

import secrets

from sandbox.bot_heard import Heard, Linker, linker, mixed, quote_of
from sandbox.bot_http import push_over_http
from sandbox.bots import Asked, Bot
from sandbox.chats import Group
from sandbox.fields import Json, decode_base64, flag_of, list_of, text_of, whole_of
from sandbox.talk import Row, Talk
from sandbox.world import World

NOT_HEARD = "没有 @ 机器人，它听不到"


def delivered(row: Row | None = None, **extra: object) -> Json:
    """The answer of `say` when the bot got it."""
    return {"delivered": True, "why": "", "seq": row.seq if row else None, **extra}


def undelivered(why: str, row: Row | None = None) -> Json:
    """The answer of `say` when nobody heard it."""
    return {"delivered": False, "why": why, "seq": row.seq if row else None}


async def say_in_group(world: World, chatid: str, body: Json) -> Json:
    """A worker writes in a group; only what mentions a bot reaches it. Raises ValueError."""
    group = world.chats.ensure_group(chatid)
    userid = _speaker(world, body)
    group.members.setdefault(userid, world.chats.workers[userid].name)
    bot = _mentioned(world, group, body)
    text = _with_mention(bot, text_of(body, "text")) if bot else text_of(body, "text")
    images = [world.media.keep(decode_base64(item)) for item in list_of(body, "images")]
    quoted = _find_quote(group.talk, body)
    if text_of(body, "device") == "phone" and images:
        row = _say_from_phone(world, group, userid, text, images)
        images = []
    else:
        row = _add_row(world, group.talk, userid, text, images, quoted)
    if bot is None:
        return undelivered(NOT_HEARD if world.bots.serving(group.bots) else "群里没有机器人", row)
    heard = mixed(linker(world, bot), text, images) if images else Heard("text", {"content": text})
    return await _push(world, bot, Asked(chatid, True, heard.msgtype, world.clock.now(), userid), heard, quoted, row)


def _speaker(world: World, body: Json) -> str:
    userid = text_of(body, "userid")
    if not userid:
        raise ValueError("userid is needed")
    return world.chats.ensure_worker(userid).userid


def _mentioned(world: World, group: Group, body: Json) -> Bot | None:
    """The bot that the message mentions: the group's first, or the one named by id in `mention`."""
    serving = world.bots.serving(group.bots)
    mention, text = body.get("mention"), text_of(body, "text")
    if isinstance(mention, str):
        return next((bot for bot in serving if mention in (bot.bot_id, bot.name)), None)
    if mention is None:
        return next((bot for bot in serving if text.startswith(f"@{bot.name}")), None)
    if not flag_of(body, "mention"):
        return None
    live = [bot for bot in serving if bot.line is not None or bot.callback_url]
    return next(iter(live or serving), None)


def _with_mention(bot: Bot, text: str) -> str:
    return text if text.startswith(f"@{bot.name}") else f"@{bot.name} {text}"


def _find_quote(talk: Talk, body: Json) -> Row | None:
    if body.get("quote") is None:
        return None
    found = talk.find(whole_of(body, "quote"))
    if found is None:
        raise ValueError("no message with the quoted seq")
    return found


def _add_row(
    world: World, talk: Talk, userid: str, text: str, images: list[str], quoted: Row | None, kind: str = "image"
) -> Row:
    media = [world.media.as_json(sha256, world.base_url, kind) for sha256 in images]
    msgtype = kind if images and not text else "mixed" if images else "text"
    raw = {"quote": quoted.seq} if quoted else None
    return talk.add("say", msgtype, text, userid=userid, media=media, raw=raw)


def _say_from_phone(world: World, group: Group, userid: str, text: str, images: list[str]) -> Row:
    """A phone sends each picture as a message of its own, which cannot mention anybody."""
    row = _add_row(world, group.talk, userid, text, [], None)
    for sha256 in images:
        _add_row(world, group.talk, userid, "", [sha256], None)
    return row


async def say_in_single(world: World, userid: str, body: Json) -> Json:
    """A worker writes to the bot alone: text, image, voice, file, video, several pictures. Raises ValueError."""
    worker = world.chats.ensure_worker(userid)
    bot = _single_bot(world, body)
    if "event" in body:
        return await _enter_chat(world, bot, userid)
    quoted = _find_quote(worker.talk, body)
    heard, row = _read_single(world, linker(world, bot), worker.talk, userid, body, quoted)
    if bot is None:
        return undelivered("没有机器人", row)
    return await _push(world, bot, Asked(userid, False, heard.msgtype, world.clock.now(), userid), heard, quoted, row)


def _single_bot(world: World, body: Json) -> Bot | None:
    named = text_of(body, "bot")
    if named:
        return world.bots.by_id.get(named)
    every = list(world.bots.by_id.values())
    return next((bot for bot in every if bot.line is not None or bot.callback_url), next(iter(every), None))


def _read_single(
    world: World, link: Linker, talk: Talk, userid: str, body: Json, quoted: Row | None
) -> tuple[Heard, Row]:
    images = [decode_base64(item) for item in list_of(body, "images")]
    images += [decode_base64(body["image"])] if "image" in body else []
    shas, text = [world.media.keep(data) for data in images], text_of(body, "text")
    if len(shas) > 1 or (shas and text):
        return mixed(link, text, shas), _add_row(world, talk, userid, text, shas, quoted)
    if shas:
        return Heard("image", link(shas[0], "image.jpg")), _add_row(world, talk, userid, "", shas, quoted)
    if "voice" in body:
        return _voice(world, talk, userid, body)
    for kind in ("file", "video"):
        if kind in body:
            return _file(world, link, talk, userid, kind, body)
    return Heard("text", {"content": text}), _add_row(world, talk, userid, text, [], quoted)


def _voice(world: World, talk: Talk, userid: str, body: Json) -> tuple[Heard, Row]:
    sound = decode_base64(body["voice"])
    text = text_of(body, "transcript") or world.voices.hear(sound)
    media = [world.media.as_json(world.media.keep(sound), world.base_url, "voice")]
    row = talk.add("say", "voice", text, userid=userid, media=media)
    return Heard("voice", {"content": text}), row


def _file(world: World, link: Linker, talk: Talk, userid: str, kind: str, body: Json) -> tuple[Heard, Row]:
    sha256 = world.media.keep(decode_base64(body[kind]))
    filename = text_of(body, "filename", "video.mp4" if kind == "video" else "file.bin")
    media = [world.media.as_json(sha256, world.base_url, kind, filename)]
    row = talk.add("say", kind, filename, userid=userid, media=media)
    return Heard(kind, link(sha256, filename)), row


async def _push(world: World, bot: Bot, asked: Asked, heard: Heard, quoted: Row | None, row: Row) -> Json:
    bot.spoken.add(asked.chat)
    body: Json = {"msgid": secrets.token_hex(16), **_address(bot, asked), "msgtype": heard.msgtype}
    body[heard.msgtype] = heard.payload
    if quoted is not None:
        body["quote"] = quote_of(linker(world, bot), quoted)
    if await deliver(world, bot, asked, "aibot_msg_callback", body):
        return delivered(row)
    return undelivered("机器人没有连接，消息没有送到", row)


def _address(bot: Bot, asked: Asked) -> Json:
    place: Json = {"chatid": asked.chat} if asked.is_group else {}
    chattype = "group" if asked.is_group else "single"
    return {"aibotid": bot.bot_id, **place, "chattype": chattype, "from": {"userid": asked.userid}}


async def deliver(world: World, bot: Bot, asked: Asked, command: str, body: Json) -> bool:
    """Hands a callback to the bot over its line or its address; whether it arrived."""
    if bot.mode == "callback":
        return await push_over_http(world, bot, asked, body)
    if bot.line is None:
        return False
    req_id = secrets.token_hex(16)
    bot.remember(req_id, asked)
    world.books.pushes["bot"] += 1
    return await bot.line.push({"cmd": command, "headers": {"req_id": req_id}, "body": body})


async def _enter_chat(world: World, bot: Bot | None, userid: str) -> Json:
    if bot is None:
        return undelivered("没有机器人")
    asked = Asked(userid, False, "enter_chat", world.clock.now(), userid)
    return await push_event(world, bot, asked, {"eventtype": "enter_chat"})


async def push_event(world: World, bot: Bot, asked: Asked, event: Json) -> Json:
    """Hands an event to the bot."""
    head: Json = {"msgid": secrets.token_hex(16), "create_time": int(world.clock.now())}
    body = head | _address(bot, asked) | {"msgtype": "event", "event": event}
    if await deliver(world, bot, asked, "aibot_event_callback", body):
        return delivered()
    return undelivered("机器人没有连接，事件没有送到")


async def click(world: World, chat: str, is_group: bool, body: Json) -> Json:
    """A press on a card's button. A phone that has not redrawn a changed card yet can still send its old key."""
    userid, task_id, key = (text_of(body, name) for name in ("userid", "task_id", "key"))
    for bot in world.bots.by_id.values():
        row = bot.cards.get((chat, task_id))
        if row is not None and row.card is not None:
            break
    else:
        return undelivered("这里没有这张卡片")
    if key not in row.card.keys:
        return undelivered("卡片上没有这个按钮", row)
    world.chats.ensure_worker(userid)
    bot.spoken.add(chat)
    asked = Asked(chat, is_group, "template_card_event", world.clock.now(), userid, task_id)
    event: Json = {"card_type": row.card.card_type, "event_key": key, "task_id": task_id}
    if body.get("selected_items") is not None:
        event["selected_items"] = body["selected_items"]
    return await push_event(world, bot, asked, {"eventtype": "template_card_event", "template_card_event": event})
