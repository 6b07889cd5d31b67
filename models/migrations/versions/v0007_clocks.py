"""A clock has its start, length and policy; a reopened ticket has new clocks besides the old ones."""

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | None = None
depends_on: str | None = None

# As the columns were when this step was written: a step never follows later changes of the models.
WORD = sa.String(24)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for column in (
        sa.Column("round", sa.Integer(), nullable=False, server_default=sa.text("1")),
        sa.Column("begun_at", MOMENT, nullable=False, server_default=sa.text("'1970-01-01 00:00:00'")),
        sa.Column("figure", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("unit", WORD, nullable=False, server_default=sa.text("'minutes'")),
        sa.Column("policy_version", sa.String(length=20), nullable=False, server_default=sa.text("''")),
    ):
        op.add_column("clocks", column)
    # Until now every clock counted every minute from the opening of its ticket.
    for column_name, of_ticket in (("begun_at", "opened_at"), ("policy_version", "policy_version")):
        op.execute(
            f"UPDATE clocks SET {column_name} = (SELECT {of_ticket} FROM tickets WHERE tickets.id = clocks.ticket_id)"
        )
    sqlite = op.get_bind().dialect.name == "sqlite"
    minutes = (
        "(julianday(due_at) - julianday(begun_at)) * 1440" if sqlite else "extract(epoch FROM due_at - begun_at) / 60"
    )
    op.execute(f"UPDATE clocks SET figure = CAST(round({minutes}) AS INTEGER)")
    op.drop_index("ix_clocks_ticket_id_kind", "clocks")
    op.create_index("ix_clocks_ticket_id_kind_round", "clocks", ["ticket_id", "kind", "round"], unique=True)
