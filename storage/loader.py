"""Reading for many callers at once: while one query runs, the keys that arrive wait and go together in the next."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
_GATHER_SECONDS = 0.01


class Loader(Generic[Key, Value]):
    """Coalesces `load` calls into calls of `read(keys)`, which answers a dict; a key it leaves out loads as None."""

    def __init__(self, read: Callable[[Sequence[Key]], Awaitable[dict[Key, Value]]], most: int = 200) -> None:
        self._read, self._most = read, most
        self._waiting: dict[Key, asyncio.Future[Value | None]] = {}
        self._running = False
        self._last = 0

    async def load(self, key: Key) -> Value | None:
        """The value of `key` as it is at some moment after this call."""
        future = self._waiting.get(key)
        if future is None:
            future = self._waiting[key] = asyncio.get_running_loop().create_future()
        if not self._running:
            self._running = True
            asyncio.get_running_loop().call_soon(self._begin)
        return await asyncio.shield(future)

    def _begin(self) -> None:
        self._task = asyncio.create_task(self._drain())

    async def _drain(self) -> None:
        try:
            while self._waiting:
                if self._last > 1:
                    # Busy: a few milliseconds more make one query of several. Whoever comes alone never waits.
                    await asyncio.sleep(_GATHER_SECONDS)
                keys = list(self._waiting)[: self._most]
                batch = {key: self._waiting.pop(key) for key in keys}
                self._last = len(batch)
                await self._answer(batch)
        finally:
            self._running = False

    async def _answer(self, batch: dict[Key, "asyncio.Future[Value | None]"]) -> None:
        try:
            found = await self._read(list(batch))
        except Exception as error:
            for future in batch.values():
                future.set_exception(error)
                future.exception()  # marked as seen: the callers get it, a cancelled caller must not leave a warning
            return
        except BaseException:
            # Cancelled from outside (the service ends): nobody may wait for an answer that will not come.
            for future in [*batch.values(), *self._waiting.values()]:
                future.cancel()
            self._waiting.clear()
            raise
        for key, future in batch.items():
            future.set_result(found.get(key))
