"""What a handler returns: the answer for the person, and the plan that must be durable before he reads it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from grid.message import Card
from storage.plan import Plan


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer inside the same exchange. `card`: for a click, what the clicked card looks like from now on."""

    text: str
    card: Card | None = None


SILENCE = Reply("")
"""Nothing to say (an event that needs no answer)."""


@dataclass(slots=True)
class Said:
    """A handler's whole decision. `outcome` is the word that log and archive keep (`opened`, `joined`, `answered`, …)."""

    reply: Reply
    outcome: str
    plan: Plan = field(default_factory=Plan)
    case_id: int | None = None


def render_reply(reply: Reply) -> dict[str, Any]:
    """The reply as it is stored, so that a repeated push gets the same one."""
    return {"text": reply.text}


def parse_reply(stored: Mapping[str, Any] | None) -> Reply:
    """The stored reply; silence when there was none."""
    return Reply(str(stored.get("text", ""))) if stored else SILENCE
