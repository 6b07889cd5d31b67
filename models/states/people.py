"""Which telephones there are, what staff say of their presence, and what a token allows."""

from enum import StrEnum


class PresenceState(StrEnum):
    """What one of the staff has said of himself."""

    ON_DUTY = "on-duty"
    BREAK = "break"


class PhoneKind(StrEnum):
    STAFF = "staff"
    ROOM = "room"


class May(StrEnum):
    """What the holder of a token may do."""

    OPEN = "open"
    """File a matter (R01-4)."""
    FOLLOW = "follow"
    """Ask how a matter stands in the name of a customer, who knows its number and the end of his own."""
    READ = "read"
    NOTE = "note"
    HANDLE = "handle"
    """Move, dispatch, assign, promise, postpone: in the name of one of the staff only (R15-6)."""
    PERSONAL = "personal"
    """Whole names and telephone numbers; each time is logged (R05-9, R08-9)."""
