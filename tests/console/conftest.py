"""One house for each file; phones and links to stand before a case page with."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from tests.console.page import Office
from tests.house import House, open_house


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """The whole service and the pretend platforms."""
    folder: Path = tmp_path_factory.mktemp("house")
    async with open_house(folder) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(house: House) -> AsyncIterator[Office]:
    """Somebody with a browser that keeps no cookies and follows nothing by itself."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield Office(house, session)
