"""Which tickets a person may see at all: everybody's, or for some posts those of the department and the own ones."""

from sqlalchemy.orm import Session

from models.people.rights import Person
from models.tables import FIRST_NUMBER, Ticket

__all__ = ["Ticket"]


def sees(ticket: Ticket, person: Person) -> bool:
    """What of a ticket about the person is hidden nevertheless: `impartial.hidden_from`."""
    of_the_department = person.department in (None, ticket.department)
    return of_the_department or person.number in (ticket.assignee, ticket.first_receiver)


def find(session: Session, number: int, person: Person) -> Ticket | None:
    """The ticket with this number, if this person may see it."""
    ticket = session.get(Ticket, number - FIRST_NUMBER) if FIRST_NUMBER < number < 10**9 else None
    return ticket if ticket is not None and sees(ticket, person) else None
