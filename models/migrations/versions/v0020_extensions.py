"""The telephone that a call to make rings is an extension: a wake-up rings a room, not one of the staff."""

from alembic import op

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    # Not in batch mode: rows of `attempts` point to this table, so SQLite cannot replace it by a copy.
    op.execute("ALTER TABLE calls_to_make RENAME COLUMN staff_number TO extension")
