"""What staff do with appointments at a terminal."""

from datetime import datetime

from sqlalchemy.orm import Session

from hotline.terminal.acting import Acting
from hotline.terminal.dates import NoMoment
from hotline.tickets.verbs import change
from models.tables import Ticket
from models.text.wording import moment
from models.tickets import appointments


def make(acting: Acting, number: int, when: str) -> None:
    """Raises NoMoment, and as every change of a ticket."""
    due_at = _moment(acting, when)

    def write(session: Session, ticket_id: int, at: datetime) -> Ticket:
        policy = acting.this.policy
        appointments.make(session, ticket_id, due_at=due_at, who=acting.who, at=at, policy=policy)
        return session.get_one(Ticket, ticket_id, populate_existing=True)

    change(acting, number, write)
    _say(acting, due_at)


def move(acting: Acting, number: int, when: str, reason: str) -> None:
    """As `make`."""
    due_at = _moment(acting, when)

    def write(session: Session, ticket_id: int, at: datetime) -> Ticket:
        policy = acting.this.policy
        appointments.move(session, ticket_id, due_at=due_at, who=acting.who, at=at, policy=policy, reason=reason)
        return session.get_one(Ticket, ticket_id, populate_existing=True)

    change(acting, number, write)
    _say(acting, due_at)


def cancel(acting: Acting, number: int, reason: str, *, yes: bool) -> None:
    acting.confirm(f"取消工单 {number} 的预约？", f"cancel the appointment of ticket {number}?", yes=yes)
    zone = acting.this.site.time_zone
    change(
        acting,
        number,
        lambda session, ticket_id, at: appointments.cancel(
            session, ticket_id, who=acting.who, at=at, zone=zone, reason=reason
        ),
    )


def _moment(acting: Acting, when: str) -> datetime:
    """A day alone is no appointment."""
    if not any(sign in when for sign in (":", "：", "+")):
        raise NoMoment(
            acting.words(f"请同时写明几点，如 “{when} 14:00”", f'say at what time, too, such as "{when} 14:00"')
        )
    return acting.moment(when)


def _say(acting: Acting, due_at: datetime) -> None:
    if not acting.view.as_json:
        when = moment(due_at, acting.this.site.time_zone)
        acting.remark(f"预约：{when}", f"appointment: {when}")
