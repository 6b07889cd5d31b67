"""What a room and a wake-up may be, how a guest was woken, and the moves that they may make."""

from enum import StrEnum


class RoomState(StrEnum):
    FREE = "free"
    LET = "let"
    """At least one guest is checked in."""
    GONE = "not-in-site-file"
    """Free, and no telephone of the site file any more; its history stays."""


ROOM_MOVES: dict[RoomState, frozenset[RoomState]] = {
    RoomState.FREE: frozenset({RoomState.LET, RoomState.GONE}),
    RoomState.LET: frozenset({RoomState.FREE}),
    RoomState.GONE: frozenset({RoomState.FREE}),
}


class RoomEventKind(StrEnum):
    CHECKED_IN = "checked-in"
    CHECKED_OUT = "checked-out"
    LANGUAGE = "language"
    DO_NOT_DISTURB = "do-not-disturb"
    MAY_DISTURB = "may-disturb"


class WakeupHow(StrEnum):
    """By what way a wake-up was ordered."""

    ROOM = "room-phone"
    FRONT_DESK = "front-desk"
    IMPORT = "import"


class OrderState(StrEnum):
    ACTIVE = "active"
    OVER = "over"
    """Of one date, and its wake-up has ended."""
    CANCELLED = "cancelled"


ORDER_MOVES: dict[OrderState, frozenset[OrderState]] = {
    OrderState.ACTIVE: frozenset({OrderState.OVER, OrderState.CANCELLED}),
}
"""From where an order may go where; what is not listed here is an ending."""


class WakeupState(StrEnum):
    PLANNED = "planned"
    CALLING = "calling"
    """His telephone rings, again and again, until somebody confirms that he is awake."""
    SNOOZED = "snoozed"
    """He has asked by key to be called again a little later."""
    OVERDUE = "overdue"
    """We were down over its time for longer than the policy's grace: people are told at once, the room is not rung."""
    AWAKE = "awake"
    CANCELLED = "cancelled"


_S = WakeupState


_OVER = frozenset({_S.AWAKE, _S.CANCELLED})


WAKEUP_MOVES: dict[WakeupState, frozenset[WakeupState]] = {
    _S.PLANNED: frozenset({_S.CALLING, _S.OVERDUE}) | _OVER,
    _S.CALLING: frozenset({_S.SNOOZED}) | _OVER,
    _S.SNOOZED: frozenset({_S.CALLING, _S.OVERDUE}) | _OVER,
    _S.OVERDUE: _OVER,
}
"""From where a wake-up may go where; what is not listed here is an ending."""


class Confirmed(StrEnum):
    """How it is known that the guest is awake: a receiver that was lifted is no proof."""

    KEY = "key"
    """He has pressed 1."""
    KNOCK = "knock"
    """Whoever was called about it has pressed the key for "the guest is awake"."""
    CODE = "code"
    """*56 and the room, from a telephone of the staff."""
    COMMAND = "command"


class KnockLevel(StrEnum):
    """Who is called when a guest does not wake, in this order (R21-11)."""

    ATTENDANT = "floor-attendant"
    DESK = "front-desk"
    MANAGER = "duty-manager"


class KnockOutcome(StrEnum):
    """How a call to one of the staff about a guest who does not wake has ended."""

    AWAKE = "guest-awake"
    ON_MY_WAY = "on-my-way"
    NO_KEY = "no-key"
    NO_ANSWER = "no-answer"
    BUSY = "busy"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    CALLED_OFF = "called-off"
    """The guest was awake, or somebody on his way, while he was being called."""
