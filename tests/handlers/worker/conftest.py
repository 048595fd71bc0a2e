"""The made town, on a database of each test's own."""

from collections.abc import AsyncIterator

import pytest

from nlp.reader import Reader
from storage.archive import open_archive
from tests.clock import FakeClock
from tests.handlers.worker.city import make_reader
from tests.handlers.worker.talk import Town


@pytest.fixture(scope="session")
def reader() -> Reader:
    """Built once: it never changes."""
    return make_reader()


@pytest.fixture
async def town(sqlite_database: str, reader: Reader, clock: FakeClock) -> AsyncIterator[Town]:
    """The town before anybody speaks; decisions do not depend on the engine, so one is enough."""
    async with open_archive(sqlite_database) as archive:
        built = Town(archive, reader, clock)
        await built.build()
        yield built
