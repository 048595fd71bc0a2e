"""Transactions that write. On SQLite they take turns within the process.

SQLite has one writer; who comes second sleeps in the driver, up to 100 ms at a time, and the batch of a hundred messages with him.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from weakref import WeakKeyDictionary

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.pool import Pool

from storage.engine import WRITES, is_sqlite

_turns: WeakKeyDictionary[Pool, asyncio.Lock] = WeakKeyDictionary()


def turn(engine: AsyncEngine) -> AbstractAsyncContextManager[object]:
    """The right to write to this engine's database; on PostgreSQL everybody has it."""
    if not is_sqlite(engine):
        return nullcontext()
    # Engines with options share the pool of the engine they were made from.
    return _turns.setdefault(engine.pool, asyncio.Lock())


@asynccontextmanager
async def writing(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection in a transaction that may write; committed at the end. Not within another one of the same process."""
    async with turn(engine), engine.execution_options(**WRITES).begin() as connection:
        yield connection
