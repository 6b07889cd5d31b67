"""One key is one key, also when a telephone sends it twice: in the sound (RFC 4733) and by SIP INFO.

Asterisk accepts INFO from every telephone, and reports both. It does not say which of the two it was, but how long the
key was held: in RFC 4733 that is measured, in INFO it is what the telephone claims, often the same for every key.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.ari.objects import Event

_SLACK = timedelta(milliseconds=20)
"""One packet of sound; between two presses of one key lie at least 40 ms (ITU-T Q.24)."""
_TWO_PRESSES = timedelta(milliseconds=110)
"""From press to press no finger is faster."""
_FORGOTTEN = timedelta(seconds=5)


@dataclass(frozen=True)
class _Key:
    digit: str
    at: datetime
    held: timedelta

    def is_twin_of(self, first: "_Key") -> bool:
        """It was pressed before the first had been let go of: no finger does that. Two of one length may both be INFO
        of a telephone that claims this length for every key."""
        if self.digit != first.digit:
            return False
        claimed = self.held == first.held and self.at - first.at >= _TWO_PRESSES
        return self.at - self.held < first.at + _SLACK and not claimed


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
        first = self._newest.pop(event["channel"]["id"], None)
        if first is not None and key.is_twin_of(first):
            return True
        self._newest = {id: one for id, one in self._newest.items() if key.at - one.at < _FORGOTTEN}
        self._newest[event["channel"]["id"]] = key
        return False
