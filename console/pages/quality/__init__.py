"""Calls listened to and scored (R04)."""
