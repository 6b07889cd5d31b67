"""The conversation of the fallback: an apology, one choice, the phones on duty, or a message with its ticket number."""

import math

from dialplan.fallback.book import Book
from dialplan.fallback.caller import FallbackCaller, HungUp, LineLost
from models.policy import Policy
from models.policy.clocks import GENERAL_MANAGER
from models.site import Site
from models.states.calls import EndedBy, RecordingKind
from models.states.tickets import TicketKind
from recordings import prompts, speech

_KINDS = {"supervision": TicketKind.COMPLAINT, "general-manager": TicketKind.GENERAL_MANAGER}
_WHISPERS = {
    "supervision": "whisper-supervision",
    "general-manager": "whisper-gm",
    "switchboard": "whisper-switchboard",
}
URGENT_KEY = "1"


def converse(caller: FallbackCaller, book: Book, site: Site, policy: Policy) -> None:
    """Serves the caller; a hang-up at any moment leaves complete rows, and a call back owed to an unserved caller."""
    book.begin()
    try:
        _serve(caller, book, site, policy)
        caller.tell_dialplan("served")
    except HungUp:
        if book.note.ended is None:
            book.end(EndedBy.CALLER, f"hung up while {caller.doing}", owed=not book.served)
        caller.tell_dialplan("ended")
    except LineLost:
        if book.note.ended is None:
            book.end(EndedBy.NETWORK, "the call was lost", owed=not book.served)
        raise


def _serve(caller: FallbackCaller, book: Book, site: Site, policy: Policy) -> None:
    caller.answer()
    book.answered()
    urgent = _takes_down(caller, book, site, policy)
    if urgent:
        caller.play("urgent-connecting")
        groups = [person.group for person in site.staff if person.role in ("technician", "monitoring")]
        reached = _ring(caller, book, policy, "urgent", groups, policy.urgent.rings, "whisper-urgent")
    else:
        caller.play("to-a-person")
        reached = False
    line = site.line(caller.line)
    if not reached and _is_open(line.flow, book, policy):
        whisper = "whisper-urgent" if urgent else _WHISPERS.get(line.flow, "whisper-person")
        reached = _ring(caller, book, policy, "group", [line.group], policy.answer.rings, whisper)
    if not reached:
        return _message(caller, book, site, policy)
    book.end(EndedBy.AGENT, "completed", owed=False)
    caller.play("goodbye")


def _takes_down(caller: FallbackCaller, book: Book, site: Site, policy: Policy) -> bool:
    """Opens the ticket that one key chooses; a caller who has one already is not asked. True if it is urgent."""
    caller.doing = "in the menu"
    if book.ticket is not None:
        caller.play("interrupted")
        return book.ticket.kind is TicketKind.URGENT_REPAIR
    key = caller.choose(
        prompts.greeting(site), "recording-notice", "fallback-menu", keys="12", wait_s=policy.menu.key_wait_s
    )
    urgent = key == URGENT_KEY
    other = _KINDS.get(site.line(caller.line).flow, TicketKind.MESSAGE)
    book.open(TicketKind.URGENT_REPAIR if urgent else other, "urgent" if urgent else "other")
    return urgent


def _is_open(flow: str, book: Book, policy: Policy) -> bool:
    """The general manager is rung only in the hours of that hotline (R03-1)."""
    return flow != GENERAL_MANAGER or policy.calendars[GENERAL_MANAGER].is_open(book.note.started)


def _ring(
    caller: FallbackCaller, book: Book, policy: Policy, stage: str, groups: list[str], rings: int, whisper: str
) -> bool:
    """Rings the free phones on duty. True after a talk that one of the two has ended. Raises HungUp when the caller is
    gone."""
    caller.doing = "ringing"
    numbers = caller.free(book.on_duty(groups))
    if not numbers:
        return False
    place = book.reserve(RecordingKind.TALK)
    book.ringing(stage, numbers)
    seconds = max(1, math.floor(policy.ring_seconds(rings)))
    dialled = caller.ring(numbers, seconds, whisper, f"{caller.spool}/{place}", speech.serves_you)
    talked = book.rung(dialled)
    if talked:
        caller.doing = "talking"
        book.talk_recorded(place)
    else:
        book.not_needed(place)
    if dialled.caller_left:
        if dialled.lost:
            book.end(EndedBy.NETWORK, "cut off while talking", owed=True)
        raise HungUp
    if dialled.lost:
        caller.play("interrupted")
    return talked and not dialled.lost


def _message(caller: FallbackCaller, book: Book, site: Site, policy: Policy) -> None:
    """The recording has its row before the beep; the caller hears the ticket's number, and by when he is answered, if
    the store has given one."""
    caller.doing = "leaving a message"
    caller.play("nobody-free", "leave-message")
    place = book.reserve(RecordingKind.MESSAGE)
    message = policy.message
    try:
        silent_end = caller.record(f"{caller.spool}/{place}", silence_s=message.silence_s, longest_s=message.longest_s)
    except HungUp:
        book.recorded(place)
        raise
    said = book.recorded(place, silent_end=silent_end) >= message.shortest_s
    reason = "completed" if said else "left a message without words"
    book.end(EndedBy.SYSTEM, reason, owed=not said)
    number = speech.ticket_number(str(book.ticket.number)) if book.ticket else []
    if said:
        caller.play("message-saved", *_answer_by(caller, book, site), *number)
    else:
        caller.play("message-empty", *number)
    caller.play("goodbye")


def _answer_by(caller: FallbackCaller, book: Book, site: Site) -> list[str]:
    """By when there is an answer, in the words of the line (R11-2)."""
    if book.answer_by is None:
        return []
    zone = site.time_zone
    return speech.due(book.answer_by.astimezone(zone), book.note.started.astimezone(zone), caller.language)
