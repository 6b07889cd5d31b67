"""Guessed passwords, the bans that follow, and wrong PINs."""

import sqlalchemy as sa
from alembic import op

revision: str = "0026"
down_revision: str | None = "0025"
branch_labels: str | None = None
depends_on: str | None = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "guesses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("account", sa.String(length=20), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_guesses"),
    )
    op.create_index("ix_guesses_at", "guesses", ["at"])
    op.create_index("ix_guesses_address_at", "guesses", ["address", "at"])
    op.create_table(
        "bans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("lifted_by", sa.String(length=80), nullable=True),
        sa.Column("held_since", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_bans"),
    )
    op.create_index("ix_bans_ends_at", "bans", ["ends_at"])
    op.create_index("ix_bans_address_began_at", "bans", ["address", "began_at"])
    held = sa.text("held_since IS NOT NULL")
    op.create_index("ix_bans_held_now", "bans", ["held_since"], sqlite_where=held, postgresql_where=held)
    op.create_table(
        "wrong_pins",
        sa.Column("telephone", sa.String(length=20), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("locked_until", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("telephone", name="pk_wrong_pins"),
    )
    op.create_index("ix_wrong_pins_locked_until", "wrong_pins", ["locked_until"])
