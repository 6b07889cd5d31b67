"""Everything that is done with a ticket after the call, for the tests of query plans."""

from datetime import timedelta
from typing import Any

from models.calls import recordings
from models.states.calls import RecordingState
from models.states.tickets import Source, TicketKind, TicketState
from models.tables import FIRST_NUMBER
from models.text.masking import Shown
from models.tickets import (
    appointments,
    deadlines,
    dispatch,
    due_appointments,
    first_receiver,
    impartial,
    intake,
    kept_appointments,
    photos,
    promises,
    required,
    search,
    staff_tickets,
    talks,
    tickets,
)
from models.tickets.intake import Facts
from models.tickets.search import TicketQuery

HANDLING = (
    appointments,
    dispatch,
    due_appointments,
    first_receiver,
    intake,
    kept_appointments,
    promises,
    search,
    staff_tickets,
)
"""The modules whose functions `handle` calls: all functions of each."""


def handle(day: Any, ticket_id: int) -> None:
    """Handles a ticket reported at the counter and merges the ticket of the call into it."""
    now, who = day.now, {"who": "7001", "at": day.now}
    facts = Facts("王建国", "13800000007", "no water", "water", building="b", room="7")
    visit = {"kind": TicketKind.REPAIR, "source": Source.VISIT, "language": "zh", "policy": day.policy}
    day.write(tickets.open_told, **visit, **who)
    other = day.write(intake.new, facts=facts, **visit, **who)
    day.write(intake.fill_in, other.id, Facts(need="hot water"), **who)
    day.write(intake.tell, other.id, "a technician comes", **who)
    day.write(first_receiver.take, other.id, "7001", at=now)
    day.write(dispatch.dispatch, other.id, department="engineering", **who)
    day.write(dispatch.assign, other.id, staff_number="7020", **who)
    _at_a_telephone(day, other.id)
    day.write(dispatch.refer, other.id, to="water works", **who)
    _promise(day, other.id, ticket_id, who)
    _appoint(day, other.id, ticket_id, who)
    later = now + timedelta(days=1)
    for after in (None, (now - timedelta(seconds=1), 0)):
        assert (now, other.id) in day.read(first_receiver.to_remind, after, 200, at=later, policy=day.policy)
    assert day.write(first_receiver.remind, other.id, at=later, policy=day.policy)
    assert day.read(first_receiver.has_to, day.read(tickets.row, other.id))
    day.read(first_receiver.mine, "7001", limit=20)
    day.read(first_receiver.tasks_of, "7001", limit=20)
    day.write(tickets.hand_over, other.id, to="7002", who="7002", at=now, handover_id=1)
    day.write(
        lambda session: first_receiver.pass_on(
            session, session.get_one(tickets.Ticket, other.id), "7001", why="", **who
        )
    )
    day.used |= {first_receiver.pass_on, first_receiver.moved, first_receiver.receive}
    day.write(tickets.about, other.id, "7010", policy=day.policy, **who)
    day.write(dispatch.merge, ticket_id, into=other.id, **who)
    day.write(tickets.move, other.id, to=TicketState.DONE, **who)
    day.read(required.missing, other)
    _search(day, other.id)


def _at_a_telephone(day: Any, ticket_id: int) -> None:
    number, given = FIRST_NUMBER + ticket_id, {"who": "7020", "at": day.now, "policy": day.policy}
    mine = {ticket.id: ticket for ticket in day.read(staff_tickets.assigned, "7020", limit=20)}
    day.read(deadlines.next_of, mine[ticket_id])
    assert day.read(staff_tickets.find, number, "7020").id == ticket_id
    day.write(staff_tickets.change, number, tickets.move, to=TicketState.ACCEPTED, **given)
    note = {"name": f"note-{number}", "seconds": 3.0}
    day.write(staff_tickets.begin_note, note["name"], ticket_id, at=day.now, policy=day.policy)
    assert [one.name for one in day.read(staff_tickets.open_notes)] == [note["name"]]
    day.write(staff_tickets.change, number, staff_tickets.keep_note, who="7020", at=day.now, **note)
    (sound,) = day.read(recordings.to_finish, at=day.now, limit=20)
    day.write(recordings.finish, sound.id, state=RecordingState.KEPT, at=day.now)
    cut_off = f"note-{number}-cut-off"
    day.write(staff_tickets.begin_note, cut_off, ticket_id, at=day.now, policy=day.policy)
    day.write(staff_tickets.take_in, cut_off, who="7020", at=day.now)
    day.write(recordings.finish, day.read(recordings.by_name, cut_off).id, state=RecordingState.KEPT, at=day.now)
    day.used.add(staff_tickets.keep_note)


def _promise(day: Any, ticket_id: int, other_id: int, who: dict[str, Any]) -> None:
    now, terms = day.now, {"policy": day.policy} | who
    day.write(promises.make, ticket_id, due_at=now + timedelta(days=1), **terms)
    day.write(promises.postpone, ticket_id, due_at=now + timedelta(days=2), reason="parts", told=True, **terms)
    promise = day.read(promises.open_of, ticket_id)
    day.used.add(promises.longer_than_best)
    assert not promises.longer_than_best(promise, day.policy)
    assert day.read(promises.put_off, ticket_id)
    day.write(promises.settle, ticket_id, at=now)
    day.write(promises.carry, other_id, into=ticket_id, at=now)


def _appoint(day: Any, ticket_id: int, other_id: int, who: dict[str, Any]) -> None:
    now, terms = day.now, {"policy": day.policy} | who
    day.write(appointments.make, ticket_id, due_at=now + timedelta(hours=1), **terms)
    day.write(appointments.move, ticket_id, due_at=now + timedelta(hours=2), **terms)
    (standing,) = day.read(due_appointments.due, at=now + timedelta(hours=1), after=None, limit=200)
    for hours in (1, 3):
        assert day.write(due_appointments.handle, standing.id, at=now + timedelta(hours=hours), **day.rules)
    day.write(kept_appointments.handed_on, ticket_id, at=now)
    day.write(kept_appointments.entered, ticket_id, TicketState.ON_SITE, at=now)
    day.write(appointments.make, ticket_id, due_at=now + timedelta(hours=1), **terms)
    day.write(kept_appointments.carry, other_id, into=ticket_id, at=now)
    day.read(kept_appointments.of_ticket, ticket_id)
    day.write(appointments.cancel, ticket_id, zone=day.site.time_zone, **who)
    day.used |= {kept_appointments.open_of, kept_appointments.add, kept_appointments.end}


def _search(day: Any, ticket_id: int) -> None:
    """Searches by index only; the reading of texts is bounded, see test_commands."""
    found = day.read(tickets.find_by_end, FIRST_NUMBER + ticket_id, "0007")
    assert day.read(tickets.survivor, found) is not None
    asked_by: dict[str, Any] = {"shown": Shown(True), "reader": "7010", "limit": 5}
    for wanted in (
        TicketQuery(caller="13800000007"),
        TicketQuery(building="b", room="7"),
        TicketQuery(assignee="7020"),
        TicketQuery(first_receiver="7001", states=(TicketState.DONE,)),
        TicketQuery(about_staff="7010"),
        TicketQuery(open_only=True, text="water"),
        TicketQuery(late_at=day.now),
        TicketQuery(owner_id=7),
        TicketQuery(mine="7001", open_only=True),
    ):
        day.read(search.search, wanted, **asked_by)
        day.read(search.search, wanted, **asked_by, older_than=FIRST_NUMBER + ticket_id)
    for wanted in (TicketQuery(open_only=True), TicketQuery(mine="7001"), TicketQuery(department="engineering")):
        day.read(search.by_deadline, wanted, **asked_by)
        day.read(search.by_deadline, wanted, **asked_by, behind=FIRST_NUMBER + ticket_id)
    for department in (None, "engineering"):
        day.read(search.counts, department=department, person="7001", at=day.now)
    day.read(talks.about, found)
    day.read(photos.of_ticket, ticket_id)
    day.read(impartial.closed_to, "7010")
    day.write(tickets.to_write_on, ticket_id, "a note", who="7001")
