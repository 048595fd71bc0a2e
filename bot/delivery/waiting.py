"""A message that waits in the outbox, as delivery carries it about."""

from dataclasses import dataclass
from datetime import datetime

from bot.delivery.notices import NoticeRef
from grid.message import Message


@dataclass(frozen=True, slots=True)
class Waiting:
    """One queued row. `refusal` says why it waits for another try; `message` is None when its body cannot be read;
    `notice` is its place in a notice's book, if it is a notice's message.
    """

    id: int
    target: str
    kind: str
    case_id: int | None
    message: Message | None
    created_at: datetime
    due_at: datetime
    tries: int
    refusal: str
    notice: NoticeRef | None = None

    @property
    def key(self) -> str:
        """What makes a repeat of this message harmless where the platform can tell."""
        return f"outbox:{self.id}"


def prefix_of(target: str) -> str:
    """`oa:`, `group:` or `worker:`."""
    return target.partition(":")[0] + ":"


def name_of(target: str) -> str:
    """What stands behind the prefix: an openid, a group's id, a userid."""
    return target.partition(":")[2]
