"""The access log becomes a chain of hashes, old entries in the order in which they were written."""

from datetime import UTC

import sqlalchemy as sa
from alembic import op

from models.text.chain import BEGINNING, link

revision: str = "0025"
down_revision: str | None = "0024"
branch_labels: str | None = None
depends_on: str | None = None

_AT_A_TIME = 1000


def upgrade() -> None:
    op.create_table(
        "access_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_access_head"),
    )
    op.add_column("access_log", sa.Column("place", sa.Integer(), nullable=True))
    op.add_column("access_log", sa.Column("sha256", sa.String(length=64), nullable=True))
    place, sha256 = _chained()
    with op.batch_alter_table("access_log") as table:
        table.alter_column("place", existing_type=sa.Integer(), nullable=False)
        table.alter_column("sha256", existing_type=sa.String(length=64), nullable=False)
    op.create_index("ix_access_log_place", "access_log", ["place"], unique=True)
    op.execute(sa.insert(_HEAD).values(id=1, place=place, sha256=sha256))


_LOG = sa.table(
    "access_log",
    sa.column("id", sa.Integer()),
    sa.column("at", sa.DateTime(timezone=True)),
    *map(sa.column, ("who", "what", "subject", "place", "sha256")),
)
_HEAD = sa.table("access_head", *map(sa.column, ("id", "place", "sha256")))


def _chained() -> tuple[int, str]:
    """Place and hash of the newest entry."""
    connection, place, before, last = op.get_bind(), 0, BEGINNING, 0
    change = sa.update(_LOG).where(_LOG.c.id == sa.bindparam("this"))
    change = change.values(place=sa.bindparam("its_place"), sha256=sa.bindparam("its_hash"))
    page = sa.select(_LOG).order_by(_LOG.c.id).limit(_AT_A_TIME)
    while rows := connection.execute(page.where(_LOG.c.id > last)).all():
        changes = []
        for row in rows:
            # SQLite keeps no zone: it is UTC.
            at = row.at if row.at.tzinfo is not None else row.at.replace(tzinfo=UTC)
            place, last = place + 1, row.id
            before = link(before, place, at, row.who, row.what, row.subject)
            changes.append({"this": row.id, "its_place": place, "its_hash": before})
        connection.execute(change, changes)
    return place, before
