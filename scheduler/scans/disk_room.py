"""A nearly full disk raises an alarm with one ticket while it lasts; no call is ever refused for it (R04-1)."""

import shutil

from sqlalchemy.orm import Session

from models.health import findings
from models.states.health import FindingKind
from models.tickets import tickets
from scheduler.scope import Scope

MB = 1_000_000
KINDS = (FindingKind.DISK_NEARLY_FULL,)


def disk_room(scope: Scope) -> int:
    """Returns 1 when free space has just fallen below the policy's limit."""
    room = shutil.disk_usage(scope.home.path).free // MB
    short = room < scope.policy.recording.least_room_mb
    now, subject = scope.clock.now(), str(scope.home.path)[-300:]

    def write(session: Session) -> int:
        new = findings.settle(session, KINDS, {(KINDS[0], subject): None} if short else {}, at=now)
        for finding in new:
            text = f"{finding.kind}: {room} MB, {subject}"
            ticket = tickets.open_fault(session, at=now, policy=scope.policy, language=scope.site.language, text=text)
            finding.ticket_id = ticket.id
        return len(new)

    if short:
        # Logged first, in case the disk no longer takes the row.
        scope.report("disk", f"less than {scope.policy.recording.least_room_mb} MB are left in {subject}")
    return scope.store.write(write)
