"""Calendars, kinds of days and times of day: what counts as time, and how people write or key it."""
