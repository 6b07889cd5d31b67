"""Numbers of nuisance callers, with the date until which they are not let in."""

import sqlalchemy as sa
from alembic import op

revision: str = "0024"
down_revision: str | None = "0023"
branch_labels: str | None = None
depends_on: str | None = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "blocked_numbers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("blocked_by", sa.String(length=80), nullable=False),
        sa.Column("blocked_at", MOMENT, nullable=False),
        sa.Column("lifted_by", sa.String(length=80), nullable=True),
        sa.Column("lifted_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_blocked_numbers"),
    )
    op.create_index("ix_blocked_numbers_number_until", "blocked_numbers", ["number", "until"])
    op.create_index("ix_blocked_numbers_until", "blocked_numbers", ["until"])
