"""One house for each file of dialogues."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.house import House, open_house


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """The whole service and the pretend platforms."""
    async with open_house(tmp_path_factory.mktemp("house")) as opened:
        yield opened
