"""The archive as the rest of the house sees it: an engine, reading sessions, running numbers and the committer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from storage.committer import Committer
from storage.counters import Numbers
from storage.engine import is_sqlite, make_engine
from storage.lane import Lane


class Archive:
    """One process's hold on the database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._writing = Lane(engine, writes=True)
        self.reading = Lane(engine, writes=False)
        self.numbers = Numbers(engine, case_block=20 if is_sqlite(engine) else 50, lane=self._writing)
        self.committer = Committer(self._writing, self.numbers)
        # `expire_on_commit` would make every attribute read after a commit raise in async code.
        self._sessions = async_sessionmaker(engine, expire_on_commit=False)

    @asynccontextmanager
    async def reads(self) -> AsyncIterator[AsyncSession]:
        """A session for reading; nothing is written through it."""
        async with self._sessions() as session:
            yield session

    async def close(self) -> None:
        """Write what waits, return unused numbers, let go of the connections."""
        try:
            await self.committer.stop()
            await self.numbers.give_back()
        finally:
            await self._writing.close()
            await self.reading.close()
            await self.engine.dispose()


@asynccontextmanager
async def open_archive(url: str) -> AsyncIterator[Archive]:
    """The archive at `url`, with its committer at work; the schema must be there (see `storage.migrations`)."""
    archive = Archive(make_engine(url))
    archive.committer.start()
    try:
        yield archive
    finally:
        await archive.close()
