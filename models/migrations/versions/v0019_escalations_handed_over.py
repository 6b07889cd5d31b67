"""The escalations taken over with a shift."""

import sqlalchemy as sa
from alembic import op

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("handovers", sa.Column("escalations", sa.JSON(), nullable=True))
