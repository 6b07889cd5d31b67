"""What a token may do, and how far a message to another program has come."""

from enum import StrEnum


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


class WebhookState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    """Nothing is sent; what happens meanwhile is sent when it is resumed."""
    REMOVED = "removed"


class DeliveryState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given-up"
    """Tried as often as the policy says."""
    CANCELLED = "cancelled"
    """Its webhook was removed before."""
