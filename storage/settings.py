"""Shared small facts: set by one process, seen by all."""

from collections.abc import Mapping

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from storage.tables import Setting


async def set_facts(connection: AsyncConnection, facts: Mapping[str, str], *, overwrite: bool = True) -> None:
    """Write facts; without `overwrite` only those that nobody has written yet."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(Setting.__table__)  # type: ignore[attr-defined]  # SQLModel adds it
    if overwrite:
        statement = statement.on_conflict_do_update(index_elements=["name"], set_={"value": statement.excluded.value})
    else:
        statement = statement.on_conflict_do_nothing(index_elements=["name"])
    await connection.execute(statement, [{"name": name, "value": value} for name, value in facts.items()])


async def move_fact(connection: AsyncConnection, name: str, was: str, value: str) -> bool:
    """Write a fact only where it still says `was`: of several who have read the same, one moves it. Whether it was moved."""
    same = update(Setting).where(col(Setting.name) == name, col(Setting.value) == was)
    return bool((await connection.execute(same.values(value=value))).rowcount)
