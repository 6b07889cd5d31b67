"""What the desk does with a ticket, each in the name of one of the staff; refusals are told in his language."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import typer
from sqlalchemy.orm import Session

from hotline.terminal import dates
from hotline.terminal.listing import ListView, log_reveal, print_json, print_table
from hotline.terminal.opening import Opened, operator
from hotline.terminal.wording import moment, say, word
from hotline.tickets.lists import TICKETS, no_such_ticket, ticket_texts
from models.clock import SystemClock
from models.errors import MoveRefused
from models.language import Language
from models.people import people
from models.states.tickets import Severity, Source, TicketKind, TicketState
from models.tables import FIRST_NUMBER, Ticket
from models.tickets import dispatch, first_receiver, intake, promises, required, sheet, tickets
from models.tickets.intake import Facts

STAFF_VARIABLE = "HOTLINE_STAFF"


class NotDone(Exception):
    """The text is for the person at the terminal."""


def acting(this: Opened, asked: str | None) -> str:
    """The staff number of whoever acts: as said, of this terminal, or the name he has logged in by. Raises NotDone."""
    number = asked or os.environ.get(STAFF_VARIABLE) or operator()
    if number in {person.number for person in this.site.staff}:
        return number
    raise NotDone(
        say(
            f"没有工号 {number}:请用 --as 工号 说明由谁办理(或设置环境变量 {STAFF_VARIABLE}),如 --as 7001",
            f"nobody has the number {number}: say who acts, such as --as 7001 (or set {STAFF_VARIABLE})",
            this.language,
        )
    )


def sure(zh: str, en: str, language: Language, *, yes: bool) -> None:
    """Asks before what can't be undone. Raises NotDone without a yes."""
    if yes:
        return
    question = say(zh, en, language)
    if not sys.stdin.isatty():
        raise NotDone(question + say(" 确认请加 --yes", " Say yes with --yes", language))
    if not typer.confirm(question):
        raise NotDone(say("未改动", "nothing was changed", language))


@dataclass(frozen=True)
class TicketTerminal:
    """One terminal, at which `who` works."""

    this: Opened
    view: ListView
    who: str

    @classmethod
    def of(cls, this: Opened, view: ListView, asked: str | None) -> "TicketTerminal":
        """Raises NotDone when nobody knows who works there."""
        return cls(this, view, acting(this, asked))

    def moment(self, text: str) -> datetime:
        """Raises NoMoment."""
        return dates.parse(text, SystemClock().now(), self.this.site.time_zone, self.view.language)

    def new(self, kind: TicketKind, source: Source, facts: Facts, about: str | None) -> None:
        """Raises MoveRefused, StoreUnavailable."""

        def write(session: Session, at: datetime) -> Ticket:
            return intake.new(
                session,
                kind=kind,
                source=source,
                facts=facts,
                who=self.who,
                at=at,
                policy=self.this.policy,
                language=self.this.site.language,
                about_staff=about,
            )

        self._done(write)

    def fill_in(self, number: int, facts: Facts) -> None:
        self._change(
            number,
            lambda session, ticket_id, at: intake.fill_in(
                session, ticket_id, facts, who=self.who, at=at, policy=self.this.policy
            ),
        )

    def move(self, number: int, to: TicketState, text: str, *, told: bool) -> None:
        self._change(
            number,
            lambda session, ticket_id, at: tickets.move(
                session, ticket_id, to=to, who=self.who, at=at, text=text, told=told, policy=self.this.policy
            ),
        )

    def classify(self, number: int, kind: TicketKind, severity: Severity | None) -> None:
        self._change(
            number,
            lambda session, ticket_id, at: tickets.classify(
                session, ticket_id, kind, who=self.who, at=at, policy=self.this.policy, severity=severity
            ),
        )

    def dispatch(self, number: int, department: str, staff: str | None, text: str) -> None:
        self._change(
            number,
            lambda session, ticket_id, at: (
                dispatch.dispatch(
                    session, ticket_id, department=department, assignee=staff, who=self.who, at=at, text=text
                ).ticket
            ),
            tell_missing=True,
        )

    def assign(self, number: int, staff: str, text: str) -> None:
        self._change(
            number,
            lambda session, ticket_id, at: (
                dispatch.assign(session, ticket_id, staff_number=staff, who=self.who, at=at, text=text).ticket
            ),
            tell_missing=True,
        )

    def refer(self, number: int, to: str, reference: str, text: str) -> None:
        self._change(
            number,
            lambda session, ticket_id, at: dispatch.refer(
                session, ticket_id, to=to, reference=reference, who=self.who, at=at, text=text
            ),
        )

    def merge(self, number: int, into: int, text: str, *, yes: bool) -> None:
        sure(
            f"把工单 {number} 并入 {into}?此操作不可撤销。",
            f"merge {number} into {into} for good?",
            self.view.language,
            yes=yes,
        )
        self._change(
            number,
            lambda session, ticket_id, at: dispatch.merge(
                session, ticket_id, into=into - FIRST_NUMBER, who=self.who, at=at, text=text
            ),
        )

    def take(self, number: int) -> None:
        self._change(number, lambda session, ticket_id, at: first_receiver.take(session, ticket_id, self.who, at=at))

    def note(self, number: int, text: str, *, told: bool) -> None:
        def write(session: Session, ticket_id: int, at: datetime) -> Ticket:
            (intake.tell if told else tickets.note)(session, ticket_id, text, who=self.who, at=at)
            return session.get_one(Ticket, ticket_id)

        self._change(number, write)

    def about(self, number: int, staff: str) -> None:
        def write(session: Session, ticket_id: int, at: datetime) -> Ticket:
            if people.staff(session, staff) is None:
                raise NotDone(say(f"没有工号 {staff}", f"nobody has the number {staff}", self.view.language))
            tickets.about(session, ticket_id, staff, who=self.who, at=at)
            return session.get_one(Ticket, ticket_id, populate_existing=True)

        self._change(number, write)

    def promise(self, number: int, when: str) -> None:
        """Raises NoMoment, too."""
        due_at = self.moment(when)

        def write(session: Session, ticket_id: int, at: datetime) -> Ticket:
            made = promises.make(session, ticket_id, due_at=due_at, who=self.who, at=at, policy=self.this.policy)
            if promises.longer_than_best(made, self.this.policy):
                best = self.this.policy.promises.best_days
                self._remark(f"提示:超过 {best} 天(R15-2)", f"note: more than {best} days away (R15-2)")
            return session.get_one(Ticket, ticket_id, populate_existing=True)

        self._change(number, write)

    def postpone(self, number: int, when: str, reason: str, *, told: bool, yes: bool) -> None:
        """Raises NoMoment, too."""
        due_at = self.moment(when)
        sure(
            f"工单 {number} 延期到 {when}?每张工单只能延期一次(R15-3)。",
            f"put ticket {number} off until {when}? That is possible only once (R15-3).",
            self.view.language,
            yes=yes,
        )

        def write(session: Session, ticket_id: int, at: datetime) -> Ticket:
            promises.postpone(
                session,
                ticket_id,
                due_at=due_at,
                reason=reason,
                told=told,
                who=self.who,
                at=at,
                policy=self.this.policy,
            )
            return session.get_one(Ticket, ticket_id, populate_existing=True)

        self._change(number, write)

    def mine(self, limit: int) -> None:
        """Prints what he is told, then what he has to do with."""
        store = self.this.open_store()
        log_reveal(store, self.view, f"tickets of {self.who}")

        def read(session: Session) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
            told = [
                {
                    "id": task.id,
                    "kind": task.kind.value,
                    "ticket": FIRST_NUMBER + task.ticket_id if task.ticket_id else None,
                    "due_at": task.due_at,
                    "times": task.times,
                }
                for task in first_receiver.tasks_of(session, self.who, limit=limit)
            ]
            found = first_receiver.mine(session, self.who, limit=limit)
            return told, [sheet.fields(session, ticket, self.view, reader=self.who) for ticket in found]

        told, rows = store.read(read)
        if self.view.as_json:
            print_json({"tasks": told, "tickets": rows})
            return
        language, now = self.view.language, SystemClock().now()
        for task in told:
            due = moment(task["due_at"], self.this.site.time_zone)
            print(f"{task['id']}  {word(task['kind'], language)}  {task['ticket']}  {due}  x{task['times']}")
        print_table([ticket_texts(row, self.this, now) for row in rows], TICKETS, language)

    def _change(
        self, number: int, change: Callable[[Session, int, datetime], Ticket], *, tell_missing: bool = False
    ) -> None:
        """Raises NoSuchTicket, MoveRefused, StoreUnavailable."""
        try:
            self._done(lambda session, at: change(session, number - FIRST_NUMBER, at), tell_missing=tell_missing)
        except LookupError as error:
            raise no_such_ticket(number, self.view) from error

    def _done(self, change: Callable[[Session, datetime], Ticket], *, tell_missing: bool = False) -> None:
        def write(session: Session) -> tuple[dict[str, Any], list[str]]:
            ticket = change(session, SystemClock().now())
            missing = required.missing(session, ticket)
            return sheet.fields(session, ticket, self.view, reader=self.who) | {"missing": missing}, missing

        try:
            row, missing = self.this.open_store().write(write)
        except MoveRefused as error:
            # The English line comes first, the Chinese one below it.
            en, _, zh = str(error).partition("\n")
            raise NotDone(say(zh, en, self.view.language)) from error
        if self.view.as_json:
            print_json(row)
            return
        parts = [word(row["state"], self.view.language), row["department"], row["assignee"]]
        told = " ".join(filter(None, parts))
        print(say(f"工单 {row['number']}:{told}", f"ticket {row['number']}: {told}", self.view.language))
        if tell_missing and missing:
            zh, en = required.listed(missing)
            self._remark(
                f"还缺:{zh}(R13-2)。补录:hotline ticket set {row['number']}",
                f"missing: {en} (R13-2). Fill in: hotline ticket set {row['number']}",
            )

    def _remark(self, zh: str, en: str) -> None:
        print(say(zh, en, self.view.language), file=sys.stderr)
