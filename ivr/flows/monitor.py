"""*90: a supervisor listens to a colleague's talk, whispers to her, or joins; logged before each of it (R04-1)."""

import secrets
from datetime import timedelta

from ivr.call import Call
from ivr.house import House
from ivr.listening_in import ListeningIn, TalkOver
from models.calls import monitoring
from models.calls.monitoring import Monitored, Monitoring, NotMonitored
from models.people import people, pins
from recordings import speech

MODES = {"1": Monitoring.LISTEN, "2": Monitoring.WHISPER, "3": Monitoring.JOIN}
END = "0"


async def monitor(call: Call, house: House) -> bool:
    """The supervisor proves who he is, and listens to one talk after the other until he keys no more."""
    staff = await house.read(people.staff, call.number)
    if staff is None or staff.role not in house.policy.monitoring.roles:
        await refused(call, house, NotMonitored.NO_ROLE)
    elif await proves_himself(call, house):
        house.desk.listening.add(call.number)
        try:
            while (talk := await choose(call, house)) is not None:
                try:
                    await listen(call, house, talk)
                except TalkOver:
                    await call.play("monitor-talk-over")
        finally:
            house.desk.listening.discard(call.number)
    return False


async def proves_himself(call: Call, house: House) -> bool:
    """With the PIN: another person may sit at the telephone. Too many wrong ones in a row lock it for a while, however
    often *90 is dialled."""
    pin, rules = house.pins[call.number], house.policy.monitoring
    lock = timedelta(minutes=rules.pin_lock_minutes)
    while await house.read(pins.locked_until, call.number, at=house.now()) is None:
        if secrets.compare_digest(await call.digits("monitor-pin", longest=len(pin)), pin):
            await house.write(pins.right, call.number)
            return True
        await house.write(pins.wrong, call.number, tries=rules.pin_tries, lock=lock, at=house.now())
        await refused(call, house, NotMonitored.WRONG_PIN)
    await refused(call, house, NotMonitored.LOCKED)
    return False


async def choose(call: Call, house: House) -> Monitored | None:
    """A staff number, or `#` for the talk that has lasted longest. None: nothing was keyed."""
    longest, roles = max(len(person.number) for person in house.site.staff), house.policy.monitoring.of_roles
    for _ in range(house.policy.menu.tries):
        while (key := await call.ask("monitor-whom")) is not None:
            number = await call.digits_from(key, longest=longest)
            if not number and key != "#":
                continue
            found = await house.read(monitoring.find, by=call.number, number=number, roles=roles)
            if isinstance(found, Monitored):
                return found
            await refused(call, house, found, number)
    return None


async def listen(call: Call, house: House, talk: Monitored) -> None:
    """Until he has heard enough; raises `TalkOver` when the talk ends before."""
    mode = Monitoring.LISTEN
    at_whose = speech.staff(talk.staff_number)
    try:
        async with ListeningIn(call, call.ari.channel(talk.leg_channel)) as seat:
            while True:
                await house.write(monitoring.begun, talk, mode, by=call.number, at=house.now())
                await seat.stands_up(mode)
                key = await seat.ask(*at_whose, f"monitor-{mode}", wait_s=0)
                if key is None or key not in (*MODES, END):
                    await seat.sits_down()
                    key = await seat.one_of((*MODES, END))
                if key == END:
                    return
                mode, at_whose = MODES[key], []
    finally:
        await house.write(monitoring.ended, talk, by=call.number, at=house.now())


async def refused(call: Call, house: House, why: NotMonitored, whom: str = "") -> None:
    """Written, then announced."""
    await house.write(monitoring.refused, why, by=call.number, whom=whom, at=house.now())
    await call.play(f"monitor-{why}")
