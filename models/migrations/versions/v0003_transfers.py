"""Transfers with consent; the person a complaint is about; warnings of long talks."""

import sqlalchemy as sa
from alembic import op

from models.tables import UtcDateTime

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "transfers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("by_staff", sa.String(length=20), nullable=False),
        sa.Column("to_number", sa.String(length=20), nullable=True),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("refusal", sa.String(length=24), nullable=True),
        sa.Column("reason_kind", sa.String(length=24), nullable=True),
        sa.Column("reason_recording", sa.String(length=200), nullable=True),
        sa.Column("started_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("asked_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("agent_left_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_transfers_call_id_calls")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_transfers_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfers")),
    )
    op.create_index(op.f("ix_transfers_call_id"), "transfers", ["call_id"])
    op.add_column("tickets", sa.Column("about_staff", sa.String(length=20), nullable=True))
    op.add_column("talks", sa.Column("warned_at", UtcDateTime(timezone=True), nullable=True))
