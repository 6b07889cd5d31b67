"""The agent's page, and what is done on it: on duty or on a break, a call written up, the day summed up."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Response
from sqlalchemy.orm import Session

from console.live import agent, telephone
from console.live.boards import Audience
from console.pages.agent import day
from console.pages.agent.forms import WrapUpForm
from console.pages.rendering import page
from console.pages.visitor import Visitor, may
from models.calls import clicks
from models.errors import MoveRefused
from models.people import presence
from models.people.rights import Right
from models.reports import work_log
from models.states.calls import ClickKind
from models.states.people import PresenceState, ReportedBy
from models.tables import Ticket
from models.tickets import required, wrap_ups

router = APIRouter(prefix=agent.PAGE)
Staff = Annotated[Visitor, may(Right.CALLS)]


class _NotReadBack(Exception):
    """Everything could be written, but the promised date has not been read to the caller: nothing is."""


@router.get("")
def shown(visitor: Staff, call: int | None = None) -> Response:
    audience = Audience(visitor.language, visitor.shown, number=visitor.who, argument=str(call or ""))

    def read(session: Session) -> dict[str, Any]:
        parts = (agent.bar, agent.at_the_telephone, agent.to_write_up, telephone.in_hand, telephone.who_is_free)
        shown = {"chosen": call, "day": day.of(session, visitor)}
        for part in parts:
            shown |= part(session, audience, visitor.at, visitor.instance)
        return shown

    return page(visitor, "agent/agent.html", **visitor.read(read))


@router.post("/presence")
def say(visitor: Staff, state: Annotated[PresenceState, Form()]) -> Response:
    """As *20 and *21: on a break, a telephone that rings at this moment stops, and the next colleague is rung.

    The page stays, and its first line follows.
    """
    at, site, policy = visitor.at, visitor.instance.site, visitor.instance.policy
    until, on_break = at + timedelta(hours=policy.roster.own_word_hours), state is PresenceState.BREAK

    def write(session: Session) -> None:
        if not presence.say(session, visitor.who, state, at=at, holds_until=until, by=ReportedBy.CLICKED):
            raise MoveRefused("you do not work here any more", "您已不在职")
        if on_break:
            clicks.ask(session, visitor.who, ClickKind.STOP_RINGING, site=site, policy=policy, at=at)

    visitor.write(write)
    return visitor.stays()


@router.post("/calls/{call}")
def write_up(visitor: Staff, call: int, form: Annotated[WrapUpForm, Form()]) -> Response:
    """Saves what was written about a call; a promised date is read back first (R15-2)."""
    if form.change:
        raise MoveRefused("nothing has been saved yet: change it here", "尚未保存，请在此修改")
    written = form.written(visitor.zone)

    def write(session: Session) -> tuple[Ticket | None, list[str]]:
        ticket = wrap_ups.save(session, call, written, who=visitor.who, at=visitor.at, policy=visitor.instance.policy)
        if written.due_at is not None and not form.read_back:
            raise _NotReadBack
        return ticket, required.missing(session, ticket) if ticket else []

    try:
        ticket, missing = visitor.write(write)
    except _NotReadBack:
        return _read_back(visitor, call, form, written.due_at)
    if ticket is None:
        return visitor.done(agent.PAGE, "小结已保存", "The call is written up")
    zh, en = required.listed(missing)
    return visitor.done(
        agent.PAGE,
        f"小结已保存，工单 {ticket.number}" + (f"；还缺：{zh}（R13-2）" if missing else ""),
        f"The call is written up, ticket {ticket.number}" + (f"; still missing: {en} (R13-2)" if missing else ""),
    )


@router.post("/summary")
def sum_up(visitor: Staff, text: Annotated[str, Form()] = "") -> Response:
    today = visitor.at.astimezone(visitor.zone).date()
    visitor.write(work_log.summarise, visitor.who, today, text, at=visitor.at)
    return visitor.done(agent.PAGE, "工作小结已保存", "Your summary is saved")


def _read_back(visitor: Visitor, call: int, form: WrapUpForm, due_at: datetime | None) -> Response:
    assert due_at is not None
    best = visitor.instance.policy.promises.best_days
    return page(
        visitor,
        "agent/read_back.html",
        call=call,
        due_at=due_at,
        typed=form.model_dump(mode="json", exclude_none=True, exclude_defaults=True),
        best_days=best if due_at - visitor.at > timedelta(days=best) else None,
    )
