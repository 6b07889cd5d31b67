"""Staff can neither change, receive nor hide a complaint about themselves."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from models.database.store import Store
from models.errors import MoveRefused
from models.policy import Policy
from models.states.tickets import TicketEventKind, TicketKind, TicketState
from models.tables import Ticket
from models.tickets import dispatch, first_receiver, impartial, intake, promises, tickets
from models.tickets.impartial import NotImpartial
from models.tickets.intake import Facts
from tests.store.conftest import Write

pytestmark = pytest.mark.store


VERBS: dict[str, Callable[[Ticket, datetime, Policy], tuple[Callable[..., Any], dict[str, Any]]]] = {
    "move": lambda _ticket, _noon, _policy: (tickets.move, {"to": TicketState.DONE}),
    "note": lambda _ticket, _noon, _policy: (tickets.note, {"text": "not true"}),
    "about": lambda _ticket, _noon, policy: (tickets.about, {"staff_number": "7002", "policy": policy}),
    "fill in": lambda _ticket, _noon, _policy: (intake.fill_in, {"facts": Facts(need="nothing")}),
    "tell": lambda _ticket, _noon, _policy: (intake.tell, {"text": "all is well"}),
    "dispatch": lambda _ticket, _noon, _policy: (dispatch.dispatch, {"department": "engineering"}),
    "assign": lambda _ticket, _noon, _policy: (dispatch.assign, {"staff_number": "7001"}),
    "refer": lambda _ticket, _noon, _policy: (dispatch.refer, {"to": "somebody"}),
    "merge": lambda ticket, _noon, _policy: (dispatch.merge, {"into": ticket.id}),
    "promise": lambda _ticket, noon, policy: (
        promises.make,
        {"due_at": noon + timedelta(days=1), "policy": policy},
    ),
    "postpone": lambda _ticket, noon, policy: (
        promises.postpone,
        {"due_at": noon + timedelta(days=1), "reason": "x", "told": True, "policy": policy},
    ),
    "hand over": lambda _ticket, _noon, _policy: (tickets.hand_over, {"to": "7002", "handover_id": 1}),
}


@pytest.mark.parametrize("verb", VERBS)
def test_the_person_whom_a_complaint_is_about_cannot_change_it(
    verb: str, new: Callable[..., Ticket], do: Write, policy: Policy, staffed: Store, noon: datetime
) -> None:
    """R01-7, R15-6: by any verb."""
    ticket = new(TicketKind.COMPLAINT, about_staff="7010")
    function, values = VERBS[verb](new(), noon, policy)
    before = len(staffed.read(tickets.get, ticket.id).events)
    with pytest.raises(NotImpartial):
        do(function, ticket.id, **(values | {"who": "7010"}))
    assert len(staffed.read(tickets.get, ticket.id).events) == before


def test_a_complaint_is_not_given_to_the_person_it_is_about_nor_to_a_department_led_by_that_person(
    new: Callable[..., Ticket], do: Write, staffed: Store, noon: datetime
) -> None:
    """R01-7, R15-6."""
    ticket = new(TicketKind.COMPLAINT, about_staff="7010")
    with pytest.raises(NotImpartial):
        do(dispatch.assign, ticket.id, staff_number="7010")
    with pytest.raises(NotImpartial):
        do(tickets.hand_over, ticket.id, to="7010", handover_id=1)
    with pytest.raises(NotImpartial):
        staffed.write(first_receiver.take, ticket.id, "7010", at=noon)
    assert not impartial.may_have(ticket, "7010")
    lead = new(TicketKind.COMPLAINT, about_staff="7050")
    with pytest.raises(NotImpartial, match="leads engineering"):
        do(dispatch.dispatch, lead.id, department="engineering")
    do(dispatch.dispatch, lead.id, department="management")


def test_a_complaint_taken_by_the_person_it_is_about_passes_to_the_lead_and_keeps_its_first_record(
    new: Callable[..., Ticket], do: Write, staffed: Store, events: Any
) -> None:
    """R15-6."""
    ticket = new(TicketKind.COMPLAINT, about_staff="7001")
    assert (ticket.about_staff, ticket.first_receiver) == ("7001", "7050")
    assert events(ticket, TicketEventKind.HANDED_OVER) == [("handed-over", "system", "7001 -> 7050: R15-6")]
    with pytest.raises(NotImpartial):
        do(intake.fill_in, ticket.id, Facts(need="nothing"))
    with pytest.raises(MoveRefused, match="first record stays"):
        do(intake.fill_in, ticket.id, Facts(problem="all was well"), who="7050")
    do(intake.fill_in, ticket.id, Facts(need="an apology"), who="7050")
    with pytest.raises(MoveRefused, match="nobody at work here"):
        new(TicketKind.COMPLAINT, about_staff="7999")


def test_a_complaint_about_a_person_is_not_merged_into_another_ticket(new: Callable[..., Ticket], do: Write) -> None:
    """R15-6."""
    with pytest.raises(NotImpartial, match="would be lost"):
        do(dispatch.merge, new(TicketKind.COMPLAINT, about_staff="7010").id, into=new().id)
