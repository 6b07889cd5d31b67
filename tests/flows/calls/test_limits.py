"""What has left is counted: a limit refuses with its reason, never an emergency or a wake-up (R20-5)."""

import asyncio
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from models.states.calls import ToMake
from models.states.gate import Reach
from models.states.surveys import SurveyState
from models.states.tickets import TaskKind, TaskState
from models.tables import Task, TrunkCall
from tests.flows.calls.calling_back import accepts, ask, ended, gives_up, state
from tests.flows.surveys.following_up import is_done, is_due, is_over, look
from tests.flows.world import OWNER, STRANGER, Hotline

pytestmark = pytest.mark.flows

FAR = "01087654321"


def limited(hotline: Hotline, purpose: Reach, **values: int) -> None:
    of = hotline.policy.limits.of(purpose).model_copy(update=values)
    hotline.rules("limits", **{purpose.value: of})


def written(hotline: Hotline) -> list[tuple[Any, ...]]:
    return [(row.number, row.purpose, row.reason) for row in hotline.every(TrunkCall)]


async def test_a_talk_over_the_trunk_has_a_row_with_its_length(hotline: Hotline) -> None:
    task = await gives_up(hotline, STRANGER)
    (agent,), owner = hotline.only("7001"), hotline.switch.public(STRANGER).answers(after=4)
    agent.answers()
    asked = ask(hotline, task)
    await accepts(agent)
    await owner.talks_with(agent)
    await asyncio.sleep(60)
    agent.hangs_up()
    await owner.is_hung_up()
    await ended(hotline, asked)
    await asyncio.sleep(3)
    (row,) = hotline.every(TrunkCall)
    assert (row.number, row.purpose, row.number_class, row.reason) == (STRANGER, Reach.CALL_BACK, "mobile", None)
    assert row.answered_at is not None
    assert row.ended_at is not None
    assert 60 <= row.seconds <= 75
    assert row.fen == 20


async def test_a_number_called_often_enough_today_waits_for_tomorrow_and_the_task_says_so(hotline: Hotline) -> None:
    limited(hotline, Reach.CALL_BACK, number_a_day=1)
    await hotline.is_restarted()
    task = await gives_up(hotline, STRANGER)
    (agent,) = hotline.only("7001")
    agent.answers()
    asked = ask(hotline, task)
    await accepts(agent)
    await hotline.switch.public(STRANGER).rings()
    assert (await ended(hotline, asked)).state is ToMake.NOT_REACHED
    await hotline.is_restarted()
    refused = ask(hotline, task)
    assert (refused.state, refused.flag) == (ToMake.REFUSED, "refused-too-often")
    (task,) = hotline.every(Task, id=task.id)
    assert (task.state, task.note.splitlines()[-1]) == (TaskState.OPEN, "refused-too-often")
    assert written(hotline) == [(STRANGER, Reach.CALL_BACK, None), (STRANGER, Reach.CALL_BACK, "refused-too-often")]


async def test_a_limit_reached_while_a_colleague_was_rung_is_announced_to_him(hotline: Hotline) -> None:
    limited(hotline, Reach.CALL_BACK, number_a_day=1)
    await hotline.is_restarted()
    task = await gives_up(hotline, STRANGER)
    (agent,) = hotline.only("7001")
    agent.answers(after=3)
    asked = ask(hotline, task)
    await agent.rings()
    hotline.store.write(lambda s: s.add(TrunkCall(**going_on(hotline, STRANGER, Reach.CALL_BACK))))
    await accepts(agent)
    await agent.hears("call-back-unreachable")
    assert (await ended(hotline, asked)).flag == "refused-too-often"
    hotline.store.write(end_them, hotline.clock.now())
    assert STRANGER not in hotline.switch.network
    assert state(hotline, task) is TaskState.OPEN


async def test_a_follow_up_beyond_the_limit_of_the_hour_is_made_later_and_is_no_try(hotline: Hotline) -> None:
    hotline.rules("follow_up", delay_minutes=0)
    limited(hotline, Reach.FOLLOW_UP, at_once=1)
    await hotline.is_restarted()
    hotline.store.write(lambda s: s.add(TrunkCall(**going_on(hotline, "13900000009", Reach.FOLLOW_UP))))
    is_done(hotline)
    survey = await is_over(hotline)
    assert (survey.state, survey.attempts) == (SurveyState.WAITING, 0)
    assert OWNER not in hotline.switch.network
    hotline.store.write(end_them, hotline.clock.now())
    hotline.switch.public(OWNER).answers()
    is_due(hotline)
    await hotline.switch.public(OWNER).hears("follow-up-intro")
    hotline.switch.public(OWNER).hangs_up()
    await hotline.switch.public(OWNER).is_hung_up()


def going_on(hotline: Hotline, number: str, purpose: Reach) -> dict[str, Any]:
    """A call of another node."""
    call = {"number": number, "number_class": "mobile", "purpose": purpose, "node": "other"}
    return call | {"channel_id": "other-1", "decided_at": hotline.clock.now()}


def end_them(session: Session, at: datetime) -> None:
    session.execute(update(TrunkCall).values(ended_at=at))


async def test_a_distant_number_that_never_talked_to_us_waits_for_a_person_who_may_call(hotline: Hotline) -> None:
    """R20-5: its caller has left a message, or a web form names it; the task says why."""
    hotline.rules("follow_up", delay_minutes=0)
    await hotline.is_restarted()
    is_done(hotline, FAR)
    survey = await is_over(hotline)
    assert survey.state is SurveyState.NOT_REACHED
    (task,) = hotline.every(Task, kind=TaskKind.FOLLOW_UP)
    assert (task.number, task.note) == (FAR, "refused-not-known")
    assert FAR not in hotline.switch.network
    (agent,), owner = hotline.only("7001"), hotline.switch.public(FAR).answers()
    agent.answers()
    asked = ask(hotline, task, "7001")
    await accepts(agent)
    await owner.talks_with(agent)
    agent.hangs_up()
    await ended(hotline, asked)
    assert [reason for _, _, reason in written(hotline)] == ["refused-not-known", None]


async def test_a_near_number_that_never_talked_to_us_is_called_once_a_day(hotline: Hotline) -> None:
    hotline.rules("follow_up", delay_minutes=0)
    await hotline.is_restarted()
    is_done(hotline, STRANGER)
    await hotline.switch.public(STRANGER).rings()
    survey = await is_over(hotline)
    assert (survey.state, survey.attempts) == (SurveyState.WAITING, 1)
    is_due(hotline)
    survey = await is_over(hotline)
    assert (survey.state, survey.attempts) == (SurveyState.WAITING, 1)
    assert survey.due_at is not None
    today = hotline.clock.now().astimezone(hotline.site.time_zone).date()
    assert survey.due_at.astimezone(hotline.site.time_zone).date() > today
    assert look(hotline) == 0
