"""Shifts, rotations, duties, swaps, gaps and handovers; presence that was dialled again."""

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | None = None
depends_on: str | None = None

WORD = sa.String(24)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("presence", sa.Column("said_again_at", MOMENT, nullable=True))
    op.add_column("presence", sa.Column("holds_until", MOMENT, nullable=True))
    op.create_table(
        "shifts",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("zh", sa.String(length=80), nullable=False),
        sa.Column("en", sa.String(length=80), nullable=False),
        sa.Column("need", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("hours", sa.JSON(), nullable=False),
        sa.Column("handover", sa.Boolean(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("in_force", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_shifts"),
    )
    op.create_table(
        "shift_groups",
        sa.Column("shift", sa.String(length=40), nullable=False),
        sa.Column("group", sa.String(length=40), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("shift", "group", name="pk_shift_groups"),
    )
    op.create_index("ix_shift_groups_group", "shift_groups", ["group"], unique=False)
    op.create_table(
        "covers",
        sa.Column("group", sa.String(length=40), nullable=False),
        sa.Column("falls_to", sa.String(length=40), nullable=True),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("group", name="pk_covers"),
    )
    op.create_table(
        "rotations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shift", sa.String(length=40), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rotations"),
    )
    op.create_table(
        "duties",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shift", sa.String(length=40), nullable=False),
        sa.Column("staff_number", sa.String(length=20), nullable=False),
        sa.Column("instead_of", sa.String(length=20), nullable=True),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_duties"),
    )
    op.create_index("ix_duties_starts_at", "duties", ["starts_at"], unique=False)
    op.create_index(
        "ix_duties_staff_number_starts_at_shift", "duties", ["staff_number", "starts_at", "shift"], unique=True
    )
    op.create_table(
        "swaps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("staff_number", sa.String(length=20), nullable=False),
        sa.Column("with_staff", sa.String(length=20), nullable=True),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("back_at", MOMENT, nullable=True),
        sa.Column("back_ends_at", MOMENT, nullable=True),
        sa.Column("over_at", MOMENT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(length=80), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("decided_by", sa.String(length=20), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_swaps"),
    )
    op.create_index("ix_swaps_state_over_at", "swaps", ["state", "over_at"], unique=False)
    op.create_table(
        "gaps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("found_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_gaps_task_id_tasks"),
        sa.PrimaryKeyConstraint("id", name="pk_gaps"),
    )
    op.create_index(
        "ix_gaps_open",
        "gaps",
        ["kind", "subject"],
        unique=False,
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_table(
        "handovers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shift", sa.String(length=40), nullable=False),
        sa.Column("group", sa.String(length=40), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=False),
        sa.Column("leaving", sa.JSON(), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("given_by", sa.String(length=20), nullable=True),
        sa.Column("given_at", MOMENT, nullable=True),
        sa.Column("taken_by", sa.String(length=20), nullable=True),
        sa.Column("taken_at", MOMENT, nullable=True),
        sa.Column("tickets", sa.JSON(), nullable=True),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("reminded_at", MOMENT, nullable=True),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_handovers_task_id_tasks"),
        sa.PrimaryKeyConstraint("id", name="pk_handovers"),
    )
    op.create_index("ix_handovers_shift_ended_at", "handovers", ["shift", "ended_at"], unique=True)
    op.create_index("ix_handovers_state_ended_at", "handovers", ["state", "ended_at"], unique=False)
