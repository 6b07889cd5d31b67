"""Who is called on each rung of a ladder, in which order, how often, and at what hours."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.people import people
from models.policy import Policy
from models.policy.appointments import AppointmentsPolicy
from models.policy.notify import NotifyPolicy
from models.site import Site
from models.states.calls import Priority
from models.states.tickets import APPOINTMENTS, LadderCause, LadderRung, Severity, TicketKind, TicketState
from models.tables import Group, Staff, Ticket
from models.tickets import impartial

_ROLES = {LadderRung.MANAGER: "manager", LadderRung.GENERAL_MANAGER: "general-manager"}
_HANDS = {
    TicketKind.REPAIR: "technician",
    TicketKind.URGENT_REPAIR: "technician",
    TicketKind.LIFT: "technician",
    TicketKind.POWER: "technician",
    TicketKind.WATER: "technician",
    TicketKind.PUBLIC_LIGHTING: "technician",
    TicketKind.FAULT: "monitoring",
}
"""The role whose department a ticket falls to before it is dispatched."""


@dataclass(frozen=True)
class Climb:
    """How one ladder climbs. `after_minutes` is the pause before each rung, `again_minutes` that before it begins
    again, empty where it does not. `anybody`: staff who are off duty are called, too."""

    rungs: Sequence[LadderRung]
    after_minutes: Sequence[float]
    tries: int
    pause_minutes: float
    rings: int
    again_minutes: float | None
    anybody: bool
    may_call: Callable[[datetime], bool]
    """Whether it goes on at this time of the site's clock."""

    @property
    def priority(self) -> Priority:
        return Priority.FIRST if self.anybody else Priority.ORDINARY


def climb(cause: LadderCause, ticket: Ticket, policy: Policy) -> Climb:
    """By the policy for this ticket. A serious ticket that nobody has dispatched goes to the leader on duty first
    (R07-9, R09-3); a reminder is for the first receiver alone, and can wait (R15-1)."""
    at_any_hour = policy.escalation.at_any_hour(ticket.kind, ticket.severity)
    if cause is LadderCause.LATE:
        ladder = policy.escalation.ladder(ticket.kind)
        return Climb(
            rungs=[LadderRung(name) for name in ladder.steps],
            after_minutes=ladder.after_minutes,
            tries=ladder.tries,
            pause_minutes=ladder.pause_minutes,
            rings=ladder.rings,
            again_minutes=ladder.again_minutes,
            anybody=at_any_hour,
            may_call=lambda local: at_any_hour or policy.escalation.may_call(local),
        )
    if cause in APPOINTMENTS:
        asked = LadderRung.ASSIGNEE if ticket.assignee else LadderRung.DEPARTMENT
        missed = cause is LadderCause.MISSED
        who = [LadderRung.LEAD, LadderRung.MANAGER] if missed else [asked, LadderRung.LEAD]
        # Whoever is on duty at the hour that was agreed on: it cannot wait.
        return _once(who, policy.appointments, anybody=at_any_hour, may_call=lambda _: True)
    notify, who = policy.notify, [LadderRung.DEPARTMENT]
    if cause is LadderCause.REMINDER:
        who, at_any_hour = [LadderRung.FIRST_RECEIVER], False
    if at_any_hour:
        who = [LadderRung.DEPARTMENT, LadderRung.MANAGER]
    if at_any_hour and ticket.severity is Severity.SERIOUS and ticket.state is not TicketState.DISPATCHED:
        who = [LadderRung.MANAGER, LadderRung.DEPARTMENT]
    return _once(who, notify, anybody=at_any_hour, may_call=lambda local: at_any_hour or notify.may_call(local))


def _once(
    who: Sequence[LadderRung],
    rules: NotifyPolicy | AppointmentsPolicy,
    *,
    anybody: bool,
    may_call: Callable[[datetime], bool],
) -> Climb:
    """One round, without a pause between the rungs."""
    return Climb(
        rungs=who,
        after_minutes=[0.0] * len(who),
        tries=rules.tries,
        pause_minutes=rules.pause_minutes,
        rings=rules.rings,
        again_minutes=None,
        anybody=anybody,
        may_call=may_call,
    )


def whom(
    session: Session,
    ticket: Ticket,
    rung: LadderRung,
    *,
    site: Site,
    at: datetime,
    climb: Climb,
    left_out: Collection[str | None],
    calls: Mapping[str, int],
) -> str | None:
    """The staff number to call on this rung, never the person a complaint is about (R15-6); None: nobody.

    `calls`: how often each has been called so far. In a department the one called least is next.
    """
    may_be = [
        number
        for number in dict.fromkeys(_candidates(session, ticket, rung, site, at))
        if number not in left_out
        and people.staff(session, number) is not None
        and impartial.may_have(ticket, number)
        and (climb.anybody or people.is_on_duty(session, number, at=at))
    ]
    if rung is LadderRung.DEPARTMENT:
        may_be.sort(key=lambda number: calls.get(number, 0))
    return may_be[0] if may_be else None


def _candidates(session: Session, ticket: Ticket, rung: LadderRung, site: Site, at: datetime) -> Iterable[str]:
    its_department = department(session, ticket, site)
    if rung is LadderRung.LEAD:
        group = session.get(Group, its_department)
        return [group.supervisor] if group and group.supervisor else []
    if rung in _ROLES:
        role = select(Staff.number).where(Staff.role == _ROLES[rung], Staff.group.is_not(None)).order_by(Staff.number)
        return sorted(session.scalars(role), key=lambda number: not people.is_on_duty(session, number, at=at))
    if rung is LadderRung.FIRST_RECEIVER:
        return [ticket.first_receiver] if ticket.first_receiver else []
    here = [person.number for person in people.on_duty(session, its_department, at=at)]
    if rung is LadderRung.DEPARTMENT:
        return [ticket.assignee, *here] if ticket.assignee else here
    # Before it is assigned: the first receiver (R15-1), or the people of the department who are on duty.
    known = [number for number in (ticket.assignee, ticket.first_receiver) if number]
    return known or here


def department(session: Session, ticket: Ticket, site: Site) -> str:
    """The department that has the ticket; before it is dispatched, the one that tickets of its kind fall to, or that of
    the line."""
    if ticket.department:
        return ticket.department
    if (role := _HANDS.get(ticket.kind)) is not None:
        hands = select(Staff.group).where(Staff.role == role, Staff.group.is_not(None)).order_by(Staff.number).limit(1)
        if (found := session.scalar(hands)) is not None:
            return found
    for group in site.groups:
        if ticket.kind in group.kinds:
            return group.name
    lines = {line.number: line.group for line in site.lines}
    return lines.get(ticket.line or "", site.lines[0].group)
