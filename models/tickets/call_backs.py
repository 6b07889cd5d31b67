"""A caller who was not served is owed a call back by the group of the line: a task with a deadline (R17-1)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Unpack

from sqlalchemy.orm import Session

from models.calls import calls
from models.policy import Policy
from models.site import Site
from models.states.calls import EndedBy
from models.states.tickets import TaskKind
from models.tickets import talks, tasks, tickets

AGAIN = "to be called again"
"""Why the call is owed, on the ticket and on the task."""


def owe(
    session: Session,
    call_id: int,
    why: str,
    *,
    site: Site,
    policy: Policy,
    at: datetime,
    ticket_id: int | None = None,
    first_after_minutes: int | None = None,
) -> None:
    """The task to call this caller back, which the hotline begins with by itself where the policy says so. `ticket_id`:
    what it is about, where that is not the call's own ticket; `first_after_minutes`: later than by the policy.

    The first line's group has it when the site no longer has the line that was dialled.
    """
    call = calls.facts(session, call_id)
    rules = policy.call_back
    first_after = rules.first_after_minutes if first_after_minutes is None else first_after_minutes
    groups = {line.number: line.group for line in site.lines}
    tasks.open(
        session,
        kind=TaskKind.CALL_BACK,
        number=call.caller_number,
        call_id=call_id,
        ticket_id=ticket_id or call.ticket_id,
        owner_group=groups.get(call.line, site.lines[0].group),
        at=at,
        due_at=at + timedelta(minutes=policy.tasks.call_back_minutes),
        call_at=at + timedelta(minutes=first_after) if rules.by_itself else None,
        note=why,
    )


def again(
    session: Session, ticket_id: int, *, call_id: int, who: str, site: Site, policy: Policy, at: datetime
) -> None:
    """The agent who has just talked with this customer wants the customer to be called once more: not at once, but as
    after a call that was not answered."""
    tickets.note(session, ticket_id, AGAIN, who=who, at=at)
    pauses = policy.call_back.again_minutes
    later = pauses[0] if pauses else policy.tasks.call_back_minutes
    owe(session, call_id, AGAIN, site=site, policy=policy, at=at, ticket_id=ticket_id, first_after_minutes=later)


def end_call(
    session: Session,
    call_id: int,
    *,
    by: EndedBy,
    reason: str,
    owed: bool,
    site: Site,
    policy: Policy,
    at: datetime,
    **learnt: Unpack[calls.Learnt],
) -> None:
    """The end of a call; `owed`: the caller was not served, and is owed a call back."""
    calls.end(session, call_id, by=by, reason=reason, at=at, **learnt)
    if owed:
        owe(session, call_id, reason, site=site, policy=policy, at=at)


def cut_off(
    session: Session,
    call_id: int,
    talk_ids: Iterable[int],
    *,
    owed: bool,
    recording: str,
    site: Site,
    policy: Policy,
    at: datetime,
) -> None:
    """The end of talks that neither side has ended, and of their recording; `owed`: the caller is owed a call back."""
    talks.end(session, talk_ids, by=EndedBy.NETWORK, at=at, policy=policy, recording=recording)
    if owed:
        owe(session, call_id, "cut off while talking", site=site, policy=policy, at=at)


def lose_call(session: Session, call_id: int, *, owed: bool, site: Site, policy: Policy, at: datetime) -> None:
    """The end of a call whose channel went away while nobody of us watched it."""
    lost = calls.end(session, call_id, by=EndedBy.NETWORK, reason="gone while we were away", at=at)
    # A call that has come to its own end meanwhile is owed nothing.
    if owed and lost:
        owe(session, call_id, "the call was lost", site=site, policy=policy, at=at)
