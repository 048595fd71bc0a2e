"""SQLite without threads behind an asynchronous engine: in a simulation nobody else waits, and each crossing costs more than the query.

It stands in for an `aiosqlite.Connection` as SQLAlchemy's dialect uses one (sqlalchemy/dialects/sqlite/aiosqlite.py); the queries, the
transactions and the file are the same.
"""

import sqlite3
from asyncio import Future
from collections.abc import Awaitable, Callable, Generator, Sequence
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine


def run_inline(engine: AsyncEngine) -> None:
    """From now on the engine's connections work where they are called; to be called before the first of them is opened."""

    @event.listens_for(engine.sync_engine, "do_connect")
    def on_connect(_dialect: Any, _record: Any, _args: Any, parameters: dict[str, Any]) -> None:
        parameters["async_creator_fn"] = _Connection


class _Cursor:
    """A cursor whose answers are there at once."""

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor

    async def __aenter__(self) -> "_Cursor":
        return self

    @property
    def description(self) -> Any:
        return self._cursor.description

    @property
    def lastrowid(self) -> int | None:
        return self._cursor.lastrowid

    @property
    def rowcount(self) -> int:
        return self._cursor.rowcount

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> "_Cursor":
        self._cursor.execute(statement, parameters)
        return self

    async def executemany(self, statement: str, parameters: Sequence[Sequence[Any]]) -> "_Cursor":
        self._cursor.executemany(statement, parameters)
        return self

    async def fetchone(self) -> Any:
        return self._cursor.fetchone()

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        return self._cursor.fetchmany(size or self._cursor.arraysize)

    async def fetchall(self) -> list[Any]:
        return self._cursor.fetchall()

    async def close(self) -> None:
        self._cursor.close()


class _Turns:
    """Where the dialect puts what is to be done in the connection's own thread; there is none, so it is done at once."""

    def put_nowait(self, item: "tuple[Future[Any], Callable[[], Any]]") -> None:
        future, work = item
        future.set_result(work())


class _Connection:
    """One connection to the file."""

    def __init__(self, *args: Any, **parameters: Any) -> None:
        self._conn: sqlite3.Connection = sqlite3.connect(*args, **parameters)
        self._tx = _Turns()

    def __await__(self) -> Generator[Any, None, "_Connection"]:
        return self._open().__await__()

    async def _open(self) -> "_Connection":
        return self

    @property
    def _connection(self) -> sqlite3.Connection:
        return self._conn

    @property
    def isolation_level(self) -> str | None:
        level: str | None = self._conn.isolation_level
        return level

    def cursor(self) -> _Cursor:
        return _Cursor(self._conn.cursor())

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Awaitable[_Cursor]:
        return self.cursor().execute(statement, parameters)

    async def create_function(self, *args: Any, **parameters: Any) -> None:
        self._conn.create_function(*args, **parameters)

    async def commit(self) -> None:
        self._conn.commit()

    async def rollback(self) -> None:
        self._conn.rollback()

    async def close(self) -> None:
        self._conn.close()

    def stop(self) -> None:
        self._conn.close()
