"""Wake-ups: orders, the wake-ups of each day, and their evidence."""

import sqlalchemy as sa
from alembic import op

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: str | None = None
depends_on: str | None = None

MOMENT = sa.DateTime(timezone=True)
WORD = sa.String(length=24)


def upgrade() -> None:
    op.add_column("calls_to_make", sa.Column("channel_id", sa.String(length=40), nullable=True))
    op.create_table(
        "wakeup_orders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("room", sa.String(length=20), nullable=False),
        sa.Column("at", sa.String(length=5), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=True),
        sa.Column("weekdays", sa.String(length=7), nullable=True),
        sa.Column("language", sa.String(length=10), nullable=True),
        sa.Column("state", WORD, nullable=False),
        sa.Column("how", WORD, nullable=False),
        sa.Column("set_by", sa.String(length=80), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("ended_by", sa.String(length=80), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("planned_to", sa.Date(), nullable=True),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["wakeup_orders.id"], name="fk_wakeup_orders_replaces_id_wakeup_orders"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_wakeup_orders"),
    )
    op.create_index("ix_wakeup_orders_state_room", "wakeup_orders", ["state", "room"])
    op.create_index("ix_wakeup_orders_planned_to", "wakeup_orders", ["planned_to"])
    op.create_table(
        "wakeups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("room", sa.String(length=20), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("wake_at", MOMENT, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("snoozes", sa.Integer(), nullable=False),
        sa.Column("knock_at", MOMENT, nullable=True),
        sa.Column("knock_round", sa.Integer(), nullable=False),
        sa.Column("desk_at_once", sa.Boolean(), nullable=False),
        sa.Column("on_way_by", sa.String(length=20), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("confirmed_by", sa.String(length=80), nullable=True),
        sa.Column("confirmed_how", WORD, nullable=True),
        sa.Column("late_minutes", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["wakeup_orders.id"], name="fk_wakeups_order_id_wakeup_orders"),
        sa.PrimaryKeyConstraint("id", name="pk_wakeups"),
    )
    op.create_index("ix_wakeups_order_id_on_date", "wakeups", ["order_id", "on_date"], unique=True)
    op.create_index("ix_wakeups_due_at", "wakeups", ["due_at"])
    op.create_index("ix_wakeups_state_wake_at", "wakeups", ["state", "wake_at"])
    op.create_index("ix_wakeups_state_room", "wakeups", ["state", "room"])
    op.create_index("ix_wakeups_knock_at", "wakeups", ["knock_at"])
    op.create_table(
        "wakeup_attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wakeup_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.String(length=40), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("dialled_at", MOMENT, nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("outcome", WORD, nullable=True),
        sa.Column("rings", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=1), nullable=True),
        sa.ForeignKeyConstraint(["wakeup_id"], ["wakeups.id"], name="fk_wakeup_attempts_wakeup_id_wakeups"),
        sa.PrimaryKeyConstraint("id", name="pk_wakeup_attempts"),
    )
    op.create_index("ix_wakeup_attempts_wakeup_id_number", "wakeup_attempts", ["wakeup_id", "number"], unique=True)
    op.create_index("ix_wakeup_attempts_channel_id", "wakeup_attempts", ["channel_id"], unique=True)
    op.create_table(
        "wakeup_knocks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wakeup_id", sa.Integer(), nullable=False),
        sa.Column("rouse", WORD, nullable=False),
        sa.Column("staff_number", sa.String(length=20), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("outcome", WORD, nullable=True),
        sa.ForeignKeyConstraint(["wakeup_id"], ["wakeups.id"], name="fk_wakeup_knocks_wakeup_id_wakeups"),
        sa.PrimaryKeyConstraint("id", name="pk_wakeup_knocks"),
    )
    op.create_index("ix_wakeup_knocks_wakeup_id", "wakeup_knocks", ["wakeup_id"])
    op.create_table(
        "wakeup_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wakeup_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("from_state", WORD, nullable=True),
        sa.Column("to_state", WORD, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["wakeup_id"], ["wakeups.id"], name="fk_wakeup_events_wakeup_id_wakeups"),
        sa.PrimaryKeyConstraint("id", name="pk_wakeup_events"),
    )
    op.create_index("ix_wakeup_events_wakeup_id", "wakeup_events", ["wakeup_id"])
