"""Clicks: what the staff want from a telephone."""

import sqlalchemy as sa
from alembic import op

revision: str = "0030"
down_revision: str | None = "0029"
branch_labels: str | None = None
depends_on: str | None = None

MOMENT = sa.DateTime(timezone=True)
WORD = sa.String(length=24)


def upgrade() -> None:
    op.create_table(
        "clicks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_number", sa.String(length=20), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("target", sa.String(length=40), nullable=True),
        sa.Column("call_id", sa.Integer(), nullable=True),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("with_reason", sa.Boolean(), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("taken_at", MOMENT, nullable=True),
        sa.Column("node", sa.String(length=40), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("refusal", sa.String(length=500), nullable=True),
        sa.Column("transfer_id", sa.Integer(), nullable=True),
        sa.Column("call_to_make_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_clicks"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_clicks_call_id_calls"),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_clicks_task_id_tasks"),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfers.id"], name="fk_clicks_transfer_id_transfers"),
        sa.ForeignKeyConstraint(
            ["call_to_make_id"], ["calls_to_make.id"], name="fk_clicks_call_to_make_id_calls_to_make"
        ),
    )
    still = sa.text("ended_at IS NULL")
    op.create_index("ix_clicks_staff_number_made_at", "clicks", ["staff_number", "made_at"])
    op.create_index("ix_clicks_going_on", "clicks", ["made_at"], sqlite_where=still, postgresql_where=still)
    op.create_index(
        "uq_clicks_going_on",
        "clicks",
        ["staff_number", "kind"],
        unique=True,
        sqlite_where=still,
        postgresql_where=still,
    )
