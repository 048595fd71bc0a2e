"""Writing many rows of one table in one statement.

On SQLite each row of an `executemany` gives up and wins back the interpreter's lock, and SQLAlchemy handles each row's values anew; one
statement with all the rows does both once. PostgreSQL's driver pipelines the rows, so there SQLAlchemy's own way is used.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, insert
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlmodel import SQLModel

from storage.engine import render_json

_DIALECT = SQLiteDialect_pysqlite(json_serializer=render_json)
# SQLite takes 32,766 values in one statement.
_MOST_VALUES = 30_000
Values = Mapping[str, Any]
_Process = Callable[[Any], Any]


def insert_rows(connection: Connection, table: type[SQLModel], rows: Sequence[Values]) -> None:
    """Insert rows, which all have the same columns."""
    if connection.dialect.name == "sqlite":
        insert_returning(connection, table, rows, "")
    elif rows:
        connection.execute(insert(table), list(rows))


def insert_returning(
    connection: Connection, table: type[SQLModel], rows: Sequence[Values], tail: str
) -> list[Row[Any]]:
    """For SQLite: insert rows with what stands after the values (`ON CONFLICT …`, `RETURNING …`), and what is returned."""
    if not rows:
        return []
    names = tuple(rows[0])
    found: list[Row[Any]] = []
    most = _MOST_VALUES // len(names)
    for start in range(0, len(rows), most):
        some = rows[start : start + most]
        result = connection.exec_driver_sql(_render(table, names, len(some), tail), _flatten(table, names, some))
        found += result.all() if result.returns_rows else []
    return found


def _flatten(table: type[SQLModel], names: tuple[str, ...], rows: Sequence[Values]) -> tuple[Any, ...]:
    steps = [(name, process) for name, process in zip(names, _processors(table, names), strict=True)]
    return tuple(row[name] if process is None else process(row[name]) for row in rows for name, process in steps)


@cache
def _processors(table: type[SQLModel], names: tuple[str, ...]) -> tuple[_Process | None, ...]:
    """What turns each column's values into the driver's."""
    columns = table.__table__.c  # type: ignore[attr-defined]  # SQLModel adds it
    return tuple(columns[name].type.dialect_impl(_DIALECT).bind_processor(_DIALECT) for name in names)


@cache
def _render(table: type[SQLModel], names: tuple[str, ...], count: int, tail: str) -> str:
    quote = _DIALECT.identifier_preparer.quote
    row = f"({', '.join('?' * len(names))})"
    columns = ", ".join(quote(name) for name in names)
    return f"INSERT INTO {quote(str(table.__tablename__))} ({columns}) VALUES {', '.join([row] * count)} {tail}"
