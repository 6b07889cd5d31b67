"""How far a message to another program has come."""

from enum import StrEnum


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
