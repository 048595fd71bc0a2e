import asyncio
from datetime import date, timedelta
from itertools import chain

from storage.archive import Archive, open_archive
from storage.counters import Numbers, RunningNumber, draw_block, render_number
from storage.engine import make_engine

TODAY = date(2026, 11, 23)


async def test_two_engines_draw_disjoint_blocks(engine_url: str) -> None:
    engines = [make_engine(engine_url) for _ in range(2)]
    blocks = await asyncio.gather(*(draw_block(engine, "id", 7) for engine in engines * 10))
    drawn = sorted(chain.from_iterable(blocks))
    assert drawn == list(range(1, 141))
    for engine in engines:
        await engine.dispose()


async def test_two_archives_never_give_one_serial_twice(engine_url: str) -> None:
    async with open_archive(engine_url) as one, open_archive(engine_url) as two:
        takes = [archive.numbers.take_serial(TODAY) for _ in range(60) for archive in (one, two)]
        serials = await asyncio.gather(*takes)
    assert len(set(serials)) == 120


async def test_ids_and_runs_of_ids_are_disjoint(engine_url: str) -> None:
    engine = make_engine(engine_url)
    numbers = Numbers(engine, id_block=10)
    singles = await asyncio.gather(*(numbers.take_id() for _ in range(25)))
    run = await numbers.take(12)
    more = [await numbers.take_id() for _ in range(3)]
    everything = [*singles, *run, *more]
    assert len(run) == 12
    assert len(set(everything)) == len(everything)
    await engine.dispose()


async def test_numbers_begin_at_one_each_day(engine_url: str) -> None:
    engine = make_engine(engine_url)
    numbers = Numbers(engine, case_block=5)
    first = [await numbers.take_serial(TODAY) for _ in range(7)]
    second = await numbers.take_serial(TODAY + timedelta(days=1))
    assert (first, second) == ([1, 2, 3, 4, 5, 6, 7], 1)
    await engine.dispose()


async def test_what_was_not_used_is_given_back(engine_url: str) -> None:
    async with open_archive(engine_url) as archive:
        assert [await archive.numbers.take_serial(TODAY) for _ in range(3)] == [1, 2, 3]
    async with open_archive(engine_url) as archive:
        assert await archive.numbers.take_serial(TODAY) == 4


async def test_nothing_is_given_back_when_another_drew_after_us(engine_url: str) -> None:
    engine = make_engine(engine_url)
    one, two = RunningNumber(engine, "n", 5), RunningNumber(engine, "n", 5)
    assert ((await one.take()).start, (await two.take()).start) == (1, 6)
    await one.give_back()
    assert one.take_now() is None
    assert [(await two.take()).start for _ in range(5)] == [7, 8, 9, 10, 11]
    await engine.dispose()


async def test_without_waiting_there_is_a_number_or_none(engine_url: str) -> None:
    engine = make_engine(engine_url)
    number = RunningNumber(engine, "n", 2)
    assert number.take_now() is None
    assert (await number.take()).start == 1
    assert (number.take_now(), number.take_now()) == (2, None)
    await engine.dispose()


def test_a_number_grows_as_needed() -> None:
    assert [render_number(TODAY, serial) for serial in (1, 8, 99, 100, 12345)] == [
        "1123-01",
        "1123-08",
        "1123-99",
        "1123-100",
        "1123-12345",
    ]


async def test_blocks_grow_while_they_are_used_up_in_haste_and_no_number_comes_twice(archive: Archive) -> None:
    number = RunningNumber(archive.engine, "n", 2)
    taken = [(await number.take()).start for _ in range(100)]
    assert taken == list(range(1, 101))
    # Two at first, then 4, 8, 16, 32 and at most 32: what is left of the last block is small against what was used.
    other = RunningNumber(archive.engine, "n", 2)
    assert (await other.take()).start <= 1 + 2 + 4 + 8 + 16 + 32 * 3
