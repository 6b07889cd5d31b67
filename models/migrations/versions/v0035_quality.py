"""Scorings of calls."""

import sqlalchemy as sa
from alembic import op

revision: str = "0035"
down_revision: str | None = "0034"
branch_labels: str | None = None
depends_on: str | None = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "scorings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("staff_number", sa.String(length=20), nullable=False),
        sa.Column("department", sa.String(length=40), nullable=True),
        sa.Column("scorer", sa.String(length=20), nullable=False),
        sa.Column("scored_at", MOMENT, nullable=False),
        sa.Column("total", sa.Double(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("policy_version", sa.String(length=20), nullable=False),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.Column("published_by", sa.String(length=20), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("remarked_at", MOMENT, nullable=True),
        sa.Column("training_task_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_scorings"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_scorings_call_id_calls"),
        sa.ForeignKeyConstraint(["training_task_id"], ["tasks.id"], name="fk_scorings_training_task_id_tasks"),
    )
    op.create_index("ix_scorings_call_id_staff_number", "scorings", ["call_id", "staff_number"], unique=True)
    op.create_index("ix_scorings_staff_number_published_at", "scorings", ["staff_number", "published_at"])
    op.create_index("ix_scorings_published_at", "scorings", ["published_at"])
    op.create_table(
        "scored_criteria",
        sa.Column("scoring_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("zh", sa.String(length=200), nullable=False),
        sa.Column("en", sa.String(length=200), nullable=False),
        sa.Column("mark", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("scoring_id", "key", name="pk_scored_criteria"),
        sa.ForeignKeyConstraint(["scoring_id"], ["scorings.id"], name="fk_scored_criteria_scoring_id_scorings"),
    )
