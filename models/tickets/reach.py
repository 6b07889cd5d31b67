"""Which tickets a person may see at all: everybody's, or for some posts those of the department and the own ones."""

from typing import Protocol

from sqlalchemy.orm import Session

from models.tables import FIRST_NUMBER, Ticket

__all__ = ["Ticket"]


class Reader(Protocol):
    """A person who is signed in, or a program that acts for one."""

    @property
    def number(self) -> str: ...

    @property
    def department(self) -> str | None: ...


def sees(ticket: Ticket, person: Reader) -> bool:
    """What of a ticket about the person is hidden nevertheless: `impartial.hidden_from`."""
    of_the_department = person.department in (None, ticket.department)
    return of_the_department or person.number in (ticket.assignee, ticket.first_receiver)


def find(session: Session, number: int, person: Reader) -> Ticket | None:
    """The ticket with this number, if this person may see it."""
    ticket = session.get(Ticket, number - FIRST_NUMBER) if FIRST_NUMBER < number < 10**9 else None
    return ticket if ticket is not None and sees(ticket, person) else None
