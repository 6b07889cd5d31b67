"""What agents write up; how somebody reported to be on duty; the talks of a person."""

import sqlalchemy as sa
from alembic import op

revision: str = "0029"
down_revision: str | None = "0028"
branch_labels: str | None = None
depends_on: str | None = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "wrap_ups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("staff_number", sa.String(length=20), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_wrap_ups_call_id_calls"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_wrap_ups_ticket_id_tickets"),
        sa.PrimaryKeyConstraint("id", name="pk_wrap_ups"),
    )
    op.create_index("ix_wrap_ups_call_id_staff_number", "wrap_ups", ["call_id", "staff_number"], unique=True)
    op.create_table(
        "work_summaries",
        sa.Column("staff_number", sa.String(length=20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("staff_number", "day", name="pk_work_summaries"),
    )
    op.create_index("ix_talks_staff_number_started_at", "talks", ["staff_number", "started_at"])
    dialled = sa.Column("reported_by", sa.String(length=24), server_default="dialled", nullable=False)
    op.add_column("presence", dialled)
