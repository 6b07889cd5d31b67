"""A click of one of the staff is a row that one program takes up at once, or nobody ever: an old one never acts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from models.calls import outgoing, transfers, trunk_calls
from models.calls.gate import HOUSE
from models.database.changes import change, in_turn
from models.errors import MoveRefused
from models.policy import Policy
from models.site import Site
from models.states.calls import CLICK_MOVES, CallState, ClickKind, ClickOutcome, ClickState, Refusal
from models.states.gate import NumberClass, Reach
from models.states.tickets import TaskState
from models.tables import Call, CallToMake, Click, Talk, Task, Ticket, Transfer
from models.text.numbers import as_dialled

__all__ = ["Click", "ClickKind", "ClickOutcome", "ClickState"]

SHOWN_FOR = timedelta(seconds=20)
"""So long a screen shows how something ended."""
_LONGEST = timedelta(minutes=5)
"""Two telephones have rung, or not, and the two talk or not."""
_NEWEST = 50
"""So many clicks of all staff are in hand at most."""

_REFUSALS: dict[Refusal, tuple[str, str]] = {
    Refusal.UNKNOWN: ("nobody of the staff has this number", "没有这个工号"),
    Refusal.HIMSELF: ("this is your own number", "这是您自己的号码"),
    Refusal.NOT_ALLOWED: (
        "by the rules your post may not transfer to this person (R07-4)",
        "按规定不能转接到该岗位（R07-4）",
    ),
    Refusal.COMPLAINED_OF: ("the complaint is about this very person (R15-6)", "客户投诉的正是此人（R15-6）"),
    Refusal.OFF_DUTY: ("this person is off duty", "对方不在岗"),
}


@dataclass(frozen=True)
class Standing:
    """What one of the staff has in hand: the open talk, its open or lately ended transfer, who is on hold since when,
    the newest click that has not ended or has ended lately, and the call back that it was passed on to."""

    talk: Talk | None
    alone: bool
    """Nobody else of the staff is in the talk."""
    on_hold: Click | None
    transfer: Transfer | None
    click: Click | None
    call_back: CallToMake | None


def ask(
    session: Session,
    staff_number: str,
    kind: ClickKind,
    *,
    site: Site,
    policy: Policy,
    at: datetime,
    target: str | None = None,
    call_id: int | None = None,
    task_id: int | None = None,
    with_reason: bool = False,
) -> Click:
    """Requests it; the same click twice is one. Where it is clear already that it cannot be done, it has ended: its
    `refusal` says why.

    `call_id`: the call in which the person talks. `target`: a number to call, the colleague's for a transfer, or the
    prompt to record, such as "zh/greeting".
    """
    in_turn(session, Click.__tablename__)
    click = Click(
        staff_number=staff_number,
        kind=kind,
        target=target if kind is ClickKind.RECORD_PROMPT else as_dialled(target)[:40] or None,
        call_id=call_id,
        task_id=task_id,
        with_reason=with_reason,
        made_at=at,
    )
    try:
        if (same := _same(session, click, policy, at)) is not None:
            return same
        _check(session, click, site, policy, at)
    except MoveRefused as why:
        # With what the gate has written about it; a call or task that does not exist can have no row.
        click.state, click.ended_at, click.call_id, click.task_id = ClickState.ENDED, at, None, None
        click.outcome, click.refusal = ClickOutcome.REFUSED, str(why)[:500]
    session.add(click)
    session.flush()
    return click


def _same(session: Session, click: Click, policy: Policy, at: datetime) -> Click | None:
    """The same click, which has not ended; one that is too old ends. Raises MoveRefused for another one."""
    for found in session.scalars(_mine(click.staff_number, click.kind)).all():
        if is_late(found, policy=policy, at=at):
            end(session, found.id, ClickOutcome.TOO_LATE, at=at)
        elif _is_left(session, found, at):
            end(session, found.id, ClickOutcome.INTERRUPTED, at=at)
        elif found.target == click.target and found.task_id == click.task_id and _about(found) == _about(click):
            return found
        else:
            raise MoveRefused("one of these is being done already: wait for its end", "正在办理上一个请求，请稍候")
    return None


def _about(click: Click) -> int | None:
    """The call of a click in a talk; that of a click to call comes only with the call."""
    return None if click.kind in (ClickKind.CALL, ClickKind.RECORD_PROMPT) else click.call_id


def _check(session: Session, click: Click, site: Site, policy: Policy, at: datetime) -> None:
    """Raises MoveRefused."""
    match click.kind:
        case ClickKind.CALL:
            _check_call(session, click, site, policy, at)
        case ClickKind.CALL_BACK:
            _check_call_back(session, click)
        case ClickKind.RECORD_PROMPT:
            _check_free(session, click)
        case ClickKind.STOP_RINGING:
            pass
        case _:
            _check_in_talk(session, click, site, policy, at)


def _check_call(session: Session, click: Click, site: Site, policy: Policy, at: datetime) -> None:
    number = click.target
    if number == click.staff_number:
        raise _refused(Refusal.HIMSELF)
    if _open_talk(session, click.staff_number) is not None:
        raise MoveRefused("you are in a talk: end it first, or transfer the caller", "您正在通话：请先结束，或使用转接")
    decision = trunk_calls.let_out(session, number, Reach.CALL_BACK, channel_id=None, site=site, policy=policy, at=at)
    if decision.number_class is NumberClass.EMERGENCY:
        raise MoveRefused("an emergency number: dial it yourself, at any telephone", "紧急号码：请直接在任一话机上拨打")
    if not decision.allowed:
        zh, en = ("", "") if decision.rule == HOUSE else (f"（{decision.rule}）", f" ({decision.rule})")
        raise MoveRefused(f"not called: {decision.en}{en}", f"不能拨打：{decision.zh}{zh}")


def _check_call_back(session: Session, click: Click) -> None:
    task_id, by = click.task_id, click.staff_number
    task = session.get(Task, task_id) if task_id else None
    ticket = session.get(Ticket, task.ticket_id) if task and task.ticket_id else None
    # Who is complained about does not see the task (R15-6).
    if task is None or task.state is not TaskState.OPEN or (ticket is not None and ticket.about_staff == by):
        raise MoveRefused(f"there is no open task {task_id}", f"没有待办任务 {task_id}")
    if task.number is None:
        raise MoveRefused("the caller withheld the number", "来电未显示号码，无法回电")
    _check_free(session, click)


def _check_free(session: Session, click: Click) -> None:
    if _open_talk(session, click.staff_number) is not None:
        raise MoveRefused("you are in a talk: end it first", "您正在通话：请先结束")


def _check_in_talk(session: Session, click: Click, site: Site, policy: Policy, at: datetime) -> None:
    """About the talk that the person saw when clicking: never about the next one."""
    by, kind = click.staff_number, click.kind
    talk = talk_of(session, by, click.call_id)
    if talk is None:
        raise MoveRefused("this call is over", "该通话已结束")
    transfer = session.scalar(_open_transfer(talk.call_id))
    if kind is ClickKind.TAKE_BACK:
        held = _going_on().where(Click.call_id == talk.call_id, Click.kind == ClickKind.HOLD)
        if session.scalar(held) is None and (transfer is None or transfer.by_staff != by):
            raise MoveRefused("nobody is on hold, and no transfer is going on", "没有保持中的来电或进行中的转接")
        return
    if transfer is not None:
        raise MoveRefused("a transfer is going on already", "正在转接中")
    if not alone(session, talk):
        raise MoveRefused(
            "a colleague is in this call, too: one of you must hang up first", "同事也在通话中：请其中一位先挂机"
        )
    if kind is ClickKind.TRANSFER:
        ticket_id = session.get_one(Call, talk.call_id).ticket_id
        refusal = transfers.why_not(
            session, by=by, to=click.target or "", ticket_id=ticket_id, site=site, policy=policy, at=at
        )
        if refusal is not None:
            raise _refused(refusal)


def _refused(why: Refusal) -> MoveRefused:
    return MoveRefused(*_REFUSALS[why])


# -- taken up ----------------------------------------------------------------------------------------------------------


def any_waiting(session: Session) -> bool:
    """Asked several times a second; the head of a small index."""
    waiting = _going_on().where(Click.state == ClickState.WAITING).with_only_columns(Click.id)
    return session.scalar(waiting.limit(1)) is not None


def take(session: Session, *, node: str, policy: Policy, at: datetime) -> Click | None:
    """The oldest one that still counts; those that do not are ended."""
    waiting = _going_on().where(Click.state == ClickState.WAITING).order_by(Click.made_at, Click.id)
    for click in session.scalars(waiting).all():
        if click.made_at <= at - _counts(policy):
            end(session, click.id, ClickOutcome.TOO_LATE, at=at)
        elif move(session, click.id, to=ClickState.TAKEN, taken_at=at, node=node):
            session.refresh(click)
            return click
    return None


def move(session: Session, click_id: int, *, to: ClickState, **values: object) -> bool:
    """The next step. True if it was legal from where the click is; otherwise nothing has changed."""
    origins = [state for state, moves in CLICK_MOVES.items() if to in moves]
    this = update(Click).where(Click.id == click_id, Click.state.in_(origins))
    return change(session, this.values(state=to, **values)) == 1


def dialling(session: Session, click_id: int, call_id: int) -> bool:
    """My telephone was answered; the other one is about to be called, in this conversation."""
    return move(session, click_id, to=ClickState.DIALLING, call_id=call_id)


def end(
    session: Session,
    click_id: int,
    outcome: str,
    *,
    at: datetime,
    transfer_id: int | None = None,
    call_to_make_id: int | None = None,
) -> bool:
    """The first end counts; True if this was it. With one of the ids it was passed on to that row."""
    passed_on = {"transfer_id": transfer_id, "call_to_make_id": call_to_make_id}
    return move(session, click_id, to=ClickState.ENDED, ended_at=at, outcome=outcome[:40], **passed_on)


def begin_transfer(
    session: Session, click_id: int | None, *, call_id: int, ticket_id: int | None, by_staff: str, at: datetime
) -> int:
    """As `transfers.begin`, to which the click is passed on. Returns the transfer's id."""
    transfer_id = transfers.begin(session, call_id=call_id, ticket_id=ticket_id, by_staff=by_staff, at=at)
    if click_id is not None:
        end(session, click_id, ClickOutcome.DONE, at=at, transfer_id=transfer_id)
    return transfer_id


def pass_on_call_back(session: Session, click: Click, *, site: Site, policy: Policy, at: datetime) -> None:
    """The call back is requested, as by `hotline call-back`; its row says from here on how far it is."""
    assert click.task_id is not None
    number = click.staff_number
    rules: Any = {"site": site, "policy": policy}
    try:
        call = outgoing.ask_back(session, click.task_id, staff_number=number, by=number, at=at, **rules)
    except outgoing.CannotCall:
        # The task was done, or lost its number, a moment ago.
        end(session, click.id, ClickOutcome.CALL_OVER, at=at)
        return
    ours = call.asked_at == at
    end(session, click.id, ClickOutcome.DONE if ours else ClickOutcome.ALREADY_ASKED, at=at, call_to_make_id=call.id)


def interrupt(session: Session, *, node: str, at: datetime) -> None:
    """A new process of this node begins: what the one before had in hand has ended."""
    left = _going_on().where(Click.state != ClickState.WAITING, Click.node == node)
    for click in session.scalars(left).all():
        end(session, click.id, ClickOutcome.INTERRUPTED, at=at)


def forget(session: Session, *, before: datetime) -> None:
    """Deletes those that were made before this moment."""
    session.execute(delete(Click).where(Click.made_at < before))


# -- what is shown -----------------------------------------------------------------------------------------------------


def standing(session: Session, staff_number: str, *, at: datetime) -> Standing:
    """What this person has in hand at this moment."""
    talk = _open_talk(session, staff_number)
    seen = (Click.staff_number == staff_number, Click.kind.not_in((ClickKind.STOP_RINGING, ClickKind.RECORD_PROMPT)))
    newest = select(Click).where(*seen).order_by(Click.made_at.desc(), Click.id.desc())
    click = session.scalar(newest.where(Click.made_at > at - timedelta(days=1)).limit(1))
    call_back = session.get(CallToMake, click.call_to_make_id) if click and click.call_to_make_id else None
    over = click is not None and (
        not _is_shown(click.ended_at, at) or (not click.ended_at and _is_left(session, click, at))
    )
    if over and (call_back is None or call_back.ended_at):
        click = call_back = None
    transfer = on_hold = None
    if talk is not None:
        mine = (
            select(Transfer)
            .where(Transfer.call_id == talk.call_id, Transfer.by_staff == staff_number)
            .order_by(Transfer.id.desc())
            .limit(1)
        )
        transfer = session.scalar(mine)
        held = _going_on().where(Click.call_id == talk.call_id, Click.kind == ClickKind.HOLD)
        on_hold = session.scalar(held.where(Click.state == ClickState.TAKEN))
    elif click is not None and click.transfer_id is not None:
        transfer = session.get(Transfer, click.transfer_id)
    if transfer is not None and not _is_shown(transfer.ended_at, at):
        transfer = None
    return Standing(talk, talk is not None and alone(session, talk), on_hold, transfer, click, call_back)


def recording(session: Session, staff_number: str, prompt: str, *, at: datetime) -> Click | None:
    """This person's newest click to record this prompt, within the last minutes."""
    mine = select(Click).where(Click.staff_number == staff_number, Click.kind == ClickKind.RECORD_PROMPT)
    newest = mine.where(Click.target == prompt, Click.made_at > at - _LONGEST).order_by(Click.id.desc())
    return session.scalar(newest.limit(1))


def stamps(session: Session) -> dict[str, tuple[object, ...]]:
    """By staff number, what `standing` depends on beside the talk itself (`at_a_phone.stamps`): how far the newest
    clicks and transfers of all are."""
    made = (
        select(Click.staff_number, Click.id, Click.state, Click.outcome, Click.transfer_id, CallToMake.state)
        .outerjoin(CallToMake, CallToMake.id == Click.call_to_make_id)
        .order_by(Click.id.desc())
    )
    given = select(Transfer.by_staff, Transfer.id, Transfer.state, Transfer.refusal).order_by(Transfer.id.desc())
    found: dict[str, tuple[object, ...]] = {}
    for query in (made, given):
        for row in session.execute(query.limit(_NEWEST)):
            found[row[0]] = (*found.get(row[0], ()), tuple(row))
    return found


def is_late(click: Click, *, policy: Policy, at: datetime) -> bool:
    """Nobody has taken it up in time, nor ever will."""
    return click.state is ClickState.WAITING and click.made_at <= at - _counts(policy)


def _is_left(session: Session, click: Click, at: datetime) -> bool:
    """Its end could not be written: nobody is on hold for it any more, nor can a call still be on its way."""
    if click.kind is ClickKind.HOLD:
        return talk_of(session, click.staff_number, click.call_id) is None
    return click.made_at < at - _LONGEST


def talk_of(session: Session, staff_number: str, call_id: int | None) -> Talk | None:
    """The person's open talk in this call."""
    if call_id is None:
        return None
    here = select(Talk).where(Talk.call_id == call_id, Talk.staff_number == staff_number, Talk.ended_at.is_(None))
    return session.scalar(here.order_by(Talk.id).limit(1))


def alone(session: Session, talk: Talk) -> bool:
    """Whether nobody else of the staff is in this talk."""
    others = select(Talk.id).where(Talk.call_id == talk.call_id, Talk.id != talk.id, Talk.ended_at.is_(None))
    return session.scalar(others.limit(1)) is None


def _open_talk(session: Session, staff_number: str) -> Talk | None:
    going_on = (
        select(Talk)
        .join(Call, Call.id == Talk.call_id)
        # Not by the person's index: the talks that go on are few, a person's are many.
        .where(
            Call.state == CallState.ACTIVE,
            Talk.ended_at.is_(None),
            func.coalesce(Talk.staff_number, "") == staff_number,
        )
    )
    return session.scalar(going_on.order_by(Talk.id).limit(1))


def _going_on() -> Select[Click]:
    return select(Click).where(Click.ended_at.is_(None))


def _mine(staff_number: str, kind: ClickKind) -> Select[Click]:
    return _going_on().where(Click.staff_number == staff_number, Click.kind == kind)


def _open_transfer(call_id: int) -> Select[Transfer]:
    return select(Transfer).where(Transfer.call_id == call_id, Transfer.ended_at.is_(None)).limit(1)


def _is_shown(ended_at: datetime | None, at: datetime) -> bool:
    return ended_at is None or ended_at > at - SHOWN_FOR


def _counts(policy: Policy) -> timedelta:
    return timedelta(seconds=policy.clicks.counts_s)
