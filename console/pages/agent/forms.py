"""What is typed about a call after it; an empty field says nothing new."""

from datetime import datetime, tzinfo
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict

from models.states.tickets import Cause, Severity, TicketKind
from models.tickets.intake import Facts
from models.tickets.wrap_ups import Written

T = TypeVar("T")
Given = Annotated[T | None, BeforeValidator(lambda value: value or None)]


class WrapUpForm(BaseModel):
    """`read_back`: the promised date has been read to the caller; `change`: it has not, go back to the form."""

    model_config = ConfigDict(str_strip_whitespace=True)

    kind: Given[TicketKind] = None
    severity: Given[Severity] = None
    problem: Given[str] = None
    need: Given[str] = None
    cause: Given[Cause] = None
    contact_name: Given[str] = None
    contact_number: Given[str] = None
    building: Given[str] = None
    room: Given[str] = None
    department: Given[str] = None
    due_at: Given[datetime] = None
    settled: bool = False
    about_staff: Given[str] = None
    read_back: bool = False
    change: bool = False

    def written(self, zone: tzinfo) -> Written:
        """A date is by the site's clock."""
        facts = Facts(
            contact_name=self.contact_name,
            contact_number=self.contact_number,
            problem=self.problem,
            need=self.need,
            building=self.building,
            room=self.room,
            cause=self.cause,
        )
        return Written(
            kind=self.kind,
            severity=self.severity,
            facts=facts,
            department=self.department,
            due_at=self.due_at.replace(tzinfo=zone) if self.due_at else None,
            settled=self.settled,
            about_staff=self.about_staff,
        )
