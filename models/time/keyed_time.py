"""Turns digits keyed on a telephone into a time of day, or into two if morning and evening are possible (R21-9)."""

from datetime import time

LONGEST = 4
_MIDNIGHT = "2400"
_NOON = 12


def times(keys: str) -> tuple[time, ...]:
    """The times that these digits can mean, the earlier one first; none when they are not a time.

    Four digits, and digits that begin with 0, are by the 24-hour clock (0630, 1830). In three digits the first is the
    hour (630); one or two are the hour alone (6, 18). An hour up to 12 may be in the morning or the evening.
    """
    if not keys.isdecimal() or not keys.isascii() or len(keys) > LONGEST:
        return ()
    if keys == _MIDNIGHT:
        return (time(0),)
    hour, minute = (int(keys), 0) if len(keys) <= 2 else (int(keys[:-2]), int(keys[-2:]))
    if hour > 23 or minute > 59:
        return ()
    if len(keys) == LONGEST or keys.startswith("0") or hour > _NOON:
        return (time(hour, minute),)
    return time(hour % _NOON, minute), time(hour % _NOON + _NOON, minute)
