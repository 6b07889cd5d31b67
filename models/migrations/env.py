"""Alembic runs in the transaction that `Store.migrate` has opened, so a failed migration changes nothing."""

from alembic import context
from sqlalchemy import Connection

from models.tables import Base

connection: Connection = context.config.attributes["connection"]
# Batch mode: SQLite cannot alter columns, so Alembic copies the table.
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    transactional_ddl=True,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
