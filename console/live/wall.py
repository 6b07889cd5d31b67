"""The wall: is anything wrong now? Calls, agents, alarms, trunks, wake-ups and late tickets, as they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from console.live import calls
from console.live.boards import Audience, Board
from console.pages.desk import rack
from console.pages.visitor import Visitor
from models.health import alarms, trunks
from models.instance.instance import Instance
from models.people import presence, standing
from models.people.rights import Right
from models.people.standing import Standing
from models.states.tickets import TICKET_OPEN
from models.tables import Staff, Ticket
from models.tickets import escalations, impartial

PAGE = "/wall"
_MOST = 50


@dataclass(frozen=True)
class Agent:
    """One of the staff; `doing` is "ringing" or "talking" when a call is at the telephone, with its beginning."""

    staff: Staff
    standing: Standing
    doing: str
    since: datetime | None


def of_reader(visitor: Visitor, argument: str) -> Audience:
    """Complaints about the reader are closed (R15-6), so each reader is an audience."""
    return Audience(visitor.language, rights=visitor.rights, number=visitor.who, argument=argument)


def read(session: Session, audience: Audience, at: datetime, instance: Instance) -> Mapping[str, Any]:
    going_on = calls.read(session, audience, at, instance)["calls"]
    ladders = [
        (ladder, ticket, steps, impartial.hidden_from(ticket, audience.number))
        for ladder, ticket, steps in escalations.going_on(session, limit=_MOST)
    ]
    agents = _agents(session, going_on, at)
    states = trunks.every(session)
    return {
        "calls": going_on,
        "doing": {what: sum(call.doing == what for call in going_on) for what in ("waiting", "ringing", "talking")},
        "groups": [(one.zh, one.en, agents.get(one.name, [])) for one in instance.site.groups],
        "ladders": ladders,
        "alarms": alarms.raised(session, instance, at),
        "trunks": [(trunk.name, states.get(trunk.name)) for trunk in instance.site.trunks],
        "woken": rack.being_woken(session),
        "late": _late(session, at),
    }


def _agents(session: Session, going_on: Sequence[calls.Row], at: datetime) -> dict[str, list[Agent]]:
    """By group, those on duty first."""
    busy = {number: (call.doing, call.since) for call in going_on for number in call.staff}
    by_group: dict[str, list[Agent]] = {}
    for staff, _ in presence.everybody(session):
        doing, since = busy.get(staff.number, ("", None))
        agent = Agent(staff, standing.of(session, staff, at=at), doing, since)
        by_group.setdefault(staff.group or "", []).append(agent)
    for agents in by_group.values():
        agents.sort(key=lambda one: (not one.doing, one.standing.state != "on-duty", one.staff.number))
    return by_group


def _late(session: Session, at: datetime) -> int:
    """Open tickets with a clock or promise that has run out."""
    late = select(func.count()).where(Ticket.next_due_at <= at, Ticket.state.in_(TICKET_OPEN))
    return session.scalar(late) or 0


BOARD = Board("wall", Right.DUTY, "duty/board.html", read, audience=of_reader, every_s=30.0, page=PAGE)
