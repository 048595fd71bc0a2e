"""Holding targets: one holder at a time, and no message is ever left where nobody looks."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.delivery.targets import Targets
from storage.archive import Archive, open_archive
from storage.batch import write_batch
from storage.engine import WRITES
from storage.plan import Plan
from storage.tables import Target
from tests.clock import START
from tests.storage.builders import get_row, list_rows, make_message

ALL = ("oa:", "group:", "worker:")
LATER = START + timedelta(seconds=1)


@pytest.fixture
async def postgres(postgres_database: str) -> AsyncIterator[Archive]:
    async with open_archive(postgres_database) as opened:
        yield opened


async def put(archive: Archive, *targets: str, at: timedelta = timedelta(), **body: Any) -> None:
    drafts = [make_message(target, at=START + at, **body) for target in targets]
    await archive.committer.commit(Plan(outbox=drafts))


async def claim(targets: Targets, limit: int = 10, urgent_first: bool = True) -> list[str]:
    return await targets.claim(LATER, ALL, limit, urgent_first=urgent_first)


async def test_two_holders_never_share_a_target(archive: Archive) -> None:
    await put(archive, *(f"group:{n}" for n in range(30)))
    holders = [Targets(archive.engine, f"p{n}", 60) for n in range(3)]
    taken = await asyncio.gather(*(claim(holder, 10) for holder in holders for _ in range(2)))
    keys = [key for keys in taken for key in keys]
    assert len(keys) == len(set(keys)) == 30


async def test_a_hold_runs_out_for_all_who_are_not_busy_with_it(archive: Archive) -> None:
    await put(archive, "group:1")
    first, second = Targets(archive.engine, "p1", 60), Targets(archive.engine, "p2", 60)
    assert await claim(first) == ["group:1"]
    assert await claim(second) == []
    after = LATER + timedelta(seconds=61)
    assert await first.claim(after, ALL, 10, urgent_first=False, busy=["group:1"]) == []
    assert await second.claim(after, ALL, 10, urgent_first=False) == ["group:1"]


async def test_a_renewed_hold_lasts(archive: Archive) -> None:
    await put(archive, "group:1")
    first, second = Targets(archive.engine, "p1", 60), Targets(archive.engine, "p2", 60)
    await claim(first)
    assert await first.renew(["group:1", "group:2"], LATER + timedelta(seconds=30)) == ["group:1"]
    assert await second.renew(["group:1"], LATER + timedelta(seconds=30)) == []
    assert await second.claim(LATER + timedelta(seconds=61), ALL, 10, urgent_first=False) == []


async def test_who_lost_a_hold_cannot_let_go_of_it(archive: Archive) -> None:
    await put(archive, "group:1")
    first, second = Targets(archive.engine, "p1", 60), Targets(archive.engine, "p2", 60)
    await claim(first)
    await second.claim(LATER + timedelta(seconds=61), ALL, 10, urgent_first=False)
    await first.release({"group:1": None})
    assert (await get_row(archive.engine, Target, "group:1")).held_by == "p2"


async def test_only_the_prefixes_asked_for(archive: Archive) -> None:
    await put(archive, "group:1", "oa:1", "worker:1", "grouping:1")
    targets = Targets(archive.engine, "p1", 60)
    assert await targets.claim(LATER, ("oa:",), 10, urgent_first=True) == ["oa:1"]
    assert await targets.claim(LATER, (), 10, urgent_first=True) == []
    assert sorted(await claim(targets)) == ["group:1", "worker:1"]


async def test_urgent_ones_first_across_targets(archive: Archive) -> None:
    await put(archive, *(f"group:{n}" for n in range(20)), urgent=False)
    await put(archive, "oa:urgent", at=timedelta(milliseconds=500), urgent=True)
    await put(archive, "oa:urgent-later", at=timedelta(hours=1), urgent=True)
    targets = Targets(archive.engine, "p1", 60)
    assert (await claim(targets, 5))[0] == "oa:urgent"
    assert "oa:urgent" not in await claim(targets, 30)


async def test_let_go_not_before_a_moment(archive: Archive) -> None:
    await put(archive, "group:1")
    targets = Targets(archive.engine, "p1", 60)
    await claim(targets)
    await targets.release({"group:1": LATER + timedelta(seconds=30)})
    assert await claim(targets) == []
    assert await targets.claim(LATER + timedelta(seconds=30), ALL, 1, urgent_first=False) == ["group:1"]


@pytest.mark.postgres
async def test_a_message_committed_during_a_release_is_not_stranded(postgres: Archive) -> None:
    """The release waits for the committer's row lock; it must then see the message that was committed meanwhile."""
    await put(postgres, "group:1")
    targets = Targets(postgres.engine, "p1", 60)
    await claim(targets)
    async with postgres.engine.begin() as connection:
        await connection.execute(text("UPDATE outbox SET state = 'sent'"))
    (first_id,) = await postgres.numbers.take(1)
    plan = Plan(outbox=[make_message("group:1", at=START)])
    async with postgres.engine.execution_options(**WRITES).connect() as connection:
        await connection.run_sync(write_batch, [plan], first_id)
        release = asyncio.create_task(targets.release({"group:1": None}))
        await until_blocked(postgres)
        assert not release.done()
        await connection.commit()
        await release
    target = await get_row(postgres.engine, Target, "group:1")
    assert (target.held_by, target.due_at) == (None, START)


async def until_blocked(archive: Archive) -> None:
    """Until some session of this database waits for a lock."""
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    while True:
        async with archive.engine.connect() as connection:
            if (await connection.execute(query)).scalar_one():
                return


@pytest.mark.postgres
async def test_many_messages_while_targets_come_and_go(postgres: Archive) -> None:
    """Committing and releasing at the same time, again and again: at the end every queued message's target is due."""
    targets = Targets(postgres.engine, "p1", 60)
    keys = [f"group:{n}" for n in range(4)]

    async def write() -> None:
        for _ in range(40):
            await put(postgres, *keys)

    async def hold() -> None:
        for _ in range(40):
            taken = await claim(targets)
            async with postgres.engine.begin() as connection:
                await connection.execute(text("UPDATE outbox SET state = 'sent' WHERE seq % 2 = 0"))
            await targets.release(dict.fromkeys(taken))

    await asyncio.gather(write(), hold())
    rows = await list_rows(postgres.engine, Target)
    assert [row.due_at for row in rows] == [START] * 4
    assert sorted(await claim(targets)) == keys
