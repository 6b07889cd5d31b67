"""Thirty people call at the same moment: each is answered and saved, and no caller gets another's call."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.states.calls import CallState
from models.states.tickets import TaskKind
from models.tables import Call, Talk
from phones.instance import LiveHotline
from phones.microphone import tones
from phones.written import call_of, tasks_of, ticket_of

pytestmark = [pytest.mark.asterisk, pytest.mark.crowd]

NUMBERS = [f"137000000{number:02}" for number in range(30)]
AGENTS = dict(zip(("7001", "7002", "7003"), tones(3), strict=True))


def test_thirty_callers_at_once_are_each_served(hotline: LiveHotline) -> None:
    for number, voice in AGENTS.items():
        hotline.phone(number, voice).when_it_rings("answer", after_s=0.3)
    callers = {number: hotline.caller(number) for number in NUMBERS}
    for caller in callers.values():
        caller.dial("8000")
    for caller in callers.values():
        caller.wait_answered()
    for caller in callers.values():
        caller.wait_heard("greeting", part=1)
        caller.press("0")

    served = hotline.until(lambda: all_agents_talk(hotline), "talk of every agent", 60)
    for number, staff in served.items():
        callers[number].wait_tone(AGENTS[staff].hertz, 20, seconds=0.5)
    waiting = [number for number in NUMBERS if number not in served]
    for number in waiting:
        callers[number].wait_heard("all-busy", part=1)
        callers[number].press("1")
    for number in waiting:
        callers[number].wait_ended(60)
    for number in served:
        callers[number].hang_up()

    records = [call_of(hotline, number) for number in NUMBERS]
    assert {record.call.state for record in records} == {CallState.ENDED}
    assert len({ticket_of(hotline, record).ticket.number for record in records}) == len(NUMBERS)
    owed = [task for record in records for task in tasks_of(hotline, record)]
    assert sorted((task.kind, task.number) for task in owed) == [(TaskKind.CALL_BACK, number) for number in waiting]


def all_agents_talk(hotline: LiveHotline) -> dict[str, str] | None:
    """Which caller talks with which agent, by number, once all agents are talking."""

    def talks(session: Session) -> dict[str, str]:
        going_on = select(Call.caller_number, Talk.staff_number).join(Talk).where(Talk.ended_at.is_(None))
        return {number: staff for number, staff in session.execute(going_on) if number in NUMBERS}

    found = hotline.store.read(talks)
    return found if len(found) == len(AGENTS) else None
