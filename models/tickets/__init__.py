"""Tickets from intake to closing: deadlines, dispatch, promises, tasks and escalation."""
