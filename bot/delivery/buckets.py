"""How often a channel takes a message: never more than so many in any span of so many seconds, wherever the span begins."""

from collections import OrderedDict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Pace:
    """At most `most` messages within any `seconds`."""

    most: int
    seconds: float


class Bucket:
    """One conversation's sends. Moments are seconds on one clock.

    A send counts from the moment at which it *ended*: the platform counted it before, so whatever the way took, no span on its side
    ever holds more than on ours.
    """

    def __init__(self, paces: Sequence[Pace], ended: Iterable[float] = ()) -> None:
        self._paces = tuple(paces)
        self._ended: deque[float] = deque(sorted(ended))
        self._flying = 0

    def wait_seconds(self, cost: int, now: float) -> float:
        """How long until `cost` more may go; 0 when they may go now. While others are under way and it is full: as if they ended now."""
        return max((self._wait_for(pace, cost, now) for pace in self._paces), default=0.0)

    def begin(self, cost: int) -> None:
        """`cost` sends are under way."""
        self._flying += cost

    def end(self, cost: int, now: float) -> None:
        """They ended, well or not: whether the platform counted them is unknown."""
        self._flying -= cost
        if not self._paces:
            return
        # A clock that was set back must not put moments out of order.
        now = max(now, self._ended[-1]) if self._ended else now
        self._ended.extend([now] * cost)
        while self._ended and self._ended[0] + max(pace.seconds for pace in self._paces) <= now:
            self._ended.popleft()

    def _wait_for(self, pace: Pace, cost: int, now: float) -> float:
        # What is dearer than a whole span may go when the span is empty; otherwise it could never go.
        room = pace.most - min(cost, pace.most)
        held = [moment for moment in self._ended if moment + pace.seconds > now]
        surplus = len(held) + self._flying - room
        if surplus <= 0:
            return 0.0
        if surplus > len(held):
            return pace.seconds
        return held[surplus - 1] + pace.seconds - now


class Buckets:
    """The buckets of a process, by channel and conversation; the longest unused are forgotten."""

    def __init__(self, paces: dict[str, tuple[Pace, ...]]) -> None:
        self._paces = paces
        self._buckets: OrderedDict[tuple[str, str], Bucket] = OrderedDict()

    def is_known(self, via: str, name: str) -> bool:
        """Whether this conversation has a bucket already, or its channel needs none."""
        return via not in self._paces or (via, name) in self._buckets

    def open(self, via: str, name: str, ended: Iterable[float] = ()) -> Bucket:
        """The bucket of a conversation; a new one begins with what is known to have been sent lately."""
        bucket = self._buckets.get((via, name))
        if bucket is None:
            bucket = self._buckets[via, name] = Bucket(self._paces.get(via, ()), ended)
            if len(self._buckets) > _REMEMBERED:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end((via, name))
        return bucket

    def note(self, via: str, name: str, now: float, cost: int = 1) -> None:
        """Something else than delivery said `cost` messages there (the bot's answers count for the platform too)."""
        bucket = self.open(via, name)
        bucket.begin(cost)
        bucket.end(cost, now)
