"""*55 from a room: a guest sets, hears, changes and cancels wake-up calls, in the guest's language (R21-9).

Nothing is written until 1 was pressed; the thanks come after the write.
"""

from collections.abc import Callable
from datetime import time, timedelta
from functools import partial
from typing import Any

from ivr.call import Call
from ivr.flows.keyed_time import keyed_time
from ivr.house import House
from models.database.store import StoreUnavailable
from models.guests import wakeup_rows, wakeups
from models.guests.rooms import RoomRefused
from models.guests.wakeup_rows import OrderedBy, WakeupRequest
from models.guests.wakeups import MinuteFull, WakeupHow, WakeupOrder, WakeupRefused
from models.language import language_of
from models.time import calendar
from recordings import speech

ADD, CHANGE, CANCEL = "1", "2", "3"
Step = Callable[..., Any]
"""A verb of the store: `wakeups.cancel`, or that of one day."""
REPEATS = {"3": "1234567", "4": "12345"}
_KEYS = 9
"""An order is chosen by one key."""


async def wakeup_setting(call: Call, house: House) -> bool:
    try:
        if not await _served(call, house):
            await call.play("wakeup-unchanged")
    except RoomRefused:
        await call.play("wakeup-not-let")
    except StoreUnavailable:
        await call.play("feature-unavailable")
    return False


async def _served(call: Call, house: House) -> bool:
    """Whether something was written. Raises RoomRefused when nobody stays in the room."""
    room, orders = await house.read(wakeups.of_guest, call.number, limit=_KEYS)
    call.language = language_of(room.language)
    if not orders:
        return await order(call, house)
    read_out = {str(place): said_back(call, house, one) for place, one in enumerate(orders, 1)}
    numbered = [
        name for key, names in read_out.items() for name in ([*speech.digits(key), *names] if orders[1:] else names)
    ]
    keys = {key: key for key in (ADD, CHANGE, CANCEL)}
    wish = await call.menu("wakeup-list", *numbered, "wakeup-list-choices", choices=keys, otherwise=None)
    if wish == ADD:
        return await order(call, house)
    chosen = await which(call, orders) if wish else None
    if chosen is None:
        return False
    return await (order(call, house, instead_of=chosen) if wish == CHANGE else cancel(call, house, chosen))


async def which(call: Call, orders: list[WakeupOrder]) -> WakeupOrder | None:
    if not orders[1:]:
        return orders[0]
    return await call.menu("wakeup-which", choices={str(n): one for n, one in enumerate(orders, 1)}, otherwise=None)


async def order(call: Call, house: House, instead_of: WakeupOrder | None = None) -> bool:
    """A new order, or one in place of another, which stays until the new one is written."""
    by = OrderedBy(wakeups.ROOM, WakeupHow.ROOM, house.policy.wake_up, house.site.time_zone)
    wanted = await asked(call, house)
    while wanted is not None:
        try:
            at = house.now()
            await house.write(wakeup_rows.write, wanted, by, at=at, instead_of=instead_of)
        except MinuteFull as full:
            wanted = await nearest(call, house, full.free, wanted)
        except WakeupRefused:
            # The time has come meanwhile.
            await call.play("wakeup-past")
            wanted = await asked(call, house)
        else:
            await call.play("wakeup-set")
            return True
    return False


async def asked(call: Call, house: House) -> WakeupRequest | None:
    """The time keyed, read back and confirmed. None: it was not."""
    wanted = await keyed(call, house)
    while wanted is not None:
        words = said_back(call, house, wanted)
        choices = {key: key for key in "1234"}
        key = await call.menu("wakeup-told", *words, "wakeup-confirm", choices=choices, otherwise="")
        if key == "1":
            return wanted
        if key == "2":
            wanted = await keyed(call, house)
        else:
            wanted = WakeupRequest(call.number, wanted.at, None, REPEATS[key]) if key in REPEATS else None
    return None


async def keyed(call: Call, house: House) -> WakeupRequest | None:
    at = await keyed_time(call, house, "wakeup-ask-time")
    return (
        None if at is None else WakeupRequest(call.number, at, wakeups.next_date(at, house.now(), house.site.time_zone))
    )


async def nearest(call: Call, house: House, free: time | None, wanted: WakeupRequest) -> WakeupRequest | None:
    """No more rooms can be rung at that time: the nearest free time, if the guest takes it, or another one keyed."""
    await call.play("wakeup-full")
    if free is None:
        return await asked(call, house)
    zone, on = house.site.time_zone, wanted.on
    if on is not None:
        # A minute before midnight is of the day before.
        due_at = calendar.moment(on, wanted.at, zone)
        days = [on + timedelta(days=away) for away in (-1, 0, 1)]
        on = min(days, key=lambda day: abs(calendar.moment(day, free, zone) - due_at))
    offer = WakeupRequest(call.number, free, on, wanted.weekdays)
    words = said_back(call, house, offer)
    choices = {"1": True, "2": False}
    taken = await call.menu("wakeup-nearest", *words, "wakeup-take-nearest", choices=choices, otherwise=None)
    if taken is None:
        return None
    return offer if taken else await asked(call, house)


async def cancel(call: Call, house: House, chosen: WakeupOrder) -> bool:
    """Of a repeated one the next day alone, or all of it."""
    words = ["wakeup-told", *said_back(call, house, chosen)]
    choices: dict[str, Step | None] = {"1": wakeups.cancel, "2": None}
    if chosen.on_date is None:
        at, zone = house.now(), house.site.time_zone
        day, due_at = await house.read(wakeups.next_of, chosen, at=at, zone=zone)
        words += ["wakeup-next", *speech.moment(due_at.astimezone(zone), at, call.language), "wakeup-cancel-which"]
        choices = {"1": partial(wakeups.cancel_day, day=day, zone=zone), "2": wakeups.cancel, "3": None}
    else:
        words.append("wakeup-cancel")
    step = await call.menu(*words, choices=choices, otherwise=None)
    if step is None:
        return False
    try:
        await house.write(step, chosen.id, by=wakeups.ROOM, at=house.now())
    except WakeupRefused:
        # It is over, or the front desk has cancelled it meanwhile.
        return False
    await call.play("wakeup-cancelled")
    return True


def said_back(call: Call, house: House, one: WakeupRequest | WakeupOrder) -> list[str]:
    """Today or tomorrow, or the weekdays, and the time."""
    at = one.at if isinstance(one, WakeupRequest) else time.fromisoformat(one.at)
    on = one.on if isinstance(one, WakeupRequest) else one.on_date
    if on is None:
        return speech.repeated(at, [int(day) for day in one.weekdays or ()], call.language)
    zone = house.site.time_zone
    return speech.moment(calendar.moment(on, at, zone).astimezone(zone), house.now(), call.language)
