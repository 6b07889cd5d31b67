"""The answers of customers about a done ticket or a talk, and their effects (R07-5, R15-4, R07-6)."""

from datetime import timedelta

import pytest

from models.calls import calls
from models.states.calls import EndedBy
from models.states.surveys import SurveyPurpose, SurveyState
from models.states.tickets import TaskKind, TicketState
from models.surveys import opt_outs, surveys
from models.tables import Call, Task
from models.tickets import tickets
from scheduler.scope import Scope
from tests.store.surveys.surveyed import HALF_PAST_TWO, NUMBER, Begin, SurveyDesk

pytestmark = pytest.mark.store


@pytest.fixture
def desk(scope: Scope, begin_call: Begin) -> SurveyDesk:
    return SurveyDesk(scope, begin_call)


@pytest.mark.parametrize(("score", "state"), [(5, "confirmed"), (3, "confirmed"), (2, "done"), (1, "done")])
def test_a_satisfied_customer_confirms_the_ticket(desk: SurveyDesk, score: int, state: str) -> None:
    """R15-4: an unsatisfied customer confirms nothing, and the lead has a task (R15-1)."""
    ticket = desk.done_ticket()
    desk.look()
    assert desk.says(score=score)
    survey = desk.survey()
    assert (survey.state, survey.score, survey.settled) == (SurveyState.ANSWERED, score, True)
    assert desk.ticket(ticket).state == state
    tasks = [(task.kind, task.owner_staff, task.note) for task in desk.every(Task)]
    expected = (TaskKind.NOT_SATISFIED, "7050", f"satisfaction: {score}")
    assert tasks == ([expected] if state == "done" else [])
    record = desk.store.read(tickets.get, ticket.id)
    assert record is not None
    assert next((event.who, event.text) for event in record.events if "satisf" in event.text) == (
        "caller",
        f"satisfaction: {score}",
    )


def test_a_ticket_not_settled_goes_back_to_its_first_receiver_and_the_lead_has_a_task(desk: SurveyDesk) -> None:
    """R15-1, R08-3."""
    ticket = desk.done_ticket()
    desk.look()
    assert desk.says(settled=False)
    again = desk.ticket(ticket)
    assert (again.state, again.assignee) == (TicketState.REOPENED, "7001")
    (task,) = desk.every(Task, kind=TaskKind.NOT_SATISFIED)
    assert (task.owner_staff, task.owner_group, task.ticket_id) == ("7050", "management", ticket.id)
    assert task.note == surveys.NOT_SETTLED
    assert (desk.survey().score, desk.survey().settled) == (None, False)


def test_a_complaint_about_the_lead_is_a_task_of_the_next_lead(desk: SurveyDesk) -> None:
    """R15-6: the lead of the agents is 7050, whose own lead is 7060."""
    desk.done_ticket(about="7050")
    desk.look()
    desk.says(settled=False)
    (task,) = desk.every(Task, kind=TaskKind.NOT_SATISFIED)
    assert task.owner_staff == "7060"


def test_an_answer_is_kept_though_the_ticket_was_moved_meanwhile(desk: SurveyDesk) -> None:
    ticket = desk.done_ticket()
    desk.look()
    desk.look(HALF_PAST_TWO)
    claim = desk.claim()
    survey = desk.dial(claim)
    assert survey is not None
    desk.store.write(
        tickets.move, ticket.id, to=TicketState.REOPENED, who="system", at=desk.clock.now(), policy=desk.scope.policy
    )
    call = desk._begin_call("c2m-1-1")
    assert desk.store.write(
        surveys.answered,
        survey.id,
        score=5,
        settled=True,
        call_id=call.id,
        at=desk.clock.now(),
        policy=desk.scope.policy,
    )
    assert desk.ticket(ticket).state is TicketState.REOPENED
    assert desk.survey().score == 5


# -- after a talk ------------------------------------------------------------------------------------------------------


def talked(desk: SurveyDesk, seconds: float = 60) -> Call:
    at = desk.clock.now()
    call = desk._begin_call("1700000000.9", caller_number=NUMBER)
    talk = desk.store.write(
        calls.begin_talk,
        call_id=call.id,
        staff_number="7002",
        bridge_id="b",
        caller_channel="c",
        leg_channel="l",
        at=at,
    )
    at += timedelta(seconds=seconds)
    desk.store.write(calls.end_talk, talk, by=EndedBy.AGENT, at=at)
    return call


def offered(desk: SurveyDesk, call: Call) -> int | None:
    return desk.store.write(surveys.offer, call.id, language="zh", at=desk.clock.now(), from_s=10)


@pytest.mark.parametrize(("score", "state"), [(4, SurveyState.ANSWERED), (None, SurveyState.UNANSWERED)])
def test_the_rating_of_a_talk_counts_for_the_agent_who_talked(
    desk: SurveyDesk, score: int | None, state: SurveyState
) -> None:
    """R07-6, R11-4."""
    call = talked(desk)
    survey_id = offered(desk, call)
    assert survey_id is not None
    desk.store.write(surveys.rated, survey_id, score, at=desk.clock.now())
    survey = desk.survey()
    assert (survey.purpose, survey.state, survey.score) == (SurveyPurpose.AFTER_TALK, state, score)
    assert (survey.staff_number, survey.call_id, survey.number) == ("7002", call.id, NUMBER)
    assert offered(desk, call) is None, "once for each talk"
    assert desk.look(HALF_PAST_TWO) == 0, "a talk is rated at its end or not at all"


def test_no_rating_is_asked_after_a_short_talk_without_a_talk_or_after_an_opt_out(desk: SurveyDesk) -> None:
    assert offered(desk, talked(desk, seconds=9)) is None
    assert offered(desk, desk._begin_call("1700000000.8")) is None
    desk.store.write(opt_outs.add, NUMBER, who="caller", at=desk.clock.now())
    assert offered(desk, talked(desk)) is None
