"""The gateway, a client session and turned hands for every test of this folder."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.workgroup.gateway import Gateway, open_gateway
from tests.workgroup.hands import FakePace


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    """A fresh gateway."""
    async with open_gateway() as opened:
        yield opened


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """A client session."""
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def pace() -> FakePace:
    """Time that only the test moves."""
    return FakePace()
