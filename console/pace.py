"""A little patience per link: somebody who reloads is served, somebody who hammers waits."""

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

_MOST_LINKS = 4096


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many in so many seconds."""

    times: int
    seconds: float


VIEWS = Allowance(120, 60)
ACTS = Allowance(20, 60)


class Pace:
    """Counts uses of links. `elapsed`: seconds on a counter that only grows."""

    def __init__(self, elapsed: Callable[[], float]) -> None:
        self._elapsed = elapsed
        self._used: OrderedDict[tuple[str, Allowance], deque[float]] = OrderedDict()

    def is_over(self, link: str, allowance: Allowance) -> bool:
        """Whether this use is one too many; counted when it is not."""
        now = self._elapsed()
        used = self._used.setdefault((link, allowance), deque())
        self._used.move_to_end((link, allowance))
        while used and now - used[0] >= allowance.seconds:
            used.popleft()
        if len(used) >= allowance.times:
            return True
        used.append(now)
        if len(self._used) > _MOST_LINKS:
            self._used.popitem(last=False)
        return False
