"""The one call the scheduler makes by itself: it is about the application that makes all others (R17-5).

Asterisk rings the monitoring centre and speaks, in the context "fault" of the dialplan, without any program of ours.
"""

import base64
import http.client
from enum import StrEnum

from models.instance.home import Home
from models.instance.secrets import Secrets
from models.site import Site

_WITHIN_S = 5.0
_RINGS_AT_MOST_S = 60
_CONFLICT = 409


class AlarmAbout(StrEnum):
    """What is told, twice: the extension in the context "fault"."""

    LINE = "line"
    """The hotline does not answer properly."""
    CALLS = "calls"
    """Guests are not woken, or urgent calls not made; before what follows, for a guest may be asleep (R21-11)."""
    SCHEDULER = "scheduler"
    """The scheduler stands still: calls may be answered, and nobody is reminded of what is late."""


class NotRung(Exception):
    """Asterisk does not answer, or has refused."""


def ring(home: Home, site: Site, name: str, about: AlarmAbout) -> None:
    """Begins the call and returns; `name` is the call's, so that asking twice rings once. Raises NotRung."""
    connection = http.client.HTTPConnection("127.0.0.1", site.http.port, timeout=_WITHIN_S)
    token = base64.b64encode(f"hotline:{Secrets.load_or_create(home, site).ari_password}".encode()).decode()
    call = f"endpoint=Local/ring@fault/n&context=fault&extension={about}&priority=1&timeout={_RINGS_AT_MOST_S}"
    try:
        connection.request("POST", f"/ari/channels/{name}?{call}", headers={"Authorization": f"Basic {token}"})
        answer = connection.getresponse()
        said = answer.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        raise NotRung(f"Asterisk does not answer: {error}") from error
    finally:
        connection.close()
    if answer.status >= 400 and answer.status != _CONFLICT:
        raise NotRung(f"Asterisk has refused the call: {answer.status} {said}")
