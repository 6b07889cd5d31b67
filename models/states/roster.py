"""The states of swaps and handovers, and the kinds of gaps in a roster."""

from enum import StrEnum


class SwapKind(StrEnum):
    SWAP = "swap"
    ABSENCE = "absence"


class SwapState(StrEnum):
    """The manager's decision (R07-7, R09-7)."""

    ASKED = "to-decide"
    APPROVED = "approved"
    REFUSED = "not-approved"


class GapKind(StrEnum):
    NOBODY = "nobody"
    """Nobody answers for a group that must be answered round the clock."""
    SHORT = "short"
    """A shift has fewer people than it needs."""


class HandoverState(StrEnum):
    DUE = "due"
    GIVEN = "given"
    """The leaving shift has given its note."""
    TAKEN = "taken-over"
    NOTHING_OPEN = "nothing-open"
    """At the end of the shift there was nothing to hand over."""


HANDOVER_OPEN = frozenset({HandoverState.DUE, HandoverState.GIVEN})
