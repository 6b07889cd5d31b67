"""Listening, legal hold and reconciliation of recordings."""

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | None = None
depends_on: str | None = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("recordings", sa.Column("held_at", MOMENT, nullable=True))
    op.add_column("recordings", sa.Column("held_by", sa.String(length=80), nullable=True))
    op.add_column("recordings", sa.Column("hold_reason", sa.String(length=500), nullable=True))
    op.create_index("ix_recordings_reserved_at", "recordings", ["reserved_at"], unique=False)
    op.create_table(
        "mismatches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("recording_id", sa.Integer(), nullable=True),
        sa.Column("call_id", sa.Integer(), nullable=True),
        sa.Column("found_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["recording_id"], ["recordings.id"], name="fk_mismatches_recording_id_recordings"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_mismatches_call_id_calls"),
        sa.PrimaryKeyConstraint("id", name="pk_mismatches"),
    )
    op.create_index("ix_mismatches_kind_subject", "mismatches", ["kind", "subject"], unique=True)
    op.create_index("ix_mismatches_settled_at_id", "mismatches", ["settled_at", "id"], unique=False)
