"""Everything the pretend platforms hold, in one place that each part is handed."""

import asyncio
import itertools
from collections.abc import Coroutine
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

from sandbox.account import Account, TokenStore
from sandbox.books import Books
from sandbox.bots import Bots, Line
from sandbox.chats import Chats
from sandbox.clock import SandboxClock
from sandbox.faults import Faults
from sandbox.feed import Feed
from sandbox.limits import SlidingWindow
from sandbox.media import MediaStore
from sandbox.menu import MenuShelf
from sandbox.oauth import Grants
from sandbox.qrcodes import QrCodes
from sandbox.residents import Residents
from sandbox.sendings import Sendings
from sandbox.tags import TagShelf
from sandbox.voices import Voices


@dataclass
class World:
    """The state of the sandbox. Times are the clock's; only the push timeout, retry gap and stream poll are real ones."""

    clock: SandboxClock = field(default_factory=SandboxClock)
    push_timeout_seconds: float = 5.0
    retry_gap_seconds: float = 5.0
    stream_poll_seconds: float = 1.0
    base_url: str = ""
    account: Account = field(default_factory=Account)
    books: Books = field(default_factory=Books)
    faults: Faults = field(default_factory=Faults)
    feed: Feed = field(default_factory=Feed)
    bots: Bots = field(default_factory=Bots)
    voices: Voices = field(default_factory=Voices)
    menu: MenuShelf = field(default_factory=MenuShelf)
    tags: TagShelf = field(default_factory=TagShelf)
    grants: Grants = field(default_factory=Grants)
    tokens: TokenStore = field(init=False)
    media: MediaStore = field(init=False)
    residents: Residents = field(init=False)
    chats: Chats = field(init=False)
    qrcodes: QrCodes = field(init=False)
    sendings: Sendings = field(init=False)
    webhook_windows: dict[str, SlidingWindow] = field(default_factory=dict)
    links: dict[str, tuple[str, str, str, float]] = field(default_factory=dict)
    """Files in bot callbacks: token → sha256, EncodingAESKey, file name, end of life."""
    lines: set[Line] = field(default_factory=set)
    http: aiohttp.ClientSession | None = None
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.tokens = TokenStore(self.clock)
        self.media = MediaStore(self.clock)
        self.residents = Residents(self.clock, self.feed)
        self.chats = Chats(self.clock, self.feed)
        self.qrcodes = QrCodes(self.clock)
        self.sendings = Sendings(self.clock)
        self._numbers = itertools.count(int(self.clock.now() * 1000) * 1_000_000)

    def next_number(self) -> int:
        """A 64-bit number that grows: message ids."""
        return next(self._numbers)

    def background(self, work: Coroutine[object, object, None]) -> None:
        """Runs `work` beside the answer; `settle` waits for it."""
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def settle(self) -> None:
        """Waits until all background work is done."""
        while self.tasks:
            await asyncio.gather(*self.tasks, return_exceptions=True)


WORLD: web.AppKey[World] = web.AppKey("world", World)
