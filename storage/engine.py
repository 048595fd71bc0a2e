"""Engines: SQLite as the embedded default, PostgreSQL past one process or one machine."""

from typing import Any

import orjson
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

BUSY_TIMEOUT_MS = 10_000
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
    "PRAGMA cache_size=-65536",
    "PRAGMA temp_store=MEMORY",
)
# Marks a transaction that will write: SQLite must take its lock at the start, since a read lock cannot be raised safely.
WRITES = {"wangge_writes": True}


def render_json(value: Any) -> str:
    """A JSON column's text."""
    return orjson.dumps(value).decode()


def make_engine(url: str) -> AsyncEngine:
    """An engine for `sqlite+aiosqlite:///…` or `postgresql+asyncpg://…`; raises `ValueError` for anything else."""
    backend = make_url(url).get_backend_name()
    if backend not in ("sqlite", "postgresql"):
        raise ValueError(f"unsupported database: {backend}")
    sizes: dict[str, Any] = {} if backend == "sqlite" else {"pool_size": 10, "max_overflow": 10, "pool_pre_ping": True}
    engine = create_async_engine(
        url, json_serializer=render_json, json_deserializer=orjson.loads, hide_parameters=True, **sizes
    )
    if backend == "sqlite":
        _teach_sqlite(engine.sync_engine)
    return engine


def make_plain_engine(engine: AsyncEngine) -> Engine:
    """An engine over the plain driver on the same SQLite file, for work that runs in a thread."""
    url = engine.url.set(drivername="sqlite+pysqlite")
    plain = create_engine(url, json_serializer=render_json, json_deserializer=orjson.loads, hide_parameters=True)
    _teach_sqlite(plain)
    return plain


def _teach_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        # The driver's own BEGIN comes too late and is never IMMEDIATE: it is switched off and ours is used.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("wangge_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def is_sqlite(engine: AsyncEngine) -> bool:
    """Whether the engine is the embedded one (a single process)."""
    return engine.dialect.name == "sqlite"


def has_file(engine: AsyncEngine) -> bool:
    """Whether the engine is the embedded one on a file: only there does a second connection see the same database."""
    return is_sqlite(engine) and engine.url.database not in (None, "", ":memory:")
