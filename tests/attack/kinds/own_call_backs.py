"""Callers with chosen displays hang up, and agents agree to every call back: only near numbers are dialled, and few."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from urllib.parse import quote

from phones.raw import RawPhone
from phones.sip import Reply
from tests.attack.api import token
from tests.attack.kinds.outsiders_numbers import NAMED, answer_the_alarm
from tests.attack.outcome import Kind, Outcome
from tests.attack.ways import DESK
from tests.attack.world import BYSTANDER, NOBODY_HOME, STRANGER, Watch, World

_SWITCHBOARD = "8003"
_FAR = "02087654321"
"""A landline elsewhere, which only a person may call."""
_DISPLAYED = (_FAR, "16812345", "110", BYSTANDER, "8000", "1101", "9" * 60, "+16502530000", *NAMED)
_NEAR = "13912341001"
_WRITTEN = (_NEAR, f"+86{_NEAR}", f"0086{_NEAR}", f"86{_NEAR}", f"0{_NEAR}", f"{_NEAR};ext=110", f"{_NEAR};isub=1")
"""One mobile in the forms that a carrier sends."""
_HOSTILE = (
    f"{_NEAR},,110",
    f"{_NEAR}p16812345",
    f"{_NEAR}&Local/110@emergency",
    f"{_NEAR}\x00110",
    f"{_NEAR}\x1b[2J",
    f"{_NEAR}\r\nRoute: <sip:127.0.0.9>",
    f"110\u202e{_NEAR}",
    f"{_NEAR}@127.0.0.9",
    f"${{EVAL({_NEAR})}}",
)
_CODES = ("*33", "*31", "*32", "*321001")
_TICKETS = "SELECT count(*) FROM tickets"
_LET_OUT = "SELECT count(*) FROM trunk_calls WHERE known = 0 AND reason IS NULL"
_DONE = "SELECT (SELECT count(*) FROM ticket_events), (SELECT count(*) FROM calls_to_make)"
_TAKEN_UP_WITHIN_S = 30.0
_AT_A_TIME = 5
_HUNG_UP_AFTER_S = 2.0
"""A caller of ours has hung up this long after the ring; who goes on ringing is a call back."""


def attack(world: World, outcome: Outcome) -> None:
    world.answer_with({})
    world.carrier.when_rung = NOBODY_HOME
    flood = tuple(f"1391235{number:04}" for number in range(new_numbers(world) + 4 if world.large else 2))
    displayed = _DISPLAYED if world.large else _DISPLAYED[:4]
    written = (*_WRITTEN, *_HOSTILE) if world.large else (*_WRITTEN[:2], *_HOSTILE[:1])
    # A run of refusals is an alarm, which rings staff.
    staff = [number for number in world.phones if not world.hotline.site.rooms.has(number)]
    most = max(0, new_numbers(world) - world.rows(_LET_OUT)[0][0])
    watched = world.watched(outcome, "a number on the display", may_ring=staff, may_leave=(_NEAR, *flood), calls=1000)
    with watched as watch, agreeing(world):
        callers = (*displayed, *written, _NEAR, *flood, *flood[:1])
        for first in range(0, len(callers), _AT_A_TIME):
            outcome.tried(len(callers[first : first + _AT_A_TIME]))
            give_up(world, callers[first : first + _AT_A_TIME])
        world.at_rest(120)
        if not watch.left():
            outcome.loses("nobody was called back, so nothing is proved")
        if len(watch.left()) > most:
            outcome.gets_out(f"{len(watch.left())} numbers of strangers were dialled in an hour, not {most}")
        answer_the_alarm(world, token(world, "attack-flood", "read", "handle", staff="7001"))
    with world.watched(outcome, "a code of the staff"):
        codes(world, outcome)


def new_numbers(world: World) -> int:
    return world.hotline.policy.limits.new_numbers_an_hour


def give_up(world: World, numbers: Sequence[str]) -> None:
    """Callers for whom the carrier vouches hang up as soon as all of them are taken up."""
    ((before,),), taken_up = world.rows(_TICKETS), 0
    with ExitStack() as callers:
        for number in numbers:
            asserted = f"P-Asserted-Identity: <sip:{quote(number, safe='+;=')}@ims.example>"
            caller = callers.enter_context(world.outside(number="anonymous"))
            # What is not SIP any more gets no answer.
            with suppress(AssertionError):
                taken_up += caller.invite(_SWITCHBOARD, headers=[asserted], rings=2).status == 200
        wanted = before + taken_up
        world.hotline.until(lambda: world.rows(_TICKETS)[0][0] >= wanted, "caller", _TAKEN_UP_WITHIN_S)


@contextmanager
def agreeing(world: World) -> Iterator[None]:
    """The agents answer what goes on ringing, and agree by key to whatever they are asked."""
    over = threading.Event()
    agents = [threading.Thread(target=agrees, args=(world.phones[number], over)) for number in DESK]
    for number in DESK:
        world.phones[number].when_rung = (Reply("180 Ringing"),)
    for agent in agents:
        agent.start()
    try:
        yield
    finally:
        over.set()
        for agent in agents:
            agent.join()
        world.answer_with({})


def agrees(phone: RawPhone, over: threading.Event) -> None:
    seen, since = len(phone.rung), 0.0
    while not over.wait(0.3):
        if phone.dialog is not None and not phone.dialog.ended:
            with suppress(AssertionError):
                phone.press("1")
        elif len(phone.rung) > seen and not since:
            since = time.monotonic()
        elif since and time.monotonic() - since > _HUNG_UP_AFTER_S:
            ring, since, seen = phone.rung[-1], 0.0, len(phone.rung)
            if not any(m.method == "CANCEL" and m.get("call-id") == ring.get("call-id") for m in phone.received):
                phone.replies((Reply("200 OK"),))


def codes(world: World, outcome: Outcome) -> None:
    """The codes of the staff from the trunk, by a stranger, and from a room, which also says that it is an agent."""
    done = world.rows(_DONE)
    for code in _CODES:
        for phone, name in ((world.phones["1101"], "1101"), (world.phones["1101"], "7001")):
            dials(world, outcome, phone, code, name, world.password("1101"))
        for address in ("127.0.0.2", STRANGER):
            for name in ("13900139018", "7001"):
                with world.outside(address, name) as phone:
                    dials(world, outcome, phone, code, name)
    world.settled()
    if world.rows(_DONE) != done:
        outcome.gets_in(f"a code changed something: {done} became {world.rows(_DONE)}")


def dials(world: World, outcome: Outcome, phone: RawPhone, code: str, name: str, password: str | None = None) -> None:
    """Presses 1 for a while to whatever is asked; a sentence that says no is no service."""
    outcome.tried()
    left = Watch(world)
    with suppress(AssertionError):
        if phone.invite(code, name=name, password=password, rings=3).status == 200:
            assert phone.dialog is not None
            until = time.monotonic() + 6
            while time.monotonic() < until and not phone.dialog.ended and not left.left():
                phone.press("1")
                time.sleep(0.5)
            if not phone.dialog.ended:
                phone.request("BYE")


KIND = Kind(
    "own-call-backs",
    "have the hotline call a number back by itself, or act as staff by a code",
    attack,
    this_build=True,
)
