"""What is known of each trunk, and the trunk of each ring and attempt."""

import sqlalchemy as sa
from alembic import op

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: str | None = None
depends_on: str | None = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "trunks",
        sa.Column("name", sa.String(length=31), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("up_at", MOMENT, nullable=True),
        sa.Column("failure", sa.String(length=24), nullable=True),
        sa.Column("failed_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_trunks"),
    )
