"""What staff do with tickets and tasks; each change carries the name of the member of staff who made it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hotline.terminal.acting import Acting
from hotline.terminal.listing import print_json
from hotline.terminal.refusals import NotDone
from hotline.tickets.lists import no_such_ticket
from models.clock import SystemClock
from models.errors import MoveRefused
from models.states.tickets import Cause, Severity, Source, TicketKind, TicketState
from models.tables import FIRST_NUMBER, Ticket
from models.text.wording import word
from models.tickets import dispatch as dispatching
from models.tickets import first_receiver, intake, promises, required, sheet, tasks, tickets
from models.tickets.intake import Facts


def new(acting: Acting, kind: TicketKind, source: Source, facts: Facts, about_staff: str | None) -> None:
    """Raises NotDone, StoreUnavailable."""

    def write(session: Session, at: datetime) -> Ticket:
        ticket = intake.new(
            session,
            kind=kind,
            source=source,
            facts=facts,
            who=acting.who,
            at=at,
            policy=acting.this.policy,
            language=acting.this.site.language,
            about_staff=about_staff,
        )
        _say_complaint(acting, ticket, kind)
        return ticket

    _done(acting, write)


def fill_in(acting: Acting, number: int, facts: Facts) -> None:
    change(
        acting,
        number,
        lambda session, ticket_id, at: intake.fill_in(
            session, ticket_id, facts, who=acting.who, at=at, policy=acting.this.policy
        ),
    )


def move(acting: Acting, number: int, to: TicketState, text: str, *, told: bool, cause: Cause | None = None) -> None:
    """`cause` is recorded first, if it is given."""

    def write(session: Session, ticket_id: int, at: datetime) -> Ticket:
        by: dict[str, Any] = {"who": acting.who, "at": at, "policy": acting.this.policy}
        if cause is not None:
            intake.fill_in(session, ticket_id, Facts(cause=cause), **by)
        return tickets.move(session, ticket_id, to=to, text=text, told=told, **by)

    change(acting, number, write)


def classify(acting: Acting, number: int, kind: TicketKind, severity: Severity | None) -> None:
    change(
        acting,
        number,
        lambda session, ticket_id, at: tickets.classify(
            session, ticket_id, kind, who=acting.who, at=at, policy=acting.this.policy, severity=severity
        ),
    )


def dispatch(acting: Acting, number: int, department: str, staff: str | None, text: str) -> None:
    change(
        acting,
        number,
        lambda session, ticket_id, at: (
            dispatching.dispatch(
                session, ticket_id, department=department, assignee=staff, who=acting.who, at=at, text=text
            ).ticket
        ),
        name_missing=True,
    )


def assign(acting: Acting, number: int, staff: str, text: str) -> None:
    change(
        acting,
        number,
        lambda session, ticket_id, at: (
            dispatching.assign(session, ticket_id, staff_number=staff, who=acting.who, at=at, text=text).ticket
        ),
        name_missing=True,
    )


def refer(acting: Acting, number: int, to: str, reference: str, text: str) -> None:
    change(
        acting,
        number,
        lambda session, ticket_id, at: dispatching.refer(
            session, ticket_id, to=to, reference=reference, who=acting.who, at=at, text=text
        ),
    )


def merge(acting: Acting, number: int, into: int, text: str, *, yes: bool) -> None:
    acting.confirm(
        f"把工单 {number} 并入 {into}？此操作不可撤销。",
        f"merge {number} into {into} for good?",
        yes=yes,
    )
    change(
        acting,
        number,
        lambda session, ticket_id, at: dispatching.merge(
            session, ticket_id, into=into - FIRST_NUMBER, who=acting.who, at=at, text=text
        ),
    )


def take(acting: Acting, number: int) -> None:
    change(acting, number, lambda session, ticket_id, at: first_receiver.take(session, ticket_id, acting.who, at=at))


def note(acting: Acting, number: int, text: str, *, told: bool) -> None:
    def write(session: Session, ticket_id: int, at: datetime) -> Ticket:
        # Of a merged ticket it is the one that goes on, which `_change` names.
        return (intake.tell if told else tickets.note)(session, ticket_id, text, who=acting.who, at=at)

    change(acting, number, write)


def about(acting: Acting, number: int, staff: str) -> None:
    """The ticket becomes a complaint, if it was none."""

    def write(session: Session, ticket_id: int, at: datetime) -> Ticket:
        known = tickets.row(session, ticket_id)
        was = known.kind if known is not None else None
        ticket = tickets.about(session, ticket_id, staff, who=acting.who, at=at, policy=acting.this.policy)
        _say_complaint(acting, ticket, was)
        return ticket

    change(acting, number, write)


def promise(acting: Acting, number: int, when: str) -> None:
    """Raises NoMoment, too."""
    due_at = acting.moment(when)

    def write(session: Session, ticket_id: int, at: datetime) -> Ticket:
        made = promises.make(session, ticket_id, due_at=due_at, who=acting.who, at=at, policy=acting.this.policy)
        if promises.longer_than_best(made, acting.this.policy):
            best = acting.this.policy.promises.best_days
            acting.remark(f"提示：超过 {best} 天（R15-2）", f"note: more than {best} days away (R15-2)")
        return session.get_one(Ticket, ticket_id, populate_existing=True)

    change(acting, number, write)


def postpone(acting: Acting, number: int, when: str, reason: str, *, told: bool, yes: bool) -> None:
    """Raises NoMoment, too."""
    due_at = acting.moment(when)
    acting.confirm(
        f"工单 {number} 延期到 {when}？每张工单只能延期一次（R15-3）。",
        f"put ticket {number} off until {when}? That is possible only once (R15-3).",
        yes=yes,
    )

    def write(session: Session, ticket_id: int, at: datetime) -> Ticket:
        promises.postpone(
            session,
            ticket_id,
            due_at=due_at,
            reason=reason,
            told=told,
            who=acting.who,
            at=at,
            policy=acting.this.policy,
        )
        return session.get_one(Ticket, ticket_id, populate_existing=True)

    change(acting, number, write)


def close_task(acting: Acting, task_id: int, note: str) -> bool:
    """Closes a task. Prints and returns whether it was open. Raises StoreUnavailable."""

    def write(session: Session) -> bool:
        return tasks.close(
            session, task_id, at=SystemClock().now(), note=f"{acting.who}: {note}" if note else acting.who
        )

    done = acting.this.open_store().write(write)
    if done:
        acting.print(f"任务 {task_id} 已完成", f"task {task_id} is done")
    else:
        acting.print(f"没有待办任务 {task_id}", f"there is no open task {task_id}")
    return done


def _say_complaint(acting: Acting, ticket: Ticket, was: TicketKind | None) -> None:
    if ticket.kind is not was:
        number = ticket.number
        acting.remark(f"提示：工单 {number} 已改为投诉（R15-6）", f"note: ticket {number} is a complaint now (R15-6)")


def change(
    acting: Acting, number: int, act: Callable[[Session, int, datetime], Ticket], *, name_missing: bool = False
) -> None:
    """Does it to the ticket, and prints how that stands now. Raises NoSuchRow, NotDone, StoreUnavailable."""
    try:
        _done(acting, lambda session, at: act(session, number - FIRST_NUMBER, at), name_missing=name_missing)
    except LookupError as error:
        raise no_such_ticket(number, acting.view) from error


def _done(acting: Acting, change: Callable[[Session, datetime], Ticket], *, name_missing: bool = False) -> None:
    def write(session: Session) -> tuple[dict[str, Any], list[str]]:
        ticket = change(session, SystemClock().now())
        missing = required.missing(session, ticket)
        return sheet.fields(session, ticket, acting.view, reader=acting.who) | {"missing": missing}, missing

    try:
        row, missing = acting.this.open_store().write(write)
    except MoveRefused as error:
        # The English line comes first, the Chinese one below it.
        en, _, zh = str(error).partition("\n")
        raise NotDone(acting.words(zh, en)) from error
    if acting.view.as_json:
        print_json(row)
        return
    parts = [word(row["state"], acting.view.language), row["department"], row["assignee"]]
    now = " ".join(filter(None, parts))
    acting.print(f"工单 {row['number']}：{now}", f"ticket {row['number']}: {now}")
    if name_missing and missing:
        zh, en = required.listed(missing)
        acting.remark(
            f"还缺：{zh}（R13-2）。补录：.venv/bin/hotline ticket set {row['number']}",
            f"missing: {en} (R13-2). Fill in: .venv/bin/hotline ticket set {row['number']}",
        )
