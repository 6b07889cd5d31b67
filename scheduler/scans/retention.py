"""A recording is kept as long as was promised and not longer (R14-3); its row stays and says when it went."""

from datetime import datetime

from models import recordings
from models.store import StoreUnavailable
from models.tables import Recording
from recordings import files
from scheduler.scans.finished_recordings import LONGEST_PUSH_BACK
from scheduler.scope import Scope

BATCH = 200


def retention(scope: Scope) -> int:
    """Removes the files whose date has passed."""
    now = scope.clock.now()
    gone = 0
    while due := scope.store.read(recordings.expired, at=now, limit=BATCH):
        gone += sum(_remove(scope, recording, now) for recording in due)
    return gone


def _remove(scope: Scope, recording: Recording, now: datetime) -> bool:
    """Whether it is gone; one that can't be removed now is due again later."""
    try:
        file = files.within(scope.home, recording.path) if recording.path else None
        if file is not None and file.is_dir():
            raise IsADirectoryError(f"{recording.path} is a folder")
        # The row first: a hold that comes in this moment must find the file. One that a crash leaves is found by the
        # nightly comparison.
        if not scope.store.write(recordings.removed, recording.id, at=now):
            return False
        if file is not None:
            file.unlink(missing_ok=True)
    except StoreUnavailable:
        raise
    except Exception as error:
        scope.store.write(recordings.push_back, recording.id, until=now + LONGEST_PUSH_BACK, note=str(error))
        scope.report(f"recording {recording.name}", str(error))
        return False
    return True
