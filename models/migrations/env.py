"""Alembic runs inside the transaction that `Store.migrate` has opened, so that a failed migration leaves nothing."""

from alembic import context
from sqlalchemy import Connection

from models.tables import Base

connection: Connection = context.config.attributes["connection"]
# Batch: SQLite can't alter a column, Alembic copies the table instead.
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    transactional_ddl=True,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
