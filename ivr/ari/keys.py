"""One key is one key, also when a telephone sends it twice: in the sound (RFC 4733) and by SIP INFO.

Asterisk accepts INFO from every telephone, and reports both. It does not say which of the two it was, but how long the
key was held: in RFC 4733 that is measured, in INFO it is what the telephone claims, often the same for every key.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ivr.ari.objects import Event

_SLACK = timedelta(milliseconds=40)
"""INFO at the press of a key is ahead of the sound by a packet or two; between two presses lie 40 ms (ITU-T Q.24)."""
_TWO_PRESSES = timedelta(milliseconds=110)
"""From press to press no finger is faster."""
_FORGOTTEN = timedelta(seconds=5)


@dataclass(frozen=True)
class _Key:
    digit: str
    at: datetime
    held: timedelta
    both_came: bool = False

    def is_again(self, first: "_Key") -> bool:
        """It was pressed before the first had been let go of: no finger does that. Two of one length may both be INFO
        of a telephone that claims this length for every key; close together, Asterisk has read one key twice (one that
        comes while it still plays the key before to the other side of a talk)."""
        if self.digit != first.digit or self.at - self.held >= first.at + _SLACK:
            return False
        return self.at - first.at < _TWO_PRESSES if self.held == first.held else not first.both_came


class Keys:
    """The newest key of each channel."""

    def __init__(self) -> None:
        self._newest: dict[str, _Key] = {}

    def has(self, event: Event) -> bool:
        """Whether this `ChannelDtmfReceived` is a key that we have already."""
        key = _Key(
            event["digit"],
            datetime.fromisoformat(event["timestamp"]),
            timedelta(milliseconds=event["duration_ms"]),
        )
        channel_id = event["channel"]["id"]
        self._newest = {id: one for id, one in self._newest.items() if key.at - one.at < _FORGOTTEN}
        first = self._newest.get(channel_id)
        again = first is not None and key.is_again(first)
        if first is not None and again:
            key = replace(key, both_came=first.both_came or key.held != first.held)
        self._newest[channel_id] = key
        return again
