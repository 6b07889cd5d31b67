"""What Asterisk says when it does not carry out a command, or when it cannot be heard at all."""

import orjson


class AriError(Exception):
    """A command was not carried out. `status` is the HTTP status of the answer, 0 when none came."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status} {message}")
        self.status = status


class CommandRefused(AriError):
    """Asterisk would not do it."""


class Gone(CommandRefused):
    """404: the channel, bridge or playback no longer exists; 410 or 412 of a channel that is leaving."""


class Conflict(CommandRefused):
    """409: the id is taken, or the object is not in a state for this."""


class Disconnected(AriError):
    """The connection to Asterisk was lost, or no answer came within the time limit."""

    def __init__(self, message: str = "not connected to Asterisk") -> None:
        super().__init__(0, message)


def error_of(status: int, body: bytes | str) -> AriError:
    """The error an answer of this status stands for."""
    try:
        message = str(orjson.loads(body)["message"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        message = str(body)[:200]
    kind = Gone if status in (404, 410, 412) else Conflict if status == 409 else CommandRefused
    return kind(status, message)
