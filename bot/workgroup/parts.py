"""Which parts of a message already arrived, so that a second try does not say them again. In memory: a restart may repeat one message."""

from collections import OrderedDict

KEPT = 8192


class SentParts:
    """How many parts (text, pictures, card; in order) of each outbox key the platform has acknowledged."""

    def __init__(self, kept: int = KEPT) -> None:
        self._done: OrderedDict[str, int] = OrderedDict()
        self._kept = kept

    def count(self, key: str) -> int:
        """How many parts of `key` need not be sent any more."""
        return self._done.get(key, 0) if key else 0

    def mark(self, key: str, count: int) -> None:
        """`count` parts have arrived."""
        if not key:
            return
        self._done[key] = count
        self._done.move_to_end(key)
        if len(self._done) > self._kept:
            self._done.popitem(last=False)
