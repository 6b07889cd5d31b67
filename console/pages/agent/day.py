"""My day: the calls of today, what I must follow, what I owe, and the figures of the report about me (R07-3)."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from console.pages.visitor import Visitor
from models.calls import at_a_phone
from models.calls.calls import CallRecord
from models.quality import scorings
from models.quality.scorings import Scored
from models.reports import work_log
from models.reports.figures import Row
from models.reports.period import Period, PeriodKind
from models.tables import FIRST_NUMBER, Task, Ticket
from models.tickets import first_receiver, impartial

MOST, RESULTS = 20, 5
FIGURES = ("answered", "within_rings", "let_ring", "talk_s", "received", "settled")


@dataclass(frozen=True)
class MyCall:
    """`closed`: it is a complaint about me (R15-6)."""

    record: CallRecord
    closed: bool
    talked_s: float
    ticket: int | None


@dataclass(frozen=True)
class Day:
    calls: list[MyCall]
    tickets: list[Ticket]
    tasks: list[Task]
    figures: Row
    summary: str
    results: list[Scored]
    """Published to me (R13-7)."""


def of(session: Session, visitor: Visitor) -> Day:
    """Of the visitor, since midnight of the site."""
    today = visitor.at.astimezone(visitor.zone).date()
    begins = Period.around(PeriodKind.DAY, today, visitor.zone).begins
    closed = impartial.closed_to(session, visitor.who)
    written = work_log.summary(session, visitor.who, today)
    policy = visitor.instance.policy
    return Day(
        calls=[
            _mine(one, closed.call(one.call), visitor)
            for one in at_a_phone.talked(session, visitor.who, since=begins, limit=MOST)
        ],
        tickets=first_receiver.mine(session, visitor.who, limit=MOST),
        tasks=first_receiver.tasks_of(session, visitor.who, limit=MOST),
        figures=work_log.figures(session, visitor.who, today, zone=visitor.zone, policy=policy, at=visitor.at),
        summary=written.text if written else "",
        results=scorings.published_to(session, visitor.who, limit=RESULTS),
    )


def _mine(record: CallRecord, closed: bool, visitor: Visitor) -> MyCall:
    ticket = record.call.ticket_id
    own = [talk for talk in record.talks if talk.staff_number == visitor.who]
    seconds = sum(((talk.ended_at or visitor.at) - talk.started_at).total_seconds() for talk in own)
    return MyCall(record, closed, seconds, FIRST_NUMBER + ticket if ticket and not closed else None)
