"""The files that the dialplan leaves on the spool, and the rows that the store then holds."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.tables import Call, Recording, Task, Ticket
from scheduler.scope import Scope
from tests.store.sounds import speech, wav, written


@dataclass(frozen=True)
class Filed:
    """All rows in the store."""

    calls: list[Call]
    tickets: list[Ticket]
    recordings: list[Recording]
    tasks: list[Task]


def filed(scope: Scope) -> Filed:
    def read(session: Session) -> Filed:
        def every(table: Any) -> Any:
            return list(session.scalars(select(table).order_by(table.id)))

        return Filed(every(Call), every(Ticket), every(Recording), every(Task))

    return scope.store.read(read)


def drop(
    scope: Scope,
    uniqueid: str = "1772424000.5",
    *,
    line: str = "8000",
    caller: str = "13800138000",
    said: float | None = 6,
    hung_up: bool = True,
) -> Path:
    """The files of a caller who called twenty seconds ago, as the dialplan writes them."""
    ended = scope.clock.now()
    started = ended - timedelta(seconds=20)
    note = scope.home.message_spool / f"{uniqueid}.txt"
    lines = [f"uniqueid={uniqueid}", f"line={line}", f"caller={caller}", "language=zh"]
    lines.append(f"started={int(started.timestamp())}")
    if hung_up:
        lines += ["record=HANGUP", f"ended={int(ended.timestamp())}"]
    note.write_text("\n".join(lines) + "\n", encoding="utf-8")
    written(note, ended)
    if said is not None:
        wav(note.with_suffix(".wav"), speech(said), at=ended)
    return note


def later(scope: Scope, **by: float) -> datetime:
    return scope.clock.forward(**by)  # type: ignore[attr-defined, no-any-return]
