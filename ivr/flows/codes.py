"""What the staff may dial at their telephones: *8 picks up (R20-4), *20 on duty, *21 on a break (R05-1), *90 listens to
a talk (R04-1)."""
"""What the staff may dial at their telephones: *8 picks up, *20 on duty, *21 on a break, *30 takes over (R09-6)."""

from collections.abc import Awaitable, Callable

from ivr.call import Call
from ivr.flows.handover import take_over
from ivr.flows.monitor import monitor
from ivr.flows.pickup import pick_up
from ivr.flows.presence import on_break, on_duty
from ivr.house import House

CODES: dict[str, Callable[[Call, House], Awaitable[bool]]] = {
    "*8": pick_up,
    "*20": on_duty,
    "*21": on_break,
    "*90": monitor,
    "*8": pick_up,  # R20-4
    "*20": on_duty,  # R05-1
    "*21": on_break,
    "*30": take_over,
}
"""Each says whether the telephone that has dialled it is now in a caller's conversation; else the call is over."""
