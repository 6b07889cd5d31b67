"""Follow-up calls, satisfaction surveys, and opt-outs."""

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | None = None
depends_on: str | None = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("at_once", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_campaigns"),
    )
    op.create_index("ix_campaigns_state", "campaigns", ["state"], unique=False)
    op.create_table(
        "surveys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=True),
        sa.Column("language", sa.String(length=10), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=True)
            for name in ("ticket_id", "done_event", "campaign_id", "talk_id", "owner_id")
        ),
        sa.Column("staff_number", sa.String(length=20), nullable=True),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("called_at", MOMENT, nullable=True),
        sa.Column("call_id", sa.Integer(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("settled", sa.Boolean(), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=f"fk_surveys_{column}_{table}")
            for column, table in (
                ("ticket_id", "tickets"),
                ("done_event", "ticket_events"),
                ("campaign_id", "campaigns"),
                ("talk_id", "talks"),
                ("owner_id", "owners"),
                ("call_id", "calls"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name="pk_surveys"),
    )
    for columns, unique in (
        (["campaign_id", "state", "due_at"], False),
        (["campaign_id", "number"], True),
        (["number", "called_at"], False),
        (["done_event"], True),
        (["talk_id"], True),
        (["ticket_id"], False),
        (["ended_at"], False),
    ):
        op.create_index(f"ix_surveys_{'_'.join(columns)}", "surveys", columns, unique=unique)
    op.create_table(
        "opt_outs",
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=True),
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name="fk_opt_outs_survey_id_surveys"),
        sa.PrimaryKeyConstraint("number", name="pk_opt_outs"),
    )
    op.create_index("ix_opt_outs_at", "opt_outs", ["at"], unique=False)
