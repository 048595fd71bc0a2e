"""The lease on both engines: one holder at a time, whoever asks and whenever."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.lease import Lease, LeaseLost
from storage.engine import WRITES, make_engine
from tests.clock import FakeClock

Make = Callable[[str], Lease]


@pytest.fixture
async def engine(engine_url: str) -> AsyncIterator[AsyncEngine]:
    made = make_engine(engine_url)
    yield made
    await made.dispose()


@pytest.fixture
def make(engine: AsyncEngine, clock: FakeClock) -> Make:
    return lambda holder: Lease(engine, "aibot:B1", holder, 10.0, clock)


async def test_one_holds_and_the_other_waits(make: Make) -> None:
    one, two = make("one"), make("two")
    assert await one.acquire() == 1
    assert await two.acquire() is None
    assert (one.epoch, two.epoch) == (1, None)


async def test_renewing_keeps_it(make: Make, clock: FakeClock) -> None:
    one, two = make("one"), make("two")
    await one.acquire()
    for _ in range(5):
        clock.advance(seconds=9)
        assert await one.renew()
        assert await two.acquire() is None


async def test_when_it_is_over_the_other_takes_it_and_the_first_knows(make: Make, clock: FakeClock) -> None:
    one, two = make("one"), make("two")
    await one.acquire()
    clock.advance(seconds=9.9)
    assert await two.acquire() is None
    clock.advance(seconds=0.1)
    assert await two.acquire() == 2
    assert not await one.renew()
    assert one.epoch is None
    assert await two.renew()


async def test_an_expired_lease_that_nobody_took_is_still_ours(make: Make, clock: FakeClock) -> None:
    one = make("one")
    await one.acquire()
    clock.advance(hours=1)
    assert await one.renew()
    assert one.epoch == 1


async def test_releasing_frees_it_at_once(make: Make) -> None:
    one, two = make("one"), make("two")
    await one.acquire()
    await one.release()
    assert one.epoch is None
    assert await two.acquire() == 2
    await one.release()
    assert await two.renew()


async def test_a_late_release_does_not_free_the_next_holders_lease(make: Make, clock: FakeClock) -> None:
    one, two, three = make("one"), make("two"), make("three")
    await one.acquire()
    clock.advance(seconds=11)
    await two.acquire()
    await one.release()
    assert await three.acquire() is None


async def test_the_same_holder_takes_it_again_with_a_new_epoch(make: Make) -> None:
    before, after = make("one"), make("one")
    assert await before.acquire() == 1
    assert await after.acquire() == 2
    assert not await before.renew()


async def test_of_many_at_once_exactly_one_wins(make: Make, clock: FakeClock) -> None:
    for turn in range(1, 4):
        leases = [make(f"p{number}") for number in range(8)]
        epochs = await asyncio.gather(*(lease.acquire() for lease in leases))
        assert [epoch for epoch in epochs if epoch is not None] == [turn]
        clock.advance(seconds=11)


async def test_a_caller_cancelled_at_any_moment_leaves_nothing_locked(make: Make) -> None:
    for steps in range(40):
        one, two = make("one"), make("two")
        assert await one.acquire() is not None
        renewing = asyncio.create_task(one.renew())
        for _ in range(steps):
            await asyncio.sleep(0)
        renewing.cancel()
        await one.release()
        assert await two.acquire() is not None
        await two.release()


async def test_names_are_apart(engine: AsyncEngine, clock: FakeClock) -> None:
    assert await Lease(engine, "a", "one", 10.0, clock).acquire() == 1
    assert await Lease(engine, "b", "two", 10.0, clock).acquire() == 1


async def test_check_fences_inside_another_transaction(make: Make, engine: AsyncEngine, clock: FakeClock) -> None:
    one, two = make("one"), make("two")
    with pytest.raises(LeaseLost):
        await check(engine, one)
    await one.acquire()
    await check(engine, one)
    clock.advance(seconds=10)
    with pytest.raises(LeaseLost):
        await check(engine, one)
    await two.acquire()
    with pytest.raises(LeaseLost):
        await check(engine, one)
    await check(engine, two)


async def check(engine: AsyncEngine, lease: Lease) -> None:
    async with engine.execution_options(**WRITES).begin() as connection:
        await lease.check(connection)


async def test_nobody_takes_it_while_a_checked_transaction_is_open(
    make: Make, engine: AsyncEngine, clock: FakeClock
) -> None:
    one, two = make("one"), make("two")
    await one.acquire()
    async with engine.execution_options(**WRITES).begin() as connection:
        await one.check(connection)
        clock.advance(seconds=11)
        taking = asyncio.create_task(two.acquire())
        done, _ = await asyncio.wait({taking}, timeout=0.2)
        assert not done
    assert await taking == 2


async def test_the_databases_own_clock(engine: AsyncEngine) -> None:
    one, two = Lease(engine, "x", "one", 30.0), Lease(engine, "x", "two", 30.0)
    assert await one.acquire() == 1
    assert await two.acquire() is None
    assert await one.renew()
    await check(engine, one)
    await one.release()
    assert await two.acquire() == 2
    short = Lease(engine, "y", "one", -0.01)
    assert await short.acquire() == 1
    with pytest.raises(LeaseLost):
        await check(engine, short)
    assert await Lease(engine, "y", "two", 30.0).acquire() == 2
