"""Departments are notified of new tickets by telephone."""

import sqlalchemy as sa
from alembic import op

revision: str = "0037"
down_revision: str | None = "0036"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("tickets", sa.Column("notify_at", sa.DateTime(timezone=True), nullable=True))
    known = sa.text("notify_at IS NOT NULL")
    op.create_index("ix_tickets_notify_at", "tickets", ["notify_at"], sqlite_where=known, postgresql_where=known)
    op.add_column(
        "escalations", sa.Column("cause", sa.String(length=24), nullable=False, server_default=sa.text("'late'"))
    )
