"""How far a swap and a handover have come, and what a roster may lack."""

from enum import StrEnum


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
