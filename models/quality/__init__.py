"""Calls are listened to and scored (R04-1); service improves by what was found (R04-2)."""
