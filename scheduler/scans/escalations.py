"""Staff are called in turn about a ticket that is late, nearly late, or new, until somebody accepts it."""

from collections.abc import Callable, Collection
from datetime import datetime

from sqlalchemy.orm import Session

from models.database.paging import Mark
from models.states.tickets import EscalationState, LadderCause, TicketKind
from models.tables import FIRST_NUMBER, Escalation
from models.tickets import escalations as ladders
from models.tickets import tickets
from scheduler.rows import each
from scheduler.scope import Scope

NOBODY = "nobody has accepted it"


def escalations(scope: Scope) -> int:
    """Returns how many escalations have started or taken a step. It dials nobody: it requests calls.

    Raises StoreUnavailable.
    """
    return _look(scope, tuple(TicketKind), escalations.__name__)


def emergencies(scope: Scope) -> int:
    """As `escalations`, in parallel: an emergency does not wait for thousands of other late tickets (R08-2)."""
    kinds = [kind for kind in TicketKind if scope.policy.escalation.is_emergency(kind)]
    return _look(scope, kinds, emergencies.__name__)


def _look(scope: Scope, kinds: Collection[TicketKind], name: str) -> int:
    now, policy = scope.clock.now(), scope.policy

    def late(session: Session, after: Mark | None, limit: int) -> list[Mark]:
        return ladders.late(session, at=now, policy=policy, after=after, limit=limit, kinds=kinds)

    def due(session: Session, after: Mark | None, limit: int) -> list[Mark]:
        return ladders.to_advance(session, at=now, after=after, limit=limit, kinds=kinds)

    def begin(session: Session, ticket_id: int) -> bool:
        return ladders.begin(session, ticket_id, at=now, policy=policy)

    begun = each(scope, f"{name}-late", late, begin)
    return begun + each(scope, name, due, _goes_on(scope, now))


def _goes_on(scope: Scope, now: datetime) -> Callable[[Session, int], bool]:
    def goes_on(session: Session, escalation_id: int) -> bool:
        state = ladders.advance(session, escalation_id, at=now, policy=scope.policy, site=scope.site)
        if state is EscalationState.HANDED_UP:
            ladder = session.get_one(Escalation, escalation_id)
            if ladder.cause is not LadderCause.REMINDER:
                tickets.note(session, ladder.ticket_id, NOBODY, who="system", at=now)
        if state is EscalationState.EXHAUSTED:
            ladder = session.get_one(Escalation, escalation_id)
            if ladder.next_at is not None and ladder.next_at > now:
                number = FIRST_NUMBER + ladder.ticket_id
                scope.report(f"ticket {number}", f"{NOBODY}, round {ladder.round}; see `.venv/bin/hotline escalations`")
                tickets.note(session, ladder.ticket_id, NOBODY, who="system", at=now)
        return state is not None

    return goes_on
