"""The states and kinds of tickets, clocks, promises, tasks and escalations, and their legal moves."""

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
    """The channel by which a request reached us (R02-2)."""

    TELEPHONE = "telephone"
    VISIT = "visit"
    NOTICE_BOARD = "notice-board"
    E_MAIL = "e-mail"
    WEB = "web"
    APP = "app"
    SYSTEM = "system"
    """We noticed it ourselves."""


class Reporter(StrEnum):
    """Who reports it (R03-7)."""

    EMPLOYEE = "employee"
    OWNER = "owner"
    """Or another resident."""
    THIRD_PARTY = "third-party"


class Severity(StrEnum):
    ORDINARY = "ordinary"
    SERIOUS = "serious"


class Cause(StrEnum):
    """Why there was something to report or to complain of (R17-4), as the one who took it down judges."""

    SLOW = "slow"
    POOR_WORK = "poor-work"
    ATTITUDE = "attitude"
    PROMISE = "promise-not-kept"
    NOT_INFORMED = "not-informed"
    CHARGES = "charges"
    EQUIPMENT = "equipment"
    CLEANING = "cleaning"
    SAFETY = "safety"
    NEIGHBOURS = "neighbours"
    OTHER = "other"


class TicketState(StrEnum):
    NEW = "new"
    DISPATCHED = "dispatched"
    ACCEPTED = "accepted"
    ON_SITE = "on-site"
    WAITING = "waiting"
    """For parts or a third party; the customer has been informed (R08-7)."""
    DONE = "done"
    CONFIRMED = "confirmed"
    REOPENED = "reopened"
    CLOSED = "closed"
    MERGED = "merged"
    REFERRED = "referred"
    """Passed to a public utility (R15-8)."""


_S = TicketState


TICKET_MOVES: dict[TicketState, frozenset[TicketState]] = {
    _S.NEW: frozenset({_S.DISPATCHED, _S.ACCEPTED, _S.WAITING, _S.DONE, _S.MERGED, _S.REFERRED}),
    _S.DISPATCHED: frozenset({_S.ACCEPTED, _S.ON_SITE, _S.WAITING, _S.DONE, _S.MERGED, _S.REFERRED}),
    _S.ACCEPTED: frozenset({_S.DISPATCHED, _S.ON_SITE, _S.WAITING, _S.DONE, _S.MERGED, _S.REFERRED}),
    _S.ON_SITE: frozenset({_S.DISPATCHED, _S.WAITING, _S.DONE, _S.REFERRED}),
    _S.WAITING: frozenset({_S.DISPATCHED, _S.ACCEPTED, _S.ON_SITE, _S.DONE, _S.MERGED, _S.REFERRED}),
    _S.REFERRED: frozenset({_S.DISPATCHED, _S.ACCEPTED, _S.WAITING, _S.DONE}),
    # The staff say done, the customer confirms (R15-4, R10-3); closed without that when the customer can't be reached.
    _S.DONE: frozenset({_S.CONFIRMED, _S.REOPENED, _S.CLOSED}),
    _S.CONFIRMED: frozenset({_S.CLOSED, _S.REOPENED}),
    _S.REOPENED: frozenset({_S.DISPATCHED, _S.ACCEPTED, _S.WAITING, _S.DONE, _S.MERGED, _S.REFERRED}),
    _S.CLOSED: frozenset({_S.REOPENED}),
    _S.MERGED: frozenset(),
}


TICKET_OPEN = frozenset(_S) - {_S.CONFIRMED, _S.CLOSED, _S.MERGED}
"""The customer may still expect something; "done" is open until the customer has confirmed it."""


WAITING_FOR_SOMEBODY = frozenset({_S.NEW, _S.DISPATCHED, _S.REOPENED})
"""Nobody has accepted it."""


class TicketEventKind(StrEnum):
    OPENED = "opened"
    MOVED = "moved"
    CLASSIFIED = "classified"
    RECEIVED = "received"
    NOTED = "noted"
    FILLED_IN = "filled-in"
    """A fact that must be recorded has become known, or was corrected."""
    ASSIGNED = "assigned"
    TOLD = "told"
    """The customer has been informed."""
    NOTIFIED = "notified"
    """The department was called about it: who, and how that call ended."""
    PROMISED = "promised"
    POSTPONED = "postponed"
    HANDED_OVER = "handed-over"
    """To the first receiver of the next shift."""
    APPOINTED = "appointed"
    """A day and a time have been agreed with the customer (R10-2)."""
    APPOINTMENT_MOVED = "appointment-moved"
    APPOINTMENT_CANCELLED = "appointment-cancelled"
    APPOINTMENT_MISSED = "appointment-missed"
    """Nobody was on site by then (R10-3)."""
    APPOINTMENT_CALLED = "appointment-called"
    """One of the staff was called about the appointment: who, and how that call ended."""


class PhotoKind(StrEnum):
    """The formats of photos; each is the ending of its file, too."""

    JPEG = "jpg"
    PNG = "png"
    WEBP = "webp"


class PromiseEnding(StrEnum):
    KEPT = "on-time"
    BROKEN = "broken"
    """Done, but after its date."""
    POSTPONED = "postponed"
    CARRIED = "carried"
    """It continues as a promise of the ticket that this one was merged into."""


class AppointmentEnding(StrEnum):
    KEPT = "on-time"
    """Somebody was on site, or it was done, by then or within the grace."""
    MISSED = "broken"
    """Somebody came later, or it was done later."""
    MOVED = "appointment-moved"
    CANCELLED = "cancelled"
    CARRIED = "carried"
    """It continues as an appointment of the ticket that this one was merged into."""


class ClockKind(StrEnum):
    """What must happen by the deadline, in the usual order."""

    RESPOND = "respond"
    """Somebody has accepted the ticket (R08-1, R06-2)."""
    ON_SITE = "on-site"
    """Somebody has arrived (R08-2, R08-3)."""
    FEEDBACK = "feedback"
    """The customer has been informed of the progress (R08-1, R08-3, R15-7)."""
    SOLUTION = "solution"
    """It is settled (R06-3, R08-5, R08-7, R08-8)."""


class TimeUnit(StrEnum):
    """The unit in which a deadline counts, by its calendar."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"


class TaskKind(StrEnum):
    CALL_BACK = "call-back"
    FOLLOW_MATTER = "follow-matter"
    """The first receiver is reminded of a ticket that is not done (R15-1)."""
    MATTER_DONE = "matter-done"
    """The first receiver learns that the ticket is done, and asks the customer (R15-4)."""
    ROSTER_GAP = "roster-gap"
    """A coming shift has nobody, or too few people (R09-1 to R09-5)."""
    HANDOVER = "handover"
    """Nobody of the next shift has taken over the open tickets, in spite of all reminders (R09-6)."""
    FOLLOW_UP = "follow-up"
    """The follow-up call reached nobody: a member of staff asks the customer (R07-5)."""
    NOT_SATISFIED = "not-satisfied"
    """The customer says that it is not settled, or not well: a task for the lead (R15-1)."""
    CALENDAR_END = "calendar-end"
    """The public holidays of the coming year are not known."""
    SURVEY_DUE = "survey-due"
    """No satisfaction survey of the residents has been made in this half-year (R08-6)."""
    CERTIFICATE_END = "certificate-end"
    """The certificate that telephones see ends soon."""
    GUESSING = "guessing"
    """Passwords of telephones are guessed: addresses are banned."""
    PIN_LOCKED = "pin-locked"
    """Wrong PINs were keyed at a telephone."""
    NOT_ACCEPTED = "not-accepted"
    """Nobody of the department has accepted the ticket at the telephone: a task for the supervisor (R17-2)."""
    TRAINING = "training"
    """The scored calls of an agent were not good enough (R04-2): a task for the lead."""


class TaskState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class LadderCause(StrEnum):
    """Why staff are called about a ticket."""

    LATE = "late"
    """A deadline is near or has passed (R07-9, R16-2)."""
    NEW = "new"
    """The department is notified of it at once (R05-6, R10-1, R17-2)."""
    REMINDER = "reminder"
    """Its first receiver has to follow it, or to inform the customer that it is done (R15-1, R15-4)."""
    APPOINTMENT = "appointment"
    """The technician is reminded of an appointment with the customer (R10-3)."""
    MISSED = "missed"
    """Nobody was on site for it: the lead is called (R10-3)."""


APPOINTMENTS = frozenset({LadderCause.APPOINTMENT, LadderCause.MISSED})
"""The causes that only an appointment ends: kept, moved or cancelled."""


class LadderRung(StrEnum):
    """Who is called on one step of a ladder."""

    DEPARTMENT = "department"
    """The assignee, then those on duty in the department, one after the other."""
    FIRST_RECEIVER = "first-receiver"
    ASSIGNEE = "assignee"
    LEAD = "lead"
    """The lead of the department that has the ticket."""
    MANAGER = "manager"
    GENERAL_MANAGER = "general-manager"


class EscalationState(StrEnum):
    CLIMBING = "climbing"
    EXHAUSTED = "exhausted"
    """Everybody has been called and nobody has accepted; it starts again at the first step."""
    ACCEPTED = "accepted"
    """Somebody has accepted the ticket by key, or has heard the reminder."""
    STOPPED = "stopped"
    """The ticket was accepted, moved or closed by other means."""
    HANDED_UP = "handed-up"
    """Nobody has accepted it: the supervisor has a task, of a reminder the first receiver."""


_E = EscalationState


_OVER = frozenset({_E.ACCEPTED, _E.STOPPED, _E.HANDED_UP})


ESCALATION_MOVES: dict[EscalationState, frozenset[EscalationState]] = {
    _E.CLIMBING: frozenset({_E.EXHAUSTED}) | _OVER,
    _E.EXHAUSTED: frozenset({_E.CLIMBING}) | _OVER,
}
"""The legal moves of a ladder; a state that is not a key here is final."""


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
    REDIRECTED = "redirected"
    REFUSED = "refused"
    """The gate did not let the call to the mobile out."""
    CALLED_OFF = "called-off"
    """The ticket was settled during the call."""


CANNOT_BE_RUNG = frozenset({StepOutcome.UNREACHABLE, StepOutcome.REDIRECTED, StepOutcome.REFUSED})
"""The telephone did not ring, and would not do so a little later."""
