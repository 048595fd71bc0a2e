"""The live feed of the page: every new thing goes to every open browser."""

import asyncio
import json

from sandbox.fields import Json

QUEUE_LIMIT = 2000


class Feed:
    """Fan-out to open event streams; a browser that cannot keep up loses its oldest lines, never the sandbox's time."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[str]] = set()

    @property
    def is_watched(self) -> bool:
        """Whether anybody listens; making the JSON is spared when nobody does."""
        return bool(self._queues)

    def open(self) -> asyncio.Queue[str]:
        """A new listener's queue of JSON lines."""
        queue: asyncio.Queue[str] = asyncio.Queue(QUEUE_LIMIT)
        self._queues.add(queue)
        return queue

    def close(self, queue: asyncio.Queue[str]) -> None:
        """Forgets a listener."""
        self._queues.discard(queue)

    def end(self) -> None:
        """Lets every listener go: an empty line ends a stream."""
        for queue in self._queues:
            _put(queue, "")

    def publish(self, kind: str, target: str, message: Json | None = None) -> None:
        """`kind` is resident, group, worker, clock or roster; `target` the openid, chatid or userid."""
        if not self._queues:
            return
        line = json.dumps({"kind": kind, "id": target, "message": message}, ensure_ascii=False, default=str)
        for queue in self._queues:
            _put(queue, line)


def _put(queue: asyncio.Queue[str], line: str) -> None:
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(line)
