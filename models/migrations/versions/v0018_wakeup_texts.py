"""Texts that guests hear in wake-up calls besides the time."""

import sqlalchemy as sa
from alembic import op

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "wakeup_texts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("until_date", sa.Date(), nullable=False),
        sa.Column("zh", sa.Text(), nullable=True),
        sa.Column("zh_sound", sa.String(length=80), nullable=True),
        sa.Column("en", sa.Text(), nullable=True),
        sa.Column("en_sound", sa.String(length=80), nullable=True),
        sa.Column("set_by", sa.String(length=80), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_wakeup_texts"),
    )
    op.create_index("ix_wakeup_texts_until_date", "wakeup_texts", ["until_date"])
