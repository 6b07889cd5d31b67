"""Rooms, and the guests who stay in them."""

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | None = None
depends_on: str | None = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "rooms",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("do_not_disturb", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_rooms"),
    )
    op.create_table(
        "guests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("room", sa.String(length=20), nullable=False),
        sa.Column("checked_in_at", MOMENT, nullable=False),
        sa.Column("checked_in_by", sa.String(length=80), nullable=False),
        sa.Column("checked_out_at", MOMENT, nullable=True),
        sa.Column("checked_out_by", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(["room"], ["rooms.number"], name="fk_guests_room_rooms"),
        sa.PrimaryKeyConstraint("id", name="pk_guests"),
    )
    op.create_index("ix_guests_room_checked_out_at", "guests", ["room", "checked_out_at"], unique=False)
    op.create_table(
        "room_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("room", sa.String(length=20), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("note", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["room"], ["rooms.number"], name="fk_room_events_room_rooms"),
        sa.PrimaryKeyConstraint("id", name="pk_room_events"),
    )
    op.create_index("ix_room_events_room_at", "room_events", ["room", "at"], unique=False)
