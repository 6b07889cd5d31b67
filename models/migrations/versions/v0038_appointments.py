"""Appointments with customers; a ladder for each cause of calls about a ticket."""

import sqlalchemy as sa
from alembic import op

revision: str = "0038"
down_revision: str | None = "0037"
branch_labels: str | None = None
depends_on: str | None = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "appointments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("moves_id", sa.Integer(), nullable=True),
        sa.Column("next_at", MOMENT, nullable=True),
        sa.Column("reminded_at", MOMENT, nullable=True),
        sa.Column("missed_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ending", sa.String(length=24), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_appointments_ticket_id_tickets"),
        sa.ForeignKeyConstraint(["moves_id"], ["appointments.id"], name="fk_appointments_moves_id_appointments"),
        sa.PrimaryKeyConstraint("id", name="pk_appointments"),
    )
    op.create_index("ix_appointments_ticket_id", "appointments", ["ticket_id"])
    planned = sa.text("next_at IS NOT NULL")
    op.create_index(
        "ix_appointments_next_at", "appointments", ["next_at"], sqlite_where=planned, postgresql_where=planned
    )
    going_on = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_appointments_open_ticket_id",
        "appointments",
        ["ticket_id"],
        unique=True,
        sqlite_where=going_on,
        postgresql_where=going_on,
    )
    op.add_column("tickets", sa.Column("appointment_at", MOMENT, nullable=True))
    op.drop_index("uq_escalations_open_ticket_id", "escalations")
    op.create_index(
        "uq_escalations_open_ticket_id_cause",
        "escalations",
        ["ticket_id", "cause"],
        unique=True,
        sqlite_where=going_on,
        postgresql_where=going_on,
    )
