"""Kinds of telephones, the presence of staff, and the rights of tokens."""

from enum import StrEnum


class PresenceState(StrEnum):
    """The presence that a staff member has dialled."""

    ON_DUTY = "on-duty"
    BREAK = "break"


class PhoneKind(StrEnum):
    STAFF = "staff"
    ROOM = "room"


class May(StrEnum):
    """A right of the holder of a token."""

    OPEN = "open"
    """Open a ticket (R01-4)."""
    FOLLOW = "follow"
    """Ask for the state of a ticket for a customer who knows its number and the end of the phone number."""
    READ = "read"
    NOTE = "note"
    HANDLE = "handle"
    """Move, dispatch, assign, promise, postpone: in the name of one of the staff only (R15-6)."""
    PERSONAL = "personal"
    """See whole names and telephone numbers; every time is logged (R05-9, R08-9)."""
