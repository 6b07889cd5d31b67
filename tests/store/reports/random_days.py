"""Rows of a few random days of the hotline: calls, tickets, tasks, canaries, and all that belongs to them."""

from datetime import UTC, date, datetime, timedelta
from math import ceil
from random import Random
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from models.reports.period import Period, PeriodKind
from models.states.calls import (
    AttemptOutcome,
    CallState,
    EndedBy,
    Purpose,
    RecordingKind,
    RecordingState,
    Ring,
    ToMake,
    TransferState,
)
from models.states.health import CanaryStep
from models.states.surveys import SurveyPurpose, SurveyState
from models.states.tickets import (
    ClockKind,
    PromiseEnding,
    Source,
    TaskKind,
    TaskState,
    TicketEventKind,
    TicketKind,
    TicketState,
    TimeUnit,
)
from models.tables import (
    Attempt,
    Base,
    Call,
    CallToMake,
    Canary,
    Promise,
    Recording,
    RingRow,
    Survey,
    Talk,
    Task,
    Ticket,
    TicketClock,
    TicketEvent,
    Transfer,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = Period.around(PeriodKind.DAY, date(2026, 3, 2), SHANGHAI)
LATER = datetime(2026, 4, 1, tzinfo=UTC)
ENDINGS = "consented declined no_consent not_reached not_allowed taken_back broken_off going_on"
STAFF = ("7001", "7002", "7010", "7020", None)
T = TypeVar("T", bound=Base)


class RandomDays:
    """Writes random rows of three days, as the program could have; keeps the facts that rows do not hold."""

    def __init__(self, session: Session, random: Random) -> None:
        self.session, self.random = session, random
        self.rings_until_answered: dict[int, int] = {}
        self.names = iter(range(1_000_000))
        self.tickets = [self.ticket() for _ in range(random.randint(0, 5))]
        for _ in range(random.randint(0, 7)):
            self.call()
        for _ in range(random.randint(0, 4)):
            self.task()
        for _ in range(random.randint(0, 4)):
            self.canary()
        for _ in range(random.randint(0, 5)):
            self.survey()

    def maybe(self) -> bool:
        return self.random.random() < 0.5

    def when(self) -> datetime:
        """A moment, mostly in the day or near its two midnights."""
        edge = self.random.choice([DAY.begins, DAY.ends, DAY.begins + timedelta(hours=12), DAY.before.begins])
        return edge + timedelta(seconds=self.random.choice([-90_000, -1, 0, 1, 60, 20_000]))

    def after(self, at: datetime) -> datetime:
        return at + timedelta(seconds=self.random.choice([0, 1, 4, 600, 4000, 90_000]))

    def add(self, row: T) -> T:
        self.session.add(row)
        self.session.flush()
        return row

    def ticket(self) -> Ticket:
        kind, at = self.random.choice(list(TicketKind)), self.when()
        ticket = self.add(
            Ticket(
                kind=kind,
                source=Source.SYSTEM if kind is TicketKind.FAULT else Source.TELEPHONE,
                line=self.random.choice(["8000", "8001", None]),
                language="zh",
                opened_at=at,
                policy_version="1",
                building=self.random.choice(["3", None]),
                first_receiver=self.random.choice(STAFF),
                about_staff=self.random.choice(STAFF) if kind is TicketKind.COMPLAINT else None,
                department=self.random.choice(["engineering", None]),
                assignee=self.random.choice(STAFF),
            )
        )
        self.event(ticket, at, TicketState.NEW)
        for state in self.random.choices(list(TicketState), k=self.random.randint(0, 3)):
            at = self.after(at)
            self.event(ticket, at, state)
            ticket.state = state
        due = self.after(ticket.opened_at)
        met = self.after(ticket.opened_at) if self.maybe() else None
        self.add(
            TicketClock(
                ticket_id=ticket.id,
                kind=ClockKind.RESPOND,
                due_at=due,
                met_at=met,
                calendar="wall",
                rule="R08-1",
                begun_at=ticket.opened_at,
                figure=4,
                unit=TimeUnit.HOURS,
                policy_version="1",
            )
        )
        if self.maybe():
            self.promise(ticket)
        return ticket

    def promise(self, ticket: Ticket) -> None:
        """A promise, perhaps ended or postponed, or carried on by another ticket."""
        made = self.after(ticket.opened_at)
        ended = self.after(made) if self.maybe() else None
        ending = self.random.choice(list(PromiseEnding)) if ended else None
        by = {"ticket_id": ticket.id, "made_by": "7001", "text": ""}
        first = self.add(Promise(due_at=self.after(made), made_at=made, ended_at=ended, ending=ending, **by))
        if ended and ending is PromiseEnding.POSTPONED:
            self.add(Promise(due_at=self.after(ended), made_at=ended, postpones_id=first.id, **by))

    def event(self, ticket: Ticket, at: datetime, state: TicketState) -> None:
        self.add(
            TicketEvent(ticket_id=ticket.id, at=at, who="system", kind=TicketEventKind.MOVED, to_state=state, text="")
        )

    def call(self) -> None:
        at, ended = self.when(), self.random.choice([True, True, True, False])
        by = self.random.choice(list(EndedBy))
        call = self.add(
            Call(
                channel_id=f"call.{next(self.names)}",
                line="8000",
                caller_number="13800138000",
                language="zh",
                mode=self.random.choice(["menu-first", "menu-first", "call-back", "escalation", None]),
                ticket_id=self.random.choice(self.tickets).id if self.tickets and self.maybe() else None,
                state=CallState.ENDED if ended else CallState.ACTIVE,
                started_at=at,
                ended_at=self.after(at) if ended else None,
                ended_by=by if ended else None,
                end_reason=self.random.choice(["completed", "failed while ringing: x", "over-total"])
                if ended
                else None,
            )
        )
        if self.maybe():
            self.ring(call, at + timedelta(seconds=3))
        if self.maybe():
            self.message(call)

    def ring(self, call: Call, at: datetime) -> None:
        """A phone rings, after 15 s a second one too; perhaps a colleague picks up, or nobody answers."""
        answered_s = self.random.choice([0.5, 4, 5, 7, 14.9, 15.0, 18, 29, 44])
        first, second = self.random.choice(STAFF), self.random.choice(STAFF)
        how = self.random.choice(["first", "second", "picked up", "nobody"])
        until = at + timedelta(seconds=answered_s)
        shared: dict[str, Any] = {"call_id": call.id, "ended_at": until}
        first_outcome = {"first": Ring.CONNECTED, "nobody": Ring.NO_ANSWER}.get(how, Ring.TAKEN)
        self.leg(
            **shared,
            staff_number=first,
            stage="group",
            started_at=at,
            ringing_at=at,
            outcome=first_outcome,
            rings=max(1, ceil(answered_s / 5)),
        )
        if how == "second" and answered_s > 15.2:
            wider = at + timedelta(seconds=15.2)
            self.leg(
                **shared,
                staff_number=second,
                stage="widened",
                started_at=wider,
                ringing_at=wider,
                outcome=Ring.CONNECTED,
                rings=max(1, ceil((answered_s - 15.2) / 5)),
            )
        elif how in ("second", "picked up"):
            self.leg(
                **shared,
                staff_number=second,
                stage="pickup",
                started_at=until,
                ringing_at=None,
                outcome=Ring.CONNECTED,
                rings=1,
            )
        if how == "nobody":
            return
        self.rings_until_answered[call.id] = max(1, ceil(answered_s / 5))
        self.talk(call, first if how == "first" else second, until)
        if self.maybe():
            self.transfer(call, until)

    def leg(self, **fields: Any) -> None:
        self.add(RingRow(phone="x", channel_id=f"leg.{next(self.names)}", **fields))

    def talk(self, call: Call, staff: str | None, at: datetime) -> None:
        ended = self.after(at) if call.ended_at is not None else None
        ends = {"bridge_id": "b", "caller_channel": "c", "leg_channel": "l"}
        self.add(Talk(call_id=call.id, staff_number=staff, started_at=at, ended_at=ended, **ends))

    def transfer(self, call: Call, at: datetime) -> None:
        state = self.random.choice(list(TransferState))
        asked = state in (TransferState.CONSENTED, TransferState.NO_CONSENT, TransferState.ASKED)
        self.add(
            Transfer(
                call_id=call.id,
                by_staff="7001",
                to_number="7020",
                state=state,
                started_at=at,
                asked_at=at if asked else None,
            )
        )
        if state is TransferState.CONSENTED:
            self.talk(call, "7020", at)

    def message(self, call: Call) -> None:
        state = self.random.choice(list(RecordingState))
        spoken = state in (RecordingState.KEPT, RecordingState.PARTIAL)
        self.add(
            Recording(
                name=f"r.{next(self.names)}",
                kind=self.random.choice([RecordingKind.MESSAGE, RecordingKind.SPOOL, RecordingKind.TALK]),
                state=state,
                call_id=call.id,
                reserved_at=call.started_at,
                retain_until=LATER,
                retry_at=LATER,
                level=-20.0 if spoken or (state is RecordingState.REMOVED and self.maybe()) else None,
            )
        )

    def task(self) -> None:
        at = self.when()
        closed = self.after(at) if self.maybe() else None
        task = self.add(
            Task(
                kind=TaskKind.CALL_BACK,
                state=TaskState.CLOSED if closed else TaskState.OPEN,
                opened_at=at,
                number=f"1390{next(self.names):07}",
                due_at=self.after(at),
                closed_at=closed,
            )
        )
        if self.maybe():
            asked = self.add(
                CallToMake(
                    task_id=task.id,
                    state=self.random.choice(list(ToMake)),
                    number="16812345678",
                    kind=self.random.choice([Purpose.CALL_BACK, Purpose.ESCALATION]),
                    due_at=DAY.begins,
                    extension=self.random.choice(STAFF),
                    owner_group="agents",
                    asked_by="test",
                    asked_at=self.when(),
                    flag=self.random.choice(["168", None]),
                )
            )
            for number in range(self.random.randint(0, 2)):
                self.add(
                    Attempt(
                        call_to_make_id=asked.id,
                        number=number + 1,
                        staff_number=self.random.choice(STAFF),
                        started_at=asked.asked_at,
                        outcome=AttemptOutcome.BUSY,
                    )
                )

    def survey(self) -> None:
        state = self.random.choice(list(SurveyState))
        going_on = state in (SurveyState.WAITING, SurveyState.CALLING, SurveyState.OFFERED)
        score = self.random.choice([1, 3, 5, None]) if state is SurveyState.ANSWERED else None
        self.add(
            Survey(
                purpose=self.random.choice(list(SurveyPurpose)),
                state=state,
                language="zh",
                asked_at=DAY.begins,
                staff_number=self.random.choice(STAFF),
                score=score,
                settled=score is not None,
                ended_at=None if going_on else self.when(),
            )
        )

    def canary(self) -> None:
        ok = self.maybe()
        outage = self.random.choice(self.tickets).id if self.tickets and not ok and self.maybe() else None
        self.add(
            Canary(
                at=self.when(),
                ok=ok,
                ms=self.random.choice([3000, None]),
                step=None if ok else CanaryStep.KEY,
                ticket_id=outage,
            )
        )
