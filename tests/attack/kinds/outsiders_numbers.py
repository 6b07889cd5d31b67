"""Numbers that an outsider names on a form or by the display are not dialled: premium, abroad, service, emergency."""

import time

from models.tables import FIRST_NUMBER
from tests.attack.api import ROOT, ask, token
from tests.attack.outcome import Kind, Outcome
from tests.attack.ways import call_back, call_backs, give_up
from tests.attack.world import World

NAMED = (
    "16812345",
    "16096900",
    "125901234",
    "1795113800138000",
    "95588",
    "10086",
    "00442079460000",
    "+442079460000",
    "+85221234567",
    "+1900123456",
    "110",
    "119",
    "9110",
    "0110",
    "8001",
    "12345678",
    "02116812345",
)
_CUSTOMER = "13912340001"
"""A mobile, which may be called once: without it nothing would be proved."""
_CALLED_WITHIN_S = 45.0


def attack(world: World, outcome: Outcome) -> None:
    named = NAMED if world.large else NAMED[::4]
    world.answer_with({})
    # A run of refusals is an alarm, which rings staff.
    anybody, talks = tuple(world.phones), 5 * len(named) + 20
    with world.watched(outcome, "a number on a form", may_leave=(_CUSTOMER,) * 2, may_ring=anybody, calls=talks):
        on_a_form(world, outcome, named)
    with world.watched(outcome, "a number on the display", may_ring=anybody, calls=talks):
        on_the_display(world, outcome, named)
        answer_the_alarm(world, token(world, "attack-alarm", "read", "handle", staff="7001"))


def on_a_form(world: World, outcome: Outcome, named: tuple[str, ...]) -> None:
    """Each number reports a repair, which is done: the customer is asked by a call whether all is well (R07-5)."""
    form = token(world, "attack-form", "open")
    desk = token(world, "attack-desk", "read", "handle", staff="7001")
    before = len(world.carrier.rung)
    for number in (*named, _CUSTOMER):
        outcome.tried()
        opened = ask(world, "POST", f"{ROOT}/tickets", form, {
            "kind": "repair", "source": "web", "contact_name": "王", "contact_number": number,
            "problem": "漏水", "need": "上门",
        }, headers={"Idempotency-Key": f"attack-{number}"})  # fmt: skip
        if opened.status == 201:
            ticket = opened.body["number"]
            moved = ask(world, "POST", f"{ROOT}/tickets/{ticket}/moves", desk, {"to": "done", "told": True})
            if moved.status != 200:
                outcome.loses(f"a ticket that is done: {moved.status} {moved.text[:200]}")
        elif number == _CUSTOMER:
            outcome.loses(f"a customer's ticket: {opened.status} {opened.text[:200]}")
    until = time.monotonic() + _CALLED_WITHIN_S
    while time.monotonic() < until and not any(_CUSTOMER in m.first for m in world.carrier.rung[before:]):
        time.sleep(0.2)
    if not any(_CUSTOMER in m.first for m in world.carrier.rung[before:]):
        outcome.loses("the customer with a mobile was not called, so nothing is proved")
    # The numbers named before the customer's came up before it.
    world.settled()


def on_the_display(world: World, outcome: Outcome, named: tuple[str, ...]) -> None:
    """Each number calls and gives up, so that a call back is owed; then a colleague wants to make it."""
    world.answer_with({})
    for number in named:
        outcome.tried()
        give_up(world, number)
    owed = [task for number in named for task in call_backs(world, number)]
    for task in owed[: world.some(6, 2)]:
        outcome.tried()
        call_back(world, task)


def answer_the_alarm(world: World, desk: str) -> None:
    """Somebody takes the ticket about the many refusals: its ladder would go on ringing staff while others attack."""
    for (fault,) in world.rows("SELECT id FROM tickets WHERE kind = 'fault' AND state = 'new'"):
        ask(world, "POST", f"{ROOT}/tickets/{FIRST_NUMBER + fault}/moves", desk, {"to": "accepted"})


KIND = Kind("outsiders-numbers", "have a number called that an outsider names", attack)
