"""The words in which the database speaks of a late matter that is told by telephone."""

from enum import StrEnum


class Rung(StrEnum):
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
