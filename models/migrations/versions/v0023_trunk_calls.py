"""What leaves over a trunk is counted in rows, with what was refused; calls are found by the caller's number."""

import sqlalchemy as sa
from alembic import op

revision: str = "0023"
down_revision: str | None = "0022"
branch_labels: str | None = None
depends_on: str | None = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "trunk_calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("number_class", sa.String(length=24), nullable=False),
        sa.Column("purpose", sa.String(length=24), nullable=False),
        sa.Column("known", sa.Boolean(), nullable=False),
        sa.Column("trunk", sa.String(length=40), nullable=True),
        sa.Column("node", sa.String(length=40), nullable=True),
        sa.Column("channel_id", sa.String(length=150), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("fen", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trunk_calls"),
    )
    op.create_index("ix_trunk_calls_number_decided_at", "trunk_calls", ["number", "decided_at"])
    op.create_index("ix_trunk_calls_purpose_decided_at", "trunk_calls", ["purpose", "decided_at"])
    op.create_index("ix_trunk_calls_decided_at", "trunk_calls", ["decided_at"])
    going_on = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_trunk_calls_going_on", "trunk_calls", ["purpose"], sqlite_where=going_on, postgresql_where=going_on
    )
    op.create_index("ix_calls_caller_number", "calls", ["caller_number"])
