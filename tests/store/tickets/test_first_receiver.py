"""The first receiver follows a ticket until it is done; the shift handover passes it on."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from models.database.store import Store
from models.errors import MoveRefused
from models.policy import Policy
from models.states.tickets import TaskKind, TaskState, TicketEventKind, TicketState
from models.tables import Task, Ticket
from models.tickets import dispatch, first_receiver, tickets
from scheduler.scans.first_receiver import first_receiver as look
from scheduler.scope import Scope
from tests.store.conftest import Write

pytestmark = pytest.mark.store


def owed(store: Store, ticket: Ticket) -> list[tuple[str, str | None, str]]:
    def read(session: Any) -> list[Task]:
        return list(session.scalars(select(Task).where(Task.ticket_id == ticket.id).order_by(Task.id)))

    return [(task.kind.value, task.owner_staff, task.state.value) for task in store.read(read)]


def test_the_first_receiver_has_a_task_while_the_ticket_is_open_and_one_when_it_is_done(
    new: Callable[..., Ticket], do: Write, scope: Scope, clock: Any, events: Any
) -> None:
    """R15-1, R15-4: also when others do the work."""
    ticket = new()
    do(dispatch.assign, ticket.id, staff_number="7020")
    assert look(scope) == 0
    clock.forward(hours=24)
    assert look(scope) == 1
    assert look(scope) == 0, "once"
    assert owed(scope.store, ticket) == [("follow-matter", "7001", "open")]
    clock.forward(hours=25)
    assert look(scope) == 1
    (task,) = scope.store.read(first_receiver.tasks_of, "7001", limit=9)
    assert (task.times, task.owner_group) == (2, "agents")
    do(tickets.move, ticket.id, to=TicketState.ACCEPTED, who="7020", at=clock.now())
    do(tickets.move, ticket.id, to=TicketState.DONE, who="7020", at=clock.now())
    assert look(scope) == 1
    assert look(scope) == 0
    assert owed(scope.store, ticket) == [("follow-matter", "7001", "closed"), ("matter-done", "7001", "open")]
    do(tickets.move, ticket.id, to=TicketState.REOPENED, who="system", at=clock.now(), policy=scope.policy)
    assert owed(scope.store, ticket)[1:] == [("matter-done", "7001", "closed"), ("follow-matter", "7001", "open")]
    do(tickets.move, ticket.id, to=TicketState.DONE, who="7020", at=clock.now())
    assert look(scope) == 1
    do(tickets.move, ticket.id, to=TicketState.CONFIRMED, who="7001", at=clock.now())
    assert {state for _, _, state in owed(scope.store, ticket)} == {"closed"}
    clock.forward(hours=240)
    assert look(scope) == 0


def test_a_ticket_changes_its_first_receiver_only_at_the_shift_handover(
    new: Callable[..., Ticket], do: Write, scope: Scope, clock: Any, events: Any, noon: datetime
) -> None:
    """R15-1."""
    ticket = new()
    with pytest.raises(MoveRefused, match="only at the shift handover"):
        scope.store.write(first_receiver.take, ticket.id, "7002", at=noon)
    clock.forward(hours=24)
    look(scope)
    with pytest.raises(MoveRefused, match="nobody at work"):
        do(tickets.hand_over, ticket.id, to="7999", handover_id=5)
    handed = do(tickets.hand_over, ticket.id, to="7002", who="7002", at=clock.now(), handover_id=5)
    assert handed.first_receiver == "7002"
    assert events(ticket, TicketEventKind.HANDED_OVER) == [("handed-over", "7002", "7001 -> 7002: handover 5")]
    assert owed(scope.store, ticket) == [("follow-matter", "7002", "open")]
    assert look(scope) == 0, "7002 is reminded a day after the handover"
    assert [one.id for one in scope.store.read(first_receiver.mine, "7002", limit=9)] == [ticket.id]
    assert scope.store.read(first_receiver.mine, "7001", limit=9) == []


def test_two_scans_at_once_remind_the_first_receiver_once(
    new: Callable[..., Ticket], scope: Scope, clock: Any, policy: Policy
) -> None:
    ticket = new()
    clock.forward(hours=24)
    reminded: list[bool] = []
    barrier = threading.Barrier(2)

    def scan() -> None:
        barrier.wait()
        reminded.append(scope.store.write(first_receiver.remind, ticket.id, at=clock.now(), policy=policy))

    threads = [threading.Thread(target=scan) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(reminded) == [False, True]
    assert owed(scope.store, ticket) == [(TaskKind.FOLLOW_MATTER, "7001", TaskState.OPEN)]
