"""Whatever staff do with a ticket, in any order: nothing is lost, postponed twice, or given to the wrong person."""

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from models import enrolment
from models.database.store import Store
from models.errors import MoveRefused
from models.instance.home import PROJECT_ROOT
from models.policy import Policy
from models.site import Site
from models.states.tickets import TICKET_MOVES, Source, TicketEventKind, TicketKind, TicketState
from models.tickets import dispatch, first_receiver, intake, promises, tickets
from models.tickets.intake import Facts
from models.tickets.tickets import TicketRecord

pytestmark = pytest.mark.store

SITE = Site.load(PROJECT_ROOT / "site.example.toml")
POLICY = Policy.load(PROJECT_ROOT / "policy.toml", SITE)
STAFF = st.sampled_from(["7001", "7010", "7020", "7050"])


class AnyCourse(RuleBasedStateMachine):
    """One ticket on a real SQLite file; what is not allowed is refused with a reason and changes nothing."""

    @initialize(about=st.sampled_from([None, "7010", "7001"]))
    def begin(self, about: str | None) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.store = Store(f"sqlite:///{Path(self.folder.name)}/hotline.db")
        self.store.migrate()
        self.store.write(enrolment.enrol, SITE)
        self.now, self.events = datetime(2026, 3, 2, 4, tzinfo=UTC), 0
        self.id = self.store.write(
            intake.new,
            kind=TicketKind.COMPLAINT,
            source=Source.VISIT,
            facts=Facts(problem="noise"),
            who="7001",
            at=self.now,
            policy=POLICY,
            language="zh",
            about_staff=about,
        ).id

    def attempt(self, verb: Callable[..., Any], who: str, **values: Any) -> None:
        before, self.now = self.record(), self.now + timedelta(hours=1)
        try:
            self.store.write(verb, self.id, who=who, at=self.now, **values)
        except MoveRefused:
            assert self.record().ticket.as_dict() == before.ticket.as_dict()
            assert len(self.record().events) == len(before.events)
        else:
            assert before.ticket.about_staff != who

    def record(self) -> TicketRecord:
        record = self.store.read(tickets.get, self.id)
        assert record is not None
        return record

    @rule(to=st.sampled_from(sorted(TicketState)), who=STAFF, text=st.sampled_from(["", "why"]), told=st.booleans())
    def move(self, to: TicketState, who: str, text: str, told: bool) -> None:
        self.attempt(tickets.move, who, to=to, text=text, told=told, policy=POLICY)

    @rule(who=STAFF, department=st.sampled_from(["engineering", "complaints", "management"]))
    def dispatch(self, who: str, department: str) -> None:
        self.attempt(dispatch.dispatch, who, department=department)

    @rule(who=STAFF, staff=STAFF)
    def assign(self, who: str, staff: str) -> None:
        self.attempt(dispatch.assign, who, staff_number=staff)

    @rule(who=STAFF, to=STAFF)
    def hand_over(self, who: str, to: str) -> None:
        self.attempt(tickets.hand_over, who, to=to, handover_id=1)

    @rule(who=STAFF, days=st.integers(0, 9))
    def promise(self, who: str, days: int) -> None:
        self.attempt(promises.make, who, due_at=self.now + timedelta(days=days), policy=POLICY)

    @rule(who=STAFF, days=st.integers(0, 9), told=st.booleans())
    def postpone(self, who: str, days: int, told: bool) -> None:
        due_at = self.now + timedelta(days=days)
        self.attempt(promises.postpone, who, due_at=due_at, reason="parts", told=told, policy=POLICY)

    @rule(who=STAFF)
    def fill_in(self, who: str) -> None:
        self.attempt(intake.fill_in, who, facts=Facts("王", "13800138000", need="quiet"))

    @rule()
    def a_day_goes_by(self) -> None:
        self.now += timedelta(days=1)
        self.store.write(first_receiver.remind, self.id, at=self.now, policy=POLICY)

    @invariant()
    def nothing_is_lost_and_all_agrees(self) -> None:
        record = self.record()
        ticket, moved = record.ticket, [one for one in record.events if one.kind is TicketEventKind.MOVED]
        assert len(record.events) >= self.events
        self.events = len(record.events)
        assert all(one.from_state is not None and one.to_state in TICKET_MOVES[one.from_state] for one in moved)
        assert ticket.state is (moved[-1].to_state if moved else TicketState.NEW)
        assert ticket.about_staff is None or ticket.about_staff not in (ticket.first_receiver, ticket.assignee)
        running = [one for one in record.promises if one.ended_at is None]
        assert len(running) <= 1
        assert sum(one.postpones_id is not None for one in record.promises) <= 1
        due = [one.due_at for one in running] + [one.due_at for one in record.clocks if one.met_at is None]
        assert ticket.next_due_at == min(due, default=None)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()


AnyCourse.TestCase.settings = settings(max_examples=4, stateful_step_count=25, suppress_health_check=list(HealthCheck))
test_any_course: Any = AnyCourse.TestCase
