"""Callers and agents who know nothing of the kills: they dial, press keys, wait, hang up, answer, talk."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from phones.baresip import PhoneFault
from phones.instance import LiveHotline
from phones.microphone import Tone
from phones.phone import NothingHappened, Phone

PATIENCE_S = 75.0
"""How long a caller who wants to be served stays; such a caller, too, hangs up in the end."""
_RING_S = 12.0


@dataclass(frozen=True)
class ChaosCaller:
    """What one caller does: `keys` with the seconds before each, then waits this long before hanging up."""

    number: str
    wants: str
    keys: tuple[tuple[float, str], ...]
    stays_s: float = PATIENCE_S


@dataclass
class Fate:
    """What the network knows of a call: whether it was answered, and how it ended."""

    caller: ChaosCaller
    answered: bool = False
    ended: str = ""
    story: str = ""


def caller(seed: int, place: int) -> ChaosCaller:
    """The same seed and place give the same caller. Every caller presses a key before hanging up."""
    dice = random.Random(f"{seed}-{place}")
    number = f"1370{seed % 1000:03}{place:04}"
    first = dice.uniform(0.8, 6)
    wishes = {
        "a person": ((first, "0"),),
        "a repair": ((first, "1"), (dice.uniform(1, 3), "2"), (dice.uniform(1, 3), "#")),
        "help at once": ((first, "1"), (dice.uniform(1, 3), "1")),
        "to complain": ((first, "2"), (dice.uniform(4, 8), "#")),
        "to be called back": ((first, "0"), *((dice.uniform(5, 9), "1") for _ in range(3))),
        "to leave a message": ((first, "0"), *((dice.uniform(5, 9), "2") for _ in range(3)), (8, "#")),
    }
    wants = dice.choice([*wishes, "to hang up"])
    if wants == "to hang up":
        return ChaosCaller(number, wants, wishes["a person"], stays_s=dice.uniform(1.5, 20))
    return ChaosCaller(number, wants, wishes[wants])


@dataclass
class Crowd:
    """Callers one after the other on several telephones at once."""

    hotline: LiveHotline
    fates: list[Fate] = field(default_factory=list)

    def calls(self, callers: list[ChaosCaller], at_once: int, done: Callable[[Fate], None]) -> None:
        """Returns when all have called."""
        waiting, lock = iter(callers), threading.Lock()

        def use(place: int) -> None:
            while True:
                with lock:
                    one = next(waiting, None)
                if one is None:
                    return
                fate = self._call(one, place)
                with lock:
                    self.fates.append(fate)
                    done(fate)

        telephones = [threading.Thread(target=use, args=(place,)) for place in range(at_once)]
        for telephone in telephones:
            telephone.start()
        for telephone in telephones:
            telephone.join()

    def _call(self, one: ChaosCaller, place: int) -> Fate:
        fate = Fate(one)
        with _telephone(self.hotline, one.number, place) as phone:
            phone.dial("8000")
            try:
                phone.wait_answered(_RING_S)
            except NothingHappened:
                phone.hang_up()
                fate.ended = phone.call.why or "not answered"
                return fate
            fate.answered = True
            for pause, key in one.keys:
                if self._ended(phone, pause):
                    break
                phone.press(key)
            if not self._ended(phone, one.stays_s):
                phone.hang_up()
            fate.ended, fate.story = phone.call.why, phone.story()
        return fate

    def _ended(self, phone: Phone, within: float) -> bool:
        """Whether the call ends within this many seconds; if Asterisk died, it will not say so."""
        until = time.monotonic() + within
        began = self.hotline.child("asterisk")["restarts"]
        while time.monotonic() < until:
            if phone.call.ended_at is not None:
                return True
            if self.hotline.child("asterisk")["restarts"] > began:
                phone.hang_up()
                return True
            time.sleep(0.1)
        return False


class Agent(threading.Thread):
    """Answers after a moment, cuts the whisper (or accepts) with 1, talks a while, hangs up; for ever."""

    def __init__(self, hotline: LiveHotline, number: str, seed: int) -> None:
        super().__init__(name=f"agent {number}", daemon=True)
        self._dice = random.Random(f"{seed}-{number}")
        self._phone = hotline.phone(number, Tone(800))
        self._over = threading.Event()

    def stop(self) -> None:
        self._over.set()
        self.join()

    def run(self) -> None:
        seen = 0
        while not self._over.wait(0.1):
            if len(self._phone.calls) == seen:
                continue
            seen = len(self._phone.calls)
            try:
                self._serve()
            except (NothingHappened, PhoneFault):
                continue  # the caller, or Asterisk, was gone first

    def _serve(self) -> None:
        self._over.wait(self._dice.uniform(0.2, 5))
        self._phone.answer()
        self._over.wait(self._dice.uniform(0.5, 2))
        self._phone.press("1")
        self._over.wait(self._dice.uniform(2, 8))
        self._phone.hang_up()


def _telephone(hotline: LiveHotline, number: str, place: int) -> Phone:
    control, rtp = hotline.ports.phone(20 + place)
    server = f"{hotline.site.sip.address}:{hotline.ports.sip}"
    address = hotline.carrier
    folder = hotline.home.path / "phones" / f"caller-{place}"
    return Phone(number, None, server, folder, control, rtp, mic=Tone(1200), address=address)
