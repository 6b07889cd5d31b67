"""What other programs send, checked before anything is done; an unknown field is refused, not ignored."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from models.states.tickets import Cause, Reporter, Severity, Source, TicketKind, TicketState
from models.text import signs
from models.text.numbers import NO_NUMBER, extension, normal, plausible
from models.text.signs import SignRefused
from models.time.days import YEARS


def _reported_by_somebody(kind: TicketKind) -> TicketKind:
    if kind is TicketKind.FAULT:
        raise ValueError("only the hotline itself reports its own faults")
    return kind


def _from_outside(source: Source) -> Source:
    if source is Source.SYSTEM:
        raise ValueError("this source is for what the hotline finds itself")
    return source


def _number(number: str) -> str:
    plain = normal(number)
    if plain is None or not plausible(plain):
        raise ValueError(NO_NUMBER[0])
    return plain


def _typed_number(number: Any) -> Any:
    """However it is typed: "７０２０"."""
    return extension(number) if isinstance(number, str) else number


Text = Annotated[str, Field(max_length=signs.LONGEST)]
Said = Annotated[str, Field(min_length=1, max_length=signs.LONGEST)]
Name = Annotated[str, Field(min_length=1, max_length=80)]
Place = Annotated[str, Field(min_length=1, max_length=20)]
StaffNumber = Annotated[str, BeforeValidator(_typed_number), Field(pattern=r"^[0-9]{3,5}$", examples=["7020"])]
TicketNumber = Annotated[int, Field(ge=1, le=999_999_999, examples=[1001])]


def _of_this_age(moment: datetime) -> datetime:
    if moment.year not in YEARS:
        raise ValueError(f"the year is out of range: {YEARS.start} to {YEARS.stop - 1}")
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_of_this_age)]
_LINES = {"problem", "need", "text", "reason"}
"""Fields that may have several lines."""


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)

    @field_validator("*")
    @classmethod
    def _harms_no_reader(cls, value: Any, field: ValidationInfo) -> Any:
        """No control signs, and a field of one line is one line."""
        if isinstance(value, str):
            try:
                signs.checked(value)
            except SignRefused as refused:
                raise ValueError(refused.en) from None
            if field.field_name not in _LINES and len(value.splitlines()) > 1:
                raise ValueError("this is a field of one line")
        return value


class NewTicket(Form):
    """A new ticket with what must be recorded (R13-2); an owner whose number is in the directory needs no name."""

    kind: Annotated[TicketKind, AfterValidator(_reported_by_somebody)] = Field(examples=["repair"])
    source: Annotated[Source, AfterValidator(_from_outside)] = Field(
        description="the channel by which the request arrived (R02-2)", examples=["app"]
    )
    contact_number: Annotated[str, AfterValidator(_number)] = Field(examples=["13900139000"])
    contact_name: Name | None = Field(default=None, examples=["李秀兰"])
    problem: Said = Field(description="the fault, or the cause of the complaint", examples=["厨房水管漏水"])
    need: Said = Field(description="what the customer wants", examples=["今天下午上门修理"])
    reporter: Reporter | None = Field(default=None, description="who reports it (R03-7)")
    severity: Severity | None = None
    building: Place | None = Field(default=None, examples=["5"])
    room: Place | None = Field(default=None, examples=["802"])
    about_staff: StaffNumber | None = Field(
        default=None,
        description="the staff number that a complaint is about: that person does not handle it (R15-6)",
        examples=[None],
    )
    language: Literal["zh", "en"] | None = Field(
        default=None, description="the customer's language; default: the site's"
    )


class Follow(Form):
    """What a customer knows of a ticket."""

    number: TicketNumber
    digits: str = Field(
        pattern=r"^[0-9]{4,15}$",
        description="the last digits of the customer's telephone number, at least 4; after wrong tries all of them",
        examples=["9000"],
    )
    visitor: str | None = Field(
        default=None,
        min_length=1,
        max_length=80,
        description="who asks your form, such as an address: after wrong tries this visitor waits, and no other",
        examples=["203.0.113.7"],
    )


class Note(Form):
    text: Said
    told: bool = Field(default=False, description="the customer has been informed of this: meets the clock `feedback`")


class Move(Form):
    to: TicketState
    text: Text = ""
    told: bool = Field(default=False, description="the customer has been informed (R08-7)")
    cause: Cause | None = Field(
        default=None, description="why it came to that: a complaint is not closed without it (R17-4)"
    )


class Dispatch(Form):
    department: str = Field(min_length=1, max_length=40, examples=["engineering"])
    assignee: StaffNumber | None = None
    text: Text = ""


class Assignment(Form):
    staff: StaffNumber
    text: Text = ""


class NewPromise(Form):
    due_at: Moment = Field(description="with its zone; at most a week ahead (R15-2)")


class Postponement(Form):
    due_at: Moment
    reason: Said
    told: bool = Field(description="the customer has been informed; otherwise it is refused (R15-3)")


class NewAppointment(Form):
    due_at: Moment = Field(description="with its zone; as agreed with the customer (R10-2)")


class MovedAppointment(NewAppointment):
    reason: Text = ""


class CancelledAppointment(Form):
    reason: Text = ""


class NewBlock(Form):
    """A nuisance caller who is not to be let in."""

    number: str = Field(max_length=40, examples=["13700000007"])
    until: Moment = Field(description="with its zone; after it the caller is let in again")
    why: Text = Field(description="what the caller did, in 1 to 200 characters; it is shown in the list")


class Search(Form):
    """All given conditions must hold; the newest tickets come first."""

    text: str | None = Field(default=None, max_length=200, description="in problem, need, notes and names")
    phone: str | None = Field(default=None, max_length=40, description="the caller's, contact's or owner's number")
    name: Name | None = None
    building: Place | None = None
    room: Place | None = None
    kind: list[TicketKind] = []
    state: list[TicketState] = []
    open: bool = Field(default=False, description="only tickets that are not settled")
    late: bool = Field(default=False, description="only late tickets")
    department: str | None = Field(default=None, max_length=40)
    assignee: StaffNumber | None = None
    first_receiver: StaffNumber | None = None
    about_staff: StaffNumber | None = None
    severity: Severity | None = None
    source: Source | None = None
    reporter: Reporter | None = None
    opened_from: Moment | None = None
    opened_before: Moment | None = None
    limit: int = Field(default=50, ge=1, le=200)
    cursor: TicketNumber | None = Field(default=None, description="`next` of the previous page")
