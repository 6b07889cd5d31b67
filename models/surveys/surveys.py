"""A survey is a row before the customer is called, and the answer is committed before the customer is thanked.

The scan writes the rows and asks for the calls, the conversation moves them: each step is one transaction, in which
the ticket moves too (R07-5, R15-4).
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from models.calls import outgoing
from models.calls.outgoing import Claim
from models.database.changes import change
from models.database.paging import Mark, marks
from models.errors import MoveRefused
from models.policy import Policy
from models.policy.follow_up import FollowUp
from models.states.calls import Priority, Purpose
from models.states.surveys import SURVEY_MOVES, CampaignState, SurveyPurpose, SurveyState
from models.states.tickets import Source, TaskKind, TaskState, TicketState
from models.surveys import opt_outs
from models.tables import (
    Call,
    CallToMake,
    Campaign,
    Group,
    Staff,
    Survey,
    Talk,
    Task,
    Ticket,
    TicketEvent,
)
from models.tickets import customer, impartial, tasks, tickets
from models.time.calling_hours import CallingHours

if TYPE_CHECKING:
    from models.site import Site

__all__ = ["Survey", "SurveyPurpose", "SurveyState"]

NOT_SETTLED = "not settled, says the customer"
SATISFACTION = "satisfaction"
CUSTOMER = "caller"


# -- who is to be asked ------------------------------------------------------------------------------------------------


_DONE_EVENT = (
    select(func.max(TicketEvent.id))
    .where(TicketEvent.ticket_id == Ticket.id, TicketEvent.to_state == TicketState.DONE)
    .correlate(Ticket)
    .scalar_subquery()
)
"""The event with which a ticket was last done."""


def newly_done(session: Session, after: Mark | None, limit: int) -> list[Mark]:
    """(opened, id) of the next done tickets, behind `after`, without a survey since they were done; in this order."""
    has_survey = select(Survey.id).where(Survey.done_event == _DONE_EVENT).exists()
    done = Ticket.state == TicketState.DONE, Ticket.source != Source.SYSTEM, ~has_survey
    return marks(session, Ticket.opened_at, Ticket.id, *done, after=after, limit=limit)


def expect(session: Session, ticket_id: int, *, at: datetime, policy: FollowUp, site: "Site") -> Survey | None:
    """Plans the survey of a done ticket, after a delay, within calling hours (R03-6).

    Without a number to call, staff get the task to ask; a customer who has opted out is not asked. None: the ticket has
    moved on, or has its survey already.
    """
    ticket = session.get_one(Ticket, ticket_id, with_for_update=True)
    done_event = session.scalar(select(_DONE_EVENT).where(Ticket.id == ticket_id))
    there = session.scalar(select(Survey.id).where(Survey.done_event == done_event))
    if ticket.state is not TicketState.DONE or done_event is None or there is not None:
        return None
    number = customer.number(session, ticket, site.phones)
    done_at = session.get_one(TicketEvent, done_event).at
    survey = Survey(
        purpose=SurveyPurpose.TICKET,
        number=number,
        language=ticket.language,
        ticket_id=ticket.id,
        done_event=done_event,
        owner_id=ticket.owner_id,
        staff_number=ticket.first_receiver,
        asked_at=at,
        due_at=policy.hours(site.time_zone).next(done_at + timedelta(minutes=policy.delay_minutes)),
    )
    if number is None or opt_outs.any_of(session, [number]):
        survey.state = SurveyState.OPTED_OUT if number else SurveyState.NOT_REACHED
        survey.due_at, survey.ended_at = None, at
    session.add(survey)
    session.flush()
    if number is None:
        _ask_in_person(session, survey, "no number to call", at, policy)
    return survey


# -- the call ----------------------------------------------------------------------------------------------------------


def to_call(session: Session, campaign_id: int | None, after: Mark | None, limit: int, *, at: datetime) -> list[Mark]:
    """(due, id) of the next surveys to call now, behind `after`, the longest due first: of a campaign, or (None) about
    done tickets."""
    waiting = Survey.campaign_id == campaign_id, Survey.state == SurveyState.WAITING, Survey.due_at <= at
    return marks(session, Survey.due_at, Survey.id, *waiting, after=after, limit=limit)


def calling(session: Session, campaign_id: int | None) -> int:
    """How many of its calls are in the outbox or going on."""
    going_on = Survey.campaign_id == campaign_id, Survey.state == SurveyState.CALLING
    return session.scalar(select(func.count()).select_from(Survey).where(*going_on)) or 0


def call(session: Session, survey_id: int, *, at: datetime, policy: FollowUp) -> bool:
    """Puts the call into the outbox. False when it must not be made now: it is made later, or never."""
    survey = session.get_one(Survey, survey_id, with_for_update=True)
    if survey.state is not SurveyState.WAITING or _is_in_vain(session, survey, at):
        return False
    same, gap = _others_of(survey), timedelta(minutes=policy.gap_minutes)
    going_on = session.scalar(select(Survey.id).where(*same, Survey.state == SurveyState.CALLING).limit(1))
    again = at + gap if going_on is not None else _not_before(session, survey, gap)
    if again is not None and again > at:
        survey.due_at = again
        return False
    if not _move(session, survey, SurveyState.CALLING):
        return False
    outgoing.ask(
        session,
        Purpose.FOLLOW_UP,
        survey.id,
        due_at=at,
        by="system",
        at=at,
        number=survey.number,
        ticket_id=survey.ticket_id,
        priority=Priority.LATER,
        language=survey.language,
    )
    return True


def dial(
    session: Session, survey_id: int, claim: Claim, *, at: datetime, policy: FollowUp, hours: CallingHours
) -> Survey | None:
    """Counts an attempt, just before dialling. None when the customer must not be dialled: outside calling hours, the
    survey is no longer wanted, or a crash has just cut off an attempt (then it is made at another time of the day)."""
    survey = session.get(Survey, survey_id, with_for_update=True)
    if survey is None or survey.state is not SurveyState.CALLING:
        return None
    if _is_in_vain(session, survey, at):
        return None
    campaign = session.get(Campaign, survey.campaign_id) if survey.campaign_id else None
    if campaign is not None and campaign.state is not CampaignState.RUNNING:
        _move(session, survey, SurveyState.WAITING, due_at=at)
        return None
    asked_at = session.get_one(CallToMake, claim.id).asked_at
    if survey.called_at is not None and survey.called_at >= asked_at:
        _try_again(session, survey, at, policy, hours)
        return None
    again = _not_before(session, survey, timedelta(minutes=policy.gap_minutes)) or at
    if again > at or not hours.is_open(at):
        _move(session, survey, SurveyState.WAITING, due_at=hours.next(max(again, at)))
        return None
    survey.attempts += 1
    survey.called_at = at
    return survey


def _others_of(survey: Survey) -> tuple[ColumnElement[bool], ...]:
    """The other surveys of the same number."""
    return Survey.number == survey.number, Survey.id != survey.id


def _not_before(session: Session, survey: Survey, gap: timedelta) -> datetime | None:
    """The earliest time for this call, after the last call to this number about something else."""
    last = session.scalar(select(func.max(Survey.called_at)).where(*_others_of(survey)))
    return last + gap if last is not None else None


def _is_in_vain(session: Session, survey: Survey, at: datetime) -> bool:
    """Whether there is nothing to ask any more; if so, ends the survey."""
    if survey.number is None or opt_outs.any_of(session, [survey.number]):
        return _move(session, survey, SurveyState.OPTED_OUT, ended_at=at)
    ticket = session.get(Ticket, survey.ticket_id) if survey.ticket_id else None
    if ticket is not None and ticket.state is not TicketState.DONE:
        return _move(session, survey, SurveyState.NOT_NEEDED, ended_at=at)
    return False


def not_reached(
    session: Session, survey_id: int, *, at: datetime, policy: FollowUp, hours: CallingHours, refused: str | None = None
) -> SurveyState:
    """No key was pressed: tries again at another time of the day; after the last try staff get a task (R07-5).

    `refused`: why the gate has not let the call out, so that there is no other try.
    """
    survey = session.get_one(Survey, survey_id, with_for_update=True)
    if survey.state is SurveyState.CALLING and refused:
        _give_up(session, survey, refused, at, policy)
    elif survey.state is SurveyState.CALLING:
        _try_again(session, survey, at, policy, hours)
    return survey.state


def put_off(session: Session, survey_id: int, *, until: datetime) -> None:
    """The call was not made: that was no try."""
    survey = session.get_one(Survey, survey_id, with_for_update=True)
    if _move(session, survey, SurveyState.WAITING, due_at=until):
        survey.attempts -= 1


def _try_again(session: Session, survey: Survey, at: datetime, policy: FollowUp, hours: CallingHours) -> None:
    last = survey.called_at or at
    if survey.attempts < policy.attempts:
        again = hours.another(max(at, last + timedelta(minutes=policy.gap_minutes)), than=last)
        _move(session, survey, SurveyState.WAITING, due_at=again)
    else:
        _give_up(session, survey, "not reached by telephone", at, policy)


def _give_up(session: Session, survey: Survey, why: str, at: datetime, policy: FollowUp) -> None:
    if _move(session, survey, SurveyState.NOT_REACHED, ended_at=at) and survey.ticket_id is not None:
        _ask_in_person(session, survey, why, at, policy)


def _ask_in_person(session: Session, survey: Survey, why: str, at: datetime, policy: FollowUp) -> None:
    """Opens a task for the group that received the ticket."""
    tasks.open(
        session,
        kind=TaskKind.FOLLOW_UP,
        number=survey.number,
        call_id=None,
        ticket_id=survey.ticket_id,
        owner_group=_group_of(session, survey),
        at=at,
        due_at=at + timedelta(minutes=policy.task_minutes),
        note=why,
    )


# -- the answer --------------------------------------------------------------------------------------------------------


def answered(
    session: Session,
    survey_id: int,
    *,
    score: int | None,
    settled: bool | None,
    call_id: int,
    at: datetime,
    policy: Policy,
) -> bool:
    """Writes the customer's answer and acts on the ticket: confirmed, reopened, or a task for the lead. False when the
    survey is no longer open."""
    survey = session.get_one(Survey, survey_id, with_for_update=True)
    values = {"score": score, "settled": settled, "call_id": call_id, "ended_at": at}
    if not _move(session, survey, SurveyState.ANSWERED, **values):
        return False
    if survey.ticket_id is None:
        return True
    said = NOT_SETTLED if score is None else f"{SATISFACTION}: {score}"
    tickets.note(session, survey.ticket_id, said, who=CUSTOMER, at=at)
    try:
        if settled is False:
            tickets.move(
                session, survey.ticket_id, to=TicketState.REOPENED, who=CUSTOMER, at=at, text=NOT_SETTLED, policy=policy
            )
            _back_to_the_first(session, survey.ticket_id)
        elif score is not None and score >= policy.follow_up.satisfied_from:
            tickets.move(session, survey.ticket_id, to=TicketState.CONFIRMED, who=CUSTOMER, at=at, text=said)
            return True
    except MoveRefused:
        # Somebody moved it during the call: the answer is kept in the note.
        return True
    _inform_the_lead(session, survey, said, at, policy.follow_up)
    return True


def _back_to_the_first(session: Session, ticket_id: int) -> None:
    """Assigns the ticket to its first receiver again (R15-1)."""
    has_one = Ticket.id == ticket_id, Ticket.first_receiver.is_not(None)
    change(session, update(Ticket).where(*has_one).values(assignee=Ticket.first_receiver))


def _inform_the_lead(session: Session, survey: Survey, said: str, at: datetime, policy: FollowUp) -> None:
    """Opens a task for the lead of the receiving group; not for one the complaint is about (R15-6)."""
    ticket = session.get_one(Ticket, survey.ticket_id)
    lead = _lead_of(session, survey)
    if lead is not None and not impartial.may_have(ticket, lead.number):
        above = impartial.lead_above(session, lead.number)
        lead = session.get(Staff, above) if above is not None else None
    same = (Task.ticket_id == ticket.id, Task.kind == TaskKind.NOT_SATISFIED, Task.state == TaskState.OPEN)
    if (task := session.scalar(select(Task).where(*same).with_for_update())) is not None:
        task.times, task.note = task.times + 1, f"{task.note}\n{said}"
        return
    tasks.open(
        session,
        kind=TaskKind.NOT_SATISFIED,
        number=survey.number,
        call_id=None,
        ticket_id=ticket.id,
        owner_group=lead.group if lead is not None else _group_of(session, survey),
        owner_staff=lead.number if lead is not None else None,
        at=at,
        due_at=at + timedelta(minutes=policy.task_minutes),
        note=said,
    )


def _lead_of(session: Session, survey: Survey) -> Staff | None:
    """The lead above the first receiver, or else of the group."""
    if survey.staff_number is not None:
        number = impartial.lead_above(session, survey.staff_number)
    else:
        group = session.get(Group, _group_of(session, survey) or "")
        number = group.supervisor if group is not None else None
    return session.get(Staff, number) if number is not None else None


def _group_of(session: Session, survey: Survey) -> str | None:
    """The group of the first receiver, or else the department of the ticket."""
    received = session.get(Staff, survey.staff_number) if survey.staff_number else None
    ticket = session.get(Ticket, survey.ticket_id) if survey.ticket_id else None
    return (received.group if received else None) or (ticket.department if ticket else None)


def newest(session: Session, *, limit: int) -> list[Survey]:
    """The newest first."""
    return list(session.scalars(select(Survey).order_by(Survey.id.desc()).limit(limit)))


# -- after a talk ------------------------------------------------------------------------------------------------------


def offer(session: Session, call_id: int, *, language: str, at: datetime, from_s: float) -> int | None:
    """Writes a survey about the caller's last talk and its agent (R07-6); returns its id.

    None when that talk lasted less than `from_s` seconds or has a survey already, or the caller has opted out.
    """
    talk = session.scalar(select(Talk).where(Talk.call_id == call_id).order_by(Talk.id.desc()).limit(1))
    if talk is None or talk.ended_at is None or (talk.ended_at - talk.started_at).total_seconds() < from_s:
        return None
    caller = session.get_one(Call, call_id)
    asked = session.scalar(select(Survey.id).where(Survey.talk_id == talk.id))
    if asked is not None or (caller.caller_number and opt_outs.any_of(session, [caller.caller_number])):
        return None
    survey = Survey(
        purpose=SurveyPurpose.AFTER_TALK,
        state=SurveyState.OFFERED,
        number=caller.caller_number,
        language=language,
        talk_id=talk.id,
        call_id=call_id,
        owner_id=caller.owner_id,
        staff_number=talk.staff_number,
        asked_at=at,
    )
    session.add(survey)
    session.flush()
    return survey.id


def rated(session: Session, survey_id: int, score: int | None, *, at: datetime) -> None:
    """Writes the score keyed after the talk; None: no key."""
    survey = session.get_one(Survey, survey_id)
    to = SurveyState.UNANSWERED if score is None else SurveyState.ANSWERED
    _move(session, survey, to, score=score, ended_at=at)


def _move(session: Session, survey: Survey, to: SurveyState, **values: object) -> bool:
    """Compare-and-set to the next state. True if the move was legal and nobody else was quicker."""
    origins = [state for state, moves in SURVEY_MOVES.items() if to in moves]
    session.flush()
    moved = change(
        session, update(Survey).where(Survey.id == survey.id, Survey.state.in_(origins)).values(state=to, **values)
    )
    session.refresh(survey)
    return moved == 1
