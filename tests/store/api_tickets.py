"""A ticket that comes from the web, for the tests of webhooks, tokens and the API."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.policy import Policy
from models.states.tickets import Source, TicketKind
from models.tables import Ticket
from models.tickets import intake
from models.tickets.intake import Facts


def a_ticket(session: Session, policy: Policy, at: datetime) -> Ticket:
    facts = Facts("李秀兰", "13700137000", "no water", "water")
    return intake.new(
        session, kind=TicketKind.REPAIR, source=Source.WEB, facts=facts, who="7001", at=at, policy=policy, language="zh"
    )
