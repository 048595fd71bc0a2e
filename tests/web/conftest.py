"""A running service with the official account's door alone: no city, no bot, the machine's own clock."""

import io
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from bot.app import Service, listening, open_service
from bot.official_account.door import Mode
from bot.settings import Settings
from tests.official_account.pushes import AES_KEY, APP_ID, TOKEN, Push

SECRETS = (TOKEN * 2, AES_KEY, "app-secret-of-this-test")
Answer = tuple[int, str]


@dataclass(slots=True)
class Counter:
    """The service's counter: what is pushed across it, and what it took in."""

    service: Service
    url: str
    session: aiohttp.ClientSession

    async def push(self, push: Push, **headers: str) -> Answer:
        """POST one push; status and body."""
        # As a stream: aiohttp complains of long bodies that are handed over whole.
        body = io.BytesIO(push.body)
        async with self.session.post(self.url, params=push.query, data=body, headers=headers) as response:
            return response.status, await response.text()

    async def verify(self, query: dict[str, str]) -> Answer:
        """GET, as WeChat checks the address."""
        async with self.session.get(self.url, params=query) as response:
            return response.status, await response.text()

    async def counts(self) -> dict[str, int]:
        """How many rows of what a push can bring about."""
        from_tables = self.service.archive.engine.connect
        async with from_tables() as connection:
            found = {}
            for table in ("inbound", "case", "resident", "outbox"):
                found[table] = (await connection.exec_driver_sql(f'SELECT count(*) FROM "{table}"')).scalar_one()
            return found


def now_seconds() -> int:
    """The moment that pushes are stamped with."""
    return int(time.time())


@asynccontextmanager
async def open_counter(folder: Path, mode: Mode) -> AsyncIterator[Counter]:
    """The service on a free port."""
    account = {"app_id": APP_ID, "app_secret": SECRETS[2], "token": TOKEN, "mode": mode.value}
    account |= {"api_base": "http://127.0.0.1:9"} | ({} if mode is Mode.PLAIN else {"encoding_aes_key": AES_KEY})
    storage = {"url": f"sqlite+aiosqlite:///{folder / 'wangge.db'}", "media_dir": str(folder / "media")}
    settings = Settings.read({"storage": storage, "official_account": account})
    async with (
        open_service(settings) as service,
        listening(service, "127.0.0.1", 0) as port,
        aiohttp.ClientSession() as session,
    ):
        yield Counter(service, f"http://127.0.0.1:{port}/wechat/oa", session)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def safe(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Counter]:
    """In safe mode."""
    async with open_counter(tmp_path_factory.mktemp("safe"), Mode.SAFE) as counter:
        yield counter


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def plain(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Counter]:
    """In plain mode."""
    async with open_counter(tmp_path_factory.mktemp("plain"), Mode.PLAIN) as counter:
        yield counter


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """All that is logged from INFO up, by the house and by the libraries."""
    # The schedule's own chatter is no line about a push.
    caplog.set_level(logging.WARNING, "apscheduler")
    caplog.set_level(logging.INFO)
    return caplog
