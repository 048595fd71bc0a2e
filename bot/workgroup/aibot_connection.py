"""The AI bot's connection over time: opened again after every end, with growing waits, and only when it may be."""

import logging
from collections.abc import Awaitable, Callable
from enum import StrEnum

import aiohttp

from bot.ports import BadAnswer, Refused, Unreachable
from bot.workgroup.aibot_link import AibotLink, Kicked, LinkTimes
from bot.workgroup.frames import Body, Frame
from bot.workgroup.pace import Backoff, Pace, RealPace

log = logging.getLogger(__name__)

# A connection that lived this long was a success; a shorter one that breaks counts as one more failure.
STABLE_SECONDS = 60.0
# Whoever kicks us is told apart from a network fault: coming back at once would only start a fight of two connections.
KICKED_SECONDS = 30.0
KICKED_CAP_SECONDS = 600.0
# `aibot_subscribe` is frequency protected, and a wrong secret does not get right by asking again quickly.
REFUSED_SECONDS = 60.0


class LineState(StrEnum):
    """How the line to the gateway stands."""

    DOWN = "down"
    CONNECTING = "connecting"
    ONLINE = "online"
    KICKED = "kicked"
    REFUSED = "refused"


class AibotConnection:
    """The bot's line. One task lives in `run`; anybody may `request`, and gets `Unreachable` at once while it is down."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        ws_url: str,
        bot_id: str,
        secret: str,
        on_frame: Callable[[Frame], None],
        *,
        pace: Pace | None = None,
        times: LinkTimes | None = None,
        backoff: Backoff | None = None,
        on_state: Callable[[LineState], None] | None = None,
    ) -> None:
        self._session, self._ws_url, self._bot_id, self._secret = session, ws_url, bot_id, secret
        self._on_frame, self._on_state = on_frame, on_state
        self._pace, self._times = pace or RealPace(), times or LinkTimes()
        self._backoff = backoff or Backoff()
        self._kicks = Backoff(2 * KICKED_SECONDS, KICKED_CAP_SECONDS, self._backoff.draw)
        self._link: AibotLink | None = None
        self._state = LineState.DOWN
        self._online_at: float | None = None

    def __repr__(self) -> str:
        return f"AibotConnection({self._state})"

    @property
    def state(self) -> LineState:
        """How the line stands."""
        return self._state

    @property
    def failures(self) -> int:
        """How many times in a row the line could not be had, or broke before it was stable."""
        return self._backoff.failures

    async def request(self, cmd: str, body: Body, req_id: str | None = None) -> Body:
        """The ack's body of one command. Raises `Refused` (its errcode) or `Unreachable` (no line, no ack: unknown whether it arrived)."""
        if self._link is None or self._state is not LineState.ONLINE:
            raise Unreachable("the AI bot is not connected")
        return await self._link.request(cmd, body, req_id)

    async def run(self, may_connect: Callable[[], Awaitable[bool]]) -> None:
        """Keep the line up until `may_connect` says no, which is asked before every opening; after a kick only once the wait is over."""
        try:
            while await may_connect():
                await self._pace.sleep(await self._live_once())
        finally:
            self._turn(LineState.DOWN)

    async def _live_once(self) -> float:
        """One connection from opening to end; how many seconds to wait before the next."""
        self._turn(LineState.CONNECTING)
        self._online_at = None
        self._link = AibotLink(self._session, self._ws_url, self._on_frame, self._pace, self._times)
        try:
            await self._link.run(self._bot_id, self._secret, self._on_ready)
        except Kicked:
            return self._after_kick()
        except Refused as fault:
            return self._after_refusal(fault)
        except (Unreachable, BadAnswer) as fault:
            return self._after_break(fault)
        finally:
            self._link = None
        raise AssertionError("a link ends by raising")

    def _on_ready(self) -> None:
        self._online_at = self._pace.monotonic()
        self._turn(LineState.ONLINE)

    def _after_kick(self) -> float:
        self._forgive_if_stable()
        self._turn(LineState.KICKED)
        seconds = self._kicks.next_seconds()
        log.error("aibot kicked by another connection of this bot; waiting %.0f s, then asking the lease", seconds)
        return seconds

    def _after_refusal(self, fault: Refused) -> float:
        # A refused ping ends a line as well, but that line was online.
        if self._online_at is not None:
            return self._after_break(fault)
        self._turn(LineState.REFUSED)
        seconds = max(REFUSED_SECONDS, self._backoff.next_seconds())
        log.error("aibot subscription refused with %d; next try in %.0f s", fault.errcode, seconds)
        return seconds

    def _after_break(self, fault: Exception) -> float:
        self._forgive_if_stable()
        self._turn(LineState.DOWN)
        seconds = self._backoff.next_seconds()
        log.warning("aibot connection ended (%s); next try in %.1f s", fault, seconds)
        return seconds

    def _forgive_if_stable(self) -> None:
        if self._online_at is not None and self._pace.monotonic() - self._online_at >= STABLE_SECONDS:
            self._backoff.reset()
            self._kicks.reset()

    def _turn(self, state: LineState) -> None:
        if state is not self._state:
            self._state = state
            if self._on_state is not None:
                self._on_state(state)
