"""How far a call, its recording, a transfer and a call of our own have come, and how each ended."""

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


class TransferState(StrEnum):
    """How far a transfer has come, or how it ended; nobody is put through without his own key (R05-4)."""

    KEYING = "keying"
    """The agent keys a number and gives a reason; the caller is on hold from here on."""
    RINGING = "ringing"
    ASKED = "asked"
    """Who has answered hears who calls and why, and is asked for his consent."""
    CONSENTED = "consented"
    DECLINED = "declined"
    NO_ANSWER = "no-answer"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    NO_CONSENT = "no-consent"
    """Answered, but no key was pressed: a voicemail box is not a person."""
    REFUSED = "refused"
    """By the procedure (R07-4); the row says why."""
    CANCELLED = "cancelled"
    """The agent has taken his caller back."""
    AGENT_GONE = "agent-gone"
    """He hung up before anybody was rung."""
    CALLER_GONE = "caller-gone"
    INTERRUPTED = "interrupted"
    """On our side: the program or Asterisk died."""


_T = TransferState


_BROKEN_OFF = frozenset({_T.CALLER_GONE, _T.INTERRUPTED})


_NOT_REACHED = frozenset({_T.DECLINED, _T.NO_ANSWER, _T.BUSY, _T.UNREACHABLE, _T.CANCELLED})


TRANSFER_MOVES: dict[TransferState, frozenset[TransferState]] = {
    _T.KEYING: frozenset({_T.RINGING, _T.REFUSED, _T.CANCELLED, _T.AGENT_GONE}) | _BROKEN_OFF,
    _T.RINGING: frozenset({_T.ASKED}) | _NOT_REACHED | _BROKEN_OFF,
    _T.ASKED: frozenset({_T.CONSENTED, _T.NO_CONSENT, _T.DECLINED, _T.CANCELLED}) | _BROKEN_OFF,
}
"""From where a transfer may go where; what is not listed here is an ending."""


class Refusal(StrEnum):
    """Why a transfer is not even begun."""

    UNKNOWN = "unknown"
    """Nobody of the staff has this number."""
    HIMSELF = "himself"
    NOT_ALLOWED = "not-allowed"
    """By his role (policy: transfer.targets, R07-4)."""
    COMPLAINED_OF = "complained-of"
    """The matter is a complaint about this very person (R15-6)."""
    OFF_DUTY = "off-duty"
    NO_REASON = "no-reason"
    """On a line that asks for one (R03-3)."""


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
