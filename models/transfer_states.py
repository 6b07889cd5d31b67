"""How far a transfer has come, and why one is not even begun (R05-4, R07-4)."""

from enum import StrEnum


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
