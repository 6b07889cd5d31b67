"""What a report counts is what a slow and simple count over all rows finds; and its numbers add up."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from math import ceil
from random import Random
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from models.calendar import Unit as TimeUnit
from models.policy import Policy
from models.reports import comma
from models.reports.figures import Row, Unit
from models.reports.material import Outcome
from models.reports.period import Period, PeriodKind
from models.reports.report import Report, make
from models.site import Site
from models.states import (
    AttemptOutcome,
    CallState,
    CanaryStep,
    ClockKind,
    EndedBy,
    PromiseEnding,
    Purpose,
    RecordingKind,
    RecordingState,
    Ring,
    Source,
    TaskKind,
    TaskState,
    TicketEventKind,
    TicketKind,
    TicketState,
    ToMake,
)
from models.store import Store
from models.survey_states import SurveyPurpose, SurveyState
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
from models.transfer_states import TransferState

pytestmark = pytest.mark.store

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = Period.around(PeriodKind.DAY, date(2026, 3, 2), SHANGHAI)
LATER = datetime(2026, 4, 1, tzinfo=UTC)
ENDINGS = "consented declined no_consent not_reached not_allowed taken_back broken_off going_on"
STAFF = ("7001", "7002", "7010", "7020", None)
T = TypeVar("T", bound=Base)


def fields(report: Report, section: str, subject: str = "") -> Row:
    counted = report.section(section)
    return {figure.key: counted.value(subject, figure) for figure in counted.section.figures}


def make_report(store: Store, policy: Policy, period: Period = DAY, at: datetime = LATER) -> Report:
    def read(session: Session) -> Report:
        return make(session, period, policy=policy, at=at)

    return store.read(read)


class World:
    """Rows of three days at random, as the program could have written them; what only the makers know is kept."""

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
        """Mostly in the day or about its two midnights."""
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
        """One, or one that was put off, or one that went on with another ticket."""
        made = self.after(ticket.opened_at)
        over = self.after(made) if self.maybe() else None
        ending = self.random.choice(list(PromiseEnding)) if over else None
        by = {"ticket_id": ticket.id, "made_by": "7001", "text": ""}
        first = self.add(Promise(due_at=self.after(made), made_at=made, ended_at=over, ending=ending, **by))
        if over and ending is PromiseEnding.POSTPONED:
            self.add(Promise(due_at=self.after(over), made_at=over, postpones_id=first.id, **by))

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
                end_reason=self.random.choice(["completed", "failed while ringing: x"]) if ended else None,
            )
        )
        if self.maybe():
            self.ring(call, at + timedelta(seconds=3))
        if self.maybe():
            self.message(call)

    def ring(self, call: Call, at: datetime) -> None:
        """A telephone, then 15 s later a second one beside it; or a colleague picks up; or nobody answers."""
        answered_s = self.random.choice([0.5, 4, 5, 7, 14.9, 15.0, 18, 29, 44])
        first, second = self.random.choice(STAFF), self.random.choice(STAFF)
        how = self.random.choice(["first", "second", "picked up", "nobody"])
        until = at + timedelta(seconds=answered_s)
        shared: dict[str, Any] = {"call_id": call.id, "ended_at": until}
        first_outcome = {"first": Ring.CONNECTED, "nobody": Ring.NO_ANSWER}.get(how, Ring.TAKEN)
        self.leg(
            **shared, staff_number=first, stage="group", started_at=at, ringing_at=at, outcome=first_outcome,
            rings=max(1, ceil(answered_s / 5)),
        )  # fmt: skip
        if how == "second" and answered_s > 15.2:
            wider = at + timedelta(seconds=15.2)
            self.leg(
                **shared, staff_number=second, stage="widened", started_at=wider, ringing_at=wider,
                outcome=Ring.CONNECTED, rings=max(1, ceil((answered_s - 15.2) / 5)),
            )  # fmt: skip
        elif how in ("second", "picked up"):
            self.leg(
                **shared, staff_number=second, stage="pickup", started_at=until, ringing_at=None,
                outcome=Ring.CONNECTED, rings=1,
            )  # fmt: skip
        if how == "nobody":
            return
        self.rings_until_answered[call.id] = max(1, ceil(answered_s / 5))
        self.talk(call, first if how == "first" else second, until)
        if self.maybe():
            self.transfer(call, until)

    def leg(self, **fields: Any) -> None:
        self.add(RingRow(phone="x", channel_id=f"leg.{next(self.names)}", **fields))

    def talk(self, call: Call, staff: str | None, at: datetime) -> None:
        over = self.after(at) if call.ended_at is not None else None
        ends = {"bridge_id": "b", "caller_channel": "c", "leg_channel": "l"}
        self.add(Talk(call_id=call.id, staff_number=staff, started_at=at, ended_at=over, **ends))

    def transfer(self, call: Call, at: datetime) -> None:
        state = self.random.choice(list(TransferState))
        asked = state in (TransferState.CONSENTED, TransferState.NO_CONSENT, TransferState.ASKED)
        self.add(
            Transfer(
                call_id=call.id, by_staff="7001", to_number="7020", state=state, started_at=at,
                asked_at=at if asked else None,
            )
        )  # fmt: skip
        if state is TransferState.CONSENTED:
            self.talk(call, "7020", at)

    def message(self, call: Call) -> None:
        state = self.random.choice(list(RecordingState))
        spoken = state in (RecordingState.KEPT, RecordingState.PARTIAL)
        self.add(
            Recording(
                name=f"r.{next(self.names)}",
                kind=self.random.choice([RecordingKind.MESSAGE, RecordingKind.SPOOL, RecordingKind.TALK]),
                state=state, call_id=call.id, reserved_at=call.started_at, retain_until=LATER, retry_at=LATER,
                level=-20.0 if spoken or (state is RecordingState.REMOVED and self.maybe()) else None,
            )
        )  # fmt: skip

    def task(self) -> None:
        at = self.when()
        closed = self.after(at) if self.maybe() else None
        task = self.add(
            Task(
                kind=TaskKind.CALL_BACK, state=TaskState.CLOSED if closed else TaskState.OPEN, opened_at=at,
                number=f"1390{next(self.names):07}", due_at=self.after(at), closed_at=closed,
            )
        )  # fmt: skip
        if self.maybe():
            asked = self.add(
                CallToMake(
                    task_id=task.id, state=self.random.choice(list(ToMake)), number="16812345678",
                    kind=self.random.choice([Purpose.CALL_BACK, Purpose.ESCALATION]), due_at=DAY.begins,
                    staff_number=self.random.choice(STAFF), owner_group="agents", asked_by="test",
                    asked_at=self.when(), flag=self.random.choice(["168", None]),
                )
            )  # fmt: skip
            for number in range(self.random.randint(0, 2)):
                self.add(
                    Attempt(
                        call_to_make_id=asked.id, number=number + 1, staff_number=self.random.choice(STAFF),
                        started_at=asked.asked_at, outcome=AttemptOutcome.BUSY,
                    )
                )  # fmt: skip

    def survey(self) -> None:
        state = self.random.choice(list(SurveyState))
        going_on = state in (SurveyState.WAITING, SurveyState.CALLING, SurveyState.OFFERED)
        score = self.random.choice([1, 3, 5, None]) if state is SurveyState.ANSWERED else None
        self.add(
            Survey(
                purpose=self.random.choice(list(SurveyPurpose)), state=state, language="zh", asked_at=DAY.begins,
                staff_number=self.random.choice(STAFF), score=score, settled=score is not None,
                ended_at=None if going_on else self.when(),
            )
        )  # fmt: skip

    def canary(self) -> None:
        ok = self.maybe()
        outage = self.random.choice(self.tickets).id if self.tickets and not ok and self.maybe() else None
        self.add(
            Canary(
                at=self.when(), ok=ok, ms=self.random.choice([3000, None]), step=None if ok else CanaryStep.KEY,
                ticket_id=outage,
            )
        )  # fmt: skip


class Slow:
    """Counts by looking at every row for every number."""

    def __init__(self, session: Session, world: World, policy: Policy) -> None:
        self.session, self.world, self.policy = session, world, policy
        self.read: dict[Any, list[Any]] = {}
        self.all_calls = [call for call in self.rows(Call) if self.inside(call.started_at)]
        self.incoming = [call for call in self.all_calls if call.mode not in ("call-back", "escalation", "follow-up")]
        self.tickets = [ticket for ticket in self.rows(Ticket) if self.inside(ticket.opened_at)]

    def rows(self, table: type[T]) -> list[T]:
        if table not in self.read:
            self.read[table] = sorted(self.session.scalars(select(table)), key=lambda row: row.id)
        return self.read[table]

    def inside(self, at: datetime) -> bool:
        return DAY.begins <= at < DAY.ends

    def of(self, table: type[T], call: Call) -> list[T]:
        return [row for row in self.rows(table) if row.call_id == call.id]  # type: ignore[attr-defined]

    def has_words(self, recording: Recording) -> bool:
        unheard = recording.state in (RecordingState.RESERVED, RecordingState.RECORDED)
        return recording.kind is not RecordingKind.TALK and (unheard or recording.level is not None)

    def outcome(self, call: Call) -> str:
        if self.of(Talk, call):
            return "connected"
        if any(map(self.has_words, self.of(Recording, call))):
            return "left_message"
        if call.ended_at is None:
            return "going_on"
        if call.ended_by is EndedBy.NETWORK or "failed while" in (call.end_reason or ""):
            return "broken_off"
        if call.ended_by is not EndedBy.CALLER:
            return "served"
        return "abandoned" if call.ticket_id or self.of(RingRow, call) else "undecided"

    def calls(self) -> Row:
        names = ("connected", "left_message", "going_on", "broken_off", "served", "abandoned", "undecided")
        counted: Row = {name: sum(self.outcome(call) == name for call in self.incoming) for name in names}
        rings = [self.world.rings_until_answered.get(call.id, 1000) for call in self.incoming]
        return counted | {
            "calls": len(self.incoming),
            "rung": sum(bool(self.of(RingRow, call)) for call in self.incoming),
            "within_rings": sum(number <= 3 for number in rings),
        }

    def seconds(self, talk: Talk) -> float:
        return max(0.0, ((talk.ended_at or DAY.ends) - talk.started_at).total_seconds())

    def agent(self, number: str) -> Row:
        talks = [
            talk for call in self.all_calls for talk in self.of(Talk, call) if (talk.staff_number or "?") == number
        ]
        first = [self.of(Talk, call)[0].staff_number or "?" for call in self.incoming if self.of(Talk, call)]
        rings = [ring for call in self.incoming for ring in self.of(RingRow, call)]
        mine = [ring for ring in rings if (ring.staff_number or "?") == number]
        matters = [t for t in self.tickets if self.state(t) is not TicketState.MERGED]
        received = [t for t in matters if t.first_receiver == number and t.kind is not TicketKind.FAULT]
        return {
            "answered": first.count(number),
            "talk_s": sum(map(self.seconds, talks)) if talks else None,
            "long_talks": sum(self.seconds(talk) >= 600 for talk in talks),
            "rung": len(mine),
            "within_rings": sum(r.outcome is Ring.CONNECTED and r.rings <= 3 for r in mine),
            "let_ring": sum(r.outcome is not Ring.CONNECTED and r.rings >= 3 for r in mine),
            "received": len(received),
            "settled": sum(self.is_settled(t) for t in received),
            "assigned": sum(t.assignee == number for t in matters),
            "complained_of": sum(t.about_staff == number for t in matters),
            "scored": sum(one.score is not None and (one.staff_number or "?") == number
                          for one in self.rows(Survey) if one.ended_at and self.inside(one.ended_at)),
            "flagged": sum(self.maker(made) == number for made in self.rows(CallToMake)
                           if made.flag and self.inside(made.asked_at)),
        }  # fmt: skip

    def maker(self, made: CallToMake) -> str:
        said = [a.staff_number for a in self.rows(Attempt) if a.call_to_make_id == made.id and a.staff_number]
        return said[-1] if said else made.staff_number or "?"

    def states(self, ticket: Ticket) -> list[TicketState]:
        events = [e for e in self.rows(TicketEvent) if e.ticket_id == ticket.id and e.to_state and e.at < DAY.ends]
        return [event.to_state for event in events if event.to_state]

    def state(self, ticket: Ticket) -> TicketState:
        return self.states(ticket)[-1]

    def is_settled(self, ticket: Ticket) -> bool:
        return self.state(ticket) in (TicketState.DONE, TicketState.CONFIRMED, TicketState.CLOSED)

    def tickets_of(self, kind: TicketKind) -> Row:
        mine = [t for t in self.tickets if t.kind is kind]
        return {
            "opened": len(mine),
            "settled": sum(map(self.is_settled, mine)),
            "merged": sum(self.state(t) is TicketState.MERGED for t in mine),
            "reopened": sum(TicketState.REOPENED in self.states(t) for t in mine),
        }

    def promises(self) -> Row:
        ids = [ticket.id for ticket in self.tickets]
        made = [p for p in self.rows(Promise) if p.ticket_id in ids and p.made_at < DAY.ends]
        ended = {p.id: p.ending for p in made if p.ended_at is not None and p.ended_at < DAY.ends}
        put_off = [p for p in made if ended.get(p.id) is PromiseEnding.POSTPONED]
        carried = [p for p in made if ended.get(p.id) is PromiseEnding.CARRIED]
        rest = [(p.due_at, p.ended_at) for p in made if p not in put_off + carried]
        return self.kept(rest) | {"promises": len(made), "postponed": len(put_off), "carried": len(carried)}

    def department(self, name: str) -> Row:
        matters = [t for t in self.tickets if t.department == name and self.state(t) is not TicketState.MERGED]
        clocks = [(c.due_at, c.met_at) for c in self.rows(TicketClock) for t in matters if t.id == c.ticket_id]
        kept = self.kept(clocks)
        return {
            "matters": len(matters),
            "settled": sum(map(self.is_settled, matters)),
            "complaints": sum(t.kind is TicketKind.COMPLAINT for t in matters),
            "in_time": kept["in_time"],
            "due": len(clocks) - (kept["running"] or 0),
        }

    def clocks_of(self, kind: TicketKind) -> Row:
        clocks = [c for c in self.rows(TicketClock) for t in self.tickets if t.id == c.ticket_id and t.kind is kind]
        return {"clocks": len(clocks)} | self.kept([(clock.due_at, clock.met_at) for clock in clocks])

    def kept(self, deadlines: list[tuple[datetime, datetime | None]]) -> Row:
        done = [(due, met) for due, met in deadlines if met is not None and met < DAY.ends]
        undone = [due for due, met in deadlines if met is None or met >= DAY.ends]
        return {
            "in_time": sum(met <= due for due, met in done),
            "late": sum(met > due for due, met in done),
            "overdue": sum(due < DAY.ends for due in undone),
            "running": sum(due >= DAY.ends for due in undone),
        }

    def owed(self) -> Row:
        tasks = [task for task in self.rows(Task) if self.inside(task.opened_at)]
        asked = [one for one in self.rows(CallToMake) if self.inside(one.asked_at)]
        made = [one for one in asked if one.kind is Purpose.CALL_BACK]
        return self.kept([(task.due_at, task.closed_at) for task in tasks]) | {
            "call_backs": len(tasks),
            "messages": sum(self.has_words(r) for call in self.all_calls for r in self.of(Recording, call)),
            "tried": len(made),
            "reached": sum(one.state is ToMake.CONNECTED for one in made),
        }

    def surveys(self, purpose: SurveyPurpose | None) -> Row:
        over = [one for one in self.rows(Survey) if one.ended_at is not None and self.inside(one.ended_at)]
        asked = [one for one in over if one.state is not SurveyState.NOT_NEEDED and purpose in (None, one.purpose)]
        scores = [one.score for one in asked if one.score is not None]
        return {
            "asked": len(asked),
            "answered": sum(one.state is SurveyState.ANSWERED for one in asked),
            "scored": len(scores),
            "satisfied": sum(score >= 3 for score in scores),
            "score": sum(scores) / len(scores) if scores else None,
            "not_settled": sum(one.state is SurveyState.ANSWERED and one.settled is False for one in asked),
        }

    def line(self) -> Row:
        flown = [canary for canary in self.rows(Canary) if self.inside(canary.at)]
        return {"canaries": len(flown), "failed": sum(not c.ok for c in flown),
                "outages": sum(c.ticket_id is not None for c in flown)}  # fmt: skip

    def transfers(self) -> Row:
        states = [transfer.state for call in self.all_calls for transfer in self.of(Transfer, call)]
        return {"transfers": len(states), "consented": states.count(TransferState.CONSENTED),
                "declined": states.count(TransferState.DECLINED)}  # fmt: skip


def agree(found: Row, expected: Row) -> None:
    assert {key: found[key] for key in expected} == pytest.approx(expected)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(random=st.randoms(use_true_random=False))
def test_it_counts_what_a_slow_count_over_all_rows_finds(
    staffed: Store, site: Site, policy: Policy, random: Random
) -> None:
    """R07-6, R17-6, R16-4, R05-2, R17-1, R13-7: on whatever there is, in the day, before it and after it."""

    def clear(session: Session) -> None:
        session.execute(update(Call).values(ticket_id=None))
        for table in reversed(Base.metadata.sorted_tables):
            if table.name not in ("staff", "groups", "phones"):
                session.execute(delete(table))

    staffed.write(clear)
    world = staffed.write(World, random)
    report = make_report(staffed, policy)

    def compare(session: Session) -> None:
        slow = Slow(session, world, policy)
        agree(fields(report, "calls"), slow.calls())
        agree(fields(report, "owed"), slow.owed())
        agree(fields(report, "line"), slow.line())
        agree(fields(report, "transfers"), slow.transfers())
        agree(fields(report, "promises"), slow.promises())
        for purpose in (None, *SurveyPurpose):
            agree(fields(report, "satisfaction", purpose or ""), slow.surveys(purpose))
        agree(fields(report, "departments", "engineering"), slow.department("engineering"))
        for kind in TicketKind:
            agree(fields(report, "tickets", kind), slow.tickets_of(kind))
            agree(fields(report, "clocks", f"{kind} respond"), slow.clocks_of(kind))
        for number in ("7001", "7002", "7010", "7020", "?"):
            agree(fields(report, "agents", number), slow.agent(number))

    staffed.read(compare)
    adds_up(report)


def adds_up(report: Report) -> None:
    """The parts of a whole are the whole, and one section agrees with the other."""
    for section, whole, parts in (
        ("calls", "calls", "connected left_message served abandoned undecided broken_off going_on"),
        ("owed", "call_backs", "in_time late overdue running"),
        ("transfers", "transfers", ENDINGS),
        ("promises", "promises", "in_time late overdue running postponed carried"),
        ("line", "canaries", "came_home failed"),
        ("satisfaction", "asked", "answered not_answered not_reached opted_out"),
        ("tickets", "opened", "settled open merged"),
        ("clocks", "clocks", "in_time late overdue running"),
    ):  # fmt: skip
        for subject in report.section(section).subjects() or [""]:
            row = fields(report, section, subject)
            assert row[whole] == sum(row[part] or 0 for part in parts.split()), (section, subject)
    for section in ("agents", "departments"):
        counted = report.section(section)
        answered = [fields(report, section, subject)["answered"] or 0 for subject in counted.subjects()]
        assert sum(answered) == fields(report, "calls")["connected"]
    causes = report.section("causes")
    scored = [fields(report, "agents", subject)["scored"] or 0 for subject in report.section("agents").subjects()]
    assert sum(scored) == fields(report, "satisfaction")["scored"]
    for dimension in ("line", "about", "severity", "department", "building"):
        part = [fields(report, "causes", s)["complaints"] or 0 for s in causes.subjects() if s.startswith(dimension)]
        assert sum(part) == causes_of(report)
    for counted, subject, figure in report.lines():
        value = counted.value(subject, figure)
        if figure.unit is Unit.PERCENT and value is not None and figure.key != "complaint_rate":
            assert 0 <= value <= 1, (counted.section.key, subject, figure.key)


def causes_of(report: Report) -> int | float:
    row = fields(report, "tickets", TicketKind.COMPLAINT)
    return (row["opened"] or 0) - (row["merged"] or 0)


def test_a_period_without_anything_is_a_report_of_zeros(staffed: Store, policy: Policy) -> None:
    report = make_report(staffed, policy)
    for counted, subject, figure in report.lines():
        assert counted.value(subject, figure) == (0 if figure.unit is Unit.COUNT else None) or figure.key == "talk_s"
    assert report.section("agents").subjects() == []
    adds_up(report)


@pytest.fixture
def rung(staffed: Store, policy: Policy) -> Callable[..., Row]:
    """One call whose telephones ring as told: (second from which, rings, outcome)."""

    def ring(*phones: tuple[float, int, Ring]) -> Row:
        start = DAY.begins + timedelta(hours=9)

        def write(session: Session) -> None:
            call = Call(channel_id="x", line="8000", language="zh", started_at=start, state=CallState.ENDED)
            session.add(call)
            session.flush()
            for number, (second, rings, outcome) in enumerate(phones):
                at = start + timedelta(seconds=second)
                session.add(
                    RingRow(
                        call_id=call.id, stage="group", staff_number=f"700{number + 1}", phone="x",
                        channel_id=f"leg{number}", started_at=at, ringing_at=at, rings=rings, outcome=outcome,
                    )
                )  # fmt: skip

        staffed.write(write)
        return fields(make_report(staffed, policy), "calls")

    return ring


@pytest.mark.parametrize(
    ("phones", "within"),
    [
        ([(2, 3, Ring.CONNECTED)], 1),
        ([(2, 4, Ring.CONNECTED)], 0),
        # the second telephone's first ring is the caller's fourth
        ([(2, 4, Ring.TAKEN), (17.1, 1, Ring.CONNECTED)], 0),
        ([(2, 1, Ring.DECLINED), (4, 2, Ring.CONNECTED)], 1),
        ([(2, 3, Ring.DECLINED), (17, 1, Ring.CONNECTED)], 0),
        # he waited in the queue after the first telephone was busy
        ([(2, 0, Ring.BUSY), (300, 1, Ring.CONNECTED)], 0),
        ([(2, 3, Ring.NO_ANSWER)], 0),
    ],
)
def test_three_rings_are_counted_from_the_first_ring_that_any_telephone_gave(
    rung: Callable[..., Row], phones: list[tuple[float, int, Ring]], within: int
) -> None:
    """R05-2."""
    assert rung(*phones)["within_rings"] == within


def test_a_report_of_the_past_stays_what_it_was(staffed: Store, policy: Policy) -> None:
    """A matter that is settled after the period's end was open at its end, whenever the report is made."""

    def write(session: Session) -> None:
        ticket = Ticket(kind=TicketKind.REPAIR, language="zh", opened_at=DAY.begins, policy_version="1")
        session.add(ticket)
        session.flush()
        clock = {"kind": ClockKind.RESPOND, "calendar": "wall", "rule": "R08-1", "policy_version": "1"}
        clock |= {"begun_at": DAY.begins, "figure": 4, "unit": TimeUnit.HOURS}
        met, due = DAY.ends, DAY.begins + timedelta(hours=4)
        session.add(TicketClock(ticket_id=ticket.id, due_at=due, met_at=met, **clock))
        for at, state in ((DAY.begins, TicketState.NEW), (DAY.ends, TicketState.DONE)):
            event = {"kind": TicketEventKind.MOVED, "who": "7020", "text": ""}
            session.add(TicketEvent(ticket_id=ticket.id, at=at, to_state=state, **event))

    staffed.write(write)
    soon, late = (make_report(staffed, policy, at=at) for at in (DAY.ends, LATER))
    for report in (soon, late):
        assert fields(report, "rates")["resolution_rate"] == 0
        assert fields(report, "clocks", "repair respond")["overdue"] == 1
    assert comma.text(soon, "zh") == comma.text(late, "zh")


def test_it_is_compared_with_the_period_before(staffed: Store, policy: Policy) -> None:
    """R04-2: the trend."""

    def write(session: Session) -> None:
        for number, at in enumerate([DAY.before.begins, DAY.begins - timedelta(seconds=1), DAY.begins]):
            session.add(Call(channel_id=f"c{number}", line="8000", language="zh", started_at=at))

    staffed.write(write)
    counted = make_report(staffed, policy).section("calls")
    figure = counted.section.figures[0]
    assert (counted.value("", figure), counted.value_before("", figure), counted.change("", figure)) == (1, 2, -1)


def test_no_customers_name_or_number_is_in_it(staffed: Store, policy: Policy) -> None:
    """R05-9, R07-8."""

    def fill(session: Session) -> World:
        return World(session, Random(7))

    staffed.write(fill)
    for period in (DAY, DAY.before):
        text = comma.text(make_report(staffed, policy, period), "en")
        assert not any(number in text for number in ("13800138000", "16812345678", "1390"))


def test_every_outcome_has_its_column() -> None:
    columns = {"left_message" if outcome is Outcome.MESSAGE else outcome.replace("-", "_") for outcome in Outcome}
    from models.reports.sections.calls import CALLS

    assert columns <= {figure.key for figure in CALLS.figures}
