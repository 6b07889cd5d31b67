"""Calls to make for several purposes, and when each is due."""

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | None = None
depends_on: str | None = None

WORD = sa.String(24)
MOMENT = sa.DateTime(timezone=True)
ORDINARY = "1"
_GOING_ON = sa.text("ended_at IS NULL")


def upgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    if on_sqlite:
        # SQLite changes columns only by copying the table, to which no other table may point meanwhile.
        op.execute("CREATE TABLE attempts_aside AS SELECT * FROM attempts")
        op.drop_table("attempts")
    op.drop_index("ix_calls_to_make_state_asked_at", table_name="calls_to_make")
    op.drop_index("uq_calls_to_make_going_on_task_id", table_name="calls_to_make")
    op.drop_index("ix_calls_to_make_task_id", table_name="calls_to_make")
    with op.batch_alter_table("calls_to_make") as table:
        table.add_column(sa.Column("kind", WORD, nullable=False, server_default="call-back"))
        table.add_column(sa.Column("ticket_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("subject_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("priority", sa.Integer(), nullable=False, server_default=ORDINARY))
        table.add_column(sa.Column("due_at", MOMENT, nullable=True))
        table.add_column(sa.Column("line", sa.String(length=20), nullable=True))
        table.add_column(sa.Column("language", sa.String(length=10), nullable=True))
        table.alter_column("task_id", existing_type=sa.Integer(), nullable=True)
        table.alter_column("number", existing_type=sa.String(length=40), nullable=True)
        table.create_foreign_key("fk_calls_to_make_ticket_id_tickets", "tickets", ["ticket_id"], ["id"])
    op.execute("UPDATE calls_to_make SET due_at = asked_at")
    with op.batch_alter_table("calls_to_make") as table:
        table.alter_column("due_at", existing_type=MOMENT, nullable=False)
        table.alter_column("kind", existing_type=WORD, server_default=None)
        table.alter_column("priority", existing_type=sa.Integer(), server_default=None)
    for columns in (
        ["state", "priority", "due_at"],
        ["state", "leased_until"],
        ["task_id"],
        ["ticket_id"],
        ["kind", "subject_id"],
    ):
        op.create_index(f"ix_calls_to_make_{'_'.join(columns)}", "calls_to_make", columns, unique=False)
    for name, columns in (("task_id", ["task_id"]), ("subject_id", ["kind", "subject_id"])):
        op.create_index(
            f"uq_calls_to_make_going_on_{name}",
            "calls_to_make",
            columns,
            unique=True,
            sqlite_where=_GOING_ON,
            postgresql_where=_GOING_ON,
        )
    if on_sqlite:
        _attempts_again()
    _escalations()


def _escalations() -> None:
    op.create_table(
        "escalations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("next_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("accepted_by", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_escalations_ticket_id_tickets"),
        sa.PrimaryKeyConstraint("id", name="pk_escalations"),
    )
    op.create_index("ix_escalations_next_at", "escalations", ["next_at"], unique=False)
    op.create_index("ix_escalations_ticket_id", "escalations", ["ticket_id"], unique=False)
    op.create_index(
        "uq_escalations_open_ticket_id",
        "escalations",
        ["ticket_id"],
        unique=True,
        sqlite_where=_GOING_ON,
        postgresql_where=_GOING_ON,
    )
    op.create_table(
        "escalation_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("escalation_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("rung", WORD, nullable=False),
        sa.Column("staff_number", sa.String(length=20), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("channel_id", sa.String(length=150), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("outcome", WORD, nullable=True),
        sa.ForeignKeyConstraint(
            ["escalation_id"], ["escalations.id"], name="fk_escalation_steps_escalation_id_escalations"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_escalation_steps"),
    )
    op.create_index("ix_escalation_steps_escalation_id", "escalation_steps", ["escalation_id"], unique=False)


def _attempts_again() -> None:
    """As the second step had made it, with what was in it."""
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
    op.execute("INSERT INTO attempts SELECT * FROM attempts_aside")
    op.drop_table("attempts_aside")
