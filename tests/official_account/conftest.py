"""An API client, its platform and its token store."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.official_account.api import OfficialAccountApi
from bot.official_account.connect import AccountSecret, open_api
from bot.official_account.http import Waits
from storage.engine import make_engine
from tests.clock import FakeClock
from tests.official_account.platform import Platform, run_platform

SECRET = AccountSecret("wx00000000000000aa", "geheim-secret")


@dataclass
class Pauses:
    """Waits that take no time, and how long they would have been."""

    seconds: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.seconds.append(seconds)

    @property
    def waits(self) -> Waits:
        return Waits(self.sleep, lambda: 0.5)


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    async with run_platform() as running:
        yield running


@pytest.fixture
async def engine(sqlite_database: str) -> AsyncIterator[AsyncEngine]:
    made = make_engine(sqlite_database)
    yield made
    await made.dispose()


@pytest.fixture
async def api(
    platform: Platform, engine: AsyncEngine, clock: FakeClock, pauses: Pauses
) -> AsyncIterator[OfficialAccountApi]:
    async with open_api(platform.base, SECRET, engine, clock, pauses.waits) as opened:
        yield opened
