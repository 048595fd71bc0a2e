"""Corrections and lexicon versions on both engines: drafts, publishing, rolling back, and the fact that every process follows."""

import asyncio
from datetime import timedelta

import pytest

from storage.archive import Archive
from storage.columns import VersionState
from storage.learning_queries import LEXICON_VERSION, LearningBooks
from storage.learning_tables import Correction
from storage.plan import Committed, Conflict, Plan
from storage.queries import Books
from storage.rows import fresh
from tests.clock import START
from tests.storage.builders import change_case, open_case

WEIGHTS = {"飞线充电": {"law_enforcement": 1.25, "urban_property": -1.25}}


def correction(row_id: int, actor: str = "worker:1", words: tuple[str, ...] = ("飞线充电",)) -> Correction:
    return fresh(
        Correction,
        id=row_id,
        case_id=1,
        at=START,
        actor=actor,
        was="urban_property",
        now="law_enforcement",
        features=list(words),
    )


async def draft(books: LearningBooks, minutes: int = 0) -> int:
    made = await books.add_draft(WEIGHTS, {"corrections": 3}, START + timedelta(minutes=minutes), "员工", 7)
    return made.number


async def states(books: LearningBooks) -> dict[int, VersionState]:
    return {one.number: one.state for one in await books.list_versions()}


async def test_corrections_come_back_oldest_first(archive: Archive) -> None:
    rows = [correction(2, "resident:2", ()), correction(1)]
    assert await archive.committer.commit(Plan(rows=[*rows])) == Committed()
    found = await LearningBooks(archive).list_corrections()
    assert [(one.id, one.actor, one.features) for one in found] == [
        (1, "worker:1", ["飞线充电"]),
        (2, "resident:2", []),
    ]
    assert found[0].at == START


async def test_a_correction_is_written_with_its_move_or_not_at_all(archive: Archive) -> None:
    await archive.committer.commit(open_case(1))
    plan = Plan(rows=[correction(5)], changes=[change_case(1, 99, category="law_enforcement")])
    assert isinstance(await archive.committer.commit(plan), Conflict)
    assert await LearningBooks(archive).list_corrections() == []


async def test_a_draft_runs_nowhere(archive: Archive) -> None:
    books = LearningBooks(archive)
    assert await draft(books) == 1
    assert await draft(books) == 2
    assert await books.find_running() is None
    assert await books.find_fact() == ""
    kept = await books.find_version(2)
    assert kept is not None
    assert (kept.weights, kept.figures, kept.made_by, kept.until_correction_id) == (
        WEIGHTS,
        {"corrections": 3},
        "员工",
        7,
    )
    assert await books.find_version(3) is None


async def test_one_at_most_is_published_and_every_move_moves_the_fact(archive: Archive) -> None:
    books = LearningBooks(archive)
    first, second = await draft(books), await draft(books)
    facts = [await books.find_fact()]
    for minute, number in enumerate((first, second, first)):
        assert await books.publish(number, START + timedelta(minutes=minute))
        facts.append(await books.find_fact())
    assert len(set(facts)) == 4
    assert await states(books) == {first: VersionState.PUBLISHED, second: VersionState.RETIRED}
    assert facts[-1] == await Books(archive).find_setting(LEXICON_VERSION)


async def test_what_runs_already_and_what_is_not_there_cannot_be_published(archive: Archive) -> None:
    books = LearningBooks(archive)
    number = await draft(books)
    assert await books.publish(number, START)
    assert not await books.publish(number, START)
    assert not await books.publish(99, START)
    assert await states(books) == {number: VersionState.PUBLISHED}


async def test_a_rollback_goes_to_the_one_before_and_never_to_what_was_taken_back(archive: Archive) -> None:
    books = LearningBooks(archive)
    numbers = [await draft(books) for _ in range(3)]
    assert await books.roll_back(START) is None
    for minute, number in enumerate(numbers[:2]):
        await books.publish(number, START + timedelta(minutes=minute))
    assert await books.roll_back(START) == (2, 1)
    await books.publish(3, START + timedelta(minutes=5))
    assert await books.roll_back(START) == (3, 1)
    assert await books.roll_back(START) == (1, 0)
    assert await books.roll_back(START) is None
    assert set((await states(books)).values()) == {VersionState.RETIRED}
    assert await books.find_running() is None


@pytest.mark.parametrize("round_", range(3))
async def test_two_who_publish_at_once_leave_one(archive: Archive, round_: int) -> None:
    books = LearningBooks(archive)
    numbers = [await draft(books) for _ in range(2)]
    await asyncio.gather(*(books.publish(number, START) for number in numbers))
    assert sorted((await states(books)).values()) == [VersionState.PUBLISHED, VersionState.RETIRED]
