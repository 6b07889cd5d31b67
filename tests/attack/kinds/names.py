"""Spoofed names: a stranger says that he is the carrier, a colleague or a customer; a telephone says it is another."""

import itertools

from phones.raw import RawPhone
from tests.attack.outcome import Kind, Outcome
from tests.attack.world import STRANGER, World

_NAMES = ("carrier", "7001", "1101", "unknown", "anonymous", "hotline", "")
_DIALLED = ("8000", "110", "7001", "1101", "9110", "00442079460000", "16812345", "*90", "s")
_CLAIMED = "13900139017"
_HEADERS = (
    (),
    (f"P-Asserted-Identity: <sip:{_CLAIMED}@ims.example>",),
    (f"Remote-Party-ID: <sip:{_CLAIMED}@ims.example>;party=calling;screen=yes",),
    (f"P-Preferred-Identity: <sip:{_CLAIMED}@ims.example>", "Privacy: none"),
    ("Identity: eyJhbGciOiJFUzI1NiJ9..x;info=<https://ims.example/c.pem>;alg=ES256",),
    ("Diversion: <sip:8000@127.0.0.1>;reason=unconditional",),
)
_PATIENCE_S = 3.0


def attack(world: World, outcome: Outcome) -> None:
    """Each name, dialling each kind of number, with one form of a claimed identity after the other."""
    headers = itertools.cycle(_HEADERS)
    tries = list(itertools.product(_NAMES, _DIALLED))[:: world.some(1, 7)]
    with world.watched(outcome, "a stranger with a false name"):
        for name, dialled in tries:
            with world.outside(STRANGER) as phone:
                calls_as(phone, name, dialled, next(headers), outcome)
    with world.watched(outcome, "a telephone with another's name"):
        for name, dialled in (("7050", "8000"), ("carrier", "110"), ("7001", "7050")):
            calls_as(world.phones["1101"], name, dialled, (), outcome, world.password("1101"))


def calls_as(
    phone: RawPhone, name: str, dialled: str, headers: tuple[str, ...], outcome: Outcome, password: str | None = None
) -> None:
    """No answer at all is a refusal, too."""
    outcome.tried()
    try:
        status = phone.invite(dialled, name=name, headers=headers, rings=_PATIENCE_S, password=password).status
    except AssertionError:
        status = 0
    if 0 < status < 300:
        outcome.gets_in(f"From {name!r} dialled {dialled}: {status}")
        phone.request("BYE")


KIND = Kind("names", "call under a false name: carrier, colleague, customer", attack)
