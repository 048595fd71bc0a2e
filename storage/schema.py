"""Bringing a database to the present schema with Alembic: `run` and `demo` do it at start, tests check that nothing drifts."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import SQLModel

import storage.learning_tables
import storage.loop_tables
import storage.notice_tables
import storage.tables  # noqa: F401  # fills the metadata
from storage.engine import is_sqlite
from storage.writing import writing

# Two processes that start together must not both migrate; any constant number will do as the lock's name.
_MIGRATION_LOCK = 7_411_026


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
    command.upgrade(_config(connection), "head")


async def migrate(engine: AsyncEngine) -> None:
    """Apply the migrations that are missing; all of them or none."""
    if is_sqlite(engine) and engine.url.database and engine.url.database != ":memory:":
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)
    async with writing(engine) as connection:
        await connection.run_sync(_upgrade)


def _differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, SQLModel.metadata))


async def list_drift(engine: AsyncEngine) -> list[Any]:
    """What the tables in code have that the migrated database has not, and the reverse; empty when they agree."""
    async with engine.connect() as connection:
        return await connection.run_sync(_differences)
