"""The answers to other programs: field names never change; times are ISO 8601 in UTC with their zone."""

from datetime import datetime

from pydantic import BaseModel, Field

from models.states.calls import RecordingState
from models.states.tickets import (
    AppointmentEnding,
    Cause,
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
    """The state of a ticket: all that a customer, or a program on the customer's behalf, may know."""

    number: int = Field(examples=[1001])
    kind: TicketKind
    state: TicketState
    opened_at: datetime
    promised_for: datetime | None = Field(description="the date promised to the customer, if any")


class Ticket(BaseModel):
    """Names and numbers are whole only for a token with the right `personal`; others see 138****8000 and 王**."""

    number: int = Field(examples=[1001])
    kind: TicketKind
    severity: Severity
    state: TicketState
    opened_at: datetime
    due_at: datetime | None = Field(description="the earliest due time of its clocks and its promise")
    appointment: datetime | None = Field(description="when somebody is to be on site, as agreed with the customer")
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
    cause: Cause | None = Field(description="why it came to that, as staff judge (R17-4)")
    language: str
    department: str | None
    assignee: str | None
    first_receiver: str | None = Field(description="the staff number that received it first and follows it (R15-1)")
    about_staff: str | None = Field(
        description="the staff number that a complaint is about: that person sees little more than this (R15-6)"
    )
    referred_to: str | None
    referral_number: str | None
    merged_into: int | None
    call: int | None
    policy_version: str
    missing: list[str] = Field(default=[], description="what must be recorded and is still missing (R13-2)")


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


class Appointment(BaseModel):
    due_at: datetime
    made_at: datetime
    made_by: str
    reason: str
    moved: bool = Field(description="it replaces an earlier one")
    missed_at: datetime | None = Field(description="nobody was on site by then")
    ending: AppointmentEnding | None
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
    """A ticket with its deadlines, promises, appointments, events and recordings."""

    clocks: list[Clock]
    promises: list[Promise]
    appointments: list[Appointment]
    events: list[Event]
    recordings: list[Recording]
    merged: list[int] = Field(description="the tickets that were merged into this one")


class Page(BaseModel):
    tickets: list[Ticket]
    next: int | None = Field(
        description="pass it as `cursor` for the next page, even if this page is empty; null: no more pages"
    )


class Blocked(BaseModel):
    """An entry of the block list; the number is whole only for a token with the right `personal`."""

    entry: int = Field(description="by which it is lifted", examples=[3])
    number: str
    until: datetime
    why: str
    blocked_by: str
    blocked_at: datetime
    lifted_by: str | None
    lifted_at: datetime | None


class Health(BaseModel):
    store: str = Field(examples=["answers"])
