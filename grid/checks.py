"""What the house asks for before a matter counts as done: checks by a second person, approvals, call-backs, and their times."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

EVERY = "all"
ALWAYS, NEVER = 100, 0


class Poor(StrEnum):
    """What follows when somebody is not satisfied: the case is opened again at once, or somebody calls him back first."""

    REOPEN = "reopen"
    CALL_BACK = "callback"


@dataclass(frozen=True, slots=True)
class Checks:
    """`shares`: percent of a category's cases that are checked (`all`: of every other category); limits as in `grid.limits`.

    `extension_without_approval`: how far a handler may extend by himself (empty: never); `callback_within`: until when
    somebody must have called back; `arrive_normal` and `arrive_urgent`: until when a department that was called must have come.
    """

    shares: Mapping[str, int] = field(default_factory=dict)
    extension_without_approval: str = ""
    poor: Poor = Poor.CALL_BACK
    callback_within: str = "2wd"
    arrive_normal: str = "2wh"
    arrive_urgent: str = "30m"

    def needs_check(self, category: str, case_id: int) -> bool:
        """Whether this case is one of those that are checked; the same case always gets the same answer."""
        share = self.shares.get(category, self.shares.get(EVERY, NEVER))
        # Not the id itself: ids are drawn in blocks and would make the sample follow who handled what.
        drawn = int.from_bytes(hashlib.sha256(str(case_id).encode()).digest()[:4]) % 100
        return drawn < share

    def arrive_within(self, urgency: str) -> str:
        """The limit by which a called department reports in."""
        return self.arrive_normal if urgency == "normal" else self.arrive_urgent
