"""Whole pieces of work on the database, one after the other.

On SQLite a piece runs in a thread of its own over the plain driver: the asynchronous driver crosses threads four times for each
statement, which costs more than the statement. On PostgreSQL it runs on a connection of the engine's pool.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.engine import WRITES, has_file, make_plain_engine
from storage.writing import turn

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class Lane:
    """Runs work in transactions of its own. `writes`: it may write, and on SQLite takes the lock for that at the start."""

    def __init__(self, engine: AsyncEngine, *, writes: bool) -> None:
        self._engine = engine.execution_options(**WRITES) if writes else engine
        self._writes = writes
        self._plain: Engine | None = None
        self._thread: ThreadPoolExecutor | None = None

    async def run(
        self,
        work: Callable[Concatenate[Connection, Arguments], Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """What `work` returns, its transaction committed; when it raises, nothing of it was written.

        On SQLite a caller that is cancelled leaves work behind that still ends by itself.
        """
        if not has_file(self._engine):
            async with self._engine.begin() as connection:
                return await connection.run_sync(work, *args, **kwargs)
        async with turn(self._engine) if self._writes else nullcontext():
            return await asyncio.get_running_loop().run_in_executor(
                self._open_thread(), lambda: self._run_here(work, *args, **kwargs)
            )

    def _open_thread(self) -> ThreadPoolExecutor:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite")
        return self._thread

    def _run_here(
        self,
        work: Callable[Concatenate[Connection, Arguments], Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        if self._plain is None:
            plain = make_plain_engine(self._engine)
            self._plain = plain.execution_options(**WRITES) if self._writes else plain
        with self._plain.begin() as connection:
            return work(connection, *args, **kwargs)

    async def close(self) -> None:
        """Let go of the connection and the thread; the next `run` opens them anew."""
        thread, self._thread = self._thread, None
        plain, self._plain = self._plain, None
        if thread is None:
            return
        if plain is not None:
            await asyncio.get_running_loop().run_in_executor(thread, plain.dispose)
        thread.shutdown()
