"""Why it came to a ticket, as the one who took it down judges."""

import sqlalchemy as sa
from alembic import op

revision: str = "0028"
down_revision: str | None = "0027"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("tickets", sa.Column("cause", sa.String(length=24), nullable=True))
