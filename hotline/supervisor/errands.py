"""The supervisor does what the console may not: it writes settings, reads passwords, makes a copy of the database."""

import json
import os
from collections.abc import Callable

from sqlalchemy.orm import Session

from models.calls import monitoring
from models.database.store import StoreUnavailable
from models.errors import MoveRefused
from models.instance import backups, changes, edits, errands
from models.instance.errands import Errand, ErrandKind
from models.instance.secrets import Secrets
from models.people import access_log
from scheduler.scans.backup import make
from scheduler.scope import Scope


def work(scope: Scope, reload: Callable[[], None]) -> None:
    """Does what waits; `reload` takes the files into use. Raises StoreUnavailable."""
    for errand in scope.store.read(errands.waiting):
        try:
            refused = None
            if errand.kind is ErrandKind.RELOAD:
                reload()
            else:
                _DOES[errand.kind](scope, errand)
        except MoveRefused as error:
            refused = error
        except StoreUnavailable:
            raise
        except Exception as error:
            # It would fail again each second.
            scope.report("errands", f"{errand.kind} {errand.subject}: {type(error).__name__}: {error}")
            refused = MoveRefused(str(error), str(error))
        scope.store.write(errands.end, errand.id, refused, at=scope.clock.now())


def _change(scope: Scope, errand: Errand) -> None:
    change_id = int(errand.subject)
    approved = scope.store.read(changes.find, change_id)
    if approved.state is not changes.ChangeState.APPROVED:
        raise MoveRefused("it is not approved", "未经批准")
    refused: MoveRefused | None = None
    try:
        edits.write(scope.home, changes.edit_of(scope.home, approved))
    except MoveRefused as error:
        refused = error
    scope.store.write(changes.written, change_id, refused, at=scope.clock.now())
    if refused:
        raise refused


def _backup(scope: Scope, errand: Errand) -> None:
    make(scope.home, scope.site, backups.place(scope.home, scope.site, scope.clock.now()))


def _password(scope: Scope, errand: Errand) -> None:
    """Logged before it is handed over; the console reads it once and removes it."""
    number = errand.subject
    if number not in (*scope.site.phones, *scope.site.gateways):
        raise MoveRefused(f"there is no telephone {number}", f"没有话机 {number}")
    pins_for = monitoring.listeners(scope.site, scope.policy)
    secrets = Secrets.load_or_create(scope.home, scope.site, pins_for=pins_for)

    def log(session: Session) -> None:
        at = scope.clock.now()
        access_log.log(session, who=errand.asked_by, what="password shown", subject=number, at=at)

    scope.store.write(log)
    handed = errands.handed(scope.home, errand.id)
    handed.unlink(missing_ok=True)
    with os.fdopen(os.open(handed, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        json.dump({"password": secrets.sip[number], "pin": secrets.pins.get(number, "")}, out)


_DOES = {ErrandKind.CHANGE: _change, ErrandKind.BACKUP: _backup, ErrandKind.PASSWORD: _password}
