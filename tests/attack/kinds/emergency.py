"""Emergency calls get through: in a crowd of calls, with every program of ours dead, while the first trunk fails."""

import time
from contextlib import ExitStack, suppress

from phones.faults import kept_dead
from phones.sip import RINGS_AND_ANSWERS, Reply
from tests.attack.outcome import Kind, Outcome
from tests.attack.world import MOST_CALLS, World

_NUMBERS = ("110", "119", "120", "122")
_WITHIN_S = 6.0
"""Four seconds on a trunk that says nothing, and a little."""
_AT_MOST_S = 60.0
_FAILS = (
    (Reply("503 Service Unavailable"),),
    (Reply("403 Forbidden"),),
    (Reply("404 Not Found"),),
    (Reply("500 Server Internal Error"),),
    (Reply("408 Request Timeout"),),
    (),
)
"""How a trunk fails; the last one says nothing at all."""


def attack(world: World, outcome: Outcome) -> None:
    world.answer_with({})
    phones = ("1101", "7001", "7040")[: world.some(3, 1)]
    numbers = _NUMBERS[: world.some(4, 1)]
    for carrier in world.carriers:
        carrier.when_rung = RINGS_AND_ANSWERS
    with ExitStack() as crowd:
        for number in range(MOST_CALLS + 3):
            caller = crowd.enter_context(world.outside(number=f"139001390{number:02}"))
            # One too many is refused, or told so.
            with suppress(AssertionError):
                caller.invite("8000", rings=5)
        calls(world, outcome, phones[0], numbers[0], "with as many calls as may come in", settles=False)
    world.settled()
    with ExitStack() as dead:
        for name in ("ivr", "scheduler", "fallback", "console"):
            dead.enter_context(kept_dead(world.hotline, name))
        for phone in phones:
            for number in numbers:
                calls(world, outcome, phone, number, "with every program dead")
        for fails in _FAILS if world.large else (_FAILS[0], _FAILS[-1]):
            world.carriers[0].when_rung = fails
            what = f"while the first trunk answers {fails[0].status if fails else 'nothing'}"
            calls(world, outcome, phones[0], "110", what)


def calls(world: World, outcome: Outcome, phone: str, number: str, what: str, *, settles: bool = True) -> None:
    """The call is answered by the carrier within the time, and nobody else takes it."""
    outcome.tried()
    telephone, began = world.phones[phone], time.monotonic()
    before = [len(carrier.rung) for carrier in world.carriers]
    try:
        status = telephone.invite(number, password=world.password(phone), rings=60).status
    except AssertionError:
        status = 0
    # The caller is connected at once, whether a trunk answers or not.
    while not _taken(world, before, number) and time.monotonic() - began < _AT_MOST_S:
        time.sleep(0.05)
    took = time.monotonic() - began
    dialled = [m.first.split()[1] for c, b in zip(world.carriers, before, strict=True) for m in c.rung[b:]]
    if status != 200 or not _taken(world, before, number):
        outcome.loses(f"{number} from {phone} {what}: {status}, dialled at the carrier: {dialled}")
    elif took > _WITHIN_S:
        outcome.loses(f"{number} from {phone} {what}: only after {took:.0f} s")
    if status == 200:
        telephone.request("BYE")
    if settles:
        world.settled(10)


KIND = Kind("emergency", "stop an emergency call", attack)


def _taken(world: World, before: list[int], number: str) -> bool:
    """Whether a carrier that answers its calls has been rung for this number."""
    return any(
        m.first.split()[1].startswith(f"sip:{number}@")
        for carrier, rung in zip(world.carriers, before, strict=True)
        for m in carrier.rung[rung:]
        if carrier.when_rung and carrier.when_rung[-1].status.startswith("2")
    )
