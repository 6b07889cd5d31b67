"""The manager gets a task when a certificate of ours for TLS ends soon; it ends when there is a newer one."""

from datetime import timedelta

from models.instance import tls
from models.states.health import FindingKind
from models.states.tickets import TaskKind
from scheduler.manager_tasks import owe
from scheduler.scope import Scope

ENDS = "a certificate of this machine ends (restart, or put in a new file)"


def certificate_end(scope: Scope) -> int:
    """Returns how many are newly found to end. Raises StoreUnavailable."""
    ends = {}
    for file in tls.in_use(scope.home, scope.site):
        try:
            end = tls.ends_at(file)
        except tls.NoCertificate as error:
            scope.report(str(file), str(error))
            return 0
        if end - scope.clock.now() < timedelta(days=scope.policy.certificate.warn_days):
            ends[file.name] = end
    return owe(scope, FindingKind.CERTIFICATE_END, TaskKind.CERTIFICATE_END, ENDS, ends)
