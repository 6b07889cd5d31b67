"""Several trunks, and a second Asterisk at their other end: calls in and out, failures, and what is said of them."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from models.calls import calls
from models.clock import SystemClock
from models.health import findings
from models.instance import asterisk_console
from models.instance.home import PROJECT_ROOT
from models.states.calls import AttemptOutcome, EndedBy
from models.states.health import FindingKind
from models.states.tickets import TicketKind, TicketState
from models.tables import Attempt, Call, CallToMake, RingRow, Task, TrunkCall
from models.tickets import call_backs, tickets
from phones import choosing
from phones.instance import LiveHotline
from phones.microphone import tones
from phones.written import call_of
from tests.asterisk.carrier import ACCOUNT, GATEWAY, IMS, TELECOM, TONE, PlayedCarrier
from tests.asterisk.conftest import MOBILE

pytestmark = pytest.mark.asterisk

CALLER, AGENT = tones(2)
Trunks = tuple[LiveHotline, PlayedCarrier]


@pytest.fixture
def world(several_trunks: Trunks, at_the_end: Callable[[LiveHotline], LiveHotline]) -> Trunks:
    hotline, carrier = several_trunks
    carrier.forgets()
    at_the_end(hotline)
    return hotline, carrier


def said(hotline: LiveHotline, *command: str) -> str:
    """What a command prints, whatever its exit code."""
    line = [sys.executable, "-m", "hotline", "--home", str(hotline.home.path), "--lang", "en", *command]
    wide = os.environ | {"COLUMNS": "240"}
    done = subprocess.run(line, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False, timeout=60, env=wide)
    return done.stdout


def listed(hotline: LiveHotline) -> dict[str, dict[str, Any]]:
    return {row["trunk"]: row for row in json.loads(said(hotline, "trunks", "--json"))}


def owed(hotline: LiveHotline, number: str) -> int:
    """The task of a call back to this number."""
    store, at = hotline.store, SystemClock().now()
    begin = {"line": "8000", "caller_number": number, "language": "zh", "at": at}
    call = store.write(calls.begin, channel_id=f"before-{number}", **begin)
    store.write(calls.end, call.id, by=EndedBy.CALLER, reason="hung up", at=at)
    store.write(call_backs.owe, call.id, "missed", site=hotline.site, policy=hotline.policy, at=at)
    return store.read(lambda session: session.scalars(select(Task.id).where(Task.number == number)).one())


def called_back(hotline: LiveHotline, number: str, staff: str = "7001") -> Any:
    """This colleague accepts to call this number back; the command that has asked for it."""
    task, agent = owed(hotline, number), hotline.phone(staff, AGENT)
    agent.when_it_rings("answer", after_s=0.2)
    command = hotline.command("call-back", str(task), "--staff", staff)
    agent.wait_heard("accept-call-back", 30)
    agent.press("1")
    return agent, command


def outcome(hotline: LiveHotline, number: str) -> AttemptOutcome | None:
    """How the last attempt to call this number has ended."""
    mine = select(Attempt).join(CallToMake, CallToMake.id == Attempt.call_to_make_id)
    mine = mine.where(CallToMake.number == number, Attempt.ended_at.is_not(None)).order_by(Attempt.id.desc())
    last = hotline.until(lambda: hotline.store.read(lambda session: session.scalars(mine).first()), "attempt", 40)
    return last.outcome


def went_over(hotline: LiveHotline, number: str, trunk: str) -> None:
    """Waits until it is written that this number was called over this trunk."""
    mine = select(TrunkCall.trunk).where(TrunkCall.number == number, TrunkCall.channel_id.is_not(None))
    found = hotline.store.read
    hotline.until(lambda: found(lambda session: list(session.scalars(mine))) == [trunk], f"{number} over {trunk}", 20)


# -- in ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trunk", "dialled", "line", "number"),
    [
        (TELECOM, "8002", "8002", "13900130101"),
        (IMS, "8001", "8001", "13900130102"),
        (IMS, ACCOUNT, "8000", "13900130103"),
        (GATEWAY, "8003", "8003", "13900130104"),
        (GATEWAY, "5", "8001", "13900130105"),
    ],
)
def test_a_call_over_each_trunk_reaches_the_line_that_was_dialled_or_the_trunks_own(
    world: Trunks, trunk: str, dialled: str, line: str, number: str
) -> None:
    hotline, carrier = world
    carrier.calls_in(trunk, dialled, number)
    reached = select(Call.line).where(Call.caller_number == number)
    hotline.until(lambda: hotline.store.read(lambda session: session.scalar(reached)), "call")
    carrier.hangs_up()
    assert call_of(hotline, number).call.line == line


# -- out ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("how", "at_most_s"), [("refuses", 4.0), ("forbids", 4.0), ("silent", 9.0)])
def test_a_call_back_that_a_trunk_refuses_or_does_not_answer_goes_over_the_next(
    world: Trunks, how: str, at_most_s: float
) -> None:
    hotline, carrier = world
    number = {"refuses": "13800138101", "forbids": "13800138102", "silent": "13800138103"}[how]
    carrier.does(TELECOM, how)
    agent, command = called_back(hotline, number)
    carrier.until(lambda: carrier.calls, "first attempt", 10)
    began = time.monotonic()
    agent.wait_tone(TONE[IMS], at_most_s + 10)
    carrier.until(lambda: TELECOM in carrier.over, "end of the first attempt")
    assert carrier.calls == [(TELECOM, number, "8000"), (IMS, f"+86{number}", ACCOUNT)]
    assert time.monotonic() - began < at_most_s + 10
    went_over(hotline, number, IMS)
    agent.hang_up()
    command.communicate(timeout=20)
    assert outcome(hotline, number) is AttemptOutcome.CONNECTED
    failure = "call-silent" if how == "silent" else "call-refused"
    hotline.until(lambda: listed(hotline)[TELECOM]["failure"] == failure, "its failure in the list", 20)


def test_a_busy_customer_is_not_called_over_another_trunk(world: Trunks) -> None:
    hotline, carrier = world
    number = "13800138111"
    carrier.does(TELECOM, "busy")
    agent, command = called_back(hotline, number)
    agent.wait_heard("call-back-busy", 20)
    command.communicate(timeout=20)
    assert [trunk for trunk, _, _ in carrier.calls] == [TELECOM]
    assert outcome(hotline, number) is AttemptOutcome.BUSY


def test_a_customer_whom_no_trunk_takes_has_declined_nothing(world: Trunks) -> None:
    hotline, carrier = world
    number = "13800138113"
    for trunk in TONE:
        carrier.does(trunk, "forbids")
    agent, command = called_back(hotline, number)
    agent.wait_heard("call-back-unreachable", 20)
    command.communicate(timeout=20)
    assert [trunk for trunk, _, _ in carrier.calls] == [TELECOM, IMS, GATEWAY]
    assert outcome(hotline, number) is AttemptOutcome.UNREACHABLE


def test_a_customer_who_is_rung_for_long_is_rung_over_one_trunk(world: Trunks) -> None:
    hotline, carrier = world
    number = "13800138112"
    carrier.does(TELECOM, "rings-long")
    agent, command = called_back(hotline, number)
    agent.wait_tone(TONE[TELECOM], 20)
    assert [trunk for trunk, _, _ in carrier.calls] == [TELECOM]
    went_over(hotline, number, TELECOM)
    agent.hang_up()
    command.communicate(timeout=20)


def test_a_follow_up_call_goes_over_the_next_trunk(world: Trunks) -> None:
    hotline, carrier = world
    number, at, store = "13800138121", SystemClock().now(), hotline.store
    carrier.does(TELECOM, "refuses")
    begin = {"line": "8000", "caller_number": number, "language": "zh", "at": at}
    call = store.write(calls.begin, channel_id=f"before-{number}", **begin)
    ticket = store.write(tickets.open, kind=TicketKind.REPAIR, call_id=call.id, at=at, policy=hotline.policy)
    store.write(calls.end, call.id, by=EndedBy.AGENT, reason="completed", at=at)
    store.write(tickets.receive, ticket.id, "7001", at=at)
    store.write(tickets.move, ticket.id, to=TicketState.DONE, who="system", at=at)
    carrier.until(lambda: [trunk for trunk, _, _ in carrier.calls] == [TELECOM, IMS], "second attempt", 30)
    went_over(hotline, number, IMS)
    carrier.hangs_up()


def test_the_mobile_of_a_colleague_rings_over_the_next_trunk(world: Trunks) -> None:
    hotline, carrier = world
    number = "13800138131"
    carrier.does(TELECOM, "refuses")
    caller = hotline.caller(number, CALLER)
    caller.reach("8000")
    choosing.person(caller)
    carrier.until(lambda: [trunk for trunk, _, _ in carrier.calls] == [TELECOM, IMS], "second attempt", 30)

    went_over(hotline, MOBILE, IMS)
    caller.hang_up()


def test_a_mobile_that_is_heard_to_ring_over_a_trunk_is_ringing(world: Trunks) -> None:
    """R05-2: many carriers send 183 with the ringing tone, and never 180."""
    hotline, carrier = world
    number = "13800138132"
    carrier.does(TELECOM, "progresses")
    caller = hotline.caller(number, CALLER)
    caller.reach("8000")
    choosing.person(caller)
    rung = select(RingRow.ringing_at).join(Call, Call.id == RingRow.call_id)
    rung = rung.where(Call.caller_number == number, RingRow.phone == MOBILE)
    hotline.until(lambda: hotline.store.read(lambda session: session.scalar(rung)), "ringing", 30)
    caller.hang_up()
    assert [trunk for trunk, _, _ in carrier.calls] == [TELECOM]


# -- watched -----------------------------------------------------------------------------------------------------------


def test_trunks_that_fall_silent_are_tickets_ring_the_duty_phone_and_come_back(world: Trunks) -> None:
    hotline, carrier = world
    hotline.until(lambda: {row["state"] for row in listed(hotline).values()} == {"up"}, "three trunks", 40)
    duty = hotline.phone("7030")
    carrier.falls_silent()
    try:
        duty.wait_ringing(60)
        duty.answer()
        duty.wait_heard("fault-trunk")
        hotline.until(lambda: listed(hotline)[TELECOM]["state"] == "down", "its state")
        assert "does not answer OPTIONS" in said(hotline, "trunks")
        assert "telecom down (does not answer OPTIONS)" in said(hotline, "status")
    finally:
        carrier.falls_silent(False)
    hotline.until(lambda: {row["state"] for row in listed(hotline).values()} == {"up"}, "three trunks", 60)
    down = [FindingKind.TRUNK_DOWN]
    hotline.until(lambda: hotline.store.read(findings.open_of, down) == [], "end of the findings", 20)


def registers_again(hotline: LiveHotline) -> dict[str, Any]:
    """The carrier takes a new password a moment after it was told."""
    asterisk_console.asked(hotline.home, "pjsip send register ims")
    return listed(hotline)[IMS]


@pytest.mark.timeout(240)
def test_a_refused_registration_is_said_in_words(world: Trunks) -> None:
    hotline, carrier = world
    carrier.knows_password("another-one")
    try:
        hotline.until(lambda: registers_again(hotline)["state"] == "down", "its state", 40)
        assert listed(hotline)[IMS]["failure"] == "not-registered"
        assert "ims down (our registration is not accepted)" in said(hotline, "status")
    finally:
        carrier.knows_password()
    # By itself: a refused registration is tried again after a minute.
    hotline.until(lambda: listed(hotline)[IMS]["state"] == "up", "its return", 120)


def test_staff_says_when_a_telephone_is_registered_but_silent(world: Trunks) -> None:
    hotline, _ = world
    phone = hotline.phone("7003")
    rows = {row["number"]: row["telephone"] for row in json.loads(said(hotline, "staff", "--json"))}
    assert (rows["7003"], rows["7002"]) == ("registered", "not registered")
    phone.pull_the_plug()
    asterisk_console.asked(hotline.home, "pjsip qualify 7003")
    hotline.until(lambda: "registered, but does not answer" in said(hotline, "staff"), "silence", 20)
