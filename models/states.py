"""The words in which the database speaks: every state, kind and outcome, and the moves a ticket may make."""

from enum import IntEnum, StrEnum


class CallState(StrEnum):
    ACTIVE = "active"
    ENDED = "ended"


class EndedBy(StrEnum):
    """Who ended a call or a talk."""

    CALLER = "caller"
    AGENT = "agent"
    SYSTEM = "system"
    """We did, at the end of the conversation or at a time limit."""
    NETWORK = "network"
    """Nobody chose to: the channel was gone (carrier, Asterisk, power)."""


class Ring(StrEnum):
    """How the ringing of one phone ended. Every ring ends in one of these."""

    CONNECTED = "connected"
    NO_ANSWER = "no-answer"
    BUSY = "busy"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    CALLER_GONE = "caller-gone"
    TAKEN = "taken"
    """A colleague had the call first."""
    CANCELLED = "cancelled"
    """Whoever wanted to put the caller through has thought better of it."""


class RecordingKind(StrEnum):
    TALK = "talk"
    MESSAGE = "message"
    REASON = "reason"
    """An agent's words about why he transfers a call."""
    SPOOL = "spool"
    """A message that the dialplan took by itself while no program of ours answered."""


class RecordingState(StrEnum):
    RESERVED = "reserved"
    """The name is ours; the recording may be going on."""
    RECORDED = "recorded"
    """Ended; to be checked, levelled and stored."""
    KEPT = "kept"
    PARTIAL = "partial"
    """Stored, but shorter than what was said, or ended by a crash."""
    EMPTY = "empty"
    """Nothing was said: no audio, or silence only."""
    JOINED = "joined"
    """A later part of a conversation: its sound is in the recording that begins it, so that there is one (R04-1)."""
    LOST = "lost"
    """The call ended long ago and there is no file."""
    REMOVED = "removed"
    """The retention date has passed: the row stays, the file is gone."""


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


class CanaryStep(StrEnum):
    """What a canary was at when it failed."""

    CONNECT = "connect"
    """The application had no connection to Asterisk, or Asterisk made no call."""
    DIALPLAN = "dialplan"
    """The call did not come from the dialplan to the application."""
    ANSWER = "answer"
    PROMPT = "prompt"
    """The first words were not played to their end."""
    KEY = "key"
    """A key that was pressed did not arrive."""
    MISSING = "missing"
    """No canary has come for too long: the application does not live."""


class PresenceState(StrEnum):
    """What one of the staff has said of himself."""

    ON_DUTY = "on-duty"
    BREAK = "break"


class Purpose(StrEnum):
    """Why we call somebody by ourselves; each has its conversation in `ivr.outbox`."""

    CALL_BACK = "call-back"
    """A colleague is rung, then the customer (R17-1)."""
    ESCALATION = "escalation"
    """One of the staff is told of a matter that is late (R07-9)."""
    FOLLOW_UP = "follow-up"
    """A customer is asked whether he is satisfied (R07-5)."""
    REMINDER = "reminder"
    """One of the staff is reminded of something he owes (R09-6)."""
    WAKE_UP = "wake-up"
    """A guest is woken (R21-9)."""
    KNOCK = "knock"
    """One of the staff is to go and knock at a guest's door (R21-11)."""


class Priority(IntEnum):
    """Which of the calls that are due is made first."""

    LATER = 0
    """Nobody waits for it: a survey."""
    ORDINARY = 1
    FIRST = 2
    """An emergency; made however many other calls are going on."""
    AT_ITS_SECOND = 3
    """A guest is woken: as many at a time as [wake_up] says, whatever else is going on."""


class ToMake(StrEnum):
    """How far a call that we make by ourselves has come."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    """For a call back: somebody of ours is being rung, who is to make the call."""
    DIALLING = "dialling"
    """The telephone of whom it is for is being called. It stays so until what is to be said has been said."""
    CONNECTED = "connected"
    NOT_REACHED = "not-reached"
    """He has not answered; what is owed to him stays."""
    NO_AGENT = "no-agent"
    """Nobody of ours would make the call back; the task stays."""
    NOT_NEEDED = "not-needed"
    """The matter was settled before the call was made."""
    CANCELLED = "cancelled"
    """Called off by whoever had asked for it, also while it was being made."""


_M = ToMake

# A lapsed claim is claimed again: by a process that was thought dead, nothing moves any more (see `fence`).
TO_MAKE_MOVES: dict[ToMake, frozenset[ToMake]] = {
    _M.WAITING: frozenset({_M.CLAIMED, _M.CANCELLED}),
    _M.CLAIMED: frozenset({_M.CLAIMED, _M.DIALLING, _M.NO_AGENT, _M.NOT_NEEDED, _M.NOT_REACHED, _M.CANCELLED}),
    _M.DIALLING: frozenset({_M.CLAIMED, _M.CONNECTED, _M.NOT_REACHED, _M.CANCELLED}),
}
"""From where a call to make may go where; what is not listed here is an ending."""


class AttemptOutcome(StrEnum):
    """How one attempt to make a call ended."""

    CONNECTED = "connected"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    NO_AGENT = "no-agent"
    AGENT_GONE = "agent-gone"
    """He hung up before the customer answered."""
    INTERRUPTED = "interrupted"
    """On our side: the program or Asterisk died."""
    NOT_NEEDED = "not-needed"
    CANCELLED = "cancelled"
    NO_KEY = "no-key"
    """Answered, but no key was pressed: a voicemail box is not a person."""


class FindingKind(StrEnum):
    """What does not agree between calls, rows and files (R04-1)."""

    FILE_WITHOUT_ROW = "file-without-row"
    ROW_WITHOUT_FILE = "row-without-file"
    TALK_WITHOUT_RECORDING = "talk-without-recording"
    DISK_NEARLY_FULL = "disk-nearly-full"
    SCAN_LATE = "scan-late"
    """A scan, or the scheduler as a whole, has not looked for too long."""
    WORK_LATE = "work-late"
    """What is due is not handled, though the scans look."""
    ROW_FAILS = "row-fails"
    """A scan can't get through with one row, however often it tries."""
    NO_BACKUP = "no-backup"
    WEBHOOK_FAILS = "webhook-fails"
    """A message to another program was given up, and it has taken none since."""
    CALENDAR_END = "calendar-end"
    """The public holidays of the year `subject` are not known, and it comes near."""
    SURVEY_DUE = "survey-due"
    """In the half-year `subject` no survey of all residents has begun, and it ends soon (R08-6)."""


class PhoneKind(StrEnum):
    STAFF = "staff"
    ROOM = "room"


class SwapKind(StrEnum):
    SWAP = "swap"
    ABSENCE = "absence"


class SwapState(StrEnum):
    """What the manager has said to it (R07-7, R09-7)."""

    ASKED = "to-decide"
    APPROVED = "approved"
    REFUSED = "not-approved"


class GapKind(StrEnum):
    NOBODY = "nobody"
    """No shift answers for a group that is to be answered for round the clock."""
    SHORT = "short"
    """A shift has fewer people than it needs."""


class HandoverState(StrEnum):
    DUE = "due"
    GIVEN = "given"
    """The leaving shift has said what it has to say."""
    TAKEN = "taken-over"
    NOTHING_OPEN = "nothing-open"
    """At the end of the shift there was nothing to be handed over."""


HANDOVER_OPEN = frozenset({HandoverState.DUE, HandoverState.GIVEN})
