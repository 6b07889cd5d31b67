"""Recordings: heard where their call or ticket is shown, and drawn."""
