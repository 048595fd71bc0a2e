import asyncio
from collections.abc import Sequence

import pytest

from storage.loader import Loader


class Book:
    """Counts how it is read; a gate may hold a reading back."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.began = asyncio.Event()
        self.failure: BaseException | None = None

    async def read(self, keys: Sequence[int]) -> dict[int, str]:
        self.calls.append(sorted(keys))
        self.began.set()
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        return {key: f"v{key}" for key in keys if key < 100}


async def test_keys_that_wait_go_together_and_each_once() -> None:
    book = Book()
    loader = Loader(book.read)
    assert await asyncio.gather(*(loader.load(key) for key in (1, 2, 1, 3))) == ["v1", "v2", "v1", "v3"]
    assert book.calls == [[1, 2, 3]]


async def test_a_key_that_is_not_found_is_none() -> None:
    assert await Loader(Book().read).load(100) is None


async def test_keys_that_come_while_one_reads_go_in_the_next() -> None:
    book = Book()
    book.gate.clear()
    loader = Loader(book.read)
    first = asyncio.create_task(loader.load(1))
    await book.began.wait()
    later = [asyncio.create_task(loader.load(key)) for key in (1, 2)]
    await asyncio.sleep(0)
    book.gate.set()
    assert await asyncio.gather(first, *later) == ["v1", "v1", "v2"]
    assert book.calls == [[1], [1, 2]]


async def test_one_query_takes_no_more_than_the_most() -> None:
    book = Book()
    loader = Loader(book.read, most=2)
    await asyncio.gather(*(loader.load(key) for key in range(5)))
    assert book.calls == [[0, 1], [2, 3], [4]]


async def test_a_failure_reaches_every_caller_and_the_next_call_tries_again() -> None:
    book = Book()
    book.failure = OSError("gone")
    loader = Loader(book.read)
    outcomes = await asyncio.gather(loader.load(1), loader.load(2), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [OSError, OSError]
    book.failure = None
    assert await loader.load(1) == "v1"


async def test_a_failure_of_one_batch_leaves_the_next_alone() -> None:
    book = Book()
    loader = Loader(book.read, most=1)

    async def read(keys: Sequence[int]) -> dict[int, str]:
        if list(keys) == [1]:
            raise OSError("gone")
        return await book.read(keys)

    loader = Loader(read, most=1)
    outcomes = await asyncio.gather(loader.load(1), loader.load(2), return_exceptions=True)
    assert isinstance(outcomes[0], OSError)
    assert outcomes[1] == "v2"


async def test_a_cancelled_caller_leaves_the_others_their_answer() -> None:
    book = Book()
    book.gate.clear()
    loader = Loader(book.read)
    leaving, staying = asyncio.create_task(loader.load(1)), asyncio.create_task(loader.load(1))
    await book.began.wait()
    leaving.cancel()
    await asyncio.sleep(0)
    book.gate.set()
    assert await staying == "v1"
    with pytest.raises(asyncio.CancelledError):
        await leaving


async def test_nobody_waits_for_ever_when_the_reading_is_cancelled() -> None:
    book = Book()
    book.failure = asyncio.CancelledError()
    loader = Loader(book.read, most=1)
    waiting = [asyncio.create_task(loader.load(key)) for key in (1, 2)]
    done, pending = await asyncio.wait(waiting, timeout=5)
    assert (len(done), len(pending)) == (2, 0)
    assert all(task.cancelled() for task in done)
