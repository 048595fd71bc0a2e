"""One WebSocket to the AI bot's gateway, from its opening to its end: subscribe, ping, match acks. It never comes back by itself."""

import asyncio
import itertools
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass

import aiohttp

from bot.ports import BadAnswer, Refused, Unreachable, WireFailure
from bot.refusals import Wire
from bot.workgroup.frames import PING, SUBSCRIBE, Body, Frame, is_kick, parse_frame, render_frame
from bot.workgroup.pace import Pace, within
from bot.workgroup.refused import make_refusal

log = logging.getLogger(__name__)

MAX_FRAME_BYTES = 4 << 20
# A dead peer never says goodbye, and the next holder is waiting.
_PATIENCE = aiohttp.ClientWSTimeout(ws_close=2.0)


class Kicked(WireFailure):
    """A newer connection of the same bot took over; the socket may stay open, but nothing will come through it any more."""


@dataclass(frozen=True, slots=True)
class LinkTimes:
    """Seconds: how long to wait for an ack and for the socket to open, and how often to ping (the platform asks for 30)."""

    ack: float = 10.0
    open: float = 10.0
    ping: float = 30.0


def _refuse(frame: Frame) -> Refused:
    # An ack without an errcode is no success; -1 is the platform's own word for "busy, again later".
    return make_refusal(-1 if frame.errcode is None else frame.errcode, frame.errmsg, Wire.AIBOT)


class AibotLink:
    """One connection. `on_frame` hears every callback, must not wait and must not raise; `secret` is never shown."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        ws_url: str,
        on_frame: Callable[[Frame], None],
        pace: Pace,
        times: LinkTimes,
    ) -> None:
        self._session, self._ws_url, self._on_frame = session, ws_url, on_frame
        self._pace, self._times = pace, times
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._waiting: dict[str, asyncio.Future[Frame]] = {}
        self._spent: set[str] = set()
        # Random, so that a late ack of an earlier connection never fits a request of this one.
        self._ids = (f"{secrets.token_hex(6)}-{number}" for number in itertools.count(1))

    async def run(self, bot_id: str, secret: str, on_ready: Callable[[], None]) -> None:
        """Open, subscribe, call `on_ready`, live until the end.

        Always raises: `Kicked`, `Refused` (the subscription or a ping), `Unreachable`, `BadAnswer`.
        """
        self._socket = await within(self._pace, self._times.open, self._open(), "opening the AI bot's connection")
        reader = asyncio.create_task(self._read(self._socket))
        keeper = asyncio.create_task(self._keep(bot_id, secret, on_ready))
        try:
            await asyncio.wait({reader, keeper}, return_when=asyncio.FIRST_COMPLETED)
            (reader if reader.done() else keeper).result()
        finally:
            await self._end(reader, keeper)

    async def request(self, cmd: str, body: Body, req_id: str | None = None) -> Body:
        """Send and wait for the ack; its body. `req_id` is the callback's when answering one. Raises `Refused`, `Unreachable`."""
        number = req_id or next(self._ids)
        while (earlier := self._waiting.get(number)) is not None:
            await asyncio.wait({earlier})
        if number in self._spent:
            # The ack that never came may still come, and would be taken for this one's.
            raise Unreachable("this callback's earlier answer was never acknowledged")
        frame = await self._exchange(cmd, number, body)
        if frame.errcode != 0:
            raise _refuse(frame)
        return frame.body

    async def _exchange(self, cmd: str, req_id: str, body: Body) -> Frame:
        answer: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._waiting[req_id] = answer
        try:
            return await within(self._pace, self._times.ack, self._send_and_wait(cmd, req_id, body, answer), cmd)
        except Unreachable:
            self._spent.add(req_id)
            raise
        finally:
            # Whoever waits for this number's turn goes on; a cancelled future wakes him as well as an answered one.
            answer.cancel()
            self._waiting.pop(req_id, None)

    async def _send_and_wait(self, cmd: str, req_id: str, body: Body, answer: asyncio.Future[Frame]) -> Frame:
        if self._socket is None or self._socket.closed:
            raise Unreachable("the AI bot's connection is closed")
        try:
            await self._socket.send_str(render_frame(cmd, req_id, body))
        except (ConnectionError, RuntimeError, aiohttp.ClientError) as error:
            raise Unreachable(f"sending failed: {type(error).__name__}") from None
        return await answer

    async def _open(self) -> aiohttp.ClientWebSocketResponse:
        try:
            return await self._session.ws_connect(self._ws_url, timeout=_PATIENCE, max_msg_size=MAX_FRAME_BYTES)
        except aiohttp.WSServerHandshakeError as error:
            raise BadAnswer(f"the gateway answered HTTP {error.status}") from None
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unreachable(f"no connection: {type(error).__name__}") from None

    async def _keep(self, bot_id: str, secret: str, on_ready: Callable[[], None]) -> None:
        await self.request(SUBSCRIBE, {"bot_id": bot_id, "secret": secret})
        on_ready()
        while True:
            await self._pace.sleep(self._times.ping)
            # One missed pong is enough: a half-dead connection hears nobody, a new one costs a second.
            await self.request(PING, {})

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            if message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                self._take(message.data)
        raise Unreachable(f"the gateway closed the connection ({socket.close_code})")

    def _take(self, raw: str | bytes) -> None:
        try:
            frame = parse_frame(raw)
        except BadAnswer as fault:
            log.warning("aibot frame skipped: %s", fault)
            return
        if is_kick(frame):
            raise Kicked("a newer connection of this bot took over")
        if frame.is_callback:
            self._hand_on(frame)
            return
        answer = self._waiting.get(frame.req_id)
        if answer is None:
            log.info("aibot ack for nobody")
        elif not answer.done():
            answer.set_result(frame)

    def _hand_on(self, frame: Frame) -> None:
        try:
            self._on_frame(frame)
        except Exception as error:
            # One frame that our own code cannot take must not cost the connection, or it would come back and end the next one.
            log.error("aibot frame not taken: %s", type(error).__name__)

    async def _end(self, *tasks: asyncio.Task[None]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(Unreachable("the AI bot's connection ended"))
        if self._socket is not None:
            await self._socket.close()
