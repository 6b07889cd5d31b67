"""Rooms, the stays of guests, and waking them."""
