"""The play: an owner reports a fault and is served by the second agent, then asks for the ticket's progress."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.calls import calls
from models.tables import Call, Ticket
from models.tickets import tickets
from phones import hearing
from phones.demo.stage import DemoStage
from phones.demo.voice import DemoVoice
from phones.instance import LiveHotline
from phones.microphone import Silence
from phones.phone import Phone
from recordings import speech
from recordings.prompts import PACK

OWNER = "13800138000"
"""The carrier's own service number: no owner of any site calls from it."""
BUILDING, ROOM = "99", "1201"
_DEEPER = 1.12
_LISTEN_S = 20.0
_PAUSE_S = 0.5
_GRACE_S = 10.0


@dataclass(frozen=True)
class PlayResult:
    """The results of the play: the ticket, the record of the call that opened it, and the voices in it."""

    ticket: tickets.TicketRecord
    call: calls.CallRecord
    owner_said: DemoVoice
    agent_said: DemoVoice


def play(stage: DemoStage) -> PlayResult:
    """Both calls, about 70 s with the national rings. Raises NothingHappened when an expected event does not come."""
    hotline, language = stage.hotline, stage.hotline.site.language
    sleeper, colleague = (hotline.phone(agent.number, language=language) for agent in stage.agents)
    owner = hotline.caller(OWNER, language=language)
    fault = DemoVoice(("kind-repair", *speech.room(BUILDING, ROOM, language)), language, _DEEPER)

    reports_a_fault(stage, owner)
    lets_it_ring(sleeper, colleague, hotline)
    ticket = newest_ticket(hotline)
    answer = DemoVoice(how_it_is(hotline, ticket), language)
    talk(owner, colleague, fault, answer, hotline)
    asks_how_it_is(stage, owner, ticket)

    record = hotline.store.read(calls.record, ticket.call_id or 0)
    left = hotline.store.read(tickets.get, ticket.id)
    assert record is not None
    assert left is not None
    return PlayResult(left, record, fault, answer)


def reports_a_fault(stage: DemoStage, owner: Phone) -> None:
    """1, then 2; the owner is not in the directory and keys in building and room."""
    owner.reach(stage.line.did[0])
    if greeting_is_of_the_pack(stage.hotline):
        owner.wait_heard("greeting")
    owner.wait_heard("menu", part=1)
    owner.press("1")
    owner.wait_heard("repair-menu", part=1)
    owner.press("2")
    owner.wait_heard("ask-building", part=1)
    owner.press(f"{BUILDING}#")
    owner.wait_heard("ask-room", part=1)
    owner.press(f"{ROOM}#")


def lets_it_ring(sleeper: Phone, colleague: Phone, hotline: LiveHotline) -> None:
    """The first agent does not answer; the circle widens, the second one answers in the second ring and accepts the
    call by a key during the whisper."""
    policy = hotline.policy
    sleeper.wait_ringing()
    colleague.wait_ringing(policy.ring_seconds(policy.answer.rings) + _GRACE_S)
    second_ring_s = 1.2 * policy.ring_seconds(1)
    colleague.wait(lambda: colleague.call.rang_s > second_ring_s, second_ring_s + 0.2, "second ring")
    colleague.answer()
    colleague.wait_heard("whisper-repair")
    colleague.wait_spoken(speech.ending(OWNER))
    colleague.press("1")


def talk(owner: Phone, colleague: Phone, fault: DemoVoice, answer: DemoVoice, hotline: LiveHotline) -> None:
    """The owner hears who answers (R11-1) and says where it is; the agent says the ticket number and hangs up."""
    owner.wait_spoken(speech.serves_you(colleague.number), _LISTEN_S)
    owner.say(fault)
    colleague.wait_heard(fault.sound, _LISTEN_S)
    colleague.say(answer)
    owner.wait_spoken(list(answer.prompts), _LISTEN_S)
    hotline.until(lambda: hearing.silent_seconds(owner.heard()) > _PAUSE_S, "end of the answer")
    colleague.hang_up()
    # The owner does not answer the rating question.
    owner.wait_heard("goodbye", _LISTEN_S)
    owner.wait_ended()


def asks_how_it_is(stage: DemoStage, owner: Phone, ticket: Ticket) -> None:
    """4, then ticket number and room, without which an unknown number hears nothing (R07-8)."""
    owner.say(Silence())
    owner.reach(stage.line.did[0])
    owner.wait_heard("menu", part=1)
    owner.press("4")
    owner.wait_heard("ask-ticket-number", part=1)
    owner.press(f"{ticket.number}#")
    owner.wait_heard("ask-ticket-room", part=1)
    owner.press(f"{ROOM}#")
    owner.wait_spoken(list(how_it_is(stage.hotline, ticket)), _LISTEN_S)
    owner.hang_up()


def how_it_is(hotline: LiveHotline, ticket: Ticket) -> tuple[str, ...]:
    """The prompts of: your ticket 1001, registered; we'll call you by ..."""
    zone = hotline.site.time_zone
    assert ticket.next_due_at is not None
    due = speech.due(ticket.next_due_at.astimezone(zone), ticket.opened_at.astimezone(zone), hotline.site.language)
    return ("your-ticket", *speech.digits(str(ticket.number)), "state-is", *speech.ticket_state(ticket.state), *due)


def newest_ticket(hotline: LiveHotline) -> Ticket:
    """The ticket of the owner's newest call, written before any phone rang."""

    def newest(session: Session) -> Ticket:
        mine = select(Ticket).join(Call, Call.ticket_id == Ticket.id).where(Call.caller_number == OWNER)
        return session.scalars(mine.order_by(Call.id.desc()).limit(1)).one()

    return hotline.store.read(newest)


def greeting_is_of_the_pack(hotline: LiveHotline) -> bool:
    """Whether the greeting is the pack's: a site with another name speaks words that the phones do not know."""
    used = hotline.home.sounds / hotline.site.language / "hotline" / "greeting.alaw"
    return used.read_bytes() == (PACK / hotline.site.language / "greeting.alaw").read_bytes()
