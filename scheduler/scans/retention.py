"""A recording is kept as long as was promised and not longer (R14-3); its row stays and says when it went."""

from models import recordings
from models.store import StoreUnavailable
from recordings import files
from scheduler.scans.finished_recordings import LONGEST_PUSH_BACK
from scheduler.scope import Scope

BATCH = 200


def retention(scope: Scope) -> int:
    """Removes the files whose date has passed."""
    now = scope.clock.now()
    gone = 0
    for recording in scope.store.read(recordings.expired, at=now, limit=BATCH):
        try:
            if recording.path:
                files.within(scope.home, recording.path).unlink(missing_ok=True)
            scope.store.write(recordings.removed, recording.id, at=now)
            gone += 1
        except StoreUnavailable:
            raise
        except Exception as error:
            scope.store.write(recordings.push_back, recording.id, until=now + LONGEST_PUSH_BACK, note=str(error))
            scope.report(f"recording {recording.name}", str(error))
    return gone
