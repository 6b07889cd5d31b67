"""Satisfaction surveys: who is asked and why, the answers, and the numbers that opted out."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.states.surveys import CampaignState, SurveyPurpose, SurveyState
from models.tables.base import Base, UtcDateTime, word


class Campaign(Base):
    """A survey of all residents (R08-6); no more than `at_once` of them are called at a time."""

    __tablename__ = "campaigns"
    __table_args__ = (Index(None, "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    state: Mapped[CampaignState] = mapped_column(word(CampaignState), default=CampaignState.RUNNING)
    at_once: Mapped[int]
    created_by: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Survey(Base):
    """One customer asked for one reason. `score` is 1 (worst) to 5, `settled` the customer's answer about the ticket.

    `done_event` is the event with which the ticket was done: when it is done again, the customer is asked again.
    `staff_number` is the person being rated (R07-6): the agent of the talk (`talk_id`), or the ticket's first receiver.
    `attempts` counts how often the customer was dialled, last at `called_at`; `call_id` is the call with the answer.
    """

    __tablename__ = "surveys"
    __table_args__ = (
        Index(None, "campaign_id", "state", "due_at"),
        Index(None, "campaign_id", "number", unique=True),
        Index(None, "number", "called_at"),
        Index(None, "done_event", unique=True),
        Index(None, "talk_id", unique=True),
        Index(None, "ticket_id"),
        Index(None, "ended_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[SurveyPurpose] = mapped_column(word(SurveyPurpose))
    state: Mapped[SurveyState] = mapped_column(word(SurveyState), default=SurveyState.WAITING)
    number: Mapped[str | None] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(10))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    done_event: Mapped[int | None] = mapped_column(ForeignKey("ticket_events.id"))
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaigns.id"))
    talk_id: Mapped[int | None] = mapped_column(ForeignKey("talks.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("owners.id"))
    staff_number: Mapped[str | None] = mapped_column(String(20))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    called_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    call_id: Mapped[int | None] = mapped_column(ForeignKey("calls.id"))
    score: Mapped[int | None]
    settled: Mapped[bool | None]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OptOut(Base):
    """A number that gets no survey calls, kept for ever (in the form of `models.text.numbers.normal`)."""

    __tablename__ = "opt_outs"
    __table_args__ = (Index(None, "at"),)

    number: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    survey_id: Mapped[int | None] = mapped_column(ForeignKey("surveys.id"))
    who: Mapped[str] = mapped_column(String(80))
