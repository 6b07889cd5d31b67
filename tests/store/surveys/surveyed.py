"""Tickets that are done, and the survey calls to their customers, for the tests of surveys."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from models.calls import calls, outgoing
from models.calls.outgoing import Claim
from models.states.calls import AttemptOutcome, EndedBy, Purpose, ToMake
from models.states.tickets import TicketKind, TicketState
from models.surveys import surveys
from models.tables import Call, Survey, Ticket
from models.tickets import tickets
from scheduler.scans.follow_ups import follow_ups
from scheduler.scope import Scope

NUMBER = "13900000001"
HALF_PAST_TWO = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)
"""In Shanghai, on the Monday at whose noon the store's tests begin: the next calling hours begin."""
Begin = Callable[..., Call]


class SurveyDesk:
    """Makes done tickets, and the survey calls about them."""

    def __init__(self, scope: Scope, begin_call: Begin) -> None:
        self.scope, self.store, self.clock = scope, scope.store, scope.clock
        self.policy = scope.policy.follow_up
        self.hours = self.policy.hours(scope.site.time_zone)
        self._begin_call = begin_call

    def done_ticket(
        self, number: str | None = NUMBER, channel: str = "1700000000.1", about: str | None = None
    ) -> Ticket:
        """A ticket reported from this number, received by 7001, and done at noon."""
        at = self.clock.now()
        call = self._begin_call(channel, caller_number=number, at=at)
        ticket = self.store.write(
            tickets.open, kind=TicketKind.REPAIR, call_id=call.id, at=at, policy=self.scope.policy
        )
        self.store.write(calls.end, call.id, by=EndedBy.AGENT, reason="completed", at=at)
        self.store.write(tickets.receive, ticket.id, "7001", at=at)
        if about:
            self.store.write(tickets.about, ticket.id, about, who="7001", at=at, policy=self.scope.policy)
        self.store.write(tickets.move, ticket.id, to=TicketState.DONE, who="system", at=at)
        return ticket

    def look(self, at: datetime | None = None) -> int:
        if at is not None:
            self.clock.moment = at  # type: ignore[attr-defined]
        return follow_ups(self.scope)

    def every(self, table: type[Any], **fields: Any) -> list[Any]:
        order = table.id if hasattr(table, "id") else table.number
        return self.store.read(lambda s: list(s.scalars(select(table).filter_by(**fields).order_by(order))))

    def survey(self) -> Survey:
        (survey,) = self.every(Survey)
        assert isinstance(survey, Survey)
        return survey

    def ticket(self, ticket: Ticket) -> Ticket:
        (found,) = self.every(Ticket, id=ticket.id)
        assert isinstance(found, Ticket)
        return found

    def claim(self) -> Claim:
        at = self.clock.now()
        claim = self.store.write(outgoing.claim, by="test", at=at, until=at + timedelta(minutes=2))
        assert claim is not None
        assert claim.kind is Purpose.FOLLOW_UP
        return claim

    def dial(self, claim: Claim) -> Survey | None:
        at = self.clock.now()
        assert claim.subject_id is not None
        return self.store.write(surveys.dial, claim.subject_id, claim, at=at, policy=self.policy, hours=self.hours)

    def rings_unanswered(self, at: datetime | None = None) -> Survey:
        self.look(at or self.survey().due_at)
        claim = self.claim()
        dialled = self.dial(claim)
        assert dialled is not None
        self.end(claim, ToMake.NOT_REACHED, AttemptOutcome.NO_ANSWER)
        self.store.write(surveys.not_reached, dialled.id, at=self.clock.now(), policy=self.policy, hours=self.hours)
        return self.survey()

    def end(self, claim: Claim, to: ToMake, outcome: AttemptOutcome) -> None:
        at = self.clock.now()
        self.store.write(outgoing.move, claim, to=ToMake.DIALLING, at=at, until=at + timedelta(minutes=2))
        assert self.store.write(outgoing.move, claim, to=to, at=at, outcome=outcome)

    def says(self, **said: Any) -> bool:
        self.look(self.survey().due_at)
        claim = self.claim()
        survey = self.dial(claim)
        assert survey is not None
        self.end(claim, ToMake.CONNECTED, AttemptOutcome.CONNECTED)
        call = self._begin_call("c2m-1-1", mode="follow-up")
        return self.store.write(
            surveys.answered,
            survey.id,
            call_id=call.id,
            at=self.clock.now(),
            policy=self.scope.policy,
            **({"score": None, "settled": True} | said),
        )
