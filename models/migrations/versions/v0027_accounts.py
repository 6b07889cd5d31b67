"""Accounts with a password, sign-ins, one-time links, and passwords that were wrong."""

import sqlalchemy as sa
from alembic import op

revision: str = "0027"
down_revision: str | None = "0026"
branch_labels: str | None = None
depends_on: str | None = None

MOMENT = sa.DateTime(timezone=True)
NUMBER = sa.String(length=20)


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("staff_number", NUMBER, nullable=False),
        sa.Column("password", sa.String(length=200), nullable=True),
        sa.Column("administrator", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=True),
        sa.Column("theme", sa.String(length=24), nullable=True),
        sa.PrimaryKeyConstraint("staff_number", name="pk_accounts"),
        sa.ForeignKeyConstraint(["staff_number"], ["staff.number"], name="fk_accounts_staff_number_staff"),
    )
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("staff_number", NUMBER, nullable=False),
        sa.Column("place", sa.String(length=24), nullable=False),
        sa.Column("address", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("group", sa.String(length=40), nullable=False),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("why_ended", sa.String(length=24), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_sign_ins"),
        sa.ForeignKeyConstraint(["staff_number"], ["accounts.staff_number"], name="fk_sign_ins_staff_number_accounts"),
    )
    op.create_index("ix_sign_ins_sha256", "sign_ins", ["sha256"], unique=True)
    op.create_index("ix_sign_ins_staff_number_address", "sign_ins", ["staff_number", "address"])
    op.create_index("ix_sign_ins_ended_at", "sign_ins", ["ended_at"])
    still = sa.text("ended_at IS NULL")
    op.create_index("ix_sign_ins_open", "sign_ins", ["seen_at"], sqlite_where=still, postgresql_where=still)
    op.create_table(
        "sign_in_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("staff_number", NUMBER, nullable=False),
        sa.Column("administrator", sa.Boolean(), nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_links"),
        sa.ForeignKeyConstraint(["staff_number"], ["staff.number"], name="fk_sign_in_links_staff_number_staff"),
    )
    op.create_index("ix_sign_in_links_sha256", "sign_in_links", ["sha256"], unique=True)
    op.create_index("ix_sign_in_links_staff_number", "sign_in_links", ["staff_number"])
    op.create_table(
        "sign_in_tries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_number", NUMBER, nullable=False),
        sa.Column("address", sa.String(length=80), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_tries"),
    )
    op.create_index("ix_sign_in_tries_at", "sign_in_tries", ["at"])
    op.create_index("ix_sign_in_tries_staff_number_at", "sign_in_tries", ["staff_number", "at"])
    op.create_index("ix_sign_in_tries_address_at", "sign_in_tries", ["address", "at"])
