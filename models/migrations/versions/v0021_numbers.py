"""Numbers that were kept in another form than the one they have now: 862087654321, 00000000, signs that nobody sees."""

import sqlalchemy as sa
from alembic import op

from models.text.numbers import normal

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: str | None = None
depends_on: str | None = None

_MAY_BE_NOBODY = [("calls", "caller_number"), ("tickets", "caller_number"), ("tickets", "contact_number")]
_HAS_A_NUMBER = ["owner_phones", "opt_outs", "tasks"]


def upgrade() -> None:
    for name, column in _MAY_BE_NOBODY:
        table = sa.table(name, sa.column(column))
        for number, form in _changed(table, column):
            op.execute(sa.update(table).where(table.c[column] == number).values({column: form}))
    for name in _HAS_A_NUMBER:
        table = sa.table(name, sa.column("number"), *map(sa.column, _BESIDE[name]))
        other = table.alias()
        for number, form in _changed(table, "number"):
            this = table.c.number == number
            same = (table.c[beside] == other.c[beside] for beside in _BESIDE[name])
            # Who has the number in both forms keeps it once.
            if form is not None:
                there = sa.exists().where(other.c.number == form, *same)
                op.execute(sa.update(table).where(this, ~there).values(number=form))
            if name != "tasks":
                op.execute(sa.delete(table).where(this))


_BESIDE = {"owner_phones": ["owner_id"], "opt_outs": [], "tasks": ["kind", "state"]}


def _changed(table: sa.TableClause, column: str) -> list[tuple[str, str | None]]:
    """Each number whose form is another one now."""
    found = op.get_bind().scalars(sa.select(table.c[column]).where(table.c[column].is_not(None)).distinct()).all()
    return [(number, form) for number in found if (form := normal(number)) != number]
