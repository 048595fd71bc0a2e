"""Group commit: plans that wait are written together, and none fails because of its neighbours."""

import asyncio
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, event

from storage.archive import Archive
from storage.committer import MAX_BATCH, StorageFailed
from storage.engine import make_engine
from storage.plan import Change, Committed, Conflict, Plan
from storage.tables import Case, CaseEvent, Outbox, Resident
from tests.storage.builders import (
    change_case,
    count_rows,
    get_row,
    list_links,
    list_rows,
    make_case,
    make_event,
    make_message,
    make_resident,
    open_case,
)


@pytest.fixture
def commits() -> Iterator[list[None]]:
    """Grows by one with each transaction that is committed, whichever engine does it."""
    seen: list[None] = []

    def count(_connection: object) -> None:
        seen.append(None)

    event.listen(Engine, "commit", count)
    yield seen
    event.remove(Engine, "commit", count)


async def commit_all(archive: Archive, plans: list[Plan]) -> list[object]:
    return await asyncio.gather(*(archive.committer.commit(plan) for plan in plans), return_exceptions=True)


async def test_plans_that_wait_are_written_in_one_transaction(archive: Archive, commits: list[None]) -> None:
    await archive.numbers.take(1)
    commits.clear()
    outcomes = await commit_all(archive, [open_case(n) for n in range(1, 101)])
    assert outcomes == [Committed()] * 100
    assert len(commits) == 1
    assert await count_rows(archive.engine, Case) == 100


async def test_a_batch_has_a_largest_size(archive: Archive, commits: list[None]) -> None:
    await archive.numbers.take(1)
    commits.clear()
    outcomes = await commit_all(archive, [open_case(n) for n in range(1, MAX_BATCH + 2)])
    assert outcomes == [Committed()] * (MAX_BATCH + 1)
    assert len(commits) == 2


async def test_a_plan_is_written_whole(archive: Archive) -> None:
    plan = open_case(1, events=3, target="group:1")
    assert await archive.committer.commit(plan) == Committed()
    links = await list_links(archive.engine, 1)
    assert [(link.seq, link.kind) for link in links] == [(1, "opened"), (2, "noted"), (3, "noted")]
    case = await get_row(archive.engine, Case, 1)
    assert (case.head_seq, case.head_hash, case.evidence, case.routing) == (3, links[-1].hash, [], {})
    (message,) = await list_rows(archive.engine, Outbox)
    assert (message.target, message.seq, message.case_id) == ("group:1", 1, 1)


async def test_of_two_deciders_on_one_version_exactly_one_wins(archive: Archive) -> None:
    await archive.committer.commit(open_case(1))
    plans = [Plan(changes=[change_case(1, 0, status=status)]) for status in ("accepted", "returned")]
    assert await commit_all(archive, plans) == [Committed(), Conflict("Case", 1)]
    case = await get_row(archive.engine, Case, 1)
    assert (case.status, case.version) == ("accepted", 1)


async def test_the_loser_may_decide_again_on_what_is_there_now(archive: Archive) -> None:
    await archive.committer.commit(open_case(1))
    await archive.committer.commit(Plan(changes=[change_case(1, 0, status="accepted")]))
    late = Plan(changes=[change_case(1, 0, status="returned")], events=[make_event(1)], outbox=[make_message("a")])
    assert await archive.committer.commit(late) == Conflict("Case", 1)
    assert len(await list_links(archive.engine, 1)) == 1
    assert await count_rows(archive.engine, Outbox) == 0
    again = Plan(changes=[change_case(1, 1, status="returned")])
    assert await archive.committer.commit(again) == Committed()


async def test_a_conflict_never_fails_its_neighbours(archive: Archive) -> None:
    await archive.committer.commit(open_case(1))
    stale = Plan(changes=[change_case(1, 7, status="returned")], rows=[make_case(50)])
    outcomes = await commit_all(archive, [open_case(2), stale, open_case(3, target="a")])
    assert outcomes == [Committed(), Conflict("Case", 1), Committed()]
    assert [case.id for case in await list_rows(archive.engine, Case)] == [1, 2, 3]


async def test_a_row_that_is_not_there_is_a_conflict(archive: Archive) -> None:
    outcome = await archive.committer.commit(Plan(changes=[change_case(9, 0, status="accepted")]))
    assert outcome == Conflict("Case", 9)


async def test_all_changes_of_a_plan_stand_or_fall_together(archive: Archive) -> None:
    await archive.committer.commit(open_case(1))
    await archive.committer.commit(Plan(rows=[make_resident(2, "o2")]))
    plan = Plan(changes=[change_case(1, 0, status="accepted"), Change(Resident, 2, 5, {"name": "甲"})])
    assert await archive.committer.commit(plan) == Conflict("Resident", 2)
    assert (await get_row(archive.engine, Case, 1)).status == "assigned"


async def test_an_unguarded_change_keeps_the_version(archive: Archive) -> None:
    await archive.committer.commit(open_case(1))
    await archive.committer.commit(Plan(changes=[change_case(1, None, hurried=2)]))
    case = await get_row(archive.engine, Case, 1)
    assert (case.hurried, case.version) == (2, 0)


async def test_changes_to_one_row_are_written_in_the_order_they_came(archive: Archive) -> None:
    await archive.committer.commit(open_case(1))
    changes = [{"result": "一"}, {"result": "二", "rating": "好"}, {"result": "三"}]
    await commit_all(archive, [Plan(changes=[change_case(1, None, **values)]) for values in changes])
    case = await get_row(archive.engine, Case, 1)
    assert (case.result, case.rating) == ("三", "好")


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(Plan(rows=[make_case(1)]), id="a key that exists"),
        pytest.param(Plan(events=[make_event(999)]), id="an event of no case"),
        pytest.param(Plan(rows=[make_case(60)], events=[make_event(60, when=object())]), id="no JSON"),
        pytest.param(Plan(outbox=[make_message("a", at=None)]), id="no due time"),  # type: ignore[arg-type]
    ],
)
async def test_a_bad_plan_never_fails_its_neighbours(archive: Archive, bad: Plan) -> None:
    await archive.committer.commit(open_case(1))
    before, after, refused = await commit_all(archive, [open_case(2, target="a"), open_case(3, target="a"), bad])
    assert (before, after) == (Committed(), Committed())
    assert isinstance(refused, StorageFailed)
    assert [case.id for case in await list_rows(archive.engine, Case)] == [1, 2, 3]
    assert [message.seq for message in await list_rows(archive.engine, Outbox)] == [1, 2]
    assert await count_rows(archive.engine, CaseEvent) == 3


async def test_a_cancelled_caller_takes_his_plan_back(archive: Archive) -> None:
    cancelled = asyncio.create_task(archive.committer.commit(open_case(1)))
    kept = asyncio.create_task(archive.committer.commit(open_case(2)))
    asyncio.get_running_loop().call_soon(cancelled.cancel)
    assert await kept == Committed()
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    assert [case.id for case in await list_rows(archive.engine, Case)] == [2]


async def test_a_caller_cancelled_while_his_plan_is_written_fails_nobody(archive: Archive) -> None:
    started = asyncio.Event()
    take = archive.numbers.take

    async def take_and_tell(count: int) -> range:
        started.set()
        return await take(count)

    archive.numbers.take = take_and_tell  # type: ignore[method-assign]
    leaving = asyncio.create_task(archive.committer.commit(open_case(1)))
    staying = asyncio.create_task(archive.committer.commit(open_case(2)))
    await started.wait()
    leaving.cancel()
    assert await staying == Committed()
    assert [case.id for case in await list_rows(archive.engine, Case)] == [1, 2]


async def test_stop_writes_what_waits(archive: Archive) -> None:
    waiting = [asyncio.create_task(archive.committer.commit(open_case(n))) for n in range(1, 301)]
    await asyncio.sleep(0)
    await archive.committer.stop()
    assert await asyncio.gather(*waiting) == [Committed()] * 300
    assert await count_rows(archive.engine, Case) == 300


async def test_who_comes_after_the_stop_is_refused_at_once(archive: Archive) -> None:
    await archive.committer.stop()
    with pytest.raises(StorageFailed):
        await asyncio.wait_for(archive.committer.commit(open_case(1)), 5)


async def test_a_stop_right_after_the_start_still_writes(engine_url: str) -> None:
    archive = Archive(make_engine(engine_url))
    waiting = asyncio.create_task(archive.committer.commit(open_case(1)))
    await asyncio.sleep(0)
    archive.committer.start()
    await archive.close()
    assert await asyncio.wait_for(waiting, 5) == Committed()


async def test_written_is_set_after_a_batch(archive: Archive) -> None:
    assert not archive.committer.written.is_set()
    await archive.committer.commit(open_case(1))
    assert archive.committer.written.is_set()
