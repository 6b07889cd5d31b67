"""How a call meets one criterion of the scoring form."""

from enum import StrEnum


class Mark(StrEnum):
    MET = "met"
    PARTLY = "partly"
    NOT_MET = "not-met"
    NOT_APPLICABLE = "not-applicable"
    """The call gave no occasion for it: it counts neither for nor against."""
