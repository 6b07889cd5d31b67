"""The newest entry of the access log is noted outside the database, in the home and in the log of the scheduler."""

from models.instance import heads
from models.people import access_log
from scheduler.scope import Scope, log


def access_head(scope: Scope) -> int:
    """1 when there were new entries. Raises StoreUnavailable, OSError."""
    head = scope.store.read(access_log.head)
    if head.place == 0 or not heads.note(scope.home, head, at=scope.clock.now()):
        return 0
    log.info("access log: entry %d, sha256 %s", head.place, head.sha256)
    return 1
