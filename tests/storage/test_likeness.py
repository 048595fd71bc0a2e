"""Finding cases by their sketches, and who reported them, on both engines: also at the edges of the column, and across processes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from storage.archive import Archive, open_archive
from storage.likeness import Likeness
from storage.plan import Committed, Plan
from storage.rows import fresh, with_changes
from storage.tables import Case, CaseReporter, CaseSketch
from tests.clock import START
from tests.storage.builders import change_case, count_rows, make_case, make_resident

LONG_AGO = START - timedelta(days=30)
SMALLEST, LARGEST = -(2**63), 2**63 - 1


async def write(archive: Archive, *rows: object) -> None:
    assert await archive.committer.commit(Plan(rows=list(rows))) == Committed()  # type: ignore[arg-type]


async def add(
    archive: Archive,
    likeness: Likeness,
    case_id: int,
    keys: Sequence[int],
    at: datetime = START,
    *,
    is_open: bool = True,
) -> Case:
    """A case with its sketches."""
    case = with_changes(make_case(case_id), {"opened_at": at, "is_open": is_open})
    await write(archive, case, *likeness.make_sketches(keys, case))
    return case


async def ids(likeness: Likeness, *keys: int, since: datetime = LONG_AGO) -> list[int]:
    """Which cases are found by these keys, in the order in which they are told."""
    return [case.id for case in await likeness.list_alike(keys, since)]


async def test_open_cases_that_share_a_key_newest_first(archive: Archive) -> None:
    likeness = Likeness(archive)
    for case_id, keys in ((1, (10, 11)), (2, (11, 12)), (3, (13,)), (4, (10, 12))):
        await add(archive, likeness, case_id, keys)
    assert await ids(likeness, 11) == [2, 1]
    assert await ids(likeness, 10, 13) == [4, 3, 1]
    assert await ids(likeness, 99) == []
    assert await ids(likeness) == []


async def test_what_is_closed_and_what_is_too_old_is_not_found(archive: Archive) -> None:
    likeness = Likeness(archive)
    await add(archive, likeness, 1, (10,), START - timedelta(days=20))
    await add(archive, likeness, 2, (10,), is_open=False)
    await add(archive, likeness, 3, (10,))
    assert await ids(likeness, 10, since=START - timedelta(days=14)) == [3]
    assert await ids(likeness, 10, since=START) == [], "opened after, not at"
    assert await archive.committer.commit(Plan(changes=[change_case(3, 0, is_open=False)])) == Committed()
    assert await ids(likeness, 10) == [1]


async def test_of_many_the_newest(archive: Archive) -> None:
    likeness = Likeness(archive)
    for case_id in range(1, 13):
        await add(archive, likeness, case_id, (10,))
    assert await ids(likeness, 10) == list(range(12, 4, -1))


async def test_keys_at_the_edges_of_the_column(archive: Archive) -> None:
    likeness = Likeness(archive)
    await add(archive, likeness, 1, (SMALLEST, LARGEST, 0, -1))
    for key in (SMALLEST, LARGEST, 0, -1):
        assert await ids(likeness, key) == [1]
    assert await ids(likeness, 1) == []


async def test_a_key_twice_is_one_row(archive: Archive) -> None:
    likeness = Likeness(archive)
    await add(archive, likeness, 1, (10, 10, 11))
    assert await count_rows(archive.engine, CaseSketch) == 2


async def test_what_was_found_can_be_read_like_any_row(archive: Archive) -> None:
    likeness = Likeness(archive)
    await add(archive, likeness, 1, (10,))
    (found,) = await likeness.list_alike((10,), LONG_AGO)
    assert (found.text, found.status, found.opened_at, found.version) == ("楼道堆物", "assigned", START, 0)


async def test_following_learns_what_other_processes_wrote(archive: Archive, engine_url: str) -> None:
    likeness = Likeness(archive)
    await likeness.follow()
    async with open_archive(engine_url) as other:
        theirs = Likeness(other)
        await add(other, theirs, 1, (10,))
        assert await ids(likeness, 10) == [], "not followed yet: a question not asked, never a wrong answer"
        await likeness.follow()
        assert await ids(likeness, 10) == [1]
        await add(other, theirs, 2, (10, 11), START + timedelta(minutes=5))
        await likeness.follow()
        assert await ids(likeness, 11) == [2]


async def test_a_late_writer_is_still_followed(archive: Archive, engine_url: str) -> None:
    likeness = Likeness(archive)
    await add(archive, likeness, 1, (10,))
    await likeness.follow()
    async with open_archive(engine_url) as other:
        await add(other, Likeness(other), 2, (11,), START - timedelta(seconds=59))
    await likeness.follow()
    assert await ids(likeness, 11) == [2]


async def test_own_sketches_are_known_at_once(archive: Archive) -> None:
    likeness = Likeness(archive)
    await likeness.follow()
    await add(archive, likeness, 1, (10,))
    assert await ids(likeness, 10) == [1]


async def test_forgetting_lets_go_of_old_sketches_only(archive: Archive) -> None:
    likeness = Likeness(archive)
    await likeness.follow()
    await add(archive, likeness, 1, (10,), START - timedelta(days=20))
    await add(archive, likeness, 2, (10, 11), START - timedelta(days=14))
    await likeness.forget(START - timedelta(days=14))
    assert await ids(likeness, 10) == [2]
    assert await count_rows(archive.engine, CaseSketch) == 2
    assert await count_rows(archive.engine, Case) == 2
    await likeness.forget(START)
    assert await ids(likeness, 10, 11) == []
    assert await count_rows(archive.engine, CaseSketch) == 0


def joined(row_id: int, resident_id: int, minutes: int, left: bool = False, case_id: int = 1) -> CaseReporter:
    at = START + timedelta(minutes=minutes)
    return fresh(
        CaseReporter,
        id=row_id,
        case_id=case_id,
        resident_id=resident_id,
        via_case_id=row_id,
        joined_at=at,
        left_at=at if left else None,
    )


async def test_members_in_the_order_they_came_without_those_who_left(archive: Archive) -> None:
    rows = [
        joined(51, 23, 9),
        joined(52, 22, 3),
        joined(53, 24, 5, left=True),
        joined(54, 25, 3),
        joined(55, 26, 1, case_id=2),
    ]
    await write(archive, make_case(1), make_case(2), *rows)
    members = await Likeness(archive).list_members(1)
    assert [row.resident_id for row in members] == [22, 25, 23]
    assert await Likeness(archive).list_members(3) == []


async def test_reporters_begin_with_whose_case_it_is_and_name_nobody_twice(archive: Archive) -> None:
    likeness = Likeness(archive)
    residents = [make_resident(row_id, f"o{row_id}") for row_id in (21, 22, 23, 24)]
    case = with_changes(make_case(1), {"resident_id": 23})
    await write(
        archive, *residents, case, joined(51, 21, 1), joined(52, 23, 0), joined(53, 22, 2), joined(54, 24, 1, left=True)
    )
    assert [one.openid for one in await likeness.list_reporters(case)] == ["o23", "o21", "o22"]


async def test_reporters_of_a_case_that_nobody_or_somebody_unknown_told(archive: Archive) -> None:
    likeness = Likeness(archive)
    await write(archive, make_resident(21, "o21"), make_case(1), joined(51, 21, 1))
    assert await likeness.list_reporters(with_changes(make_case(2), {"resident_id": None})) == []
    case = with_changes(make_case(1), {"resident_id": 999})
    assert [one.openid for one in await likeness.list_reporters(case)] == ["o21"]
