"""Guards: locking what a batch touches, and finding the plans whose decision was made on rows that have moved on since."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, inspect, literal, select
from sqlmodel import SQLModel

from storage.plan import Conflict, Outcome, Plan
from storage.rows import chunks, key_column
from storage.tables import Case

_Guard = tuple[type[SQLModel], int | str]


def mark_conflicts(connection: Connection, plans: Sequence[Plan], outcomes: list[Outcome]) -> None:
    """Lock the rows that the plans touch and write a `Conflict` into the outcome of each plan that was decided on an older version."""
    touched = _list_touched(plans, guarded_only=connection.dialect.name == "sqlite")
    present = {table: _lock_versions(connection, table, keys) for table, keys in sorted(touched.items(), key=_by_name)}
    taken: set[_Guard] = set()
    for index, plan in enumerate(plans):
        conflict = _find_conflict(plan, present, taken)
        if conflict is not None:
            outcomes[index] = conflict
        else:
            taken.update((change.table, change.key) for change in plan.changes if change.version is not None)


def _list_touched(plans: Sequence[Plan], guarded_only: bool) -> dict[type[SQLModel], set[Any]]:
    # Rows that change without a guard, and cases that only get an event, are locked with the others: locked later, their order
    # would be by chance, and two processes could wait for each other. SQLite has one writer and needs only the versions.
    touched: dict[type[SQLModel], set[Any]] = defaultdict(set)
    for change in (change for plan in plans for change in plan.changes):
        if change.version is not None or not guarded_only:
            touched[change.table].add(change.key)
    if not guarded_only:
        new = {row.id for plan in plans for row in plan.rows if isinstance(row, Case)}
        touched[Case] |= {draft.case_id for plan in plans for draft in plan.events} - new
    return touched


def _by_name(item: tuple[type[SQLModel], Any]) -> str:
    return item[0].__name__


def _lock_versions(connection: Connection, table: type[SQLModel], keys: set[Any]) -> dict[Any, int]:
    key = key_column(table)
    version = inspect(table).columns.get("version", literal(0))
    found: dict[Any, int] = {}
    for chunk in chunks(sorted(keys)):
        query = select(key, version).where(key.in_(chunk)).order_by(key).with_for_update()
        found.update((row[0], row[1]) for row in connection.execute(query))
    return found


def _find_conflict(plan: Plan, present: dict[type[SQLModel], dict[Any, int]], taken: set[_Guard]) -> Conflict | None:
    for change in plan.changes:
        if change.version is None:
            continue
        if present[change.table].get(change.key) != change.version or (change.table, change.key) in taken:
            return Conflict(change.table.__name__, change.key)
    return None
