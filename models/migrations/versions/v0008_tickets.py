"""Assignees, notices and promises of tickets; tasks of one person."""

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | None = None
depends_on: str | None = None

# As the columns were when this step was written: a step never follows later changes of the models.
WORD = sa.String(24)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for column in (
        sa.Column("severity", WORD, nullable=False, server_default=sa.text("'ordinary'")),
        sa.Column("reporter", WORD, nullable=True),
        sa.Column("contact_name", sa.String(length=80), nullable=True),
        sa.Column("contact_number", sa.String(length=40), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("need", sa.Text(), nullable=True),
        sa.Column("department", sa.String(length=40), nullable=True),
        sa.Column("assignee", sa.String(length=20), nullable=True),
        sa.Column("referred_to", sa.String(length=80), nullable=True),
        sa.Column("referral_number", sa.String(length=80), nullable=True),
        sa.Column("reminded_at", MOMENT, nullable=True),
    ):
        op.add_column("tickets", column)
    # SQLite adds a reference only with its column, or by copying the whole table.
    op.execute(
        "ALTER TABLE tickets ADD COLUMN merged_into INTEGER "
        "CONSTRAINT fk_tickets_merged_into_tickets REFERENCES tickets (id)"
    )
    op.create_index("ix_tickets_caller_number", "tickets", ["caller_number"])
    op.create_index("ix_units_unit", "units", ["unit"])
    op.create_index("ix_tickets_room", "tickets", ["room"])
    op.create_index("ix_tickets_first_receiver_state", "tickets", ["first_receiver", "state"])
    for columns in (
        ["contact_number"],
        ["department", "state"],
        ["assignee", "state"],
        ["about_staff"],
        ["merged_into"],
    ):
        _where_known("ix_tickets_" + "_".join(columns), columns, f"{columns[0]} IS NOT NULL")
    _where_known("ix_tickets_state_reminded_at", ["state", "reminded_at"], "reminded_at IS NOT NULL")
    op.create_table(
        "promises",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("postpones_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ending", WORD, nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_promises_ticket_id_tickets"),
        sa.ForeignKeyConstraint(["postpones_id"], ["promises.id"], name="fk_promises_postpones_id_promises"),
        sa.PrimaryKeyConstraint("id", name="pk_promises"),
    )
    op.create_index("ix_promises_ticket_id", "promises", ["ticket_id"])
    for name, where in (("open", "ended_at IS NULL"), ("postponed", "postpones_id IS NOT NULL")):
        op.create_index(
            f"uq_promises_{name}_ticket_id",
            "promises",
            ["ticket_id"],
            unique=True,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )
    op.add_column("tasks", sa.Column("owner_staff", sa.String(length=20), nullable=True))
    op.create_index("ix_tasks_ticket_id", "tasks", ["ticket_id"])
    _where_known("ix_tasks_owner_staff_state", ["owner_staff", "state"], "owner_staff IS NOT NULL")
    personal = sa.text("state = 'open' AND owner_staff IS NOT NULL")
    op.create_index(
        "uq_tasks_open_ticket_id_kind_owner_staff",
        "tasks",
        ["ticket_id", "kind", "owner_staff"],
        unique=True,
        sqlite_where=personal,
        postgresql_where=personal,
    )


def _where_known(name: str, columns: list[str], where: str) -> None:
    """Most tickets say nothing of these: they cost nothing to have no entry."""
    table = name.split("_")[1]
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
