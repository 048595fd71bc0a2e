"""The AI bot's HTTPS callback mode: sealed JSON, answers in the response, one `response_url`.

Source: developer.work.weixin.qq.com/document/path/100719
"""

import asyncio
import json
import secrets

from sandbox.bot_commands import ANSWER_TYPES, WELCOME_TYPES, replace_card, respond_stream
from sandbox.bot_content import read_message, show
from sandbox.bots import STREAM_SECONDS, Asked, Bot
from sandbox.clock import HOUR_SECONDS
from sandbox.crypto import Unreadable, same
from sandbox.errors import Refused
from sandbox.fields import Json, object_of, parse_object, text_of
from sandbox.gate import Answer, Api, ApiCall, ok
from sandbox.oa_push import TRIES, Try, request, with_query
from sandbox.world import World

RESPONSE_PATH = "/wecom/cgi-bin/aibot/response"
VERIFY_SECONDS = 1.0
PATH = "/aibot-callback"


async def push_over_http(world: World, bot: Bot, asked: Asked, body: Json) -> bool:
    """Posts a callback, three times at most, and carries out what the service answers; whether it answered."""
    if not bot.callback_url:
        return False
    code = secrets.token_urlsafe(24)
    bot.remember(code, asked)
    body = body | {"response_url": f"{world.base_url}{RESPONSE_PATH}?response_code={code}"}
    answered = await _post(world, bot, body)
    if answered is None:
        return False
    _take_answer(world, bot, asked, answered)
    if any(not row.finished for row in asked.streams.values()):
        world.background(_poll_streams(world, bot, asked, body))
    return True


async def _post(world: World, bot: Bot, body: Json) -> Json | None:
    """The decrypted answer, an empty object for an empty one; None after three failures or an unreadable answer."""
    tried = None
    for _ in range(TRIES):
        if tried is not None and not tried.timed_out:
            await asyncio.sleep(world.retry_gap_seconds)
        world.books.pushes["bot"] += 1
        tried = await _post_once(world, bot, body)
        if tried.status == 200:
            return _open_answer(world, bot, tried.body)
    world.books.platform_gave_up += 1
    return None


async def _post_once(world: World, bot: Bot, body: Json) -> Try:
    ciphertext = bot.crypto().encrypt(json.dumps(body, ensure_ascii=False).encode())
    url = with_query(bot.callback_url, _signed(world, bot, ciphertext))
    sealed = json.dumps({"encrypt": ciphertext}).encode()
    return await request(world, "POST", url, sealed, "application/json", world.push_timeout_seconds)


def _signed(world: World, bot: Bot, ciphertext: str) -> dict[str, str]:
    timestamp, nonce = str(int(world.clock.now())), str(secrets.randbelow(10**10))
    signature = bot.crypto().signature(timestamp, nonce, ciphertext)
    return {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce}


def _open_answer(world: World, bot: Bot, raw: bytes) -> Json | None:
    if not raw.strip():
        return {}
    try:
        sealed = parse_object(raw)
        ciphertext, timestamp, nonce = (text_of(sealed, key) for key in ("encrypt", "timestamp", "nonce"))
        crypto = bot.crypto()
        if not same(text_of(sealed, "msgsignature"), crypto.signature(timestamp, nonce, ciphertext)):
            raise Unreadable("msgsignature wrong")
        return parse_object(crypto.decrypt(ciphertext))
    except (Refused, Unreadable):
        world.books.malformed_replies += 1
        return None


def _take_answer(world: World, bot: Bot, asked: Asked, answer: Json) -> None:
    """Shows what the answer holds; what the platform would refuse is only noted in the books."""
    if not answer:
        return
    try:
        _carry_out(world, bot, asked, answer)
    except Refused as refused:
        world.books.refuse(PATH, refused.errcode)


def _carry_out(world: World, bot: Bot, asked: Asked, answer: Json) -> None:
    msgtype = text_of(answer, "msgtype")
    if asked.kind == "template_card_event":
        replace_card(world, bot, asked, answer)
    elif asked.kind == "enter_chat":
        show(world, bot, asked.chat, asked.is_group, read_message(world, bot, answer, WELCOME_TYPES), answer)
    elif msgtype in ("stream", "stream_with_template_card"):
        if msgtype == "stream_with_template_card" and not asked.has_card and "template_card" in answer:
            card = read_message(world, bot, answer | {"msgtype": "template_card"}, ("template_card",))
            show(world, bot, asked.chat, asked.is_group, card, answer)
            asked.has_card = True
        respond_stream(world, bot, asked, object_of(answer, "stream"), answer)
    else:
        show(world, bot, asked.chat, asked.is_group, read_message(world, bot, answer, ("template_card",)), answer)


async def _poll_streams(world: World, bot: Bot, asked: Asked, body: Json) -> None:
    """Asks for the next part until the stream has finished or six minutes are over."""
    while open_ids := [stream_id for stream_id, row in asked.streams.items() if not row.finished]:
        await asyncio.sleep(world.stream_poll_seconds)
        if world.clock.now() - asked.at > STREAM_SECONDS:
            return
        kept: Json = {key: body[key] for key in ("aibotid", "chatid", "chattype", "from") if key in body}
        poll: Json = {"msgid": secrets.token_hex(16), **kept, "msgtype": "stream", "stream": {"id": open_ids[0]}}
        answer = await _post(world, bot, poll)
        if answer is None:
            return
        _take_answer(world, bot, asked, answer)


async def verify_bot_callback(world: World, bot: Bot) -> Json:
    """The platform's GET: the echo is encrypted and must come back decrypted within a second."""
    echo = secrets.token_hex(12)
    ciphertext = bot.crypto().encrypt(echo.encode())
    url = with_query(bot.callback_url, _signed(world, bot, ciphertext) | {"echostr": ciphertext})
    answer = await request(world, "GET", url, None, "text/plain", VERIFY_SECONDS)
    return {"ok": answer.status == 200 and answer.body == echo.encode(), "status": answer.status, "ms": answer.ms}


async def _respond(call: ApiCall) -> Answer:
    """`response_url`: plain JSON, once, within an hour; a card only in single chats."""
    world, code = call.world, call.query.get("response_code", "")
    for bot in world.bots.by_id.values():
        asked = bot.asked.get(code)
        if asked is not None and world.clock.now() - asked.at <= HOUR_SECONDS:
            break
    else:
        raise Refused(40029)
    types = ("markdown",) if asked.is_group else ("markdown", "template_card")
    message = read_message(world, bot, call.json, tuple(kind for kind in types if kind in ANSWER_TYPES))
    show(world, bot, asked.chat, asked.is_group, message, call.json)
    del bot.asked[code]
    return ok()


APIS = (Api(RESPONSE_PATH, _respond, needs_token=False),)
