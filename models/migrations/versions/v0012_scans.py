"""Rows pushed back, and whether the duty phone has been rung for a finding."""

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | None = None
depends_on: str | None = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "pushed_back",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scan", sa.String(length=40), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pushed_back"),
    )
    op.create_index("ix_pushed_back_scan_row_id", "pushed_back", ["scan", "row_id"], unique=True)
    op.add_column("findings", sa.Column("told_at", MOMENT, nullable=True))
