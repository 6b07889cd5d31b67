"""Presence, follow-me, and the outbox of calls to make."""

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None

# As the columns were when this step was written: a step never follows later changes of the models.
WORD = sa.String(24)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("staff", sa.Column("mobile", sa.String(length=40), nullable=True))
    op.create_table(
        "presence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_number", sa.String(length=20), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_presence"),
    )
    op.create_index("ix_presence_staff_number_since", "presence", ["staff_number", "since"], unique=False)
    op.create_index(
        "uq_presence_now_staff_number",
        "presence",
        ["staff_number"],
        unique=True,
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_table(
        "calls_to_make",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("staff_number", sa.String(length=20), nullable=True),
        sa.Column("owner_group", sa.String(length=40), nullable=False),
        sa.Column("asked_by", sa.String(length=80), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("claimed_by", sa.String(length=80), nullable=True),
        sa.Column("leased_until", MOMENT, nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("flag", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_calls_to_make_task_id_tasks"),
        sa.PrimaryKeyConstraint("id", name="pk_calls_to_make"),
    )
    op.create_index("ix_calls_to_make_state_asked_at", "calls_to_make", ["state", "asked_at"], unique=False)
    op.create_index("ix_calls_to_make_task_id", "calls_to_make", ["task_id"], unique=False)
    op.create_index(
        "uq_calls_to_make_going_on_task_id",
        "calls_to_make",
        ["task_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_to_make_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=True),
        sa.Column("staff_number", sa.String(length=20), nullable=True),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("dialled_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("outcome", WORD, nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_attempts_call_id_calls"),
        sa.ForeignKeyConstraint(
            ["call_to_make_id"], ["calls_to_make.id"], name="fk_attempts_call_to_make_id_calls_to_make"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_attempts"),
    )
    op.create_index("ix_attempts_call_to_make_id_number", "attempts", ["call_to_make_id", "number"], unique=True)
