"""Alembic's entry: it runs on the connection that `storage.schema` hands over, inside that connection's transaction."""

from alembic import context
from sqlmodel import SQLModel

import storage.learning_tables
import storage.loop_tables
import storage.notice_tables
import storage.tables  # noqa: F401  # fills the metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
context.run_migrations()
