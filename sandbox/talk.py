"""A conversation as its people see it: rows in order, and a way to wait for the next one."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.clock import SandboxClock
from sandbox.fields import Json

OWN_VIAS = frozenset({"me", "say"})
"""What a person typed: `me` in the resident's chat, `say` by a worker. Everything else came from the platform."""


@dataclass(slots=True)
class Card:
    """A template card as it hangs in a chat. `updates` holds what it was changed to, oldest first."""

    task_id: str
    card_type: str
    buttons: list[Json]
    face: str
    keys: frozenset[str]
    bot_id: str = ""
    updates: list[Json] = field(default_factory=list)

    def as_json(self) -> Json:
        """As `GET …/messages` shows it."""
        return {
            "task_id": self.task_id,
            "card_type": self.card_type,
            "text": self.face,
            "buttons": self.buttons,
            "updates": self.updates,
        }


@dataclass(slots=True)
class Row:
    """One message in a conversation. `at` is the sandbox clock, epoch seconds; `raw` is what came over the wire."""

    seq: int
    at: float
    via: str
    userid: str
    msgtype: str
    text: str
    media: list[Json]
    card: Card | None
    raw: object
    finished: bool = True

    def as_json(self) -> Json:
        """The row as inbox and messages show it."""
        return {
            "seq": self.seq,
            "at": self.at,
            "via": self.via,
            "userid": self.userid,
            "msgtype": self.msgtype,
            "text": self.text,
            "card": self.card.as_json() if self.card else None,
            "media": self.media,
            "raw": self.raw,
            "finished": self.finished,
        }


class Talk:
    """The rows of one chat; keeps at least the last `keep` of them. `announce` is told of each new row."""

    __slots__ = ("_announce", "_clock", "_keep", "_rows", "_seq", "_waiters")

    def __init__(self, clock: SandboxClock, announce: Callable[[Row], None], keep: int = 2000) -> None:
        self._clock = clock
        self._announce = announce
        self._keep = keep
        self._rows: list[Row] = []
        self._seq = 0
        self._waiters: list[asyncio.Future[None]] = []

    def add(
        self,
        via: str,
        msgtype: str,
        text: str,
        *,
        userid: str = "",
        media: list[Json] | None = None,
        card: Card | None = None,
        raw: object = None,
        finished: bool = True,
    ) -> Row:
        """Appends a row, announces it and wakes who waits."""
        self._seq += 1
        row = Row(self._seq, self._clock.now(), via, userid, msgtype, text, media or [], card, raw, finished)
        self._rows.append(row)
        if len(self._rows) > 2 * self._keep:
            del self._rows[: self._keep]
        self.announce(row)
        return row

    def announce(self, row: Row) -> None:
        """Tells the page of a row that is new or has changed, and wakes who waits."""
        self._announce(row)
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    def find(self, seq: int) -> Row | None:
        """The row of that number, None when it never was or is no longer kept."""
        index = seq - self._rows[0].seq if self._rows else -1
        return self._rows[index] if 0 <= index < len(self._rows) else None

    def after(self, seq: int, received_only: bool = False) -> list[Row]:
        """The rows after `seq` in order; with `received_only` without what the person typed."""
        if not self._rows:
            return []
        rows = self._rows[max(0, seq + 1 - self._rows[0].seq) :]
        return [row for row in rows if row.via not in OWN_VIAS] if received_only else rows

    async def wait_after(self, seq: int, received_only: bool, seconds: float) -> list[Row]:
        """As `after`, but waits up to real `seconds` for the first row that matches."""
        try:
            async with asyncio.timeout(seconds):
                while not (rows := self.after(seq, received_only)):
                    waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                    self._waiters.append(waiter)
                    await waiter
        except TimeoutError:
            return []
        return rows
