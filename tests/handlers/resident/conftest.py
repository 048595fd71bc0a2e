"""The made town behind its account, on a database of each test's own."""

from collections.abc import AsyncIterator

import pytest

from storage.archive import open_archive
from tests.clock import FakeClock
from tests.handlers.resident.talk import Talk, Town


@pytest.fixture
async def town(sqlite_database: str, clock: FakeClock) -> AsyncIterator[Town]:
    """The town before anybody speaks; decisions do not depend on the engine, so one is enough."""
    async with open_archive(sqlite_database) as archive:
        built = Town(archive, clock)
        await built.build()
        yield built


@pytest.fixture
def talk(town: Town) -> Talk:
    """A resident whom nobody knows yet."""
    return town.resident("oLi")
