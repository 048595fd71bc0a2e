"""`/aibot`: the gateway of the AI bot's long connection.

Source: developer.work.weixin.qq.com/document/path/101463
"""

import asyncio
import json
import secrets
from collections.abc import Callable

from aiohttp import WSMsgType, web

from sandbox import bot_commands, bot_uploads
from sandbox.bots import Bot
from sandbox.errors import Refused
from sandbox.faults import Fault
from sandbox.fields import Json, object_of, parse_object, text_of
from sandbox.world import WORLD, World

PATH = "/aibot"
MAX_FRAME_BYTES = 4 << 20

Command = Callable[[World, Bot, str, Json], Json]

COMMANDS: dict[str, Command] = {
    "aibot_respond_msg": bot_commands.respond,
    "aibot_respond_welcome_msg": bot_commands.welcome,
    "aibot_respond_update_msg": bot_commands.change_card,
    "aibot_send_msg": lambda world, bot, req_id, body: bot_commands.send(world, bot, body),
    "aibot_upload_media_init": lambda world, bot, req_id, body: bot_uploads.begin(world, bot, body),
    "aibot_upload_media_chunk": lambda world, bot, req_id, body: bot_uploads.add_chunk(world, bot, body),
    "aibot_upload_media_finish": lambda world, bot, req_id, body: bot_uploads.finish(world, bot, body),
}


class BotLine:
    """One WebSocket of a bot; it becomes the bot's line once it has subscribed."""

    def __init__(self, world: World, socket: web.WebSocketResponse) -> None:
        self._world = world
        self._socket = socket
        self._bot: Bot | None = None

    async def push(self, frame: Json) -> bool:
        """Sends a frame to the service; False when the line is dead."""
        if self._socket.closed:
            return False
        try:
            await self._socket.send_str(json.dumps(frame, ensure_ascii=False))
        except (ConnectionError, RuntimeError):
            return False
        return True

    async def kick(self) -> None:
        """Tells the service that a newer connection took over, and hangs up."""
        if self._bot is not None:
            await self.push(event_frame(self._world, self._bot, {"eventtype": "disconnected_event"}))
        self._bot = None
        await self._socket.close(code=1000, message=b"replaced by a newer connection")

    async def drop(self) -> None:
        """Cuts the line without a word, as a network does."""
        await self._socket.close(code=1011)

    async def serve(self) -> None:
        """Answers frames until the line ends."""
        self._world.lines.add(self)
        try:
            async for message in self._socket:
                if message.type is WSMsgType.TEXT:
                    await self._take(message.data)
        finally:
            self._world.lines.discard(self)
            if self._bot is not None and self._bot.line is self:
                self._bot.line = None

    async def _take(self, text: str) -> None:
        try:
            frame = parse_object(text.encode("utf-8", "replace"))
        except Refused as refused:
            await self._ack("", refused)
            return
        command, req_id = text_of(frame, "cmd"), text_of(object_of(frame, "headers"), "req_id")
        path = f"{PATH}/{command}"
        self._world.books.call(path)
        fault = self._world.faults.take(path, lambda fault: fault.status is None)
        if fault is None or not await self._fail(path, req_id, frame, fault):
            await self._run(path, command, req_id, frame)

    async def _fail(self, path: str, req_id: str, frame: Json, fault: Fault) -> bool:
        """Carries a fault out; False when it was only a delay."""
        if fault.latency_seconds:
            await asyncio.sleep(fault.latency_seconds)
        if fault.perform:
            await self._run(path, text_of(frame, "cmd"), req_id, frame, is_silent=True)
        if fault.disconnect:
            await self.drop()
            return True
        if fault.errcode is not None:
            self._world.books.refuse(path, fault.errcode)
            await self._ack(req_id, Refused(fault.errcode))
            return True
        return fault.perform

    async def _run(self, path: str, command: str, req_id: str, frame: Json, is_silent: bool = False) -> None:
        try:
            answer = await self._carry_out(command, req_id, object_of(frame, "body"))
        except Refused as refused:
            self._world.books.refuse(path, refused.errcode)
            answer = refused
        if not is_silent:
            await self._ack(req_id, answer)

    async def _carry_out(self, command: str, req_id: str, body: Json) -> Json | Refused:
        if command == "aibot_subscribe":
            return await self._subscribe(body)
        if self._bot is None:
            raise Refused(846609)
        if command == "ping":
            return {}
        if command not in COMMANDS:
            raise Refused(40058, "unknown cmd")
        if not req_id:
            raise Refused(846605)
        return COMMANDS[command](self._world, self._bot, req_id, body)

    async def _subscribe(self, body: Json) -> Json:
        bot = self._world.bots.check(text_of(body, "bot_id"), text_of(body, "secret"))
        if bot.mode == "callback":
            raise Refused(853000, "the bot is in callback mode")
        if not bot.subscribes.take(self._world.clock.now()):
            raise Refused(45009, "api freq out of limit")
        older, bot.line, self._bot = bot.line, self, bot
        if older is not None and older is not self:
            await older.kick()
        return {}

    async def _ack(self, req_id: str, answer: Json | Refused) -> None:
        frame: Json = {"headers": {"req_id": req_id}, "errcode": 0, "errmsg": "ok"}
        if isinstance(answer, Refused):
            frame |= {"errcode": answer.errcode, "errmsg": answer.errmsg}
        elif answer:
            frame["body"] = answer
        await self.push(frame)


def event_frame(world: World, bot: Bot, event: Json, **fields: object) -> Json:
    """An `aibot_event_callback` with a request id of its own."""
    body: Json = {
        "msgid": str(world.next_number()),
        "create_time": int(world.clock.now()),
        "aibotid": bot.bot_id,
        "msgtype": "event",
        "event": event,
        **fields,
    }
    return {"cmd": "aibot_event_callback", "headers": {"req_id": secrets.token_hex(16)}, "body": body}


async def open_line(request: web.Request) -> web.StreamResponse:
    """The HTTP upgrade; a fault with an HTTP status strikes here."""
    world = request.app[WORLD]
    world.books.call(PATH)
    fault = world.faults.take(PATH, lambda fault: fault.status is not None)
    if fault is not None:
        return web.Response(status=fault.status or 503)
    socket = web.WebSocketResponse(max_msg_size=MAX_FRAME_BYTES)
    await socket.prepare(request)
    await BotLine(world, socket).serve()
    return socket
