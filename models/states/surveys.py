"""How far asking a customer, and a campaign over all residents, has come."""

from enum import StrEnum


class SurveyPurpose(StrEnum):
    """Why he is asked."""

    TICKET = "ticket"
    """His matter is done: is it settled, and is he satisfied? (R07-5)"""
    CAMPAIGN = "campaign"
    """All residents are asked (R08-6)."""
    AFTER_TALK = "after-talk"
    """He has just talked with one of us (R07-6)."""


class SurveyState(StrEnum):
    WAITING = "waiting"
    """To be called, not before `due_at`."""
    CALLING = "calling"
    """His call is in the outbox, or being made."""
    OFFERED = "offered"
    """He is being asked at the end of a call of his own."""
    ANSWERED = "answered"
    UNANSWERED = "unanswered"
    """Offered, and no key pressed: most people just hang up."""
    NOT_REACHED = "not-reached"
    """No attempt has found a person; a matter is for one of us to ask about, then."""
    OPTED_OUT = "opted-out"
    """He does not want such calls, and is never called again."""
    NOT_NEEDED = "not-needed"
    """The matter has been opened or closed meanwhile, or the campaign is over."""


_S = SurveyState


SURVEY_MOVES: dict[SurveyState, frozenset[SurveyState]] = {
    _S.WAITING: frozenset({_S.CALLING, _S.OPTED_OUT, _S.NOT_NEEDED}),
    # Back to waiting: not reached, or not at this hour. An attempt that was cut off may still be answered.
    _S.CALLING: frozenset({_S.WAITING, _S.ANSWERED, _S.NOT_REACHED, _S.OPTED_OUT, _S.NOT_NEEDED}),
    _S.OFFERED: frozenset({_S.ANSWERED, _S.UNANSWERED}),
}
"""From where somebody's survey may go where; what is not listed here is an ending."""


class CampaignState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    """Everybody has been called."""
    CANCELLED = "cancelled"


_C = CampaignState


CAMPAIGN_MOVES: dict[CampaignState, frozenset[CampaignState]] = {
    _C.RUNNING: frozenset({_C.PAUSED, _C.FINISHED, _C.CANCELLED}),
    _C.PAUSED: frozenset({_C.RUNNING, _C.CANCELLED}),
}
"""From where a campaign may go where; what is not listed here is an ending."""
