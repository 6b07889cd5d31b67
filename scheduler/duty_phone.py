"""The only call the scheduler makes itself: it reports that the application, which makes all others, fails (R17-5).

Asterisk rings the monitoring centre and plays the announcement, in the context "fault" of the dialplan, without any
program of ours.
"""

import json
from collections.abc import Collection
from enum import StrEnum

from models.health import findings
from models.instance.home import Home
from models.site import Site
from models.states.health import FindingKind
from scheduler import asterisk
from scheduler.scope import Scope

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
    call = f"endpoint=Local/ring@fault/n&context=fault&extension={about}&priority=1&timeout={_RINGS_AT_MOST_S}"
    try:
        status, said = asterisk.ask(home, site, "POST", f"channels/{name}?{call}")
    except asterisk.NotAnswered as error:
        raise NotRung(str(error)) from error
    if status >= 400 and status != _CONFLICT:
        raise NotRung(f"Asterisk has refused the call: {status} {said}")


def hush(scope: Scope, about: AlarmAbout) -> None:
    """The alarm is over: ends the call about it while it rings. Who has answered hears the announcement to its end."""
    name = scope.ringing.pop(about, None)
    if name is None:
        return
    try:
        status, said = asterisk.ask(scope.home, scope.site, "GET", f"channels/{name}")
        if status == 200 and json.loads(said)["state"] != "Up":
            asterisk.ask(scope.home, scope.site, "DELETE", f"channels/{name}")
    except asterisk.NotAnswered:
        # Then nothing rings.
        return


def report(scope: Scope, kinds: Collection[FindingKind], about: AlarmAbout) -> None:
    """Rings once for each open finding of these kinds, no longer than one is open; if Asterisk cannot, the next look
    tries again."""
    if not scope.store.read(findings.open_of, kinds):
        hush(scope, about)
        return
    waiting = scope.store.read(findings.untold, kinds)
    if not waiting:
        return
    name = f"fault-{waiting[0].ticket_id}"
    try:
        ring(scope.home, scope.site, name, about)
    except NotRung as error:
        scope.report("duty phone", str(error))
    else:
        scope.ringing[about] = name
        scope.store.write(findings.mark_reported, [finding.id for finding in waiting], at=scope.clock.now())
