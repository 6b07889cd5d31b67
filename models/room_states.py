"""The words for a room of the house: whether it is let, and what has been done about it."""

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
