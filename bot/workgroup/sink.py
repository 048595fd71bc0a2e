"""Where updates go, and what comes back: the seam between this wire and the dispatcher."""

from dataclasses import dataclass
from typing import Protocol

from grid.message import Card, Message
from handlers.update import Update


@dataclass(frozen=True, slots=True)
class Reply:
    """What to answer at once. `updated_card` is what the clicked card turns into (clicks only, within 5 s); pictures go by the outbox."""

    message: Message | None = None
    updated_card: Card | None = None


class UpdateSink(Protocol):
    """The dispatcher, as this wire sees it."""

    async def feed(self, update: Update) -> Reply | None:
        """Take one update; it is stored when this returns. None: nothing to say. A repeat gives the same reply again."""
        ...
