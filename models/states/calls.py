"""The states of calls, recordings, transfers, calls to make and clicks, their legal moves, and how each ended."""

from enum import IntEnum, StrEnum


class CallState(StrEnum):
    ACTIVE = "active"
    ENDED = "ended"


class EndedBy(StrEnum):
    """Who ended a call or a talk."""

    CALLER = "caller"
    AGENT = "agent"
    SYSTEM = "system"
    """We ended it, at the end of the conversation or at a time limit."""
    NETWORK = "network"
    """Nobody ended it: the channel was gone (carrier, Asterisk, power)."""


class Ring(StrEnum):
    """How the ringing of one phone ended. Every ring ends in one of these."""

    CONNECTED = "connected"
    NO_ANSWER = "no-answer"
    BUSY = "busy"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    REDIRECTED = "redirected"
    """The telephone forwards its calls (SIP 302); that was not followed."""
    REFUSED = "refused"
    """The gate did not let the call to the mobile out (R20-5); it was not rung."""
    CALLER_GONE = "caller-gone"
    TAKEN = "taken"
    """A colleague had the call first."""
    CANCELLED = "cancelled"
    """The agent cancelled the transfer."""


class RecordingKind(StrEnum):
    TALK = "talk"
    MESSAGE = "message"
    REASON = "reason"
    """An agent's words about the reason for a transfer."""
    SPOKEN_NOTE = "spoken-note"
    """What somebody says about a ticket, at a telephone."""
    SPOOL = "spool"
    """A message that the dialplan recorded by itself while no program of ours answered."""


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


class TransferState(StrEnum):
    """How far a transfer is, or how it ended; without the colleague's key nobody is put through (R05-4)."""

    KEYING = "keying"
    """The agent keys a number and gives a reason; the caller is on hold from here on."""
    RINGING = "ringing"
    ASKED = "asked"
    """The colleague has answered, hears who calls and why, and is asked for consent."""
    CONSENTED = "consented"
    DECLINED = "declined"
    NO_ANSWER = "no-answer"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    REDIRECTED = "redirected"
    NO_CONSENT = "no-consent"
    """Answered, but no key was pressed: a voicemail box is not a person."""
    REFUSED = "refused"
    """By the procedure (R07-4), and then the row says why; or the gate did not let the call to the mobile out."""
    CANCELLED = "cancelled"
    """The agent took the caller back."""
    AGENT_GONE = "agent-gone"
    """The agent hung up before anybody was rung."""
    CALLER_GONE = "caller-gone"
    INTERRUPTED = "interrupted"
    """On our side: the program or Asterisk died."""


_T = TransferState


_BROKEN_OFF = frozenset({_T.CALLER_GONE, _T.INTERRUPTED})


_NOT_REACHED = frozenset({_T.DECLINED, _T.NO_ANSWER, _T.BUSY, _T.UNREACHABLE, _T.REDIRECTED, _T.REFUSED, _T.CANCELLED})


TRANSFER_MOVES: dict[TransferState, frozenset[TransferState]] = {
    _T.KEYING: frozenset({_T.RINGING, _T.REFUSED, _T.CANCELLED, _T.AGENT_GONE}) | _BROKEN_OFF,
    _T.RINGING: frozenset({_T.ASKED}) | _NOT_REACHED | _BROKEN_OFF,
    _T.ASKED: frozenset({_T.CONSENTED, _T.NO_CONSENT, _T.DECLINED, _T.CANCELLED}) | _BROKEN_OFF,
}
"""The legal moves of a transfer; a state without moves is final."""


class Refusal(StrEnum):
    """Why a transfer does not begin."""

    UNKNOWN = "unknown"
    """No staff member has this number."""
    HIMSELF = "himself"
    NOT_ALLOWED = "not-allowed"
    """Not allowed for the agent's role (policy: transfer.targets, R07-4)."""
    COMPLAINED_OF = "complained-of"
    """The ticket is a complaint about this person (R15-6)."""
    OFF_DUTY = "off-duty"
    NO_REASON = "no-reason"
    """On a line that asks for one (R03-3)."""


class Purpose(StrEnum):
    """The purpose of a call that we make; `ivr.outbox` starts its conversation."""

    CALL_BACK = "call-back"
    """A colleague is rung, then the customer (R17-1)."""
    ESCALATION = "escalation"
    """A staff member is called about a late ticket (R07-9)."""
    FOLLOW_UP = "follow-up"
    """A customer is asked about satisfaction (R07-5)."""
    REMINDER = "reminder"
    """A staff member is reminded of a handover (R09-6)."""
    WAKE_UP = "wake-up"
    """A guest is woken (R21-9)."""
    KNOCK = "knock"
    """A staff member is asked to knock at a guest's door (R21-11)."""


class Priority(IntEnum):
    """The order in which due calls are made."""

    LATER = 0
    """Nobody waits for it, such as a survey."""
    ORDINARY = 1
    FIRST = 2
    """An emergency; made at once, beyond the limit of calls at a time."""
    AT_ITS_SECOND = 3
    """A wake-up; only [wake_up] limits how many are made at a time."""


class ToMake(StrEnum):
    """How far a call to make is."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    """For a call back: the agent who is to make it is being rung."""
    DIALLING = "dialling"
    """The person's telephone is being called, until the conversation is complete."""
    CONNECTED = "connected"
    NOT_REACHED = "not-reached"
    """The person did not answer; the task stays."""
    NO_AGENT = "no-agent"
    """No agent took the call back; the task stays."""
    NOT_NEEDED = "not-needed"
    """The task was closed before the call was made."""
    REFUSED = "refused"
    """The gate does not let the call out (R05-8, R20-5); the task stays."""
    CANCELLED = "cancelled"
    """Cancelled, also while it was being made."""


_M = ToMake


# A lapsed claim is claimed again; a process that was thought dead can no longer move the call (see `fence`).
TO_MAKE_MOVES: dict[ToMake, frozenset[ToMake]] = {
    _M.WAITING: frozenset({_M.CLAIMED, _M.CANCELLED}),
    _M.CLAIMED: frozenset(
        {_M.CLAIMED, _M.DIALLING, _M.NO_AGENT, _M.NOT_NEEDED, _M.NOT_REACHED, _M.REFUSED, _M.CANCELLED}
    ),
    _M.DIALLING: frozenset({_M.CLAIMED, _M.CONNECTED, _M.NOT_REACHED, _M.REFUSED, _M.CANCELLED}),
}
"""The legal moves of a call to make; a state without moves is final."""


class AttemptOutcome(StrEnum):
    """How one attempt to make a call ended."""

    CONNECTED = "connected"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    REDIRECTED = "redirected"
    NO_AGENT = "no-agent"
    AGENT_GONE = "agent-gone"
    """The agent hung up before the customer answered."""
    INTERRUPTED = "interrupted"
    """On our side: the program or Asterisk died."""
    NOT_NEEDED = "not-needed"
    REFUSED = "refused"
    """The gate did not let the call out."""
    CANCELLED = "cancelled"
    NO_KEY = "no-key"
    """Answered, but no key was pressed: a voicemail box is not a person."""


class ClickKind(StrEnum):
    """What one of the staff wants from a telephone, said with a click."""

    CALL = "call"
    """My telephone rings, then that of the other one."""
    CALL_BACK = "call-back"
    """The same for a task to call back (R17-1)."""
    TRANSFER = "transfer"
    """The person I talk with is put through to a colleague who consents (R05-4)."""
    HOLD = "on-hold"
    """The person I talk with hears music."""
    TAKE_BACK = "take-back"
    """The end of a hold, or of a transfer that nobody has accepted yet."""
    STOP_RINGING = "stop-ringing"
    """I am on a break: the next colleague is rung, as after *21."""
    RECORD_PROMPT = "record-prompt"
    """My telephone rings, and I say a prompt."""


class ClickState(StrEnum):
    """How far it is; a click that waits too long does nothing."""

    WAITING = "waiting"
    TAKEN = "taken"
    """It is being done: my telephone rings, or somebody is on hold."""
    DIALLING = "dialling"
    """My telephone was answered, and the other one is called; or a prompt is being said."""
    ENDED = "ended"


_C = ClickState


CLICK_MOVES: dict[ClickState, frozenset[ClickState]] = {
    _C.WAITING: frozenset({_C.TAKEN, _C.ENDED}),
    _C.TAKEN: frozenset({_C.DIALLING, _C.ENDED}),
    _C.DIALLING: frozenset({_C.ENDED}),
}
"""The legal moves of a click; a state without moves is final."""


class ClickOutcome(StrEnum):
    """How a click ended, besides the outcomes of an attempt to call somebody and the reasons of the gate."""

    DONE = "done"
    """Taken back; or passed on: from here on its transfer, or its call to make, says how far it is."""
    TOO_LATE = "too-late"
    """Nobody has taken it up in time: the program that does it was not running."""
    INTERRUPTED = "interrupted"
    REFUSED = "refused"
    """At once: the row says why."""
    CALL_OVER = "call-over"
    CALLER_GONE = "caller-gone"
    AGENT_GONE = "agent-gone"
    NOT_NOW = "not-now"
    """The conversation was at a point where this is not possible."""
    NOT_ALONE = "not-alone"
    """A colleague is in the talk, too."""
    NOTHING_TO_TAKE_BACK = "nothing-to-take-back"
    OWN_BUSY = "own-busy"
    """My own telephone is in use."""
    OWN_UNREACHABLE = "own-unreachable"
    NOT_LIFTED = "not-lifted"
    """I have not answered my telephone."""
    ALREADY_ASKED = "already-asked"
    """The task is being called back already."""
    NOT_KEPT = "not-kept"
    """A prompt was not said, or not kept: the present one stays."""
