"""The benchmarks' own tools: a wrong answer must never count as speed."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import pytest
from aiohttp import web

from lab.bench_classify import bench_classify, list_texts
from lab.bench_intake import is_echo, is_taken_in, own_core
from lab.bench_intake_load import WrongAnswer, arrive, check_answers, make_pushes, press
from lab.bench_intake_start import serving_peer
from lab.bench_texts import make_text
from lab.city import make_city
from sandbox.account import Account
from sandbox.crypto import make_aes_key

ACCOUNT = Account(app_id="wxbench", token="token", encoding_aes_key=make_aes_key(), mode="safe")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[int]:
    app = web.Application()
    app.router.add_post("/wechat/oa", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield runner.addresses[0][1]
    await runner.cleanup()


@pytest.mark.parametrize("name", ["bare", "werobot"])
async def test_a_peer_echoes_every_push(name: str) -> None:
    pushes = make_pushes(ACCOUNT, [f"第{number}句" for number in range(20)], "r")
    async with serving_peer(name, ACCOUNT, None) as port:
        pressed = await press(port, pushes, 4)
    check_answers(ACCOUNT, pushes, pressed.answers, is_echo)
    with pytest.raises(WrongAnswer):
        check_answers(ACCOUNT, pushes, pressed.answers, is_taken_in)
    with pytest.raises(WrongAnswer):
        check_answers(ACCOUNT, pushes, pressed.answers[::-1], is_echo)


async def test_answers_keep_the_order_of_their_pushes_on_a_server_that_hangs_up() -> None:
    async def answer(request: web.Request) -> web.Response:
        text = str(len(await request.read()))
        return web.Response(text=text, headers={"Connection": "close"})

    pushes = make_pushes(ACCOUNT, ["长" * 40 * number for number in range(1, 9)], "r")
    expected = [str(len(push.request.split(b"\r\n\r\n", 1)[1])).encode() for push in pushes]
    async with serving(answer) as port:
        assert (await press(port, pushes, 3)).answers == expected
        waits, answers = await arrive(port, pushes, 400)
    assert answers == expected
    assert len(waits) == 8
    assert min(waits) > 0


async def test_any_other_status_is_no_answer() -> None:
    async def refuse(_request: web.Request) -> web.Response:
        return web.Response(status=403, text="forbidden")

    async with serving(refuse) as port:
        with pytest.raises(WrongAnswer):
            await press(port, make_pushes(ACCOUNT, ["喂"], "r"), 1)


async def test_silence_is_no_answer_to_a_matter() -> None:
    pushes = make_pushes(ACCOUNT, ["喂"], "r")
    with pytest.raises(WrongAnswer):
        check_answers(ACCOUNT, pushes, [b"success"], is_taken_in)


async def test_lateness_counts_from_the_moment_a_push_was_due() -> None:
    gate = asyncio.Event()

    async def answer(_request: web.Request) -> web.Response:
        await gate.wait()
        return web.Response(text="x")

    async with serving(answer) as port:
        asyncio.get_running_loop().call_later(0.05, gate.set)
        waits, _ = await arrive(port, make_pushes(ACCOUNT, ["喂"] * 5, "r"), 1000)
    assert waits[0] >= 45


def test_the_core_is_given_back() -> None:
    before = os.sched_getaffinity(0)
    with own_core() as core:
        assert core in before
    assert os.sched_getaffinity(0) == before


def test_classify_reads_built_in_texts_where_there_are_no_others(tmp_path: Path) -> None:
    texts, source = list_texts(60, tmp_path / "absent.jsonl.gz")
    assert source == "built-in"
    assert len(texts) == len(set(texts)) > 40
    figures = bench_classify(texts, source)
    assert figures.texts == len(texts)
    assert figures.microseconds > 0
    assert figures.ratio_jieba_lcut == pytest.approx(figures.jieba_microseconds / figures.microseconds, rel=0.02)


def test_made_texts_are_the_same_for_a_seed() -> None:
    city = make_city("street", 1)
    assert make_text(city, Random(5)) == make_text(city, Random(5))
