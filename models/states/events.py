"""The states of webhooks and of the messages that they send."""

from enum import StrEnum


class WebhookState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    """Nothing is sent; what happens meanwhile is sent after it is resumed."""
    REMOVED = "removed"


class DeliveryState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given-up"
    """After as many tries as the policy allows."""
    CANCELLED = "cancelled"
    """Its webhook was removed first."""
