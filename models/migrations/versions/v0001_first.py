"""The first schema: calls, tickets, tasks, recordings, people."""

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None

# As the columns were when this step was written: a step never follows later changes of the models.
WORD = sa.String(24)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "access_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("what", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_access_log"),
    )
    op.create_index("ix_access_log_at", "access_log", ["at"], unique=False)
    op.create_table(
        "groups",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("zh", sa.String(length=80), nullable=False),
        sa.Column("en", sa.String(length=80), nullable=False),
        sa.Column("neighbours", sa.JSON(), nullable=False),
        sa.Column("supervisor", sa.String(length=20), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_groups"),
    )
    op.create_table(
        "units",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("building", sa.String(length=40), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("keyed", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_units"),
    )
    op.create_index("ix_units_building_unit", "units", ["building", "unit"], unique=True)
    op.create_index("ix_units_keyed", "units", ["keyed"], unique=False)
    op.create_table(
        "owners",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_owners_unit_id_units"),
        sa.PrimaryKeyConstraint("id", name="pk_owners"),
    )
    op.create_index("ix_owners_unit_id_name", "owners", ["unit_id", "name"], unique=True)
    op.create_table(
        "staff",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("group", sa.String(length=40), nullable=True),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("on_duty", sa.Boolean(), nullable=False),
        sa.Column("idle_since", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["group"], ["groups.name"], name="fk_staff_group_groups"),
        sa.PrimaryKeyConstraint("number", name="pk_staff"),
    )
    op.create_index("ix_staff_group", "staff", ["group"], unique=False)
    op.create_table(
        "calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.String(length=150), nullable=False),
        sa.Column("line", sa.String(length=20), nullable=False),
        sa.Column("caller_number", sa.String(length=40), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("menu_path", sa.String(length=500), nullable=False),
        sa.Column("mode", sa.String(length=20), nullable=True),
        sa.Column("state", WORD, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", WORD, nullable=True),
        sa.Column("end_reason", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["owners.id"], name="fk_calls_owner_id_owners"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_calls_ticket_id_tickets", use_alter=True),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_calls_unit_id_units"),
        sa.PrimaryKeyConstraint("id", name="pk_calls"),
        sa.UniqueConstraint("channel_id", name="uq_calls_channel_id"),
    )
    op.create_index("ix_calls_started_at", "calls", ["started_at"], unique=False)
    op.create_index("ix_calls_state_started_at", "calls", ["state", "started_at"], unique=False)
    op.create_table(
        "owner_phones",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["owners.id"], name="fk_owner_phones_owner_id_owners"),
        sa.PrimaryKeyConstraint("id", name="pk_owner_phones"),
    )
    op.create_index("ix_owner_phones_number", "owner_phones", ["number"], unique=False)
    op.create_index("ix_owner_phones_owner_id_number", "owner_phones", ["owner_id", "number"], unique=True)
    op.create_table(
        "phones",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("staff_number", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["staff_number"], ["staff.number"], name="fk_phones_staff_number_staff"),
        sa.PrimaryKeyConstraint("number", name="pk_phones"),
    )
    op.create_table(
        "talks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("staff_number", sa.String(length=20), nullable=True),
        sa.Column("bridge_id", sa.String(length=150), nullable=False),
        sa.Column("caller_channel", sa.String(length=150), nullable=False),
        sa.Column("leg_channel", sa.String(length=150), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", WORD, nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_talks_call_id_calls"),
        sa.PrimaryKeyConstraint("id", name="pk_talks"),
    )
    op.create_index("ix_talks_call_id", "talks", ["call_id"], unique=False)
    op.create_table(
        "tickets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("source", WORD, nullable=False),
        sa.Column("line", sa.String(length=20), nullable=True),
        sa.Column("call_id", sa.Integer(), nullable=True),
        sa.Column("caller_number", sa.String(length=40), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("building", sa.String(length=20), nullable=True),
        sa.Column("room", sa.String(length=20), nullable=True),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("next_due_at", MOMENT, nullable=True),
        sa.Column("policy_version", sa.String(length=20), nullable=False),
        sa.Column("first_receiver", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_tickets_call_id_calls"),
        sa.ForeignKeyConstraint(["owner_id"], ["owners.id"], name="fk_tickets_owner_id_owners"),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_tickets_unit_id_units"),
        sa.PrimaryKeyConstraint("id", name="pk_tickets"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tickets_next_due_at", "tickets", ["next_due_at"], unique=False)
    op.create_index("ix_tickets_opened_at", "tickets", ["opened_at"], unique=False)
    op.create_index("ix_tickets_owner_id_opened_at", "tickets", ["owner_id", "opened_at"], unique=False)
    op.create_index("ix_tickets_state_opened_at", "tickets", ["state", "opened_at"], unique=False)
    op.create_index("ix_tickets_unit_id_opened_at", "tickets", ["unit_id", "opened_at"], unique=False)
    op.create_table(
        "clocks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("met_at", MOMENT, nullable=True),
        sa.Column("calendar", sa.String(length=20), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_clocks_ticket_id_tickets"),
        sa.PrimaryKeyConstraint("id", name="pk_clocks"),
    )
    op.create_index("ix_clocks_ticket_id_kind", "clocks", ["ticket_id", "kind"], unique=True)
    op.create_table(
        "recordings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=True),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("reserved_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("expected_seconds", sa.Double(), nullable=True),
        sa.Column("path", sa.String(length=300), nullable=True),
        sa.Column("format", sa.String(length=10), nullable=True),
        sa.Column("level", sa.Double(), nullable=True),
        sa.Column("retain_until", MOMENT, nullable=False),
        sa.Column("retry_at", MOMENT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_recordings_call_id_calls"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_recordings_ticket_id_tickets"),
        sa.PrimaryKeyConstraint("id", name="pk_recordings"),
        sa.UniqueConstraint("name", name="uq_recordings_name"),
    )
    op.create_index("ix_recordings_call_id", "recordings", ["call_id"], unique=False)
    op.create_index("ix_recordings_state_retry_at", "recordings", ["state", "retry_at"], unique=False)
    op.create_index("ix_recordings_ticket_id", "recordings", ["ticket_id"], unique=False)
    op.create_table(
        "rings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("staff_number", sa.String(length=20), nullable=True),
        sa.Column("phone", sa.String(length=80), nullable=False),
        sa.Column("channel_id", sa.String(length=150), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ringing_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("rings", sa.Integer(), nullable=False),
        sa.Column("outcome", WORD, nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_rings_call_id_calls"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_rings_ticket_id_tickets"),
        sa.PrimaryKeyConstraint("id", name="pk_rings"),
        sa.UniqueConstraint("channel_id", name="uq_rings_channel_id"),
    )
    op.create_index("ix_rings_call_id", "rings", ["call_id"], unique=False)
    op.create_table(
        "tasks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=True),
        sa.Column("call_id", sa.Integer(), nullable=True),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("owner_group", sa.String(length=40), nullable=True),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_tasks_call_id_calls"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_tasks_ticket_id_tickets"),
        sa.PrimaryKeyConstraint("id", name="pk_tasks"),
    )
    op.create_index("ix_tasks_call_id", "tasks", ["call_id"], unique=False)
    op.create_index("ix_tasks_state_due_at", "tasks", ["state", "due_at"], unique=False)
    op.create_index(
        "uq_tasks_open_kind_number",
        "tasks",
        ["kind", "number"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "ticket_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.String(length=40), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("from_state", WORD, nullable=True),
        sa.Column("to_state", WORD, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_ticket_events_ticket_id_tickets"),
        sa.PrimaryKeyConstraint("id", name="pk_ticket_events"),
    )
    op.create_index("ix_ticket_events_ticket_id_id", "ticket_events", ["ticket_id", "id"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        # Calls and tickets name each other. SQLite takes the reference to a table that comes later, PostgreSQL doesn't.
        op.create_foreign_key("fk_calls_ticket_id_tickets", "calls", "tickets", ["ticket_id"], ["id"])
