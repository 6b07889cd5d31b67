"""What may be dialled at our telephones. By the staff: *8 picks up (R20-4), *20 on duty, *21 on a break (R05-1), *30
takes over from the last shift (R09-6), *56 and the room says that its guest is awake (R21-11), *90 listens to a talk
(R04-1). By guests: *55 sets wake-up calls (R21-9).
"""

from collections.abc import Awaitable, Callable

from ivr.call import Call
from ivr.flows.handover import take_over
from ivr.flows.monitor import monitor
from ivr.flows.pickup import pick_up
from ivr.flows.presence import on_break, on_duty
from ivr.flows.seen_awake import seen_awake
from ivr.flows.wake_up_setting import wake_up_setting
from ivr.house import House

CODES: dict[str, Callable[[Call, House], Awaitable[bool]]] = {
    "*8": pick_up,
    "*20": on_duty,
    "*21": on_break,
    "*30": take_over,
    "*55": wake_up_setting,
    "*56": seen_awake,
    "*90": monitor,
}
"""Each says whether the telephone that has dialled it is now in a caller's conversation; else the call is over."""
