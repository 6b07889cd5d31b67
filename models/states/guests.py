"""The states of rooms, wake-ups and their orders with their legal moves; how a guest was woken."""

from enum import StrEnum


class RoomState(StrEnum):
    FREE = "free"
    LET = "let"
    """At least one guest is checked in."""
    GONE = "not-in-site-file"
    """Free, and no longer in the site file; its history stays."""


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
    """How a wake-up was ordered."""

    ROOM = "room-phone"
    FRONT_DESK = "front-desk"
    IMPORT = "import"


class OrderState(StrEnum):
    ACTIVE = "active"
    OVER = "over"
    """An order for one date whose wake-up has ended."""
    CANCELLED = "cancelled"


ORDER_MOVES: dict[OrderState, frozenset[OrderState]] = {
    OrderState.ACTIVE: frozenset({OrderState.OVER, OrderState.CANCELLED}),
}
"""The legal moves of an order; a state without moves is final."""


class WakeupState(StrEnum):
    PLANNED = "planned"
    CALLING = "calling"
    """The room is rung repeatedly until somebody confirms that the guest is awake."""
    SNOOZED = "snoozed"
    """The guest pressed the key to be called again a little later."""
    OVERDUE = "overdue"
    """A downtime at its time was longer than the policy's grace: staff are called at once, the room is not rung."""
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
"""The legal moves of a wake-up; a state without moves is final."""


class Confirmed(StrEnum):
    """How it is known that the guest is awake; a lifted receiver is no proof."""

    KEY = "key"
    """The guest pressed 1."""
    KNOCK = "knock"
    """One of the staff who was called pressed the key for "the guest is awake"."""
    CODE = "code"
    """*56 and the room, from a staff telephone."""
    COMMAND = "command"


class KnockLevel(StrEnum):
    """The staff who are called when a guest does not wake, in this order (R21-11)."""

    ATTENDANT = "floor-attendant"
    DESK = "front-desk"
    MANAGER = "duty-manager"


class KnockOutcome(StrEnum):
    """How a call to staff about a guest who does not wake ended."""

    AWAKE = "guest-awake"
    ON_MY_WAY = "on-my-way"
    NO_KEY = "no-key"
    NO_ANSWER = "no-answer"
    BUSY = "busy"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    REDIRECTED = "redirected"
    REFUSED = "refused"
    """The gate did not let the call to the mobile out."""
    CALLED_OFF = "called-off"
    """The guest woke, or somebody else went, while this person was being called."""
