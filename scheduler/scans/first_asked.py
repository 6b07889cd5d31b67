"""Who took a matter first is told when it is done, and reminded while it is not (R15-1, R15-4)."""

from models import first_asked as matters
from models.store import StoreUnavailable
from models.tables import FIRST_NUMBER
from scheduler.scope import Scope

AT_ONCE = 200


def first_asked(scope: Scope) -> int:
    """Returns how many first receivers have been told of something. Raises StoreUnavailable."""
    now, done = scope.clock.now(), 0
    for ticket_id in scope.store.read(matters.due, at=now, policy=scope.policy, limit=AT_ONCE):
        try:
            done += scope.store.write(matters.remind, ticket_id, at=now, policy=scope.policy)
        except StoreUnavailable:
            raise
        except Exception as error:
            scope.report(f"ticket {FIRST_NUMBER + ticket_id}", repr(error))
            scope.store.write(matters.put_aside, ticket_id, at=now)
    return done
