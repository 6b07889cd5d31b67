"""*31 and *32 on real telephones: tickets are heard; how one stands is keyed, read back, saved (R10-1, R10-4)."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.calls import calls
from models.clock import SystemClock
from models.states.calls import RecordingKind, RecordingState
from models.states.tickets import TicketKind, TicketState
from models.tables import Recording, Ticket
from models.tickets import dispatch, tickets
from phones.hearing import voices
from phones.instance import LiveHotline
from phones.microphone import Silence, tones
from phones.phone import Phone
from phones.written import played
from recordings import speech

pytestmark = pytest.mark.asterisk

(VOICE,) = tones(1)


Dispatched = Callable[[str], Ticket]


@pytest.fixture
def dispatched(hotline: LiveHotline) -> Iterator[Dispatched]:
    """Gives 7022 an urgent repair from this number in building 3, room 1201; afterwards all of them are done."""
    given: list[int] = []

    def write(session: Session, number: str, at: datetime) -> Ticket:
        channel = f"earlier-{number}"
        call = calls.begin(session, channel_id=channel, line="8000", caller_number=number, language="zh", at=at)
        ticket = tickets.open(session, kind=TicketKind.URGENT_REPAIR, call_id=call.id, at=at, policy=hotline.policy)
        tickets.locate(session, ticket.id, building="3", room="1201", unit_id=None)
        calls.end(session, call.id, by=calls.EndedBy.CALLER, reason="completed", at=at)
        dispatch.assign(session, ticket.id, staff_number="7022", who="7001", at=at)
        given.append(ticket.id)
        return ticket

    yield lambda number: hotline.store.write(write, number, SystemClock().now())
    for ticket_id in given:
        hotline.store.write(tickets.move, ticket_id, to=TicketState.DONE, who="7022", at=SystemClock().now())


def now(hotline: LiveHotline, ticket: Ticket) -> Ticket:
    return hotline.store.read(lambda session: session.get_one(Ticket, ticket.id))


def hears_which(phone: Phone, ticket: Ticket) -> None:
    phone.wait_heard("escalation-ticket")
    phone.wait_spoken([*speech.digits(str(ticket.number)), *speech.kind(ticket.kind)])
    phone.wait_spoken(["whisper-owner", *speech.room("3", "1201")])


def test_a_technician_hears_his_ticket_and_reports_by_key_that_he_is_on_site(
    hotline: LiveHotline, dispatched: Dispatched
) -> None:
    """R08-2: number, kind, home, what is due when; from there straight to the acts."""
    ticket = dispatched("13800138311")
    phone = hotline.phone("7022")
    phone.reach("*31")
    hears_which(phone, ticket)
    due = (ticket.opened_at + timedelta(minutes=30)).astimezone(hotline.site.time_zone)
    phone.wait_spoken(["due-respond", *speech.moment(due, SystemClock().now())])
    phone.wait_heard("my-tickets-choices", part=1)
    phone.press("1")
    hears_which(phone, ticket)
    phone.wait_heard("ticket-acts", part=1)
    phone.press("2")
    phone.wait_spoken([*speech.digits(str(ticket.number)), "act-on-site"])
    phone.wait_heard("act-confirm", part=1)
    assert now(hotline, ticket).state is TicketState.DISPATCHED
    phone.press("1")
    phone.wait_heard("act-saved")
    assert now(hotline, ticket).state is TicketState.ON_SITE
    phone.wait_heard("my-tickets-end")
    phone.wait_ended()


def test_a_wrong_number_is_keyed_again_and_the_ticket_is_passed_on(
    hotline: LiveHotline, dispatched: Dispatched
) -> None:
    ticket = dispatched("13800138312")
    phone = hotline.phone("7022")
    phone.reach("*32")
    phone.wait_heard("ask-ticket-number", part=1)
    phone.press("99999#")
    phone.wait_heard("ticket-not-yours")
    phone.wait_heard("ask-ticket-number", part=1)
    phone.press(f"{ticket.number}#")
    hears_which(phone, ticket)
    phone.wait_heard("ticket-acts", part=1)
    phone.press("6")
    phone.wait_heard("pass-on-to", part=1)
    phone.press("7021#")
    phone.wait_spoken(["act-pass-on", *speech.staff("7021")])
    phone.wait_heard("act-confirm", part=1)
    phone.press("1")
    phone.wait_heard("act-saved")
    phone.wait_heard("acts-go-on", part=1)
    phone.hang_up()
    phone.wait_ended()
    assert (now(hotline, ticket).assignee, now(hotline, ticket).department) == ("7021", "engineering")


def test_a_spoken_note_is_heard_back_and_kept_with_the_ticket_which_is_then_accepted(
    hotline: LiveHotline, dispatched: Dispatched
) -> None:
    """R10-4; the number of the ticket is dialled with the code, and once."""
    ticket = dispatched("13800138313")
    phone = hotline.phone("7022", VOICE)
    phone.reach(f"*32{ticket.number}")
    phone.wait_heard("ticket-acts", part=1)
    phone.press("5")
    phone.wait_heard("leave-message")
    phone.wait_heard("beep")
    phone.hears_now([], 3)
    phone.press("#")
    phone.wait_heard("act-note")
    phone.wait_tone(VOICE.hertz, seconds=2)
    phone.wait_heard("act-confirm", part=1)
    phone.press("1")
    phone.wait_heard("act-saved")
    phone.wait_heard("acts-go-on", part=1)
    phone.press("1")
    hears_which(phone, ticket)
    phone.wait_heard("ticket-acts", part=1)
    phone.press("1")
    phone.wait_spoken([*speech.digits(str(ticket.number)), "act-accepted"])
    phone.wait_heard("act-confirm", part=1)
    phone.press("1")
    phone.wait_heard("act-saved")
    phone.hang_up()
    phone.wait_ended()
    assert now(hotline, ticket).state is TicketState.ACCEPTED

    def kept(session: Session) -> Recording | None:
        note = select(Recording).where(Recording.ticket_id == ticket.id, Recording.kind == RecordingKind.SPOKEN_NOTE)
        return session.scalar(note.where(Recording.state != RecordingState.RECORDED))

    note = hotline.until(lambda: hotline.store.read(kept), "stored note", 60)
    assert note.state is RecordingState.KEPT
    assert voices(played(hotline, note), [VOICE.hertz]) == {VOICE.hertz}


def test_who_hangs_up_before_key_1_has_saved_nothing(hotline: LiveHotline, dispatched: Dispatched) -> None:
    ticket = dispatched("13800138314")
    phone = hotline.phone("7022", Silence())
    phone.reach(f"*32{ticket.number}")
    phone.wait_heard("ticket-acts", part=1)
    phone.press("4")
    phone.wait_heard("act-done")
    phone.hang_up()
    phone.wait_ended()
    assert now(hotline, ticket).state is TicketState.DISPATCHED
