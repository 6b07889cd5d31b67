"""What other programs are answered: field names stay; moments are ISO 8601 with their zone, in UTC."""

from datetime import datetime

from pydantic import BaseModel, Field

from models.states.calls import RecordingState
from models.states.tickets import (
    ClockKind,
    PromiseEnding,
    Reporter,
    Severity,
    Source,
    TicketEventKind,
    TicketKind,
    TicketState,
)


class Standing(BaseModel):
    """How a matter stands: all that a customer is told of it, whoever asks for him."""

    number: int = Field(examples=[1001])
    kind: TicketKind
    state: TicketState
    opened_at: datetime
    promised_for: datetime | None = Field(description="the date that he was given, if he was")


class Ticket(BaseModel):
    """Names and numbers are whole only for a token with the right `personal`; others see 138****8000 and 王**."""

    number: int = Field(examples=[1001])
    kind: TicketKind
    severity: Severity
    state: TicketState
    opened_at: datetime
    due_at: datetime | None = Field(description="the earliest of its clocks and promise")
    source: Source
    reporter: Reporter | None
    line: str | None
    caller: str | None
    owner: str | None
    contact_name: str | None
    contact_number: str | None
    building: str | None
    unit: str | None
    problem: str | None
    need: str | None
    language: str
    department: str | None
    assignee: str | None
    first_receiver: str | None = Field(description="who was first asked, and follows it (R15-1)")
    about_staff: str | None = Field(description="whom a complaint is about: he sees little more than this (R15-6)")
    referred_to: str | None
    referral_number: str | None
    merged_into: int | None
    call: int | None
    policy_version: str
    missing: list[str] = Field(default=[], description="what must be recorded and is not known (R13-2)")


class Clock(BaseModel):
    kind: ClockKind
    due_at: datetime
    met_at: datetime | None
    rule: str


class Promise(BaseModel):
    due_at: datetime
    made_at: datetime
    made_by: str
    reason: str
    postponed: bool
    ending: PromiseEnding | None
    ended_at: datetime | None


class Event(BaseModel):
    at: datetime
    who: str = Field(description='a staff number, "caller", "system", or "api:" and the name of a token')
    kind: TicketEventKind
    from_state: TicketState | None = Field(validation_alias="from")
    to_state: TicketState | None = Field(validation_alias="to")
    text: str


class Recording(BaseModel):
    """Hearing one is logged: `hotline recordings play ID`."""

    id: int
    state: RecordingState
    seconds: float | None


class WholeTicket(Ticket):
    """With its deadlines, promises and all that has happened, in that order."""

    clocks: list[Clock]
    promises: list[Promise]
    events: list[Event]
    recordings: list[Recording]
    merged: list[int] = Field(description="the tickets that were merged into this one")


class Page(BaseModel):
    tickets: list[Ticket]
    next: int | None = Field(
        description="with it as `cursor` the list goes on, also when this page is empty; null: that was all"
    )


class Health(BaseModel):
    store: str = Field(examples=["answers"])
