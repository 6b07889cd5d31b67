"""The states of one customer's survey and of a campaign over all residents, and their legal moves."""

from enum import StrEnum


class SurveyPurpose(StrEnum):
    """Why the customer is asked."""

    TICKET = "ticket"
    """A ticket is done: is it settled, and is the customer satisfied? (R07-5)"""
    CAMPAIGN = "campaign"
    """All residents are asked (R08-6)."""
    AFTER_TALK = "after-talk"
    """The customer has just talked with an agent (R07-6)."""


class SurveyState(StrEnum):
    WAITING = "waiting"
    """To be called, not before `due_at`."""
    CALLING = "calling"
    """The call is in the outbox, or being made."""
    OFFERED = "offered"
    """The question is being asked at the end of the customer's own call."""
    ANSWERED = "answered"
    UNANSWERED = "unanswered"
    """Offered, but no key was pressed: most people just hang up."""
    NOT_REACHED = "not-reached"
    """No attempt reached a person; about a ticket, a member of staff asks then."""
    OPTED_OUT = "opted-out"
    """The customer does not want such calls and is never called again."""
    NOT_NEEDED = "not-needed"
    """The ticket was reopened or closed meanwhile, or the campaign was called off."""


_S = SurveyState


SURVEY_MOVES: dict[SurveyState, frozenset[SurveyState]] = {
    _S.WAITING: frozenset({_S.CALLING, _S.OPTED_OUT, _S.NOT_NEEDED}),
    # Back to waiting: not reached, or not at this hour. An answer may still come after an attempt was cut off.
    _S.CALLING: frozenset({_S.WAITING, _S.ANSWERED, _S.NOT_REACHED, _S.OPTED_OUT, _S.NOT_NEEDED}),
    _S.OFFERED: frozenset({_S.ANSWERED, _S.UNANSWERED}),
}
"""The legal moves of a survey; a state that is not a key here is final."""


class CampaignState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    """Everybody was called."""
    CANCELLED = "cancelled"


_C = CampaignState


CAMPAIGN_MOVES: dict[CampaignState, frozenset[CampaignState]] = {
    _C.RUNNING: frozenset({_C.PAUSED, _C.FINISHED, _C.CANCELLED}),
    _C.PAUSED: frozenset({_C.RUNNING, _C.CANCELLED}),
}
"""The legal moves of a campaign; a state that is not a key here is final."""
