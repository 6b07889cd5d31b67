"""Guessed passwords: none is right, who guesses is no longer listened to, and the real telephone goes on."""

import time

from phones.raw import RawPhone
from tests.attack.outcome import Kind, Outcome
from tests.attack.world import World

GUESSER = "127.0.0.5"
_NUMBER = "7001"
_BANNED_WITHIN_S = 20.0
_COMMON = ("7001", "1234", "123456", "password", "admin", "hotline", "asterisk", "", "70017001", "000000", "888888")


def attack(world: World, outcome: Outcome) -> None:
    with world.watched(outcome, "a guess"):
        one_address(world, outcome)
        many_addresses(world, outcome)
        if not world.foreign:
            is_banned(world, outcome)
    if world.phones[_NUMBER].register(world.password(_NUMBER)) != 200:
        outcome.loses(f"telephone {_NUMBER} itself can no longer register")


def one_address(world: World, outcome: Outcome) -> None:
    with RawPhone(_NUMBER, world.server, GUESSER) as phone:
        for number in range(world.some(60, 15)):
            guess(phone, _COMMON[number % len(_COMMON)], outcome)


def is_banned(world: World, outcome: Outcome) -> None:
    """After ten guesses not even the right password is heard from there."""
    banned = "SELECT 1 FROM bans WHERE address = ? AND held_since IS NOT NULL"
    until = time.monotonic() + _BANNED_WITHIN_S
    while not world.rows(banned, GUESSER) and time.monotonic() < until:
        time.sleep(0.2)
    with RawPhone(_NUMBER, world.server, GUESSER) as phone:
        guess(phone, world.password(_NUMBER), outcome)


def many_addresses(world: World, outcome: Outcome) -> None:
    """Each address guesses once, so that only the account shows it."""
    for number in range(world.some(40, 5)):
        with RawPhone(_NUMBER, world.server, f"127.0.1.{number + 1}") as phone:
            guess(phone, _COMMON[number % len(_COMMON)], outcome)


def guess(phone: RawPhone, password: str, outcome: Outcome) -> None:
    """An address that is not answered has not got in."""
    outcome.tried()
    try:
        status = phone.register(password, within_s=1.0)
    except AssertionError:
        return
    if status < 300:
        outcome.gets_in(f"{phone.number} from {phone.address} with the password {password[:8]!r}")


KIND = Kind("guessing", "guess a telephone's password", attack)
