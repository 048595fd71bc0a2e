"""An update that comes again: nothing is written, and it is answered as the first time."""

import asyncio

import pytest

from storage.archive import Archive, open_archive
from storage.columns import InboundState
from storage.plan import Committed, Plan, Repeated
from storage.tables import Case, Inbound, Outbox
from tests.storage.builders import count_rows, get_row, list_rows, make_inbound, make_message, open_case


def report(row_id: int, key: str, reply: dict[str, str] | None = None) -> Plan:
    """The plan of one update that opens case `row_id` and tells a group."""
    plan = open_case(row_id, target="group:1")
    plan.inbound = make_inbound(row_id, key, reply, case_id=row_id)
    return plan


async def test_a_repeat_writes_nothing_and_answers_the_stored_reply(archive: Archive) -> None:
    assert await archive.committer.commit(report(1, "k", {"text": "已受理"})) == Committed()
    assert await archive.committer.commit(report(2, "k", {"text": "别的"})) == Repeated({"text": "已受理"})
    assert await count_rows(archive.engine, Case) == 1
    assert await count_rows(archive.engine, Outbox) == 1


async def test_a_repeat_in_the_same_batch_answers_the_same_reply(archive: Archive) -> None:
    plans = [report(1, "k", {"text": "已受理"}), report(2, "other", None), report(3, "k", {"text": "别的"})]
    outcomes = await asyncio.gather(*(archive.committer.commit(plan) for plan in plans))
    assert list(outcomes) == [Committed(), Committed(), Repeated({"text": "已受理"})]
    assert [case.id for case in await list_rows(archive.engine, Case)] == [1, 2]


async def test_repeats_in_one_batch_of_an_update_long_answered(archive: Archive) -> None:
    await archive.committer.commit(report(1, "k", {"text": "已受理"}))
    outcomes = await asyncio.gather(*(archive.committer.commit(report(n, "k")) for n in (2, 3, 4)))
    assert list(outcomes) == [Repeated({"text": "已受理"})] * 3


async def test_an_update_that_failed_with_its_plan_may_come_again(archive: Archive) -> None:
    broken = report(1, "k")
    broken.outbox.append(make_message("a", at=None))  # type: ignore[arg-type]  # what makes it fail
    first, second = await asyncio.gather(
        archive.committer.commit(broken), archive.committer.commit(report(2, "k")), return_exceptions=True
    )
    assert isinstance(first, Exception)
    assert second == Committed()


@pytest.mark.usefixtures("single_try")
async def test_of_two_processes_with_one_update_exactly_one_writes(engine_url: str) -> None:
    keys = [f"k{n}" for n in range(40)]
    async with open_archive(engine_url) as one, open_archive(engine_url) as two:
        # The second hands them in backwards: locks taken in the order of arrival would run into each other.
        first = [one.committer.commit(report(n, key, {"by": "one"})) for n, key in enumerate(keys, 1)]
        second = [two.committer.commit(report(100 + n, key, {"by": "two"})) for n, key in enumerate(keys, 1)][::-1]
        outcomes = await asyncio.gather(*first, *second)
        assert await count_rows(one.engine, Case) == len(keys)
        assert await count_rows(one.engine, Inbound) == len(keys)
    firsts, seconds = outcomes[: len(keys)], outcomes[len(keys) :][::-1]
    for pair in zip(firsts, seconds, strict=True):
        assert sorted(type(outcome).__name__ for outcome in pair) == ["Committed", "Repeated"]
        won = "one" if isinstance(pair[0], Committed) else "two"
        assert Repeated({"by": won}) in pair


async def test_an_update_kept_first_is_finished_in_its_own_row(archive: Archive) -> None:
    pending = make_inbound(1, "k", state=InboundState.PENDING)
    assert await archive.committer.commit(Plan(inbound=pending)) == Committed()
    assert await archive.committer.commit(report(1, "k", {"text": "好"})) == Committed()
    row = await get_row(archive.engine, Inbound, 1)
    assert (row.state, row.reply, row.case_id) == (InboundState.DONE, {"text": "好"}, 1)
    assert await archive.committer.commit(report(1, "k")) == Repeated({"text": "好"})


async def test_a_pending_update_is_not_finished_by_another_row(archive: Archive) -> None:
    await archive.committer.commit(Plan(inbound=make_inbound(1, "k", state=InboundState.PENDING)))
    assert await archive.committer.commit(report(2, "k")) == Repeated(None)
    assert await count_rows(archive.engine, Case) == 0


@pytest.mark.usefixtures("single_try")
async def test_of_two_processes_that_finish_one_pending_update_one_wins(engine_url: str) -> None:
    async with open_archive(engine_url) as one, open_archive(engine_url) as two:
        for round_number in range(1, 11):
            key = f"k{round_number}"
            pending = make_inbound(round_number, key, state=InboundState.PENDING)
            await one.committer.commit(Plan(inbound=pending))
            plans = [report(round_number, key, {"by": name}) for name in ("one", "two")]
            plans[1].rows = open_case(1000 + round_number).rows
            plans[1].events = []
            outcomes = await asyncio.gather(one.committer.commit(plans[0]), two.committer.commit(plans[1]))
            assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Committed", "Repeated"]
        assert await count_rows(one.engine, Case) == 10
