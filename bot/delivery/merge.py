"""Several messages for one resident become one, since the platform counts messages and not words. Pure."""

import math
from collections.abc import Sequence

from bot.official_account.texts import MAX_TEXT_BYTES
from grid.message import Message

_GAP = "\n\n"


def count_together(messages: Sequence[Message]) -> int:
    """How many from the front fit into one text; at least one."""
    size = 0
    for number, message in enumerate(messages):
        size += len(message.text.encode()) + (len(_GAP) if number else 0)
        if number and size > MAX_TEXT_BYTES:
            return number
    return len(messages)


def merge(messages: Sequence[Message]) -> Message:
    """All of them as one text with blank lines between; what may be tapped is that of the last one that asks.

    Templates are left out: they belong to each message alone.
    """
    asking = [message.choices for message in messages if message.choices]
    pictures = dict.fromkeys(picture for message in messages for picture in message.pictures)
    return Message(
        kind=messages[-1].kind,
        text=_GAP.join(message.text for message in messages),
        choices=asking[-1] if asking else (),
        pictures=tuple(pictures),
        urgent=any(message.urgent for message in messages),
        reserve=any(message.reserve for message in messages),
    )


def count_parts(text: str) -> int:
    """How many messages a text takes, as the platform counts."""
    return max(1, math.ceil(len(text.encode()) / MAX_TEXT_BYTES))
