"""The customer has hung up: an agent without a console says by key what becomes of the ticket (R11-3, R10-1)."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from models.database.store import StoreUnavailable
from models.people import sign_ins
from models.states.calls import EndedBy, RecordingKind, RecordingState
from models.states.people import SignInPlace
from models.states.tickets import TaskKind, TicketEventKind, TicketState
from models.tables import Account, Talk, TicketEvent, WrapUp
from models.tickets import tickets
from recordings import files
from tests.fakes.people import FakeCaller, FakePhone
from tests.flows.world import OWNER, Hotline
from tests.store.sounds import speech, wav

pytestmark = pytest.mark.flows

LONG_ENOUGH_S = 20.0


async def in_a_talk(hotline: Hotline, agent: FakePhone, seconds: float = LONG_ENOUGH_S) -> FakeCaller:
    """About an enquiry."""
    caller = hotline.dial()
    await caller.hears("menu")
    await caller.presses("0")
    await caller.talks_with(agent)
    await asyncio.sleep(seconds)
    return caller


async def after_a_talk(hotline: Hotline, agent: FakePhone) -> None:
    caller = await in_a_talk(hotline, agent)
    caller.hangs_up()
    await caller.is_hung_up()
    await agent.hears("customer-gone", "write-up-choices")


async def saved(agent: FakePhone) -> None:
    """Read back with its ticket, and saved after 1; then the agent hangs up."""
    await agent.hears("act-confirm")
    await agent.presses("1")
    await agent.hears("act-saved", "write-up-choices")
    agent.hangs_up()
    await agent.is_hung_up()


def changes(hotline: Hotline) -> tuple[int, int, int, TicketState]:
    events, notes = len(hotline.every(TicketEvent)), len(hotline.recordings())
    return events, notes, len(hotline.every(WrapUp)), hotline.ticket().state


# -- it goes well ------------------------------------------------------------------------------------------------------


async def test_what_is_settled_is_done_and_the_call_is_written_up(hotline: Hotline, agent: FakePhone) -> None:
    await after_a_talk(hotline, agent)
    await agent.presses("1")
    await agent.hears("escalation-ticket", "digit-1", "digit-0", "digit-0", "digit-1", "act-done")
    assert hotline.ticket().state is TicketState.NEW
    await saved(agent)
    assert hotline.ticket().state is TicketState.DONE
    (written,) = hotline.every(WrapUp)
    assert (written.staff_number, written.call_id) == ("7001", hotline.record().call.id)
    assert len(agent.rung) == 1, "nobody is rung again for it"


async def test_the_call_ends_with_the_customers_hang_up_not_with_the_agents(hotline: Hotline, agent: FakePhone) -> None:
    await after_a_talk(hotline, agent)
    await asyncio.sleep(3)
    call, (talk,) = hotline.record().call, hotline.every(Talk)
    assert (call.ended_by, talk.ended_by) == (EndedBy.CALLER, EndedBy.CALLER)
    agent.hangs_up()
    await agent.is_hung_up()


async def test_it_is_dispatched_to_a_department_by_key(hotline: Hotline, agent: FakePhone) -> None:
    """R10-1: the departments of the site are offered, but the agent's own."""
    await after_a_talk(hotline, agent)
    await agent.presses("2")
    await agent.hears("kind-complaint", "kind-suggestion", "press", "number-1")
    await agent.hears("department-technician", "press", "number-2", "department-monitoring", "press", "number-3")
    assert "department-agent" not in agent.prompts
    await agent.presses("2")
    await agent.hears("act-dispatch", "department-technician")
    await saved(agent)
    ticket = hotline.ticket()
    assert (ticket.state, ticket.department, ticket.assignee) == (TicketState.DISPATCHED, "engineering", None)
    assert ticket.notify_at is not None


async def test_who_is_to_be_called_again_is_called_back_by_itself_and_not_at_once(
    hotline: Hotline, agent: FakePhone
) -> None:
    """R17-1."""
    await after_a_talk(hotline, agent)
    at = hotline.clock.now()
    await agent.presses("3")
    await agent.hears("act-call-back")
    await saved(agent)
    (task,) = hotline.tasks()
    assert (task.kind, task.number, task.ticket_id) == (TaskKind.CALL_BACK, OWNER, hotline.ticket().id)
    assert task.call_at is not None
    assert timedelta(minutes=10) <= task.call_at - at < timedelta(minutes=12)
    event = hotline.every(TicketEvent, kind=TicketEventKind.NOTED)[-1]
    assert (event.who, event.text) == ("7001", "to be called again")


async def test_a_note_is_spoken_and_then_something_else_is_done(hotline: Hotline, agent: FakePhone) -> None:
    hotline.home.create_missing()
    await after_a_talk(hotline, agent)
    await agent.presses("4")
    await agent.hears("leave-message", "beep")
    agent.speaks(3)
    await agent.until(lambda: agent.now > agent.speaks_until, "end of the words")
    await agent.presses("#")
    await agent.hears("act-note", "act-confirm")
    note = hotline.recordings()[-1]
    wav(files.original(hotline.home, note.name), speech(3.0), at=hotline.clock.now())
    await agent.presses("1")
    await agent.hears("act-saved", "write-up-choices")
    await agent.presses("1")
    await agent.hears("act-done")
    await saved(agent)
    note = hotline.recordings()[-1]
    assert (note.kind, note.state) == (RecordingKind.SPOKEN_NOTE, RecordingState.RECORDED)
    assert note.ticket_id == hotline.ticket().id
    assert hotline.ticket().state is TicketState.DONE


# -- nothing is changed ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "moment"),
    [
        ("", "write-up-choices"),
        ("1", "act-done"),
        ("1", "act-confirm"),
        ("2", "press"),
        ("22", "act-dispatch"),
        ("3", "act-call-back"),
        ("4", "leave-message"),
        ("4", "beep"),
    ],
)
async def test_a_hang_up_before_key_1_changes_nothing(
    hotline: Hotline, agent: FakePhone, keys: str, moment: str
) -> None:
    hotline.home.create_missing()
    await after_a_talk(hotline, agent)
    before = changes(hotline)
    for key in keys:
        await agent.presses(key)
        await asyncio.sleep(0.2)
    await agent.hears(*[moment] if keys else [])
    agent.hangs_up()
    await agent.is_hung_up()
    await asyncio.sleep(1)
    assert changes(hotline) == before
    assert hotline.tasks() == []


@pytest.mark.parametrize("keys", ["", "78787878"])
async def test_silence_and_wrong_keys_change_nothing_and_that_is_said(
    hotline: Hotline, agent: FakePhone, keys: str
) -> None:
    await after_a_talk(hotline, agent)
    before = changes(hotline)
    await agent.presses(keys)
    await agent.hears_out("act-not-saved")
    await agent.is_hung_up()
    assert changes(hotline) == before


async def test_key_2_chooses_something_else(hotline: Hotline, agent: FakePhone) -> None:
    await after_a_talk(hotline, agent)
    await agent.presses("1")
    await agent.hears("act-done", "act-confirm")
    await agent.presses("2")
    await agent.hears("write-up-choices")
    agent.hangs_up()
    await agent.is_hung_up()
    assert hotline.ticket().state is TicketState.NEW


async def test_what_the_rules_refuse_is_said(hotline: Hotline, agent: FakePhone) -> None:
    """Settled, and then dispatched after all: the call has been written up."""
    await after_a_talk(hotline, agent)
    await agent.presses("1")
    await agent.hears("act-confirm")
    await agent.presses("1")
    await agent.hears("act-saved", "write-up-choices")
    await agent.presses("2")
    await agent.hears("number-2")
    await agent.presses("2")
    await agent.hears("act-dispatch", "act-confirm")
    await agent.presses("1")
    await agent.hears("act-refused", "write-up-choices")
    agent.hangs_up()
    await agent.is_hung_up()
    assert hotline.ticket().state is TicketState.DONE


async def test_without_the_store_it_is_said(
    hotline: Hotline, agent: FakePhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(*_: object, **__: object) -> None:
        raise StoreUnavailable("database is locked")

    await after_a_talk(hotline, agent)
    await agent.presses("1")
    await agent.hears("act-confirm")
    with monkeypatch.context() as patch:
        patch.setattr(hotline.store, "write", unavailable)
        await agent.presses("1")
        await agent.hears("feature-unavailable")
        await agent.is_hung_up()
    assert hotline.ticket().state is TicketState.NEW


async def test_killed_while_the_agent_is_asked_nothing_is_changed_and_nobody_is_owed_a_call(
    hotline: Hotline, agent: FakePhone
) -> None:
    """Crash rules: the talk was over, and on file."""
    await after_a_talk(hotline, agent)
    before = changes(hotline)
    await hotline.is_restarted()
    await agent.is_hung_up(within=30)
    assert changes(hotline) == before
    assert hotline.tasks() == []
    assert hotline.record().call.ended_by is EndedBy.CALLER


# -- who is not asked --------------------------------------------------------------------------------------------------


async def is_not_asked(hotline: Hotline, agent: FakePhone, caller: FakeCaller) -> None:
    caller.hangs_up()
    await caller.is_hung_up()
    await agent.is_hung_up(within=2)
    assert "customer-gone" not in agent.prompts


async def test_who_is_signed_in_at_the_console_writes_it_there(hotline: Hotline, agent: FakePhone) -> None:
    def signs_in(session: Session) -> None:
        session.merge(Account(staff_number="7001", password="-"))
        session.flush()
        sign_ins.begin(session, "7001", place=SignInPlace.BROWSER, address="127.0.0.1", at=hotline.clock.now())

    hotline.store.write(signs_in)
    await is_not_asked(hotline, agent, await in_a_talk(hotline, agent))


async def test_after_a_short_talk_nobody_is_asked(hotline: Hotline, agent: FakePhone) -> None:
    await is_not_asked(hotline, agent, await in_a_talk(hotline, agent, seconds=5))


async def test_where_the_policy_does_not_want_it_nobody_is_asked(hotline: Hotline, agent: FakePhone) -> None:
    hotline.rules("call", ask_agent=False)
    await hotline.is_restarted()
    await is_not_asked(hotline, agent, await in_a_talk(hotline, agent))


async def test_who_is_complained_of_is_not_asked(hotline: Hotline, agent: FakePhone) -> None:
    """R15-6."""
    caller = await in_a_talk(hotline, agent)
    given = {"who": "7050", "at": hotline.clock.now(), "policy": hotline.policy}
    hotline.store.write(tickets.about, hotline.ticket().id, "7001", **given)  # type: ignore[arg-type]
    await is_not_asked(hotline, agent, caller)


async def test_an_agent_who_hangs_up_first_is_not_rung_for_it(hotline: Hotline, agent: FakePhone) -> None:
    caller = await in_a_talk(hotline, agent)
    agent.hangs_up()
    await caller.is_hung_up()
    await asyncio.sleep(60)
    assert len(agent.rung) == 1
    assert "customer-gone" not in agent.prompts
