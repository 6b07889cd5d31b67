"""Old clicks are found by their age, and deleted."""

from alembic import op

revision: str = "0031"
down_revision: str | None = "0030"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_index("ix_clicks_made_at", "clicks", ["made_at"])
