"""What every writer shares: comparing with what is stored, and bulk statements that run on SQLite and PostgreSQL alike."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import Table, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.imports.faults import Fault
from storage.tables import Area

Record = TypeVar("Record")
Values = dict[str, Any]
"""A row to be written, by column."""
Stored = Mapping[str, Any]
"""A row as the database gave it, by column."""

_TABLES = Area.metadata.tables


class Ids(Protocol):
    """Where row ids come from."""

    async def take(self, n: int) -> Sequence[int]:
        """The next `n` ids."""
        ...


@dataclass(frozen=True, slots=True)
class Parsed(Generic[Record]):
    """`records` are complete only where `faults` is empty; `columns`: the codes that the file has."""

    records: tuple[Record, ...]
    columns: frozenset[str]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class BindCode:
    """A one-time code that binds a chat to the group `key` when somebody there says `绑定 CODE`."""

    key: str
    name: str
    code: str


@dataclass(frozen=True, slots=True)
class Imported:
    """How many records (workers, not their rows) were new, changed or as stored; `removed`: address rules no longer listed.

    `warnings`: Chinese sentences on what was taken all the same.
    """

    created: int
    updated: int
    unchanged: int
    removed: int = 0
    bind_codes: tuple[BindCode, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Desk:
    """The connection of one import. In a dry run everything is compared and nothing is written."""

    connection: AsyncConnection
    dry_run: bool = False

    async def load(self, name: str, *columns: str) -> list[Stored]:
        """All rows of a table, or only some of its columns."""
        table = get_table(name)
        chosen = [table.c[column] for column in columns] or [*table.c]
        return [*(await self.connection.execute(select(*chosen))).mappings()]

    async def insert(self, name: str, rows: Sequence[Values]) -> None:
        """New rows, all with the same columns."""
        if rows and not self.dry_run:
            await self.connection.execute(insert(get_table(name)), [*rows])

    async def update(self, name: str, key: str, rows: Sequence[Values]) -> None:
        """Change rows found by `key`; each has the key and the same other columns. A `version` column counts one up."""
        if not rows or self.dry_run:
            return
        table = get_table(name)
        values: Values = {column: bindparam(f"new_{column}") for column in rows[0] if column != key}
        if "version" in table.c:
            values["version"] = table.c.version + 1
        statement = update(table).where(table.c[key] == bindparam(f"new_{key}")).values(values)
        await self.connection.execute(
            statement, [{f"new_{column}": value for column, value in row.items()} for row in rows]
        )

    async def delete(self, name: str, ids: Sequence[int]) -> None:
        """Remove rows by their id."""
        if ids and not self.dry_run:
            table = get_table(name)
            await self.connection.execute(
                delete(table).where(table.c.id == bindparam("old_id")), [{"old_id": one} for one in ids]
            )


def get_table(name: str) -> Table:
    """A table of the archive; raises KeyError."""
    return _TABLES[name]


def pick(values: Values, given: Collection[str] | None, always: Collection[str] = ()) -> Values:
    """Only the values whose column the file has (None: all); what is absent stays as stored."""
    return {name: value for name, value in values.items() if given is None or name in given or name in always}


def differs(stored: Stored, wanted: Stored) -> bool:
    """Whether any wanted value is not the stored one."""
    return any(stored[name] != value for name, value in wanted.items())
