"""*20 and *21, who is rung and who is not, and the mobiles of staff away from their telephones (R05-1)."""

import asyncio

import pytest
from sqlalchemy.orm import Session

from models import enrolment
from models.calls import clicks
from models.people import people, presence
from models.states.calls import ClickKind, ClickOutcome, Ring
from models.states.gate import Reach
from models.states.people import PresenceState
from models.tables import Click, Presence, Staff, TrunkCall
from tests.fakes.people import FakeCaller, FakePhone
from tests.flows.calls.test_limits import end_them, going_on, limited
from tests.flows.world import OWNER, STRANGER, Hotline

pytestmark = pytest.mark.flows

MOBILE = "13711112222"


async def asks_for_a_person(hotline: Hotline, number: str = OWNER) -> FakeCaller:
    caller = hotline.dial(number=number)
    await caller.hears("menu")
    await caller.presses("0")
    return caller


async def says(phone: FakePhone, code: str, confirmation: str) -> None:
    phone.dials(code)
    await phone.hears_out(confirmation)
    await phone.is_hung_up()


def clicks_for_a_break(hotline: Hotline, number: str) -> None:
    """As on the agent's page."""
    rules = {"site": hotline.site, "policy": hotline.policy}

    def write(session: Session) -> None:
        at = hotline.clock.now()
        presence.say(session, number, PresenceState.BREAK, at=at)
        clicks.ask(session, number, ClickKind.STOP_RINGING, at=at, **rules)

    hotline.store.write(write)


async def ends(caller: FakeCaller, agent: FakePhone) -> None:
    await caller.talks_with(agent)
    await asyncio.sleep(8)
    agent.hangs_up()
    await caller.is_hung_up()


def has_a_mobile(hotline: Hotline, number: str, mobile: str = MOBILE) -> FakePhone:
    """As in the site file."""

    def write(session: Session) -> None:
        session.get_one(Staff, number).mobile = mobile

    hotline.store.write(write)
    return hotline.switch.public(mobile)


async def test_an_agent_on_a_break_is_not_rung_until_back_on_duty(hotline: Hotline) -> None:
    first, second = hotline.only("7001", "7002")
    await says(first, "*21", "presence-break")
    second.answers()
    await ends(await asks_for_a_person(hotline), second)
    assert first.rung == []
    await says(first, "*20", "presence-on-duty")
    first.answers()
    await ends(await asks_for_a_person(hotline, STRANGER), first)
    said = hotline.every(Presence)
    assert [(row.staff_number, row.state) for row in said] == [
        ("7001", PresenceState.BREAK),
        ("7001", PresenceState.ON_DUTY),
    ]
    assert said[0].until == said[1].since
    assert said[1].until is None


async def test_a_break_survives_a_restart_and_the_site_file(hotline: Hotline) -> None:
    await says(hotline.phone("7001"), "*21", "presence-break")
    await hotline.is_restarted()
    hotline.store.write(enrolment.enrol, hotline.site)
    assert "7001" not in [one.number for one in hotline.store.read(people.on_duty, "agents", at=hotline.clock.now())]


async def test_a_break_is_saved_before_it_is_confirmed(hotline: Hotline) -> None:
    agent = hotline.phone("7001").dials("*21")
    await agent.hears("presence-break")
    assert [row.state for row in hotline.every(Presence)] == [PresenceState.BREAK]
    agent.hangs_up()


async def test_an_agent_who_goes_on_a_break_while_being_rung_passes_the_call_on(hotline: Hotline) -> None:
    first, second = hotline.only("7001", "7002")
    second.answers(after=2)
    owner = await asks_for_a_person(hotline)
    await first.rings()
    first.dials("*21")
    await first.hears_out("presence-break")
    await ends(owner, second)
    assert hotline.rings() == [("group", "7001", 1, Ring.DECLINED), ("group", "7002", 1, Ring.CONNECTED)]


async def test_an_agent_who_clicks_for_a_break_while_being_rung_passes_the_call_on(hotline: Hotline) -> None:
    first, second = hotline.only("7001", "7002")
    second.answers(after=2)
    owner = await asks_for_a_person(hotline)
    await first.rings()
    clicks_for_a_break(hotline, "7001")
    await ends(owner, second)
    assert hotline.rings() == [("group", "7001", 1, Ring.DECLINED), ("group", "7002", 1, Ring.CONNECTED)]
    assert [click.outcome for click in hotline.every(Click)] == [ClickOutcome.DONE]


async def test_a_click_for_a_break_cuts_no_talk_and_is_nothing_to_look_at(hotline: Hotline) -> None:
    (agent,) = hotline.only("7001")
    agent.answers()
    owner = await asks_for_a_person(hotline)
    await owner.talks_with(agent)
    clicks_for_a_break(hotline, "7001")
    await asyncio.sleep(5)
    assert owner._in_talk(agent)
    assert [click.outcome for click in hotline.every(Click)] == [ClickOutcome.DONE]
    assert hotline.store.read(clicks.standing, "7001", at=hotline.clock.now()).click is None
    agent.hangs_up()


async def test_going_on_a_break_from_another_telephone_cuts_no_talk(hotline: Hotline) -> None:
    (agent,) = hotline.only("7001")
    agent.answers()
    owner = await asks_for_a_person(hotline)
    await owner.talks_with(agent)
    talking = agent.channel
    agent.dials("*21")
    await agent.until(lambda: "presence-break" in agent.prompts, "confirmation")
    await agent.until(lambda: agent.channel is talking, "end of the second call")
    assert owner._in_talk(agent)
    agent.hangs_up()


async def test_when_the_last_agent_goes_on_a_break_the_queue_is_not_left_waiting(hotline: Hotline) -> None:
    (agent,) = hotline.only("7001")
    agent.answers()
    first = await asks_for_a_person(hotline)
    await first.talks_with(agent)
    second = await asks_for_a_person(hotline, STRANGER)
    await second.hears("all-busy")
    agent.dials("*21")
    await agent.until(lambda: "presence-break" in agent.prompts, "confirmation")
    await second.hears("nobody-free", "leave-message")
    second.hangs_up()
    agent.hangs_up()


async def test_a_supervisor_on_a_break_is_not_rung(hotline: Hotline) -> None:
    _, supervisor = hotline.only("7001", "7050")
    await says(supervisor, "*21", "presence-break")
    owner = await asks_for_a_person(hotline)
    await owner.hears("nobody-free")
    assert supervisor.rung == []
    owner.hangs_up()


async def test_an_unregistered_telephone_is_not_rung(hotline: Hotline) -> None:
    _, second = hotline.only("7002", "7002")
    second.answers()
    await ends(await asks_for_a_person(hotline), second)
    assert [ring[1] for ring in hotline.rings()] == ["7002"]


# -- follow-me ---------------------------------------------------------------------------------------------------------


async def test_the_mobile_of_an_absent_agent_rings_and_a_key_takes_the_call(hotline: Hotline) -> None:
    hotline.only()
    mobile = has_a_mobile(hotline, "7001").answers()
    owner = await asks_for_a_person(hotline)
    await mobile.hears("whisper-person", "accept-with-1")
    assert owner.hears_ringing
    await mobile.presses("1")
    await owner.hears("badge", "digit-7", "digit-0", "digit-0", "digit-1", "serves-you")
    await ends(owner, mobile)
    assert hotline.rings() == [("group", "7001", 1, Ring.CONNECTED)]
    assert hotline.record().rings[0].phone == MOBILE


async def test_a_mobiles_voicemail_box_does_not_count_as_the_agent(hotline: Hotline) -> None:
    """R05-4: a voicemail box presses no key; meanwhile the call goes on to others."""
    box = has_a_mobile(hotline, "7001").answers()
    hotline.only("7010")
    hotline.phone("7010").answers(after=2)
    owner = await asks_for_a_person(hotline)
    await box.hears("accept-with-1")
    await ends(owner, hotline.phone("7010"))
    await box.is_hung_up()
    assert ("group", "7001", 1, Ring.TAKEN) in hotline.rings()


async def test_only_a_voicemail_box_answers_and_a_message_is_left(hotline: Hotline) -> None:
    hotline.only()
    box = has_a_mobile(hotline, "7001").answers()
    owner = await asks_for_a_person(hotline)
    await owner.hears("nobody-free", "leave-message")
    assert box.channel is None
    owner.hangs_up()


async def test_agents_at_their_desks_are_rung_before_a_mobile(hotline: Hotline) -> None:
    mobile = has_a_mobile(hotline, "7001")
    (agent,) = hotline.only("7004")
    agent.answers(after=3)
    await ends(await asks_for_a_person(hotline), agent)
    assert mobile.rung == []


async def test_the_mobile_of_an_agent_with_a_registered_telephone_does_not_ring(hotline: Hotline) -> None:
    mobile = has_a_mobile(hotline, "7001")
    owner = await asks_for_a_person(hotline)
    await owner.hears("nobody-free")
    assert mobile.rung == []
    owner.hangs_up()


async def test_the_mobile_of_an_agent_on_a_break_does_not_ring(hotline: Hotline) -> None:
    mobile = has_a_mobile(hotline, "7001")
    await says(hotline.phone("7001"), "*21", "presence-break")
    hotline.only()
    owner = await asks_for_a_person(hotline)
    await owner.hears("nobody-free")
    assert mobile.rung == []
    owner.hangs_up()


async def test_an_agent_talking_on_the_mobile_is_not_rung_again_and_the_next_caller_waits(
    hotline: Hotline,
) -> None:
    hotline.only()
    mobile = has_a_mobile(hotline, "7001").answers()
    first = await asks_for_a_person(hotline)
    await mobile.hears("accept-with-1")
    await mobile.presses("1")
    await first.talks_with(mobile)
    second = await asks_for_a_person(hotline, STRANGER)
    await second.hears("all-busy")
    mobile.hangs_up()
    await mobile.hears("accept-with-1")
    await mobile.presses("1")
    await ends(second, mobile)


async def test_an_urgent_repair_rings_the_mobile_of_an_absent_technician(hotline: Hotline) -> None:
    hotline.only("7020")
    mobile = has_a_mobile(hotline, "7021").answers()
    owner = hotline.dial()
    await owner.hears("menu")
    await owner.presses("1")
    await owner.hears("repair-menu")
    await owner.presses("1")
    await mobile.hears("whisper-urgent", "accept-with-1")
    await mobile.presses("1")
    await ends(owner, mobile)
    assert mobile.prompts.count("accept-with-1") == 1
    assert {ring[1]: ring[3] for ring in hotline.rings()} == {"7020": Ring.TAKEN, "7021": Ring.CONNECTED}


async def test_a_mobile_that_is_switched_off_counts_as_unreachable(hotline: Hotline) -> None:
    hotline.only("7050")
    has_a_mobile(hotline, "7001").is_unplugged()
    hotline.phone("7050").answers()
    await ends(await asks_for_a_person(hotline), hotline.phone("7050"))
    assert hotline.rings()[0] == ("group", "7001", 0, Ring.UNREACHABLE)


async def test_a_mobile_that_the_limits_do_not_let_out_is_refused_in_its_row_and_the_next_colleague_rings(
    hotline: Hotline, caplog: pytest.LogCaptureFixture
) -> None:
    """R20-5: "unreachable" would send somebody to look for a fault of the network."""
    limited(hotline, Reach.STAFF_MOBILE, at_once=1)
    await hotline.is_restarted()
    hotline.only("7050")
    mobile = has_a_mobile(hotline, "7001").answers()
    hotline.store.write(lambda s: s.add(TrunkCall(**going_on(hotline, "13900000009", Reach.STAFF_MOBILE))))
    hotline.phone("7050").answers()
    await ends(await asks_for_a_person(hotline), hotline.phone("7050"))
    assert mobile.rung == []
    assert hotline.rings()[0] == ("group", "7001", 0, Ring.REFUSED)
    assert "the mobile of 7001" in caplog.text
    hotline.store.write(end_them, hotline.clock.now())
