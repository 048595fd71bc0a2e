"""In which order a target's messages go, and when it is due again. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar


class Queued(Protocol):
    """A queued message as far as order goes; `refusal` says why it waits for another try, empty when it was never refused."""

    @property
    def due_at(self) -> datetime: ...
    @property
    def refusal(self) -> str: ...


QueuedT = TypeVar("QueuedT", bound=Queued)


def list_due(queue: Sequence[QueuedT], now: datetime) -> list[QueuedT]:
    """What may go now, of a queue in `seq` order.

    A message that waits for another try holds back those behind it; one that is meant for later does not.
    """
    due: list[QueuedT] = []
    for message in queue:
        if message.due_at <= now:
            due.append(message)
        elif message.refusal:
            break
    return due


def find_next_due(queue: Iterable[Queued]) -> datetime | None:
    """When the first message of the queue may go, None for an empty queue."""
    floor: datetime | None = None
    earliest: datetime | None = None
    for message in queue:
        due = max(message.due_at, floor) if floor else message.due_at
        earliest = min(earliest, due) if earliest else due
        if message.refusal:
            floor = due
    return earliest
