"""The order of messages: per target without gaps, whoever writes."""

import asyncio
from datetime import timedelta

import pytest

from storage.archive import Archive, open_archive
from storage.plan import Change, Committed, Plan
from storage.tables import Case, Outbox, Target
from tests.clock import START
from tests.storage.builders import change_case, get_row, list_links, list_rows, make_event, make_message, open_case


async def test_messages_of_a_plan_keep_their_order(archive: Archive) -> None:
    targets = ["a", "b", "a", "a", "b"]
    await archive.committer.commit(Plan(outbox=[make_message(t, text=n) for n, t in enumerate(targets)]))
    rows = await list_rows(archive.engine, Outbox)
    assert [(row.target, row.seq, row.body["text"]) for row in rows] == [
        ("a", 1, 0),
        ("b", 1, 1),
        ("a", 2, 2),
        ("a", 3, 3),
        ("b", 2, 4),
    ]
    assert [(row.key, row.last_seq) for row in await list_rows(archive.engine, Target)] == [("a", 3), ("b", 2)]


async def test_a_target_is_due_with_its_earliest_message(archive: Archive) -> None:
    later, latest = START + timedelta(hours=1), START + timedelta(hours=2)
    await archive.committer.commit(Plan(outbox=[make_message("a", at=latest), make_message("a", at=later)]))
    assert (await get_row(archive.engine, Target, "a")).due_at == later
    await archive.committer.commit(Plan(outbox=[make_message("a", at=latest)]))
    assert (await get_row(archive.engine, Target, "a")).due_at == later
    await archive.committer.commit(Plan(outbox=[make_message("a", at=START)]))
    assert (await get_row(archive.engine, Target, "a")).due_at == START


async def test_a_target_that_rests_is_due_again_with_a_new_message(archive: Archive) -> None:
    await archive.committer.commit(Plan(outbox=[make_message("a")]))
    await archive.committer.commit(Plan(changes=[Change(Target, "a", None, {"due_at": None})]))
    assert (await get_row(archive.engine, Target, "a")).due_at is None
    await archive.committer.commit(Plan(outbox=[make_message("a", at=START + timedelta(days=1))]))
    assert (await get_row(archive.engine, Target, "a")).due_at == START + timedelta(days=1)


@pytest.mark.usefixtures("single_try")
async def test_two_processes_write_to_the_same_targets_without_gaps(engine_url: str) -> None:
    async with open_archive(engine_url) as one, open_archive(engine_url) as two:
        # Opposite orders of targets: locked as they come, the processes would wait for each other.
        plans = [Plan(outbox=[make_message(f"t{t}", n=n) for t in range(8)]) for n in range(30)]
        turned = [Plan(outbox=plan.outbox[::-1]) for plan in plans]
        commits = [
            a.committer.commit(p)
            for pair in zip(plans, turned, strict=True)
            for a, p in zip((one, two), pair, strict=True)
        ]
        assert list(await asyncio.gather(*commits)) == [Committed()] * 60
        rows = await list_rows(one.engine, Outbox)
        ends = {row.key: row.last_seq for row in await list_rows(one.engine, Target)}
    assert len({row.id for row in rows}) == 480
    for target in (f"t{t}" for t in range(8)):
        assert sorted(row.seq for row in rows if row.target == target) == list(range(1, 61))
        assert ends[target] == 60


@pytest.mark.usefixtures("single_try")
async def test_two_processes_that_touch_the_same_cases_never_wait_for_each_other(engine_url: str) -> None:
    """Guards, bare events and unguarded changes in opposite orders: all are written, and no chain is torn."""
    async with open_archive(engine_url) as one, open_archive(engine_url) as two:
        await asyncio.gather(*(one.committer.commit(open_case(n)) for n in range(1, 9)))
        commits = []
        for n in range(1, 9):
            other = 9 - n
            commits.append(
                one.committer.commit(Plan(changes=[change_case(n, None, hurried=1)], events=[make_event(other)]))
            )
            commits.append(
                two.committer.commit(Plan(changes=[change_case(other, None, hurried=2)], events=[make_event(n)]))
            )
        assert list(await asyncio.gather(*commits)) == [Committed()] * 16
        for n in range(1, 9):
            links = await list_links(one.engine, n)
            assert [link.seq for link in links] == [1, 2, 3]
            assert (await get_row(one.engine, Case, n)).head_hash == links[-1].hash


@pytest.mark.usefixtures("single_try")
async def test_of_two_processes_that_decide_on_one_version_exactly_one_wins(engine_url: str) -> None:
    async with open_archive(engine_url) as one, open_archive(engine_url) as two:
        await asyncio.gather(*(one.committer.commit(open_case(n)) for n in range(1, 21)))
        decide = [
            archive.committer.commit(Plan(changes=[change_case(n, 0, status=name)], events=[make_event(n, name)]))
            for n in range(1, 21)
            for archive, name in ((one, "accepted"), (two, "returned"))
        ]
        outcomes = await asyncio.gather(*decide)
        for n in range(1, 21):
            pair = outcomes[2 * n - 2 : 2 * n]
            assert sorted(type(outcome).__name__ for outcome in pair) == ["Committed", "Conflict"]
            winner = "accepted" if isinstance(pair[0], Committed) else "returned"
            case = await get_row(one.engine, Case, n)
            assert (case.status, case.version) == (winner, 1)
            assert [link.kind for link in await list_links(one.engine, n)] == ["opened", winner]
