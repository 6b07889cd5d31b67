"""Rooms, the stays of guests, and their wake-ups."""
