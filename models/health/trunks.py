"""Whether each trunk is there, and its last failure; one that stays away is a finding (R17-5)."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.states.health import TrunkFailure, TrunkState
from models.tables import TrunkRow

__all__ = ["TrunkFailure", "TrunkRow", "TrunkState"]


def every(session: Session) -> dict[str, TrunkRow]:
    """The rows by the trunks' names; a trunk that nobody has looked at yet has none."""
    return {row.name: row for row in session.scalars(select(TrunkRow))}


def look(
    session: Session, seen: Mapping[str, TrunkFailure | None], unknown: Collection[str] = (), *, at: datetime
) -> None:
    """Writes what a look at all trunks of the site has shown: None for one that is there, else what is wrong. Of the
    `unknown` ones nothing is known at this moment, and their rows stay as they are.

    A trunk that has never answered is only unwatched: many carriers answer no OPTIONS. Not so a failed registration,
    of ours or of a gateway, which is down from the beginning.
    """
    known = every(session)
    session.execute(delete(TrunkRow).where(TrunkRow.name.not_in([*seen, *unknown])))
    for name, wrong in seen.items():
        row = known.get(name)
        if row is None:
            row = TrunkRow(name=name, state=TrunkState.UNWATCHED, since=at)
            session.add(row)
        state = TrunkState.UP
        if wrong is not None:
            silent = wrong is TrunkFailure.SILENT and row.up_at is None
            state = TrunkState.UNWATCHED if silent else TrunkState.DOWN
        if state is TrunkState.UP:
            row.up_at = at
        elif state is TrunkState.DOWN and (row.state is not state or row.failure is not wrong):
            row.failure, row.failed_at = wrong, at
        if row.state is not state:
            row.state, row.since = state, at


def call_failed(session: Session, name: str, failure: TrunkFailure, *, at: datetime) -> None:
    """Writes that a trunk has refused a call, or was silent; whether it is there is judged by the looks alone.

    A failure that is known, or older than the last one, changes nothing.
    """
    row = session.get(TrunkRow, name)
    if row is not None and (row.failed_at is None or row.failed_at < at):
        row.failure, row.failed_at = failure, at
