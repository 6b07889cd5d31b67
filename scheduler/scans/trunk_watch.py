"""Watches the trunks: one that has been away for too long has a ticket while that lasts, and rings the duty phone."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from models.health import findings, trunks
from models.health.findings import Subject
from models.health.trunks import TrunkFailure, TrunkState
from models.instance import asterisk_console, tls
from models.instance.asterisk_console import Contact, NoConsole
from models.site.trunks import Trunk
from models.states.health import FindingKind
from models.tickets import tickets
from scheduler import duty_phone, tls_probe
from scheduler.scope import Scope

KINDS = (FindingKind.TRUNK_DOWN,)
BACK_AGAIN = "the trunk is there again"


def trunk_watch(scope: Scope) -> int:
    """Returns how many trunks are newly reported (R17-5). While Asterisk is down nothing is known; canaries say so."""
    try:
        known, ours = asterisk_console.contacts(scope.home), asterisk_console.registered(scope.home)
        failed = asterisk_console.failed_calls(scope.home)
    except NoConsole as error:
        scope.report("trunks", f"Asterisk's console: {error}")
        return 0
    trusted = tls.trunk_authorities(scope.home) if scope.site.sip.trunk_authority else None
    seen = {trunk.name: wrong_with(trunk, known, ours) for trunk in scope.site.trunks}
    for trunk in scope.site.trunks:
        if seen[trunk.name] is not None and trunk.tls != "off" and not trunk.is_gateway:
            seen[trunk.name] = tls_probe.failure(trunk, trusted) or seen[trunk.name]
    # After a start of Asterisk nothing is known of a trunk until it has been asked: to call it there would
    # make one that has never answered, as where none is connected yet, one that has fallen silent.
    unknown = {name for name, wrong in seen.items() if wrong is None and known.get(name) is Contact.NOT_ASKED}
    new = judge(scope, {name: wrong for name, wrong in seen.items() if name not in unknown}, unknown)
    for name, (at, how) in failed.items():
        moment = datetime.fromtimestamp(at, UTC)
        scope.store.write(trunks.call_failed, name, TrunkFailure(how), at=moment)
    ring(scope)
    return new


def wrong_with(trunk: Trunk, known: Mapping[str, Contact], ours: set[str]) -> TrunkFailure | None:
    """None for a trunk that is there."""
    if trunk.registers and trunk.name not in ours:
        return TrunkFailure.NOT_REGISTERED
    if trunk.is_gateway and trunk.name not in known:
        return TrunkFailure.GATEWAY_GONE
    return TrunkFailure.SILENT if known.get(trunk.name) in (None, Contact.SILENT) else None


def judge(scope: Scope, seen: Mapping[str, TrunkFailure | None], unknown: Collection[str] = ()) -> int:
    """Writes a look; opens a finding with a ticket for each trunk that has been down for too long, and settles those of
    trunks that are back. What is `unknown` stays as it is."""
    now = scope.clock.now()

    def write(session: Session) -> int:
        trunks.look(session, seen, unknown, at=now)
        before = {finding.subject for finding in findings.open_of(session, KINDS)}
        # One that was reported stays so until it is there again, though what is wrong with it may change.
        since = now - timedelta(seconds=scope.policy.trunks.down_after_s)
        gone = {
            row.name: row
            for row in trunks.every(session).values()
            if row.state is TrunkState.DOWN and (row.since <= since or row.name in before)
        }
        found: dict[Subject, int | None] = {(FindingKind.TRUNK_DOWN, name): None for name in gone}
        new = findings.settle(session, KINDS, found, at=now, over=BACK_AGAIN)
        for finding in new:
            text = f"{finding.kind}: {finding.subject}\n{gone[finding.subject].failure}"
            ticket = tickets.open_fault(session, at=now, policy=scope.policy, language=scope.site.language, text=text)
            finding.ticket_id = ticket.id
        return len(new)

    return scope.store.write(write)


def ring(scope: Scope) -> None:
    """Once for each, as soon as Asterisk can."""
    duty_phone.report(scope, KINDS, duty_phone.AlarmAbout.TRUNK)
