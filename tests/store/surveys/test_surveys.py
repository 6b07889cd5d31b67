"""Which customers are asked whether they are satisfied, when, and how often (R07-5, R03-6)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from models.calls import outgoing
from models.people import people
from models.people.owners_file import OwnerRow
from models.states.calls import AttemptOutcome, Purpose, ToMake
from models.states.surveys import SurveyPurpose, SurveyState
from models.states.tickets import TaskKind, TicketState
from models.surveys import opt_outs, surveys
from models.tables import CallToMake, OptOut, Survey, Task, Ticket
from models.tickets import tickets
from scheduler.scope import Scope
from tests.store.surveys.surveyed import HALF_PAST_TWO, NUMBER, Begin, SurveyDesk

pytestmark = pytest.mark.store


@pytest.fixture
def desk(scope: Scope, begin_call: Begin) -> SurveyDesk:
    return SurveyDesk(scope, begin_call)


def test_a_survey_call_is_asked_for_some_time_after_the_ticket_is_done_and_in_calling_hours(desk: SurveyDesk) -> None:
    """R03-6, R10-3: done at noon, outside calling hours; the call is asked for once, at half past two."""
    ticket = desk.done_ticket()
    assert desk.look() == 1
    survey = desk.survey()
    assert (survey.purpose, survey.state, survey.number) == (SurveyPurpose.TICKET, SurveyState.WAITING, NUMBER)
    assert (survey.ticket_id, survey.staff_number, survey.due_at) == (ticket.id, "7001", HALF_PAST_TWO)
    assert desk.look(HALF_PAST_TWO - timedelta(seconds=1)) == 0
    assert desk.look(HALF_PAST_TWO) == 1
    assert desk.look() == 0, "the scan looks every few seconds"
    (call,) = desk.every(CallToMake)
    assert (call.kind, call.subject_id, call.ticket_id) == (Purpose.FOLLOW_UP, survey.id, ticket.id)
    assert (call.number, call.language) == (NUMBER, "zh")
    assert desk.survey().state is SurveyState.CALLING


def test_a_ticket_done_again_is_surveyed_again(desk: SurveyDesk) -> None:
    """R15-1: until the customer is satisfied."""
    ticket = desk.done_ticket()
    desk.look()
    desk.says(settled=False)
    for state in (TicketState.ACCEPTED, TicketState.DISPATCHED, TicketState.DONE):
        desk.store.write(tickets.move, ticket.id, to=state, who="system", at=desk.clock.now())
    assert desk.look() == 1
    assert [one.state for one in desk.every(Survey)] == [SurveyState.ANSWERED, SurveyState.WAITING]
    assert desk.look() == 0


def test_a_ticket_confirmed_meanwhile_is_not_surveyed(desk: SurveyDesk) -> None:
    ticket = desk.done_ticket()
    desk.look()
    desk.store.write(tickets.move, ticket.id, to=TicketState.CLOSED, who="system", at=desk.clock.now())
    assert desk.look(HALF_PAST_TWO) == 0
    assert desk.survey().state is SurveyState.NOT_NEEDED
    assert desk.every(CallToMake) == []


def test_a_ticket_closed_while_its_call_waits_is_not_dialled(desk: SurveyDesk) -> None:
    ticket = desk.done_ticket()
    desk.look()
    desk.look(HALF_PAST_TWO)
    desk.store.write(tickets.move, ticket.id, to=TicketState.CLOSED, who="system", at=desk.clock.now())
    assert desk.dial(desk.claim()) is None
    assert desk.survey().state is SurveyState.NOT_NEEDED


def test_the_number_in_the_directory_is_called_where_the_call_had_none(desk: SurveyDesk) -> None:
    rows = [OwnerRow(2, "张三", "3", "1201", (NUMBER,))]
    desk.store.write(people.import_owners, rows, who="test", at=desk.clock.now())
    ticket = desk.done_ticket(number=None)
    desk.look()
    assert desk.survey().state is SurveyState.NOT_REACHED, "nobody knows whose it is"
    desk.store.write(lambda s: setattr(s.get_one(Ticket, ticket.id), "owner_id", 1))
    desk.store.write(
        tickets.move, ticket.id, to=TicketState.REOPENED, who="system", at=desk.clock.now(), policy=desk.scope.policy
    )
    desk.store.write(tickets.move, ticket.id, to=TicketState.DONE, who="system", at=desk.clock.now())
    desk.look()
    assert desk.every(Survey)[1].number == NUMBER


@pytest.mark.parametrize("number", [None, "1101", "7001"])
def test_a_customer_without_a_public_number_is_asked_by_a_colleague(desk: SurveyDesk, number: str | None) -> None:
    """R07-5: the carrier cannot call a room telephone."""
    ticket = desk.done_ticket(number=number)
    desk.look()
    assert desk.survey().state is SurveyState.NOT_REACHED
    (task,) = desk.every(Task)
    assert (task.kind, task.ticket_id, task.owner_group) == (TaskKind.FOLLOW_UP, ticket.id, "agents")
    assert desk.look() == 0


def test_after_three_attempts_at_different_times_of_day_a_colleague_asks(desk: SurveyDesk) -> None:
    """R17-3, R07-5."""
    ticket = desk.done_ticket()
    desk.look()
    tried = []
    while (survey := desk.survey()).state is SurveyState.WAITING:
        assert desk.every(Task) == []
        tried.append(survey.due_at.astimezone(desk.scope.site.time_zone))  # type: ignore[union-attr]
        desk.rings_unanswered()
    assert [f"{at:%a %H:%M}" for at in tried] == ["Mon 14:30", "Mon 18:30", "Tue 09:30"]
    assert (survey.state, survey.attempts) == (SurveyState.NOT_REACHED, 3)
    (task,) = desk.every(Task)
    assert (task.kind, task.number, task.ticket_id) == (TaskKind.FOLLOW_UP, NUMBER, ticket.id)
    assert (task.owner_group, task.note) == ("agents", "not reached by telephone")
    assert desk.ticket(ticket).state is TicketState.DONE, "the customer has not confirmed it"
    assert desk.look(HALF_PAST_TWO + timedelta(days=2)) == 0


def test_a_customer_who_opted_out_is_never_called_again_about_any_ticket(desk: SurveyDesk) -> None:
    desk.done_ticket()
    desk.look()
    desk.store.write(opt_outs.add, NUMBER, who="caller", at=desk.clock.now())
    desk.store.write(opt_outs.add, NUMBER, who="caller", at=desk.clock.now())
    assert desk.survey().state is SurveyState.OPTED_OUT
    desk.done_ticket(channel="1700000000.2")
    desk.look()
    assert desk.look(HALF_PAST_TWO) == 0
    assert [one.state for one in desk.every(Survey)] == [SurveyState.OPTED_OUT] * 2
    assert desk.every(CallToMake) == desk.every(Task) == []
    assert [one.number for one in desk.store.read(opt_outs.newest, limit=9)] == [NUMBER]
    assert len(desk.every(OptOut)) == 1


def test_a_customer_who_opts_out_while_the_call_waits_is_not_dialled(desk: SurveyDesk) -> None:
    desk.done_ticket()
    desk.look()
    desk.look(HALF_PAST_TWO)
    desk.store.write(opt_outs.add, NUMBER, who="caller", at=desk.clock.now())
    assert desk.dial(desk.claim()) is None


def test_a_call_asked_for_by_day_is_not_made_at_night(desk: SurveyDesk) -> None:
    """The application was not running meanwhile."""
    desk.done_ticket()
    desk.look()
    desk.look(HALF_PAST_TWO)
    desk.clock.forward(hours=8)  # type: ignore[attr-defined]
    assert desk.dial(desk.claim()) is None
    survey = desk.survey()
    assert (survey.state, survey.attempts) == (SurveyState.WAITING, 0)
    assert survey.due_at == datetime(2026, 3, 3, 1, 30, tzinfo=UTC)


def test_a_call_cut_off_by_a_crash_is_made_again_at_another_time_of_day(desk: SurveyDesk) -> None:
    desk.done_ticket()
    desk.look()
    desk.look(HALF_PAST_TWO)
    assert desk.dial(desk.claim()) is not None
    desk.clock.forward(minutes=3)  # type: ignore[attr-defined]
    again = desk.claim()
    assert again.fence == 2
    assert desk.dial(again) is None
    survey = desk.survey()
    assert (survey.state, survey.attempts) == (SurveyState.WAITING, 1)
    assert survey.due_at == datetime(2026, 3, 2, 10, 30, tzinfo=UTC)


def test_one_number_is_not_called_about_two_tickets_right_after_another(desk: SurveyDesk) -> None:
    for channel in ("1700000000.1", "1700000000.2"):
        desk.done_ticket(channel=channel)
    assert desk.look() == 2
    assert desk.look(HALF_PAST_TWO) == 1
    first, second = desk.every(Survey)
    later = HALF_PAST_TWO + timedelta(minutes=desk.policy.gap_minutes)
    assert (first.state, second.state, second.due_at) == (SurveyState.CALLING, SurveyState.WAITING, later)
    desk.dial(desk.claim())
    again = update(Survey).where(Survey.id == second.id).values(due_at=HALF_PAST_TWO)
    desk.store.write(lambda session: session.execute(again))
    desk.store.write(surveys.not_reached, first.id, at=desk.clock.now(), policy=desk.policy, hours=desk.hours)
    assert desk.look() == 0
    assert desk.every(Survey)[1].due_at == later


def test_no_more_calls_at_a_time_than_the_policy_allows(desk: SurveyDesk) -> None:
    """R17-1: the lines are kept for incoming calls."""
    for place in range(5):
        desk.done_ticket(number=f"1390000010{place}", channel=f"1700000000.{place}")
    desk.look()
    desk.look(HALF_PAST_TWO)
    assert len(desk.every(CallToMake)) == desk.policy.at_once == 2
    desk.end(desk.claim(), ToMake.NOT_REACHED, AttemptOutcome.BUSY)
    first = desk.every(CallToMake)[0].subject_id
    desk.store.write(surveys.not_reached, first, at=desk.clock.now(), policy=desk.policy, hours=desk.hours)
    desk.look()
    assert len(desk.every(CallToMake)) == 3


def test_a_survey_that_cannot_be_called_does_not_delay_the_others(
    desk: SurveyDesk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for place in range(2):
        desk.done_ticket(number=f"1390000010{place}", channel=f"1700000000.{place}")
    desk.look()
    ask = outgoing.ask

    def fails(session: Any, kind: Any, subject_id: int, **fields: Any) -> Any:
        if subject_id == 1:
            raise ValueError("poison")
        return ask(session, kind, subject_id, **fields)

    monkeypatch.setattr(outgoing, "ask", fails)
    assert desk.look(HALF_PAST_TWO) == 1
    assert "follow_up_calls 1: ValueError: poison" in caplog.text
    first, second = desk.every(Survey)
    assert (first.state, second.state) == (SurveyState.WAITING, SurveyState.CALLING)
    monkeypatch.undo()
    assert desk.look(HALF_PAST_TWO + timedelta(seconds=29)) == 0, "the failed one is retried later"
    assert desk.look(HALF_PAST_TWO + timedelta(seconds=30)) == 1
