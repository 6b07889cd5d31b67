"""Numbers that an outsider names on a form or by the display are not dialled: premium, abroad, service, emergency."""

import threading
import time
from contextlib import suppress

from phones.raw import RINGS_AND_ANSWERS
from tests.attack.api import ROOT, ask, token
from tests.attack.outcome import Kind, Outcome
from tests.attack.world import World

_NAMED = (
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
    named = _NAMED if world.large else _NAMED[::4]
    world.answer_with({})
    with world.watched(outcome, "a number on a form", may_leave=(_CUSTOMER,), calls=len(named) + 1):
        on_a_form(world, outcome, named)
    with world.watched(outcome, "a number on the display", calls=2 * len(named), may_ring=tuple(world.phones)):
        on_the_display(world, outcome, named)


def on_a_form(world: World, outcome: Outcome, named: tuple[str, ...]) -> None:
    """Each number reports a repair, which is done: the customer is asked by a call whether all is well (R07-5)."""
    form = token(world, "attack-form", "open")
    desk = token(world, "attack-desk", "read", "handle", staff="7020")
    before = len(world.carrier.rung)
    for number in (*named, _CUSTOMER):
        outcome.tried()
        opened = ask(world, "POST", f"{ROOT}/tickets", form, {
            "kind": "repair", "source": "web", "contact_name": "王", "contact_number": number,
            "problem": "漏水", "need": "上门",
        }, headers={"Idempotency-Key": f"attack-{number}"})  # fmt: skip
        if opened.status == 201:
            ticket = opened.body["number"]
            ask(world, "POST", f"{ROOT}/tickets/{ticket}/moves", desk, {"to": "done", "told": True})
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
        with world.outside(number=number) as caller:
            caller.invite("8003")
        world.settled(15)
    owed = world.rows("SELECT id FROM tasks WHERE state = 'open' AND kind = 'call-back' ORDER BY id DESC")
    for (task,) in owed[: world.some(6, 2)]:
        outcome.tried()
        call_back(world, task)


def call_back(world: World, task: int) -> None:
    """Agent 7001 makes it, and agrees to it by key when the telephone rings."""
    agent = world.phones["7001"]
    world.answer_with({"7001": RINGS_AND_ANSWERS})
    making = threading.Thread(target=world.command, args=("call-back", str(task), "--staff", "7001"), daemon=True)
    rung, left = len(agent.rung), len(world.carrier.rung)
    making.start()
    while making.is_alive() and len(world.carrier.rung) == left:
        if len(agent.rung) > rung and agent.dialog is not None and not agent.dialog.ended:
            with suppress(AssertionError):
                agent.press("1")
        making.join(0.5)
    if agent.dialog is not None and not agent.dialog.ended:
        agent.request("BYE")
    making.join(60)


KIND = Kind("outsiders-numbers", "have a number called that an outsider names", attack)
