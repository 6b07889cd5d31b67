"""Sends other programs the events they subscribed to (R01-4), each in its own thread: a slow program delays no other.

A message is claimed in one transaction, sent, and settled in another: SQLite has one writer, and a call may be waiting
for it. Each try is written before it is made, so a message that kills this process is given up some day, and failures
are retried at growing intervals. So this scan needs neither `rows.each` (one transaction a row) nor its push-back.
"""

import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from models.events import webhooks as hooks
from models.events.destinations import Destinations
from models.health import findings
from models.health.findings import Subject
from models.states.health import FindingKind
from models.tickets import tickets
from scheduler.post import PostResult, post
from scheduler.scope import Scope

KINDS = (FindingKind.WEBHOOK_FAILS,)
AT_ONCE = 8
"""Programs served at the same time."""
IN_A_ROW = 100
"""Messages that one program gets in a row before the others are looked at again."""
LONGEST_S = 20.0
"""The longest run while messages are due; after it `hotline status` sees that the scan is alive."""
LOOK_S = 0.5
PRUNE = 500


def webhooks(scope: Scope) -> int:
    """Returns how many messages were accepted. Raises StoreUnavailable."""
    taken = _send_all(scope)
    _look_after(scope, scope.clock.now())
    return taken


def _send_all(scope: Scope) -> int:
    """Looks for new messages while others are being sent: no program waits for the slowest one."""
    taken, busy, in_trouble = 0, dict[int, Future[tuple[int, bool]]](), set[int]()
    until = time.monotonic() + LONGEST_S
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook") as threads:
        while not scope.stopping.is_set():
            if time.monotonic() < until:
                for webhook_id in scope.store.read(hooks.with_messages_due, at=scope.clock.now()):
                    if webhook_id not in busy and webhook_id not in in_trouble:
                        busy[webhook_id] = threads.submit(_send, scope, webhook_id)
            if not busy:
                break
            wait(busy.values(), timeout=LOOK_S, return_when=FIRST_COMPLETED)
            for webhook_id in [one for one, sending in busy.items() if sending.done()]:
                accepted, well = busy.pop(webhook_id).result()
                taken += accepted
                if not well:
                    in_trouble.add(webhook_id)
    return taken


def _send(scope: Scope, webhook_id: int) -> tuple[int, bool]:
    """Sends one program its messages until it has trouble. Returns how many it accepted, and whether it is well."""
    taken, policy = 0, scope.policy.webhooks
    for _ in range(IN_A_ROW):
        now = scope.clock.now()
        message = None if scope.stopping.is_set() else scope.store.write(hooks.claim, webhook_id, at=now, policy=policy)
        if message is None:
            break
        try:
            to = Destinations(scope.site.webhooks.inside)
            answer = post(message, to, at=now, limit_s=policy.timeout_s, stopping=scope.stopping)
        except Exception as error:
            # Whatever it is, it concerns this message only; those behind it are still sent.
            answer = PostResult(taken=False, elsewhere=False, text=f"{type(error).__name__}: {error}")
        if answer is None:
            break
        scope.store.write(
            hooks.settle, message, taken=answer.taken, answer=answer.text, at=scope.clock.now(), policy=policy
        )
        taken += answer.taken
        if answer.elsewhere:
            return taken, False
    return taken, True


def _look_after(scope: Scope, now: datetime) -> None:
    """A program whose message was given up is a finding with a fault ticket until it accepts one; old messages go."""

    def write(session: Session) -> list[findings.Finding]:
        hooks.prune(session, before=now - timedelta(days=scope.policy.webhooks.keep_days), limit=PRUNE)
        # The host only: the rest of the address may contain a password of the other side.
        found: dict[Subject, int | None] = {
            (KINDS[0], f"webhook {one.id}, {urlsplit(one.url).hostname}"): None for one in hooks.failing(session)
        }
        new = findings.settle(session, KINDS, found, at=now)
        for finding in new:
            text = f"{finding.kind}: {finding.subject}"
            ticket = tickets.open_fault(session, at=now, policy=scope.policy, language=scope.site.language, text=text)
            finding.ticket_id = ticket.id
        return new

    for finding in scope.store.write(write):
        scope.report(finding.subject, finding.kind.value)
