"""What all tests share: the network guard, databases of both engines, and a clock that stands still."""

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from storage.archive import Archive, open_archive
from tests.clock import FakeClock
from tests.databases import TestServer, make_sqlite_template, sqlite_url
from tests.network import NetworkGuard

_guard = NetworkGuard()
_guard.install()

# The machine decides how long an example takes, and nothing is written beside the code.
settings.register_profile("wangge", deadline=None, database=None)
settings.load_profile("wangge")

ENGINES = [pytest.param("sqlite"), pytest.param("postgresql", marks=pytest.mark.postgres)]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the page tests out where somebody asked for it; without that wish a missing browser is a failure."""
    if os.environ.get("WANGGE_NO_BROWSER") == "1":
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason="WANGGE_NO_BROWSER=1"))


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name long or binary values by their size: made anew in each process, they would give each xdist worker other tests."""
    if isinstance(val, bytes):
        return f"{argname} of {len(val)} bytes"
    return f"{argname} of {len(val)} characters" if isinstance(val, str) and len(val) > 30 else None


@pytest.fixture(scope="session")
def browser_path() -> str:
    """Where the installed browser is, for playwright's `executable_path`."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found, "no browser: install chromium, or set WANGGE_NO_BROWSER=1 to leave the page tests out"
    return found


@pytest.fixture(autouse=True)
def network_guard() -> Iterator[NetworkGuard]:
    """Fails a test that tried to leave this machine, also when the code under test swallowed the refusal."""
    _guard.take_seen()
    yield _guard
    seen = _guard.take_seen()
    assert not seen, f"left this machine: {seen}"


@pytest.fixture
def clock() -> FakeClock:
    """A clock at Monday 2026-11-23 09:00 in China."""
    return FakeClock()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[TestServer]:
    """The embedded PostgreSQL; each pytest-xdist worker has its own."""
    server = TestServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    return make_sqlite_template(tmp_path_factory.mktemp("template"))


@pytest.fixture
async def sqlite_database(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a migrated SQLite file of this test alone."""
    path = tmp_path / "wangge.db"
    shutil.copyfile(sqlite_template, path)
    return sqlite_url(path)


@pytest.fixture
async def postgres_database(postgres_server: TestServer) -> AsyncIterator[str]:
    """The address of a migrated PostgreSQL database of this test alone."""
    async with postgres_server.database() as url:
        yield url


@pytest.fixture(params=ENGINES)
def engine_url(request: pytest.FixtureRequest) -> str:
    """The address of a migrated database of this test alone, once on each engine."""
    name = "sqlite_database" if request.param == "sqlite" else "postgres_database"
    return str(request.getfixturevalue(name))


@pytest.fixture(params=ENGINES)
async def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The address of a database without any table, once on each engine."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path / "empty.db")
        return
    server: TestServer = request.getfixturevalue("postgres_server")
    async with server.database(migrated=False) as url:
        yield url


@pytest.fixture
async def archive(engine_url: str) -> AsyncIterator[Archive]:
    """An archive on a migrated database, its committer at work."""
    async with open_archive(engine_url) as opened:
        yield opened
