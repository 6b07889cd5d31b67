"""A date is promised within a week, and postponed once."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from models.database.store import Store
from models.policy import Policy
from models.states.tickets import PromiseEnding, TicketKind, TicketState
from models.tables import Ticket
from models.tickets import promises, tickets
from models.tickets.promises import Promise, PromiseRefused
from tests.store.conftest import Write

pytestmark = pytest.mark.store


def test_a_promise_is_due_within_a_week_and_makes_the_ticket_due(
    new: Callable[..., Ticket], do: Write, policy: Policy, staffed: Store, noon: datetime
) -> None:
    """R11-2, R15-2."""
    ticket = new(TicketKind.ENQUIRY)
    for wrong, why in ((timedelta(days=8), "no more than 7 days"), (timedelta(0), "passed")):
        with pytest.raises(PromiseRefused, match=why):
            do(promises.make, ticket.id, due_at=noon + wrong, policy=policy)
    promise: Promise = do(promises.make, ticket.id, due_at=noon + timedelta(hours=3), policy=policy)
    assert not promises.longer_than_best(promise, policy)
    record = staffed.read(tickets.get, ticket.id)
    assert record is not None
    assert record.ticket.next_due_at == promise.due_at
    with pytest.raises(PromiseRefused, match="has a promise already"):
        do(promises.make, ticket.id, due_at=noon + timedelta(hours=5), policy=policy)
    do(tickets.move, ticket.id, to=TicketState.DONE, at=noon + timedelta(hours=2))
    (kept,) = staffed.read(tickets.get, ticket.id).promises
    assert kept.ending is PromiseEnding.KEPT
    with pytest.raises(PromiseRefused, match="nothing can be promised"):
        do(promises.make, ticket.id, due_at=noon + timedelta(days=1), policy=policy)


def test_a_promise_may_be_postponed_once_with_a_reason_before_its_date(
    new: Callable[..., Ticket], do: Write, policy: Policy, staffed: Store, noon: datetime
) -> None:
    """R15-3."""
    ticket = new()
    day = timedelta(days=1)
    terms: dict[str, Any] = {"due_at": noon + 2 * day, "reason": "parts", "told": True, "policy": policy}
    with pytest.raises(PromiseRefused, match="no promise"):
        do(promises.postpone, ticket.id, **terms)
    do(promises.make, ticket.id, due_at=noon + day, policy=policy)
    for wrong in ({"reason": " "}, {"told": False}, {"due_at": noon + day}, {"at": noon + day}):
        with pytest.raises(PromiseRefused):
            do(promises.postpone, ticket.id, **(terms | wrong))
    do(promises.postpone, ticket.id, **terms)
    for who in ("7001", "7050", "7060", "system"):
        with pytest.raises(PromiseRefused, match="never postponed twice"):
            do(promises.postpone, ticket.id, **(terms | {"due_at": noon + 3 * day, "who": who}))
    do(tickets.move, ticket.id, to=TicketState.DONE, at=noon + 3 * day)
    ends = [
        (promise.ending, promise.postpones_id is not None) for promise in staffed.read(tickets.get, ticket.id).promises
    ]
    assert ends == [(PromiseEnding.POSTPONED, False), (PromiseEnding.BROKEN, True)]
    do(tickets.move, ticket.id, to=TicketState.REOPENED, who="system", policy=policy)
    do(promises.make, ticket.id, due_at=noon + day, policy=policy)
    with pytest.raises(PromiseRefused, match="never postponed twice"):
        do(promises.postpone, ticket.id, **terms)


def test_of_many_who_postpone_at_once_one_succeeds(
    new: Callable[..., Ticket], do: Write, policy: Policy, staffed: Store, noon: datetime
) -> None:
    """R15-3."""
    ticket = new()
    do(promises.make, ticket.id, due_at=noon + timedelta(days=1), policy=policy)
    barrier, outcomes = threading.Barrier(4), []

    def postpone(hours: int) -> None:
        barrier.wait()
        try:
            due_at = noon + timedelta(days=2, hours=hours)
            do(promises.postpone, ticket.id, due_at=due_at, reason="parts", told=True, policy=policy)
            outcomes.append("done")
        except PromiseRefused:
            outcomes.append("refused")

    threads = [threading.Thread(target=postpone, args=(hours,)) for hours in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "refused", "refused", "refused"]
    assert len(staffed.read(tickets.get, ticket.id).promises) == 2
