"""Calendars, kinds of days, calling hours, and times of day as people key them."""
