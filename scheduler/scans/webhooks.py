"""Other programs are told what they want to hear of (R01-4), each in a thread of its own: a slow one delays no other.

A message is claimed and settled in two transactions, and sent between them: SQLite has one writer, and he may be a
caller. Each try is written before it is made, so a message on which we die is given up some day, and what fails is
tried later and later: this scan needs neither `rows.each`, which is one transaction a row, nor what that pushes back.
"""

import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from models.events import webhooks as hooks
from models.health import findings
from models.health.findings import Subject
from models.states.health import FindingKind
from models.tickets import tickets
from scheduler.post import PostResult, post
from scheduler.scope import Scope

KINDS = (FindingKind.WEBHOOK_FAILS,)
AT_ONCE = 8
"""So many programs are told at the same time."""
IN_A_ROW = 100
"""So many messages one of them gets before we look around."""
LONGEST_S = 20.0
"""So long we go on while there is something to tell; then `hotline status` hears of us again."""
LOOK_S = 0.5
PRUNE = 500


def webhooks(scope: Scope) -> int:
    """Returns how many messages were taken. Raises StoreUnavailable."""
    taken = _tell_all(scope)
    _look_after(scope, scope.clock.now())
    return taken


def _tell_all(scope: Scope) -> int:
    """Looks again while some are being told: news for the others does not wait for the slowest of them."""
    taken, busy, in_trouble = 0, dict[int, Future[tuple[int, bool]]](), set[int]()
    until = time.monotonic() + LONGEST_S
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook") as threads:
        while not scope.stopping.is_set():
            if time.monotonic() < until:
                for webhook_id in scope.store.read(hooks.with_messages_due, at=scope.clock.now()):
                    if webhook_id not in busy and webhook_id not in in_trouble:
                        busy[webhook_id] = threads.submit(_tell, scope, webhook_id)
            if not busy:
                break
            wait(busy.values(), timeout=LOOK_S, return_when=FIRST_COMPLETED)
            for webhook_id in [one for one, telling in busy.items() if telling.done()]:
                told, well = busy.pop(webhook_id).result()
                taken += told
                if not well:
                    in_trouble.add(webhook_id)
    return taken


def _tell(scope: Scope, webhook_id: int) -> tuple[int, bool]:
    """One program, message after message, until it is in trouble. Returns how many it took, and whether it is well."""
    taken, policy = 0, scope.policy.webhooks
    for _ in range(IN_A_ROW):
        now = scope.clock.now()
        message = None if scope.stopping.is_set() else scope.store.write(hooks.claim, webhook_id, at=now, policy=policy)
        if message is None:
            break
        try:
            answer = post(message, at=now, limit_s=policy.timeout_s, stopping=scope.stopping)
        except Exception as error:
            # Whatever it is, it is this message's trouble; those behind it are told all the same.
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
    """What was given up is a finding with a fault ticket, until a message is taken again; what is old is forgotten."""

    def write(session: Session) -> list[findings.Finding]:
        hooks.prune(session, before=now - timedelta(days=scope.policy.webhooks.keep_days), limit=PRUNE)
        # The host is enough: an address may hold a password of the other side's.
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
