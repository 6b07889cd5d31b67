"""A recording is deleted when its retention ends (R14-3); its row stays and says when.

A recording on hold stays, even if the hold is set during the scan: row and file change in one transaction. Wrong
passwords and bans are deleted by `[guessing] keep_days`, ended sign-ins and clicks by `[console] keep_days`.
"""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from models.calls import clicks, recordings
from models.database.store import StoreUnavailable
from models.people import bans, sign_ins
from models.tables import Recording
from recordings import files
from scheduler.scans.finished_recordings import LONGEST_PUSH_BACK
from scheduler.scope import Scope

BATCH = 200


def retention(scope: Scope) -> int:
    """Deletes files after their retention date; returns how many. Raises StoreUnavailable."""
    now = scope.clock.now()
    gone = 0
    scope.store.write(bans.forget, before=now - timedelta(days=scope.policy.guessing.keep_days))
    kept = timedelta(days=scope.policy.console.keep_days)
    scope.store.write(sign_ins.tidy, rules=scope.sign_in_rules, at=now, keep=kept)
    scope.store.write(clicks.forget, before=now - kept)
    while due := scope.store.read(recordings.expired, at=now, limit=BATCH):
        gone += sum(_remove(scope, recording, now) for recording in due)
    return gone


def _remove(scope: Scope, recording: Recording, now: datetime) -> bool:
    """Whether it is deleted; one that cannot be deleted now is due again later."""
    try:
        return scope.store.write(_with_file, scope, recording, now)
    except StoreUnavailable:
        raise
    except Exception as error:
        scope.store.write(recordings.push_back, recording.id, until=now + LONGEST_PUSH_BACK, note=str(error))
        scope.report(f"recording {recording.name}", str(error))
        return False


def _with_file(session: Session, scope: Scope, recording: Recording, now: datetime) -> bool:
    # The row first: from here on nobody can put it on hold. If the file cannot be deleted, the row does
    # not change either; a file that is already gone is no error.
    gone = recordings.removed(session, recording.id, at=now)
    if gone and recording.path:
        files.within(scope.home, recording.path).unlink(missing_ok=True)
    return gone
