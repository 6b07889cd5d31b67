"""A ticket is dispatched, waits, is referred, merged and closed; what is missing is refused or listed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from models.database.store import Store
from models.errors import MoveRefused
from models.policy import Policy
from models.states.tickets import Cause, Reporter, Source, TicketEventKind, TicketKind, TicketState
from models.tables import Ticket
from models.tickets import dispatch, intake, promises, tickets
from models.tickets.intake import Facts
from models.tickets.promises import PromiseRefused
from tests.store.conftest import Write

pytestmark = pytest.mark.store


def test_a_ticket_reported_at_the_counter_has_its_source_reporter_and_first_receiver(
    new: Callable[..., Ticket], events: Any
) -> None:
    """R02-2, R03-7, R13-2, R15-1."""
    facts = Facts("孙某", "+86 139 0013 9000", "noise", "quiet", reporter=Reporter.THIRD_PARTY)
    ticket = new(TicketKind.COMPLAINT, facts, source=Source.E_MAIL)
    assert (ticket.source, ticket.reporter, ticket.first_receiver) == ("e-mail", "third-party", "7001")
    assert ticket.contact_number == "13900139000"
    assert ticket.next_due_at is not None
    assert events(ticket)[0] == (
        "opened",
        "7001",
        "contact_name: 孙某\ncontact_number: 13900139000\nproblem: noise\nneed: quiet\nreporter: third-party",
    )


def test_the_cause_of_a_complaint_is_filled_in_and_corrected(
    new: Callable[..., Ticket], do: Write, policy: Policy, events: Any
) -> None:
    """R17-4."""
    ticket = new(TicketKind.COMPLAINT)
    for cause in (Cause.OTHER, Cause.NEIGHBOURS):
        filled = do(intake.fill_in, ticket.id, Facts(cause=cause), policy=policy)
    assert filled.cause is Cause.NEIGHBOURS
    assert events(ticket, TicketEventKind.FILLED_IN)[-1] == ("filled-in", "7001", "cause: neighbours (was: other)")


def test_a_dispatch_names_the_department_and_lists_what_is_missing(
    new: Callable[..., Ticket], do: Write, events: Any
) -> None:
    """R03-2, R10-1, R13-2, R17-2."""
    sent = do(dispatch.dispatch, new(facts=Facts(problem="no light")).id, department="engineering")
    assert (sent.ticket.state, sent.ticket.department, sent.ticket.assignee) == ("dispatched", "engineering", None)
    assert sent.missing == ["name", "telephone", "need"]
    again = do(dispatch.assign, sent.ticket.id, staff_number="7020").ticket
    assert (again.state, again.department, again.assignee) == ("dispatched", "engineering", "7020")
    accepted = do(tickets.move, again.id, to=TicketState.ACCEPTED, who="7020")
    other = do(dispatch.assign, accepted.id, staff_number="7021", text="on leave").ticket
    assert (other.state, other.assignee) == ("dispatched", "7021"), "the new assignee has not accepted it"
    assert [text for _, _, text in events(other, TicketEventKind.ASSIGNED)] == [
        "engineering",
        "engineering -> engineering 7020",
        "engineering 7020 -> engineering 7021",
    ]


def test_a_ticket_is_dispatched_only_to_a_department_and_its_staff(new: Callable[..., Ticket], do: Write) -> None:
    """R17-2."""
    ticket = new()
    for wrong in (
        {"department": "gardening"},
        {"department": "engineering", "assignee": "7001"},
        {"department": "engineering", "assignee": "7999"},
    ):
        with pytest.raises(MoveRefused):
            do(dispatch.dispatch, ticket.id, **wrong)
    with pytest.raises(MoveRefused, match="department"):
        do(tickets.move, ticket.id, to=TicketState.DISPATCHED)
    with pytest.raises(LookupError):
        do(dispatch.dispatch, 4711, department="engineering")


def test_accepting_an_unassigned_ticket_assigns_it(new: Callable[..., Ticket], do: Write) -> None:
    accepted = do(tickets.move, new().id, to=TicketState.ACCEPTED, who="7020")
    assert (accepted.assignee, accepted.department) == ("7020", "engineering")


def test_waiting_needs_a_reason_and_a_notified_customer(new: Callable[..., Ticket], do: Write, events: Any) -> None:
    """R08-7."""
    ticket = new()
    for lacking in ({"text": "a pump"}, {"told": True}):
        with pytest.raises(MoveRefused, match="informed"):
            do(tickets.move, ticket.id, to=TicketState.WAITING, **lacking)
    do(tickets.move, ticket.id, to=TicketState.WAITING, text="a pump", told=True)
    assert events(ticket, TicketEventKind.TOLD) == [("told", "7001", "a pump")]


def test_an_incomplete_or_unconfirmed_ticket_is_closed_only_with_a_reason(
    new: Callable[..., Ticket], do: Write, staffed: Store
) -> None:
    """R13-2, R15-4."""
    ticket = new(facts=Facts(problem="no light", contact_number="1101"))
    do(tickets.move, ticket.id, to=TicketState.DONE)
    with pytest.raises(MoveRefused, match="without name, need"):
        do(tickets.move, ticket.id, to=TicketState.CLOSED)
    do(intake.fill_in, ticket.id, Facts(contact_name="李", need="light"))
    with pytest.raises(MoveRefused, match="not confirmed"):
        do(tickets.move, ticket.id, to=TicketState.CLOSED)
    assert do(tickets.move, ticket.id, to=TicketState.CLOSED, text="cannot be reached").state is TicketState.CLOSED


@pytest.mark.parametrize("said", ["", "cannot be reached"])
def test_a_complaint_without_its_cause_is_not_closed_whatever_is_said(
    new: Callable[..., Ticket], do: Write, policy: Policy, said: str
) -> None:
    """R17-4."""
    ticket = new(TicketKind.COMPLAINT, Facts("王建国", "13800138000", "noise", "quiet"))
    do(tickets.move, ticket.id, to=TicketState.DONE)
    do(tickets.move, ticket.id, to=TicketState.CONFIRMED)
    with pytest.raises(MoveRefused, match="without its cause") as refused:
        do(tickets.move, ticket.id, to=TicketState.CLOSED, text=said)
    assert "没有记录原因" in refused.value.zh
    do(intake.fill_in, ticket.id, Facts(cause=Cause.SLOW), policy=policy)
    assert do(tickets.move, ticket.id, to=TicketState.CLOSED, text=said).state is TicketState.CLOSED


def test_a_corrected_field_keeps_its_former_value_in_the_event(
    new: Callable[..., Ticket], do: Write, events: Any
) -> None:
    """R01-3: nothing is lost."""
    ticket = new()
    do(intake.fill_in, ticket.id, Facts(problem="no hot water", need="water today"), who="7002")
    assert events(ticket, TicketEventKind.FILLED_IN) == [("filled-in", "7002", "problem: no hot water (was: no water)")]


def test_a_referred_ticket_names_the_utility_and_its_reference(new: Callable[..., Ticket], do: Write) -> None:
    """R15-8."""
    ticket = new()
    with pytest.raises(MoveRefused, match="to which authority"):
        do(tickets.move, ticket.id, to=TicketState.REFERRED)
    referred = do(dispatch.refer, ticket.id, to="water works", reference="W-77")
    assert (referred.state, referred.referred_to, referred.referral_number) == ("referred", "water works", "W-77")
    assert do(dispatch.refer, ticket.id, to="water works", reference="W-78").referral_number == "W-78"
    assert do(tickets.move, ticket.id, to=TicketState.DONE).state is TicketState.DONE


def test_merged_tickets_go_on_as_one_with_the_earlier_promise(
    new: Callable[..., Ticket], do: Write, policy: Policy, staffed: Store, noon: datetime
) -> None:
    """R15-3: merging does not allow a second postponement."""
    one, two, three = new(), new(), new()
    for ticket, days in ((one, 2), (two, 3)):
        do(promises.make, ticket.id, due_at=noon + timedelta(days=days), policy=policy)
    later = {"due_at": noon + timedelta(days=4), "reason": "parts", "told": True, "policy": policy}
    do(promises.postpone, one.id, **later)
    with pytest.raises(MoveRefused, match="into which"):
        do(tickets.move, one.id, to=TicketState.MERGED)
    into = do(dispatch.merge, one.id, into=two.id)
    running = staffed.read(promises.open_of, two.id)
    assert running is not None
    assert running.due_at == noon + timedelta(days=3)
    assert staffed.read(promises.open_of, one.id) is None
    with pytest.raises(PromiseRefused, match="postponed once"):
        do(promises.postpone, two.id, **later)
    do(dispatch.merge, into.id, into=three.id)
    record = staffed.read(tickets.get, three.id)
    assert record is not None
    assert [ticket.id for ticket in record.merged] == [one.id, two.id]
    assert record.promises[-1].due_at == noon + timedelta(days=3)
    for wrong in (three.id, one.id):
        with pytest.raises(MoveRefused):
            do(dispatch.merge, three.id, into=wrong)


def test_what_is_written_on_a_merged_ticket_reaches_the_one_that_goes_on(
    new: Callable[..., Ticket], do: Write, events: Any, store: Store
) -> None:
    """R15-3, R16-2: the clock of the ticket that is worked on is met, not that of the dead one."""
    gone, going_on = new(TicketKind.COMPLAINT), new(TicketKind.COMPLAINT)
    do(dispatch.merge, gone.id, into=going_on.id)
    assert do(tickets.note, gone.id, "he called again").id == going_on.id
    assert do(intake.tell, gone.id, "he knows").id == going_on.id
    assert [text for *_, text in events(going_on)][-2:] == ["he called again", "he knows"]
    assert "he called again" not in [text for *_, text in events(gone)]
    record = store.read(tickets.get, going_on.id)
    assert record is not None
    assert [clock.met_at is not None for clock in record.clocks if clock.kind == "feedback"] == [True]


@pytest.mark.parametrize("text", ["", "  \n"])
@pytest.mark.parametrize("add", [tickets.note, intake.tell])
def test_a_note_without_words_is_refused(new: Callable[..., Ticket], do: Write, add: Any, text: str) -> None:
    """R16-2: nobody is informed of nothing."""
    with pytest.raises(MoveRefused, match="say what is to be written"):
        do(add, new(TicketKind.COMPLAINT).id, text)
