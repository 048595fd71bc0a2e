"""A browser before the sandbox's page; behind it a service and a bot that do as the test tells."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from tests.browser.desk import Account, Desk, open_desk

# Another process may hold the machine for a while; a passing test never waits this long.
PATIENCE_MS = 15_000
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(browser_path: str) -> AsyncIterator[Browser]:
    """The installed Chromium, one for each file of tests."""
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=browser_path, args=list(FLAGS))
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def desk(browser: Browser) -> AsyncIterator[Desk]:
    """A fresh sandbox with its page open: two residents follow, two groups exist, the bot `b1` is connected.

    Fails when the page threw an error, or asked anything of another address than the sandbox's.
    """
    async with aiohttp.ClientSession() as session, open_desk(browser, session) as desk:
        yield desk
        desk.check_conduct()


@pytest.fixture
def account(desk: Desk) -> Account:
    """The service behind the account."""
    return desk.account
