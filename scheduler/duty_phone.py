"""The only call the scheduler makes itself: it reports that the application, which makes all others, fails (R17-5).

Asterisk rings the monitoring centre and plays the announcement, in the context "fault" of the dialplan, without any
program of ours.
"""

import base64
import http.client
from collections.abc import Collection
from enum import StrEnum

from models.health import findings
from models.instance.home import Home
from models.instance.secrets import Secrets
from models.site import Site
from models.states.health import FindingKind
from scheduler.scope import Scope

_WITHIN_S = 5.0
_RINGS_AT_MOST_S = 60
_CONFLICT = 409


class AlarmAbout(StrEnum):
    """What is announced, twice: the extension in the context "fault"."""

    LINE = "line"
    """The hotline does not answer properly."""
    CALLS = "calls"
    """Guests are not woken or urgent calls not made; before `SCHEDULER`, as a guest may oversleep (R21-11)."""
    SCHEDULER = "scheduler"
    """The scheduler stands still: calls are perhaps answered, but nobody is reminded of late tickets."""
    OUTGOING = "outgoing"
    """Many calls leave at night, or are refused: somebody may be calling at our cost."""
    TRUNK = "trunk"
    """A trunk has been away for too long: perhaps no call comes in or goes out."""


class NotRung(Exception):
    """Asterisk does not answer or has refused the call."""


def ring(home: Home, site: Site, name: str, about: AlarmAbout) -> None:
    """Starts the call and returns; `name` is its channel id, so a second request rings nothing. Raises NotRung."""
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


def report(scope: Scope, kinds: Collection[FindingKind], about: AlarmAbout) -> None:
    """Rings once for each open finding of these kinds; if Asterisk cannot, the next look tries again."""
    waiting = scope.store.read(findings.untold, kinds)
    if not waiting:
        return
    try:
        ring(scope.home, scope.site, f"fault-{waiting[0].ticket_id}", about)
    except NotRung as error:
        scope.report("duty phone", str(error))
    else:
        scope.store.write(findings.mark_reported, [finding.id for finding in waiting], at=scope.clock.now())
