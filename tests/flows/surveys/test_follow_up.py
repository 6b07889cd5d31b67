"""After a ticket is done its owner is called: is it settled, are you satisfied? (R07-5, R03-6, R15-4, R17-3)"""

import asyncio
from datetime import UTC, datetime

import pytest

from models.states.calls import AttemptOutcome, ToMake
from models.states.surveys import CampaignState, SurveyState
from models.states.tickets import TaskKind, TicketState
from models.surveys import campaigns, opt_outs
from models.tables import Attempt, Call, CallToMake, Survey, Task, TicketEvent
from tests.fakes.people import FakePhone
from tests.flows.surveys.following_up import is_done, is_due, is_over, look, the_survey, ticket_state
from tests.flows.world import OWNER, Hotline

pytestmark = pytest.mark.flows


@pytest.fixture
def owner(hotline: Hotline) -> FakePhone:
    """The customer's own telephone, which answers; the customer is asked as soon as the ticket is done."""
    hotline.rules("follow_up", delay_minutes=0)
    return hotline.switch.public(OWNER).answers(after=3)


def outcomes(hotline: Hotline) -> list[AttemptOutcome | None]:
    return [attempt.outcome for attempt in hotline.every(Attempt)]


def opted_out(hotline: Hotline) -> list[str]:
    return [one.number for one in hotline.store.read(opt_outs.newest, limit=9)]


async def test_a_satisfied_customer_presses_a_score_and_the_ticket_is_confirmed(
    hotline: Hotline, owner: FakePhone
) -> None:
    """R07-5, R15-4: number, kind and completion time are announced; the customer may press a key at any time."""
    ticket = is_done(hotline)
    await owner.hears("greeting", "follow-up-intro", "your-ticket", "digit-1", "digit-0", "digit-0", "digit-1")
    await owner.hears("kind-repair", "follow-up-done", "today", "hour-10", "rate-with-keys")
    await owner.presses("5")
    await owner.hears_out("rating-thanks")
    assert ticket_state(hotline, ticket) is TicketState.CONFIRMED
    await owner.hears_out("good-day")
    await owner.is_hung_up()
    survey = await is_over(hotline)
    assert (survey.state, survey.score, survey.settled, survey.attempts) == (SurveyState.ANSWERED, 5, True, 1)
    (asked,) = hotline.every(CallToMake)
    assert (asked.state, outcomes(hotline)) == (ToMake.CONNECTED, [AttemptOutcome.CONNECTED])
    assert hotline.tasks() == []
    call = hotline.every(Call)[-1]
    assert (call.mode, call.caller_number, call.id) == ("follow-up", OWNER, survey.call_id)
    assert "rate-with-keys" not in owner.prompts[owner.prompts.index("rating-thanks") :], (
        "the customer is not asked twice"
    )


async def test_the_answer_is_saved_before_the_thanks(hotline: Hotline, owner: FakePhone) -> None:
    """Write, then speak: the customer hangs up right after the key."""
    ticket = is_done(hotline)
    await owner.hears("rate-with-keys")
    owner.press("4")
    owner.hangs_up()
    await owner.is_hung_up()
    assert (await is_over(hotline)).score == 4
    assert ticket_state(hotline, ticket) is TicketState.CONFIRMED


async def test_a_ticket_that_is_not_settled_is_reopened_for_its_receiver_and_the_lead_is_notified(
    hotline: Hotline, owner: FakePhone
) -> None:
    """R15-1."""
    ticket = is_done(hotline)
    await owner.hears("follow-up-choices")
    await owner.presses("0")
    await owner.hears("follow-up-reopened")
    assert ticket_state(hotline, ticket) is TicketState.REOPENED
    await owner.hears_out("good-day")
    await owner.is_hung_up()
    (again,) = [one for one in hotline.tickets() if one.id == ticket.id]
    assert again.assignee == again.first_receiver == "7001"
    (task,) = hotline.every(Task, kind=TaskKind.NOT_SATISFIED)
    assert (task.owner_staff, task.ticket_id) == ("7050", ticket.id)
    events = [(event.who, event.to_state) for event in hotline.every(TicketEvent, ticket_id=ticket.id)]
    assert ("caller", TicketState.REOPENED) in events


async def test_a_dissatisfied_customer_hears_that_the_lead_will_call_and_nothing_is_confirmed(
    hotline: Hotline, owner: FakePhone
) -> None:
    ticket = is_done(hotline)
    await owner.hears("rate-with-keys")
    await owner.presses("1")
    await owner.hears_out("rating-low")
    await owner.is_hung_up()
    assert ticket_state(hotline, ticket) is TicketState.DONE
    assert len(hotline.every(Task, kind=TaskKind.NOT_SATISFIED)) == 1


async def test_a_customer_who_opts_out_confirms_it_and_is_never_called_again(
    hotline: Hotline, owner: FakePhone
) -> None:
    is_done(hotline)
    await owner.hears("follow-up-choices")
    await owner.presses("9")
    await owner.hears("opt-out-confirm")
    await owner.presses("1")
    await owner.hears("opt-out-done")
    assert opted_out(hotline) == [OWNER]
    await owner.is_hung_up()
    assert (await is_over(hotline)).state is SurveyState.OPTED_OUT
    is_done(hotline)
    assert [one.state for one in hotline.every(Survey)] == [SurveyState.OPTED_OUT] * 2
    await asyncio.sleep(30)
    assert len(owner.rung) == 1


async def test_one_mistaken_key_is_no_opt_out(hotline: Hotline, owner: FakePhone) -> None:
    is_done(hotline)
    await owner.hears("rate-with-keys")
    await owner.presses("9")
    await owner.hears("opt-out-confirm")
    await owner.presses("*")
    await owner.hears("follow-up-intro")
    await owner.presses("3")
    await owner.hears("rating-thanks")
    await owner.is_hung_up()
    assert opted_out(hotline) == []
    assert (await is_over(hotline)).score == 3


async def test_a_voicemail_box_does_not_count_as_an_answer(hotline: Hotline, owner: FakePhone) -> None:
    ticket = is_done(hotline)
    await owner.hears("follow-up-intro", "no-key", "follow-up-intro")
    await owner.is_hung_up()
    survey = await is_over(hotline)
    assert (survey.state, survey.attempts, outcomes(hotline)) == (SurveyState.WAITING, 1, [AttemptOutcome.NO_KEY])
    assert survey.due_at == datetime(2026, 3, 2, 6, 30, tzinfo=UTC), "at another time of day"
    assert ticket_state(hotline, ticket) is TicketState.DONE


async def test_a_customer_who_hangs_up_without_a_key_is_called_at_another_time(
    hotline: Hotline, owner: FakePhone
) -> None:
    is_done(hotline)
    await owner.hears("follow-up-intro")
    owner.hangs_up()
    await owner.is_hung_up()
    assert (await is_over(hotline)).state is SurveyState.WAITING


async def test_wrong_keys_are_announced_and_star_repeats_the_question(hotline: Hotline, owner: FakePhone) -> None:
    is_done(hotline)
    await owner.hears("rate-with-keys")
    await owner.presses("*")
    await owner.hears("follow-up-intro", "rate-with-keys")
    await owner.presses("7")
    await owner.hears("wrong-key", "rate-with-keys")
    await owner.presses("2")
    await owner.is_hung_up()
    assert (await is_over(hotline)).score == 2


@pytest.mark.parametrize(
    ("reaction", "outcome"),
    [
        ("ignores", AttemptOutcome.NO_ANSWER),
        ("is_busy", AttemptOutcome.BUSY),
        ("declines", AttemptOutcome.DECLINED),
        ("is_unplugged", AttemptOutcome.UNREACHABLE),
    ],
)
async def test_after_three_failed_calls_a_person_asks(
    hotline: Hotline, owner: FakePhone, reaction: str, outcome: AttemptOutcome
) -> None:
    """R17-3: in the morning, in the afternoon, in the evening."""
    getattr(owner, reaction)()
    is_done(hotline)
    for _ in range(3):
        await is_over(hotline)
        is_due(hotline)
    assert (the_survey(hotline).state, outcomes(hotline)) == (SurveyState.NOT_REACHED, [outcome] * 3)
    (task,) = hotline.tasks()
    assert (task.kind, task.number, task.owner_group) == (TaskKind.FOLLOW_UP, OWNER, "agents")


async def test_the_customer_hears_the_language_of_the_report(hotline: Hotline, owner: FakePhone) -> None:
    is_done(hotline, language="en")
    await owner.hears("rate-with-keys")
    await owner.presses("5")
    await owner.is_hung_up()
    assert owner.languages == {"en"}


async def test_killed_during_the_question_the_customer_is_called_again_but_not_at_once(
    hotline: Hotline, owner: FakePhone
) -> None:
    is_done(hotline)
    await owner.hears("rate-with-keys")
    await hotline.is_restarted()
    await owner.is_hung_up()
    await asyncio.sleep(hotline.policy.outgoing.lease_s + 10)
    assert len(owner.rung) == 1
    survey = the_survey(hotline)
    assert (survey.state, survey.attempts) == (SurveyState.WAITING, 1)
    is_due(hotline)
    await owner.hears("follow-up-intro", "rate-with-keys")
    await owner.presses("5")
    await owner.is_hung_up()
    assert (await is_over(hotline)).score == 5


async def test_a_call_requested_by_day_is_not_made_at_night(hotline: Hotline, owner: FakePhone) -> None:
    await hotline.is_killed()
    is_done(hotline)
    await asyncio.sleep(12 * 3600)
    hotline.employ()
    await hotline.begin()
    await is_over(hotline)
    assert owner.rung == []
    assert the_survey(hotline).due_at == datetime(2026, 3, 3, 1, 30, tzinfo=UTC)


async def test_all_residents_are_asked_and_how_they_answer_is_counted(hotline: Hotline, owner: FakePhone) -> None:
    """R08-6: two residents in the directory, one of them opted out."""
    hotline.switch.public("13900000002").ignores()
    hours = hotline.policy.follow_up.hours(hotline.site.time_zone)
    now = hotline.clock.now()
    campaign = hotline.store.write(
        campaigns.new, name="2026 I", at_once=2, language="zh", by="test", at=now, hours=hours
    )
    look(hotline)
    await owner.hears("greeting", "survey-intro", "rate-with-keys", "survey-choices")
    await owner.presses("0")
    await owner.hears("wrong-key", "survey-intro")
    await owner.presses("4")
    await owner.hears_out("rating-thanks")
    await owner.is_hung_up()
    await asyncio.sleep(120)
    _, progress = hotline.store.read(campaigns.progress, campaign.id)
    assert (progress.states, progress.scores) == ({SurveyState.ANSWERED: 1, SurveyState.WAITING: 1}, {4: 1})
    hotline.store.write(campaigns.move, campaign.id, CampaignState.CANCELLED, at=hotline.clock.now())
    assert hotline.tasks() == []
