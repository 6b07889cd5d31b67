"""What a ticket, its clocks, promises, tasks and escalation may be, and the moves that they may make."""

from enum import StrEnum


class TicketKind(StrEnum):
    REPAIR = "repair"
    URGENT_REPAIR = "urgent-repair"
    LIFT = "lift"
    POWER = "power"
    WATER = "water"
    PUBLIC_LIGHTING = "public-lighting"
    COMPLAINT = "complaint"
    ENQUIRY = "enquiry"
    SUGGESTION = "suggestion"
    MESSAGE = "message"
    GENERAL_MANAGER = "general-manager"
    FAULT = "fault"
    """The hotline itself does not answer as it should (R17-5, R05-7)."""


class Source(StrEnum):
    """The channel by which a matter reached us (R02-2)."""

    TELEPHONE = "telephone"
    VISIT = "visit"
    NOTICE_BOARD = "notice-board"
    E_MAIL = "e-mail"
    WEB = "web"
    APP = "app"
    SYSTEM = "system"
    """We have noticed it ourselves."""


class Reporter(StrEnum):
    """Who tells us of a matter (R03-7)."""

    EMPLOYEE = "employee"
    OWNER = "owner"
    """Or another resident."""
    THIRD_PARTY = "third-party"


class Severity(StrEnum):
    ORDINARY = "ordinary"
    SERIOUS = "serious"


class TicketState(StrEnum):
    NEW = "new"
    DISPATCHED = "dispatched"
    ACCEPTED = "accepted"
    ON_SITE = "on-site"
    WAITING = "waiting"
    """For parts or a third party; the customer has been told (R08-7)."""
    DONE = "done"
    CONFIRMED = "confirmed"
    REOPENED = "reopened"
    CLOSED = "closed"
    MERGED = "merged"
    REFERRED = "referred"
    """Taken up with a public utility (R15-8)."""


_S = TicketState


TICKET_MOVES: dict[TicketState, frozenset[TicketState]] = {
    _S.NEW: frozenset({_S.DISPATCHED, _S.ACCEPTED, _S.WAITING, _S.DONE, _S.MERGED, _S.REFERRED}),
    _S.DISPATCHED: frozenset({_S.ACCEPTED, _S.ON_SITE, _S.WAITING, _S.DONE, _S.MERGED, _S.REFERRED}),
    _S.ACCEPTED: frozenset({_S.DISPATCHED, _S.ON_SITE, _S.WAITING, _S.DONE, _S.MERGED, _S.REFERRED}),
    _S.ON_SITE: frozenset({_S.DISPATCHED, _S.WAITING, _S.DONE, _S.REFERRED}),
    _S.WAITING: frozenset({_S.DISPATCHED, _S.ACCEPTED, _S.ON_SITE, _S.DONE, _S.MERGED, _S.REFERRED}),
    _S.REFERRED: frozenset({_S.DISPATCHED, _S.ACCEPTED, _S.WAITING, _S.DONE}),
    # Done is the staff's word, confirmed the customer's (R15-4, R10-3); closed without it when he can't be reached.
    _S.DONE: frozenset({_S.CONFIRMED, _S.REOPENED, _S.CLOSED}),
    _S.CONFIRMED: frozenset({_S.CLOSED, _S.REOPENED}),
    _S.REOPENED: frozenset({_S.DISPATCHED, _S.ACCEPTED, _S.WAITING, _S.DONE, _S.MERGED, _S.REFERRED}),
    _S.CLOSED: frozenset({_S.REOPENED}),
    _S.MERGED: frozenset(),
}


TICKET_OPEN = frozenset(_S) - {_S.CONFIRMED, _S.CLOSED, _S.MERGED}
"""What a customer may still expect something from; "done" is open until he has said so."""


class TicketEventKind(StrEnum):
    OPENED = "opened"
    MOVED = "moved"
    CLASSIFIED = "classified"
    RECEIVED = "received"
    NOTED = "noted"
    FILLED_IN = "filled-in"
    """Something of what must be recorded has become known, or was put right."""
    ASSIGNED = "assigned"
    TOLD = "told"
    """The customer has been told of it."""
    PROMISED = "promised"
    POSTPONED = "postponed"
    HANDED_OVER = "handed-over"
    """The first-asked responsibility, at the change of shifts."""


class PromiseEnding(StrEnum):
    KEPT = "on-time"
    BROKEN = "broken"
    """Done, but after its date."""
    POSTPONED = "postponed"
    CARRIED = "carried"
    """It goes on as a promise of the ticket that this one was merged into."""


class ClockKind(StrEnum):
    """What must have happened by a time, in the order in which it happens."""

    RESPOND = "respond"
    """Somebody has taken the matter on (R08-1, R06-2)."""
    ON_SITE = "on-site"
    """Somebody is there (R08-2, R08-3)."""
    FEEDBACK = "feedback"
    """The customer has been told how it stands (R08-1, R08-3, R15-7)."""
    SOLUTION = "solution"
    """It is settled (R06-3, R08-5, R08-7, R08-8)."""


class TimeUnit(StrEnum):
    """What a deadline counts, by its calendar."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"


class TaskKind(StrEnum):
    CALL_BACK = "call-back"
    FOLLOW_MATTER = "follow-matter"
    """The first receiver is reminded of a matter that is not done (R15-1)."""
    MATTER_DONE = "matter-done"
    """The first receiver is told that it is done: he asks the customer (R15-4)."""
    ROSTER_GAP = "roster-gap"
    """Nobody, or too few, are on the roster for a time to come (R09-1 to R09-5)."""
    HANDOVER = "handover"
    """A shift's open matters that nobody of the next has taken over, however often he was reminded (R09-6)."""
    FOLLOW_UP = "follow-up"
    """Nobody was reached by telephone after his matter was done: one of us asks him (R07-5)."""
    NOT_SATISFIED = "not-satisfied"
    """The customer says that his matter is not settled, or not well: for the lead (R15-1)."""
    CALENDAR_END = "calendar-end"
    """The public holidays of a year that comes near are not known."""
    SURVEY_DUE = "survey-due"
    """The residents have not been asked in this half-year whether they are satisfied (R08-6)."""


class TaskState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class LadderRung(StrEnum):
    """Who stands on a step of the ladder on which a late matter climbs."""

    ASSIGNEE = "assignee"
    LEAD = "lead"
    """Of the department that has it."""
    MANAGER = "manager"
    GENERAL_MANAGER = "general-manager"


class EscalationState(StrEnum):
    CLIMBING = "climbing"
    EXHAUSTED = "exhausted"
    """Everybody has been called and nobody has accepted; it begins again from the top."""
    ACCEPTED = "accepted"
    """Somebody has said by key that he has the matter."""
    STOPPED = "stopped"
    """The ticket was accepted, moved or closed in another way."""


_E = EscalationState


_OVER = frozenset({_E.ACCEPTED, _E.STOPPED})


ESCALATION_MOVES: dict[EscalationState, frozenset[EscalationState]] = {
    _E.CLIMBING: frozenset({_E.EXHAUSTED}) | _OVER,
    _E.EXHAUSTED: frozenset({_E.CLIMBING}) | _OVER,
}
"""From where a ladder may go where; what is not listed here is an ending."""


class StepOutcome(StrEnum):
    """How one call on the ladder ended."""

    ACCEPTED = "accepted"
    PASSED_ON = "passed-on"
    NO_KEY = "no-key"
    """Answered, and no key was pressed: a voicemail box is not a person."""
    NO_ANSWER = "no-answer"
    BUSY = "busy"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    CALLED_OFF = "called-off"
    """The matter was settled while he was being called."""
