"""The stage clocks of a case: one for each thing that must happen to it, kept as JSON in `Case.clocks`.

`{stage: {"from", "due", "limit", "state", "step", "next", "provisional"}}`, moments as ISO text in UTC. What a clock may also have:
`paused` (since when), `held` (how long it stood still, seconds), `more` (extensions), `returns` (退回 so far), `moved` (why it is later).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from grid.workflow import Status


class Stage(StrEnum):
    """What a clock is about."""

    TRIAGE = "triage"
    ACCEPT = "accept"
    ANSWER = "answer"
    RESOLVE = "resolve"
    CHECK = "check"
    REPLY = "reply"
    SUSPEND = "suspend"
    RATE = "rate"

    @property
    def label(self) -> str:
        """The word that people read."""
        return _LABELS[self]


_LABELS = {
    Stage.TRIAGE: "研判",
    Stage.ACCEPT: "接单",
    Stage.ANSWER: "程序性答复",
    Stage.RESOLVE: "办结",
    Stage.CHECK: "核查",
    Stage.REPLY: "实质性答复",
    Stage.SUSPEND: "挂账",
    Stage.RATE: "评价",
}

LADDER_STAGES = frozenset({Stage.ACCEPT, Stage.ANSWER, Stage.RESOLVE, Stage.CHECK, Stage.REPLY})
"""The stages that are supervised by the four colours; the others have one step of their own."""


class ClockState(StrEnum):
    """Paused: what it waits for is not in the hands of those who are measured. Stopped: the stage is over."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class StageClock:
    """One clock. `step`: the colour issued last (or `told`); `next_at`: when somebody must look at it, None for never."""

    since: datetime
    due: datetime
    limit: str
    state: ClockState = ClockState.RUNNING
    step: str = ""
    next_at: datetime | None = None
    provisional: bool = False
    paused_at: datetime | None = None
    held_seconds: int = 0
    more: tuple[str, ...] = ()
    returns: int = 0
    moved: str = ""

    @property
    def is_running(self) -> bool:
        """Whether its time is passing."""
        return self.state is ClockState.RUNNING

    def look_at(self, next_at: datetime | None) -> "StageClock":
        """The same, to be looked at then."""
        # Written out: each new case makes four, and `replace` takes three times as long.
        return StageClock(
            self.since,
            self.due,
            self.limit,
            self.state,
            self.step,
            next_at,
            self.provisional,
            self.paused_at,
            self.held_seconds,
            self.more,
            self.returns,
            self.moved,
        )

    def stop(self, now: datetime) -> "StageClock":
        """The stage is over. What was issued on it is looked at once more, to be written off."""
        if self.state is ClockState.STOPPED:
            return self
        # An extension begins the colours anew; a sheet from before it may still lie there.
        next_at = now if self.step in _ISSUED or self.more else None
        return replace(self, state=ClockState.STOPPED, next_at=next_at, paused_at=None)


_ISSUED = frozenset({"blue", "yellow", "orange", "red"})


@dataclass(frozen=True, slots=True)
class StageClocks:
    """All clocks of a case."""

    clocks: Mapping[Stage, StageClock] = field(default_factory=dict)

    @classmethod
    def parse(cls, kept: Mapping[str, Any]) -> "StageClocks":
        """Read `Case.clocks`; an empty dict (a case from before there were clocks) gives none."""
        return cls({Stage(name): _parse(values) for name, values in kept.items()})

    def render(self) -> dict[str, Any]:
        """What `Case.clocks` keeps."""
        return {stage.value: _render(clock) for stage, clock in self.clocks.items()}

    @property
    def next_at(self) -> datetime | None:
        """The earliest moment at which any clock wants something; `Case.next_step_at`."""
        return min((clock.next_at for clock in self.clocks.values() if clock.next_at is not None), default=None)

    def find(self, stage: Stage) -> StageClock | None:
        """The clock of a stage."""
        return self.clocks.get(stage)

    def find_running(self, stage: Stage) -> StageClock | None:
        """The clock of a stage, while it runs."""
        clock = self.clocks.get(stage)
        return clock if clock is not None and clock.is_running else None

    def list_running(self) -> list[tuple[Stage, StageClock]]:
        """The clocks whose time is passing, the earliest due first."""
        running = [(stage, clock) for stage, clock in self.clocks.items() if clock.is_running]
        return sorted(running, key=lambda item: item[1].due)

    def with_clock(self, stage: Stage, clock: StageClock) -> "StageClocks":
        """The same with one clock changed."""
        return StageClocks({**self.clocks, stage: clock})


def _parse(kept: Mapping[str, Any]) -> StageClock:
    return StageClock(
        since=datetime.fromisoformat(kept["from"]),
        due=datetime.fromisoformat(kept["due"]),
        limit=kept["limit"],
        state=ClockState(kept["state"]),
        step=kept["step"],
        next_at=datetime.fromisoformat(kept["next"]) if kept["next"] else None,
        provisional=kept["provisional"],
        paused_at=datetime.fromisoformat(kept["paused"]) if kept.get("paused") else None,
        held_seconds=kept.get("held", 0),
        more=tuple(kept.get("more", ())),
        returns=kept.get("returns", 0),
        moved=kept.get("moved", ""),
    )


def _render(clock: StageClock) -> dict[str, Any]:
    kept: dict[str, Any] = {
        "from": clock.since.isoformat(),
        "due": clock.due.isoformat(),
        "limit": clock.limit,
        "state": clock.state.value,
        "step": clock.step,
        "next": clock.next_at.isoformat() if clock.next_at else None,
        "provisional": clock.provisional,
    }
    if clock.paused_at is not None:
        kept["paused"] = clock.paused_at.isoformat()
    if clock.held_seconds:
        kept["held"] = clock.held_seconds
    if clock.more:
        kept["more"] = list(clock.more)
    if clock.returns:
        kept["returns"] = clock.returns
    if clock.moved:
        kept["moved"] = clock.moved
    return kept


def _stages(words: str) -> frozenset[Stage]:
    return frozenset(Stage(word) for word in words.split())


_NONE = _stages("")
RUNNING: Mapping[Status, frozenset[Stage]] = {
    Status.TRIAGE: _stages("triage answer resolve reply"),
    Status.DISPATCHED: _stages("accept answer resolve reply"),
    Status.ACCEPTED: _stages("resolve reply"),
    Status.HANDLING: _stages("resolve reply"),
    Status.SUSPENDED: _stages("suspend"),
    Status.CHECKING: _stages("check reply"),
    Status.RESOLVED: _stages("rate"),
    Status.RATED: _stages("rate"),
    Status.ARCHIVED: _NONE,
    Status.VOID: _NONE,
    Status.MERGED: _NONE,
    Status.WITHDRAWN: _NONE,
}
"""Which clocks run in which status; of a case without a resident behind it, nobody waits for `answer` and `reply`."""

PAUSED: Mapping[Status, frozenset[Stage]] = {
    Status.SUSPENDED: _stages("resolve reply"),
    # Whoever checks takes no time from whoever handles.
    Status.CHECKING: _stages("resolve"),
}
"""Which clocks stand still in which status, and go on with the time they had left; all others are stopped."""

FOR_RESIDENTS = _stages("answer reply")
