"""An index that lets a scan skip recordings without a file."""

import sqlalchemy as sa
from alembic import op

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: str | None = None
depends_on: str | None = None

WITH_FILE = sa.text("path IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_recordings_with_file", "recordings", ["id"], sqlite_where=WITH_FILE, postgresql_where=WITH_FILE)
