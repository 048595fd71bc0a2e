"""The order in which a batch takes its locks on PostgreSQL. A deadlock shows only by chance; the order shows always."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import event

from storage.archive import Archive, open_archive
from storage.batch import write_batch
from storage.engine import WRITES
from storage.plan import Change, Committed, Plan
from storage.tables import Resident
from tests.storage.builders import change_case, make_event, make_inbound, make_message, make_resident, open_case

pytestmark = pytest.mark.postgres


@pytest.fixture
async def archive(postgres_database: str) -> AsyncIterator[Archive]:
    async with open_archive(postgres_database) as opened:
        await opened.committer.commit(open_case(1))
        await opened.committer.commit(open_case(2))
        await opened.committer.commit(Plan(rows=[make_resident(3, "o3")]))
        yield opened


async def list_statements(archive: Archive, plans: list[Plan]) -> list[tuple[str, Any]]:
    """What the batch sends, in order, with its parameters."""
    seen: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        seen.append((statement, parameters))

    event.listen(archive.engine.sync_engine, "before_cursor_execute", note)
    async with archive.engine.execution_options(**WRITES).begin() as connection:
        outcomes = await connection.run_sync(write_batch, plans, 900)
    event.remove(archive.engine.sync_engine, "before_cursor_execute", note)
    assert outcomes == [Committed()] * len(plans)
    return seen


def is_lock(statement: str) -> bool:
    return "FOR UPDATE" in statement


async def test_every_row_that_changes_is_locked_before_anything_is_written(archive: Archive) -> None:
    plans = [
        Plan(changes=[Change(Resident, 3, 0, {"name": "甲"})], events=[make_event(2)]),
        Plan(changes=[change_case(1, None, hurried=1)]),
    ]
    statements = await list_statements(archive, plans)
    first_write = next(n for n, (text, _) in enumerate(statements) if not is_lock(text))
    locks = statements[:first_write]
    # The last one reads the chain's end of a case that is locked already.
    assert [(text.partition("FROM ")[2].split()[0], list(parameters)) for text, parameters in locks] == [
        ('"case"', [1, 2]),
        ("resident", [3]),
        ('"case"', [2]),
    ]


async def test_a_new_case_needs_no_lock(archive: Archive) -> None:
    statements = await list_statements(archive, [open_case(4)])
    assert not is_lock(statements[0][0])


async def test_updates_and_targets_go_in_the_order_of_their_keys(archive: Archive) -> None:
    plans = [Plan(inbound=make_inbound(n, f"k{n}"), outbox=[make_message(f"t{n}")]) for n in (9, 7, 8)]
    statements = await list_statements(archive, plans)
    for table, prefix in (("inbound", "k"), ("target", "t")):
        (parameters,) = [given for text, given in statements if text.startswith(f"INSERT INTO {table} ")]
        assert [value for value in parameters if str(value)[:1] == prefix and len(str(value)) == 2] == [
            f"{prefix}7",
            f"{prefix}8",
            f"{prefix}9",
        ]
