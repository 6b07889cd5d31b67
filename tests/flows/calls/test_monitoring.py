"""*90: a supervisor listens, whispers, joins; the access log has every moment, and no talk notices (R04-1)."""

import asyncio

import pytest

from models.tables import AccessEntry, Talk
from models.tickets import tickets
from tests.fakes.people import FakeCaller, FakePhone
from tests.flows.calls.transferring import agrees, in_a_talk, one_recording, transfers_to
from tests.flows.world import PINS, Hotline

pytestmark = pytest.mark.flows

AGENT, SUPERVISOR = "7001", "7050"
LISTEN, WHISPER, JOIN, END, REFUSED = (f"monitor-{what}" for what in ("listen", "whisper", "join", "ended", "refused"))


@pytest.fixture
def supervisor(hotline: Hotline) -> FakePhone:
    return hotline.phone(SUPERVISOR)


async def proves_himself(supervisor: FakePhone) -> None:
    supervisor.dials("*90")
    await supervisor.hears("monitor-pin")
    await supervisor.presses(PINS[supervisor.number])
    await supervisor.hears("monitor-whom")


async def listens(supervisor: FakePhone, number: str = AGENT) -> None:
    await proves_himself(supervisor)
    await supervisor.presses(number)
    await supervisor.hears("badge", *(f"digit-{digit}" for digit in number.replace("#", AGENT)))
    await supervisor.hears_out(LISTEN)
    await hears(supervisor, AGENT, owner_of(supervisor))


def owner_of(supervisor: FakePhone) -> str:
    """The number of the caller who talks with the agent."""
    (caller,) = (c.person for c in supervisor.switch.channels.values() if isinstance(c.person, FakeCaller))
    return caller.number


async def hears(person: FakePhone | FakeCaller, *numbers: str) -> None:
    await person.until(lambda: person.voices == set(numbers), f"hearing of {numbers} alone", within=2)


def logged(hotline: Hotline) -> list[tuple[str, str, str]]:
    return [(entry.who, entry.what, entry.subject) for entry in hotline.every(AccessEntry) if entry.who != "test"]


def modes(hotline: Hotline) -> list[str]:
    return [what for _, what, _ in logged(hotline)]


async def ends(owner: FakeCaller, agent: FakePhone) -> None:
    agent.hangs_up()
    await owner.hears_out("goodbye")
    await owner.is_hung_up()


async def test_a_supervisor_listens_whispers_joins_and_listens_again(
    hotline: Hotline, agent: FakePhone, supervisor: FakePhone
) -> None:
    owner = await in_a_talk(hotline, agent)
    before = len(owner.heard), len(agent.heard)
    await listens(supervisor)
    await hears(agent, owner.number)
    await hears(owner, AGENT)
    for key, mode, to_agent, to_owner in (
        ("2", WHISPER, {owner.number, SUPERVISOR}, {AGENT}),
        ("3", JOIN, {owner.number, SUPERVISOR}, {AGENT, SUPERVISOR}),
        ("1", LISTEN, {owner.number}, {AGENT}),
    ):
        await supervisor.presses(key)
        await supervisor.hears_out(mode)
        await hears(supervisor, AGENT, owner.number)
        assert (agent.voices, owner.voices) == (to_agent, to_owner)
    await supervisor.presses("0")
    await supervisor.hears("monitor-whom")
    assert (agent.voices, owner.voices, supervisor.voices) == ({owner.number}, {AGENT}, set())
    await supervisor.is_hung_up()
    assert (len(owner.heard), len(agent.heard)) == before, "neither has heard a word of ours"
    assert owner.keys == agent.keys == ""
    await ends(owner, agent)
    one_recording(hotline)
    call = hotline.record().call
    subject = f"{AGENT}, call {call.id}"
    assert logged(hotline) == [(SUPERVISOR, what, subject) for what in (LISTEN, WHISPER, JOIN, LISTEN, END)]
    assert len(hotline.every(Talk)) == 1


async def test_nobody_hears_the_supervisor_while_the_chosen_mode_is_announced(
    hotline: Hotline, agent: FakePhone, supervisor: FakePhone
) -> None:
    owner = await in_a_talk(hotline, agent)
    await listens(supervisor)
    await supervisor.presses("3")
    await supervisor.hears_out(JOIN)
    await hears(owner, AGENT, SUPERVISOR)
    await supervisor.presses("1")
    await supervisor.hears(LISTEN)
    assert (agent.voices, owner.voices) == ({owner.number}, {AGENT})
    await ends(owner, agent)


async def test_modes_may_be_keyed_faster_than_they_are_announced(
    hotline: Hotline, agent: FakePhone, supervisor: FakePhone
) -> None:
    """R05-9: each of them is logged; the last one counts."""
    owner = await in_a_talk(hotline, agent)
    await listens(supervisor)
    await supervisor.presses("3259")
    await supervisor.hears(WHISPER)
    await hears(agent, owner.number, SUPERVISOR)
    assert owner.voices == {AGENT}
    assert modes(hotline) == [LISTEN, JOIN, WHISPER]
    await ends(owner, agent)


async def test_the_hash_key_chooses_the_longest_talk(hotline: Hotline, agent: FakePhone, supervisor: FakePhone) -> None:
    owner = await in_a_talk(hotline, agent)
    await listens(supervisor, "#")
    await ends(owner, agent)
    await supervisor.hears("monitor-talk-over")


@pytest.mark.parametrize("number", [AGENT, "7020"])
async def test_a_role_without_the_right_is_refused_and_logged(hotline: Hotline, number: str) -> None:
    phone = hotline.phone(number).dials("*90")
    await phone.hears_out("monitor-no-role")
    await phone.is_hung_up()
    assert logged(hotline) == [(number, "monitor-refused: no-role", "")]


async def test_three_wrong_pins_lock_the_telephone_and_each_is_logged(
    hotline: Hotline, agent: FakePhone, supervisor: FakePhone
) -> None:
    """The right PIN is not even asked for, until a quarter of an hour has passed; another telephone is not locked."""
    owner = await in_a_talk(hotline, agent)
    supervisor.dials("*90")
    for pin in ("000000", "", PINS["7060"]):
        await supervisor.hears("monitor-pin")
        await supervisor.presses(pin)
        await supervisor.hears("monitor-wrong-pin")
    await supervisor.hears_out("monitor-locked")
    await supervisor.is_hung_up()
    assert "monitor-whom" not in supervisor.prompts
    wrong, locked = (SUPERVISOR, "monitor-refused: wrong-pin", ""), (SUPERVISOR, "monitor-refused: locked", "")
    assert logged(hotline) == [wrong] * 3 + [locked]
    await ends(owner, agent)
    again = hotline.phone(SUPERVISOR).dials("*90")
    await again.hears_out("monitor-locked")
    await again.is_hung_up()
    assert logged(hotline) == [wrong] * 3 + [locked] * 2
    other = hotline.phone("7060").dials("*90")
    await other.hears("monitor-pin")
    other.hangs_up()
    await asyncio.sleep(hotline.policy.monitoring.pin_lock_minutes * 60 + 1)
    await proves_himself(hotline.phone(SUPERVISOR))


async def test_wrong_pins_of_several_calls_add_up_and_the_right_one_forgets_them(
    hotline: Hotline, supervisor: FakePhone
) -> None:
    wrong, right = "000000", PINS[SUPERVISOR]
    for keyed, heard in (
        ([wrong, wrong], "monitor-pin"),
        ([right], "monitor-whom"),
        ([wrong, wrong], "monitor-pin"),
        ([wrong], "monitor-locked"),
    ):
        supervisor.dials("*90")
        for pin in keyed:
            await supervisor.hears("monitor-pin")
            await supervisor.presses(pin)
        await supervisor.hears(heard)
        supervisor.hangs_up()


@pytest.mark.parametrize(
    ("number", "refusal"),
    [("7999", "unknown"), ("7002", "not-talking"), ("#", "not-talking"), (SUPERVISOR, "not-talking")],
)
async def test_a_number_without_a_talk_is_announced_and_another_may_be_keyed(
    hotline: Hotline, supervisor: FakePhone, number: str, refusal: str
) -> None:
    await proves_himself(supervisor)
    await supervisor.presses(number)
    await supervisor.hears_out(f"monitor-{refusal}")
    await supervisor.hears_out("monitor-whom")
    await supervisor.is_hung_up()
    assert logged(hotline) == [(SUPERVISOR, f"monitor-refused: {refusal}", number.removeprefix("#"))]


async def test_a_supervisor_cannot_listen_to_a_complaint_about_the_supervisor(
    hotline: Hotline, agent: FakePhone, supervisor: FakePhone
) -> None:
    """R15-6."""
    owner = await in_a_talk(hotline, agent)
    hotline.store.write(
        tickets.about, hotline.ticket().id, SUPERVISOR, who="test", at=hotline.clock.now(), policy=hotline.policy
    )
    await proves_himself(supervisor)
    for number in (AGENT, "#"):
        await supervisor.presses(number)
        await supervisor.hears_out("monitor-not-allowed")
        await supervisor.hears("monitor-whom")
    await ends(owner, agent)


async def test_nobody_listens_to_the_general_managers_talks(hotline: Hotline, supervisor: FakePhone) -> None:
    """R03-1: the caller may have something to say about a manager."""
    general_manager = hotline.phone("7060").answers()
    owner = hotline.dial("8002")
    await owner.talks_with(general_manager)
    await proves_himself(supervisor)
    await supervisor.presses("7060")
    await supervisor.hears_out("monitor-not-allowed")
    await ends(owner, general_manager)


@pytest.mark.parametrize("who", ["agent", "owner"])
async def test_the_end_of_the_talk_is_announced_and_another_can_be_chosen(
    hotline: Hotline, agent: FakePhone, supervisor: FakePhone, who: str
) -> None:
    owner, colleague = await in_a_talk(hotline, agent), hotline.phone("7002").answers()
    await listens(supervisor)
    another = await in_a_talk(hotline, colleague)
    (agent if who == "agent" else owner).hangs_up()
    await owner.is_hung_up()
    await supervisor.hears_out("monitor-talk-over")
    await supervisor.presses("7002")
    await supervisor.hears_out(LISTEN)
    await hears(supervisor, "7002", another.number)
    await ends(another, colleague)
    await supervisor.hears("monitor-talk-over")
    assert modes(hotline) == [LISTEN, END, LISTEN, END]


@pytest.mark.parametrize("key", ["", "2", "3"])
@pytest.mark.parametrize("milliseconds", [*range(0, 60, 6), 500])
async def test_the_supervisor_hangs_up_at_any_moment_and_the_talk_goes_on(
    hotline: Hotline, agent: FakePhone, supervisor: FakePhone, key: str, milliseconds: int
) -> None:
    owner = await in_a_talk(hotline, agent)
    await listens(supervisor)
    await supervisor.presses(key)
    await asyncio.sleep(milliseconds / 1000)
    supervisor.hangs_up()
    await supervisor.is_hung_up()
    await hears(owner, AGENT)
    await hears(agent, owner.number)
    await ends(owner, agent)
    one_recording(hotline)
    assert modes(hotline)[-1] == END


@pytest.mark.parametrize("who", ["agent", "owner"])
@pytest.mark.parametrize("milliseconds", range(0, 60, 6))
async def test_the_talk_ends_just_as_the_mode_changes(
    hotline: Hotline, agent: FakePhone, supervisor: FakePhone, who: str, milliseconds: int
) -> None:
    owner = await in_a_talk(hotline, agent)
    await listens(supervisor)
    await supervisor.presses("3")
    await asyncio.sleep(milliseconds / 1000)
    (agent if who == "agent" else owner).hangs_up()
    await owner.is_hung_up()
    await supervisor.hears("monitor-talk-over")
    supervisor.hangs_up()


async def test_a_transfer_goes_on_and_the_supervisor_stays_at_the_agents_telephone(
    hotline: Hotline, agent: FakePhone, supervisor: FakePhone
) -> None:
    """R05-4: while the caller is on hold, the supervisor whispers to the agent, and leaves when the agent leaves."""
    owner, colleague = await in_a_talk(hotline, agent), hotline.phone("7020").answers()
    await listens(supervisor)
    await supervisor.presses("2")
    await supervisor.hears_out(WHISPER)
    await transfers_to(agent, "7020")
    await hears(supervisor, AGENT)
    assert agent.voices == {SUPERVISOR}
    await agrees(colleague)
    await hears(supervisor, AGENT, owner.number, "7020")
    await hears(owner, AGENT, "7020")
    agent.hangs_up()
    await supervisor.hears_out("monitor-talk-over")
    await supervisor.presses("7020")
    await supervisor.hears_out(LISTEN)
    await hears(supervisor, "7020", owner.number)
    await ends(owner, colleague)
    one_recording(hotline)


async def test_two_supervisors_listen_at_once_and_do_not_hear_each_other(
    hotline: Hotline, agent: FakePhone, supervisor: FakePhone
) -> None:
    owner, other = await in_a_talk(hotline, agent), hotline.phone("7060")
    await listens(supervisor)
    await listens(other)
    await other.presses("2")
    await other.hears_out(WHISPER)
    await hears(agent, owner.number, "7060")
    assert supervisor.voices == other.voices == {AGENT, owner.number}
    await ends(owner, agent)
    await supervisor.hears("monitor-talk-over")
    await other.hears("monitor-talk-over")


async def test_a_listening_supervisor_is_neither_rung_nor_waited_for(hotline: Hotline, agent: FakePhone) -> None:
    """The duty supervisor is on duty with one agent only, and does not count as an agent while listening."""
    owner, supervisor = await in_a_talk(hotline, agent), hotline.phone(SUPERVISOR)
    await listens(supervisor)
    assert not await hotline.house.desk.talking("management")
    assert await hotline.house.desk.talking("agents")
    assert await hotline.house.desk.free_supervisor("agents") == []
    await ends(owner, agent)
    await supervisor.is_hung_up()
    assert await hotline.house.desk.free_supervisor("agents") != []


@pytest.mark.parametrize("key", ["", "3"])
@pytest.mark.parametrize("how", ["connection", "process"])
async def test_our_process_dies_and_the_talk_goes_on_without_the_supervisor(
    hotline: Hotline, agent: FakePhone, supervisor: FakePhone, how: str, key: str
) -> None:
    """The supervisor is asked to dial again and is no lost caller; nothing is left of the listening."""
    owner = await in_a_talk(hotline, agent)
    await listens(supervisor)
    await supervisor.presses(key)
    await asyncio.sleep(3)
    if how == "connection":
        hotline.switch.lose_connection(for_s=2)
    else:
        await hotline.is_restarted()
    await supervisor.hears_out("feature-unavailable")
    await supervisor.is_hung_up()
    await hears(owner, AGENT)
    await hears(agent, owner.number)
    assert [name for name in hotline.switch.bridges if name.startswith("monitor")] == []
    await listens(supervisor)
    await ends(owner, agent)
    one_recording(hotline)
    assert hotline.tasks() == []
