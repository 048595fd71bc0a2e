"""Fetching and decrypting what a message carried."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest
from aiohttp import web

from bot.ports import BadAnswer, Refused, Unreachable
from bot.workgroup.aibot_media import TooLarge, decrypt_media, fetch_media
from handlers.update import MediaRef
from sandbox.crypto import encrypt_bytes
from tests.workgroup.hands import FakePace

KEY = bytes(range(32))
AES_KEY = base64.b64encode(KEY).decode().rstrip("=")
Serve = Callable[[Callable[[web.Request], Awaitable[web.StreamResponse]]], Awaitable[str]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Serves one handler; gives its address."""
    runners: list[web.AppRunner] = []

    async def start(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> str:
        app = web.Application()
        app.router.add_get("/file", handler)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}/file"

    yield start
    for runner in runners:
        await runner.cleanup()


def giving(content: bytes, status: int = 200) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        return web.Response(body=content, status=status)

    return handle


@pytest.mark.parametrize("size", [0, 1, 31, 32, 33, 100_000])
async def test_fetches_and_decrypts(serve: Serve, session: aiohttp.ClientSession, size: int) -> None:
    plain = os.urandom(size)
    url = await serve(giving(encrypt_bytes(plain, KEY)))
    assert await fetch_media(session, MediaRef("image", url=url, aes_key=AES_KEY)) == plain


@pytest.mark.parametrize("status", [403, 404, 410])
async def test_a_dead_link_is_refused(serve: Serve, session: aiohttp.ClientSession, status: int) -> None:
    url = await serve(giving(b"", status))
    with pytest.raises(Refused) as caught:
        await fetch_media(session, MediaRef("image", url=url, aes_key=AES_KEY))
    assert (caught.value.errcode, caught.value.retry_seconds) == (status, None)


async def test_a_fault_over_there_may_be_tried_again(serve: Serve, session: aiohttp.ClientSession) -> None:
    with pytest.raises(BadAnswer):
        await fetch_media(session, MediaRef("image", url=await serve(giving(b"", 502)), aes_key=AES_KEY))


async def test_too_much_is_stopped_while_it_comes_in(serve: Serve, session: aiohttp.ClientSession) -> None:
    sent = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(bytes(1 << 16))
            sent += 1

    url = await serve(endless)
    with pytest.raises(TooLarge):
        await fetch_media(session, MediaRef("file", url=url, aes_key=AES_KEY), max_bytes=1 << 20)
    assert sent < 1000


async def test_a_server_that_hangs_is_left(serve: Serve, session: aiohttp.ClientSession, pace: FakePace) -> None:
    reached, never = asyncio.Event(), asyncio.Event()

    async def hang(request: web.Request) -> web.StreamResponse:
        reached.set()
        await never.wait()
        return web.Response()

    url = await serve(hang)
    fetching = asyncio.create_task(fetch_media(session, MediaRef("image", url=url), pace=pace))
    await reached.wait()
    pace.advance(30.0)
    with pytest.raises(Unreachable):
        await fetching


@pytest.mark.parametrize("url", ["", "nonsense", "ftp://127.0.0.1/x", "http://", "file:///etc/passwd"])
async def test_what_is_no_link_is_a_bad_answer(session: aiohttp.ClientSession, url: str) -> None:
    with pytest.raises((BadAnswer, Unreachable)):
        await fetch_media(session, MediaRef("image", url=url, aes_key=AES_KEY))


@pytest.mark.parametrize("sealed", [b"", b"x", bytes(15), bytes(32), os.urandom(64)])
def test_what_does_not_decrypt_is_a_bad_answer(sealed: bytes) -> None:
    with pytest.raises(BadAnswer):
        decrypt_media(sealed, AES_KEY)


@pytest.mark.parametrize("key", ["", "x", "!!!!", base64.b64encode(bytes(16)).decode(), "汉"])
def test_a_bad_key_is_a_bad_answer(key: str) -> None:
    with pytest.raises(BadAnswer):
        decrypt_media(encrypt_bytes(b"a", KEY), key)
