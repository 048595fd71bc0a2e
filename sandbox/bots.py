"""AI bots (智能机器人) as the platform knows them: credentials, connection, and what each may still say where."""

import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Protocol

from sandbox.clock import DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS
from sandbox.crypto import MessageCrypto
from sandbox.errors import Refused
from sandbox.fields import Json
from sandbox.limits import SlidingWindow
from sandbox.talk import Row

PER_MINUTE, PER_HOUR = 30, 1000
ANSWER_SECONDS = DAY_SECONDS
STREAM_SECONDS = 360.0
EVENT_ANSWER_SECONDS = 5.0
SUBSCRIBES_PER_MINUTE = 60
"""The platform only says that subscribing is frequency protected; the number is the sandbox's."""
KEPT_CALLBACKS = 20_000
DEFAULT_NAME = "网格助手"


class Line(Protocol):
    """A live connection of a bot."""

    async def push(self, frame: Json) -> bool:
        """Sends a frame; False when the line is dead."""

    async def kick(self) -> None:
        """Ends the line in favour of a newer one."""

    async def drop(self) -> None:
        """Cuts the line."""


@dataclass(slots=True)
class Asked:
    """A callback that may still be answered: `req_id` on the long connection, `response_url` over HTTPS."""

    chat: str
    is_group: bool
    kind: str
    at: float
    userid: str
    task_id: str = ""
    streams: dict[str, Row] = field(default_factory=dict)
    has_card: bool = False
    welcomed: bool = False


@dataclass(slots=True)
class Upload:
    """A file on its way in parts."""

    kind: str
    filename: str
    total_bytes: int
    total_chunks: int
    md5: str
    at: float
    chunks: dict[int, bytes] = field(default_factory=dict)


@dataclass(slots=True)
class Bot:
    """One bot. `is_put` is False for a bot that merely turned up; then its secret is not checked."""

    bot_id: str
    secret: str = ""
    name: str = DEFAULT_NAME
    mode: str = "ws"
    callback_url: str = ""
    token: str = ""
    encoding_aes_key: str = ""
    is_put: bool = False
    line: Line | None = None
    spoken: set[str] = field(default_factory=set)
    asked: OrderedDict[str, Asked] = field(default_factory=OrderedDict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    cards: dict[tuple[str, str], Row] = field(default_factory=dict)
    task_ids: set[str] = field(default_factory=set)
    windows: dict[str, tuple[SlidingWindow, SlidingWindow]] = field(default_factory=dict)
    upload_windows: tuple[SlidingWindow, SlidingWindow] = field(
        default_factory=lambda: (SlidingWindow(PER_MINUTE, MINUTE_SECONDS), SlidingWindow(PER_HOUR, HOUR_SECONDS))
    )

    subscribes: SlidingWindow = field(default_factory=lambda: SlidingWindow(SUBSCRIBES_PER_MINUTE, MINUTE_SECONDS))

    def crypto(self) -> MessageCrypto:
        """For the HTTPS callback; the receive id is empty. Raises ValueError.

        Source: developers.weixin.qq.com/doc/oplatform/developers/dev/push/encryption.md
        """
        return MessageCrypto(self.token, self.encoding_aes_key, "")

    def take_send(self, chat: str, now: float) -> None:
        """Counts one message into a conversation. Raises Refused 45009 beyond 30 a minute or 1000 an hour."""
        minute, hour = self.windows.setdefault(
            chat, (SlidingWindow(PER_MINUTE, MINUTE_SECONDS), SlidingWindow(PER_HOUR, HOUR_SECONDS))
        )
        take_both(minute, hour, now)

    def remember(self, req_id: str, asked: Asked) -> None:
        """Keeps a callback answerable; the oldest fall out."""
        self.asked[req_id] = asked
        if len(self.asked) > KEPT_CALLBACKS:
            self.asked.popitem(last=False)

    def as_json(self) -> Json:
        """As `GET /sandbox/bots` lists it, without secrets."""
        return {
            "bot_id": self.bot_id,
            "name": self.name,
            "mode": self.mode,
            "connected": self.line is not None,
            "callback_url": self.callback_url,
        }


def take_both(minute: SlidingWindow, hour: SlidingWindow, now: float) -> None:
    """Counts in both windows or in none. Raises Refused 45009."""
    if minute.is_full(now) or hour.is_full(now):
        raise Refused(45009, "api freq out of limit")
    minute.take(now)
    hour.take(now)


class Bots:
    """Bots by id. Until one is set up, any that connects is taken in."""

    def __init__(self) -> None:
        self.by_id: dict[str, Bot] = {}
        self.is_put = False

    def ensure(self, bot_id: str) -> Bot:
        """The bot, made on first use."""
        return self.by_id.setdefault(bot_id, Bot(bot_id))

    def check(self, bot_id: str, secret: str) -> Bot:
        """The bot that may subscribe with these. Raises Refused 853000."""
        bot = self.by_id.get(bot_id)
        if not bot_id or not secret or (self.is_put and (bot is None or not bot.is_put)):
            raise Refused(853000)
        if bot is not None and bot.is_put and not secrets.compare_digest(bot.secret.encode(), secret.encode()):
            raise Refused(853000)
        return bot or self.ensure(bot_id)

    def serving(self, listed: list[str] | None) -> list[Bot]:
        """The bots of a group: those listed, else every bot that is known."""
        if listed is None:
            return list(self.by_id.values())
        return [self.ensure(bot_id) for bot_id in listed]
