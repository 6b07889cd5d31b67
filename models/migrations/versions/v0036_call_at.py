"""When an owed call back is made by itself; those that are open at this moment wait for a person."""

import sqlalchemy as sa
from alembic import op

revision: str = "0036"
down_revision: str | None = "0035"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("tasks", sa.Column("call_at", sa.DateTime(timezone=True), nullable=True))
    known = sa.text("call_at IS NOT NULL")
    op.create_index("ix_tasks_call_at", "tasks", ["call_at"], sqlite_where=known, postgresql_where=known)
