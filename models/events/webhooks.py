"""Webhooks notify other programs of ticket events: a message is committed with its event and sent until it is taken.

It arrives at least once, under one id; messages about one ticket arrive in order. A message holds no name, number or
text of a customer (R07-8): a program with the right to read these asks for the ticket.
"""

import base64
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from models.database.changes import change, find
from models.errors import MoveRefused
from models.policy.webhooks import Webhooks
from models.states.events import DeliveryState, WebhookState
from models.states.tickets import TicketEventKind, TicketState
from models.tables import FIRST_NUMBER, Delivery, Ticket, Webhook
from models.text.signs import on_one_line

__all__ = ["Delivery", "DeliveryState", "ToSend", "Webhook", "WebhookRefused", "WebhookState"]

ALL = "*"
TEST = "webhook.test"
_SECRET_PREFIX = "whsec_"

# Every event runs this, so it is built once: see `models.database.changes.run`.
_HOOKS = Webhook.metadata.tables["webhooks"]
_LISTENING = select(_HOOKS.c.id, _HOOKS.c.events).where(_HOOKS.c.state != WebhookState.REMOVED)


_OLDER = aliased(Delivery)
_FIRST = ~exists().where(
    _OLDER.webhook_id == Delivery.webhook_id,
    _OLDER.ticket_id == Delivery.ticket_id,
    _OLDER.id < Delivery.id,
    _OLDER.next_at.is_not(None),
)
"""No older message about the same ticket waits for the same webhook."""


class WebhookRefused(MoveRefused):
    """No such webhook, or it is not allowed; the text says why."""


@dataclass(frozen=True)
class ToSend:
    """A message that this process may send until its lease ends; `tries` is the number of this attempt."""

    id: int
    tries: int
    url: str
    secret: str
    message_id: str
    body: str


def add(session: Session, url: str, *, events: Collection[str], by: str, at: datetime) -> Webhook:
    """Adds a webhook with a new secret of 256 bits in the form of Standard Webhooks. Raises WebhookRefused."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or len(url) > 500:
        raise WebhookRefused(
            f"{url} is not a usable address: it must be https://HOST/PATH, without a password in it",
            f"{url} 不是可用的地址：应为 https://主机/路径，其中不含密码",
        )
    if unknown := sorted(set(events) - {*TicketEventKind, ALL}):
        known = ", ".join(TicketEventKind)
        raise WebhookRefused(f"no such event: {', '.join(unknown)}; there are {known}", f"没有这种事件；可用：{known}")
    secret = _SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
    webhook = Webhook(url=url, secret=secret, events=" ".join(sorted(set(events))) or ALL, made_by=by, made_at=at)
    session.add(webhook)
    session.flush()
    return webhook


def move(session: Session, webhook_id: int, to: WebhookState, *, at: datetime) -> Webhook:
    """Pauses, resumes or removes it; removal cancels the waiting messages and erases the secret.

    Raises WebhookRefused when there is none.
    """
    webhook = of(session, webhook_id, lock=True)
    webhook.state = to
    if to is WebhookState.REMOVED:
        webhook.secret = ""
        over = {"state": DeliveryState.CANCELLED, "next_at": None, "ended_at": at}
        waiting = (Delivery.webhook_id == webhook_id, Delivery.next_at.is_not(None))
        change(session, update(Delivery).where(*waiting).values(over))
    session.flush()
    return webhook


def of(session: Session, webhook_id: int, *, lock: bool = False) -> Webhook:
    """Raises WebhookRefused for one that does not exist or was removed."""
    webhook = session.get(Webhook, webhook_id, with_for_update=lock or None, populate_existing=True)
    if webhook is None or webhook.state is WebhookState.REMOVED:
        raise WebhookRefused(f"there is no webhook {webhook_id}", f"没有 webhook {webhook_id}")
    return webhook


def listed(session: Session) -> list[tuple[Webhook, int]]:
    """The webhooks that are not removed, each with the number of waiting messages."""
    waiting = select(func.count()).where(Delivery.webhook_id == Webhook.id, Delivery.next_at.is_not(None))
    found = select(Webhook, waiting.scalar_subquery()).where(Webhook.state != WebhookState.REMOVED)
    return [(webhook, count) for webhook, count in session.execute(found.order_by(Webhook.id))]


def deliveries(session: Session, webhook_id: int, *, limit: int) -> list[Delivery]:
    """The newest first."""
    newest = select(Delivery).where(Delivery.webhook_id == webhook_id).order_by(Delivery.id.desc())
    return list(session.scalars(newest.limit(limit)))


def owe(
    session: Session,
    ticket_id: int,
    kind: TicketEventKind,
    *,
    who: str,
    at: datetime,
    from_state: TicketState | None,
    to_state: TicketState | None,
) -> None:
    """Writes a message for each webhook that wants this event; called in the transaction that writes the event."""
    wanting = [row.id for row in find(session, _LISTENING) if row.events == ALL or kind in row.events.split()]
    if not wanting:
        return
    columns = (Ticket.kind, Ticket.severity, Ticket.source, Ticket.state, Ticket.department, Ticket.assignee)
    row = session.execute(select(*columns).where(Ticket.id == ticket_id)).one()
    data = {"ticket": FIRST_NUMBER + ticket_id, "from": from_state, "to": to_state, "who": who, **row._asdict()}
    for webhook_id in wanting:
        _write(session, webhook_id, f"ticket.{kind}", data, ticket_id=ticket_id, at=at)


def owe_test(session: Session, webhook_id: int, *, at: datetime) -> Delivery:
    """A test message without data. Raises WebhookRefused when there is no such webhook."""
    of(session, webhook_id)
    return _write(session, webhook_id, TEST, {}, ticket_id=None, at=at)


def with_messages_due(session: Session, *, at: datetime) -> list[int]:
    """The webhooks for which `claim` would find something."""
    waiting = exists().where(Delivery.webhook_id == Webhook.id, Delivery.next_at <= at, _FIRST)
    return list(session.scalars(select(Webhook.id).where(Webhook.state == WebhookState.ACTIVE, waiting)))


def claim(session: Session, webhook_id: int, *, at: datetime, policy: Webhooks) -> ToSend | None:
    """Leases the first due message of this webhook; None when there is none.

    A message waits for older ones about the same ticket. One whose sender has died every time is given up.
    """
    first = (
        select(Delivery, Webhook)
        .join(Webhook, Webhook.id == Delivery.webhook_id)
        .where(Delivery.webhook_id == webhook_id, Delivery.next_at <= at, _FIRST)
        .where(Webhook.state == WebhookState.ACTIVE)
        .order_by(Delivery.next_at, Delivery.id)
        .limit(1)
        .with_for_update(of=Delivery, skip_locked=True)
    )
    while (found := session.execute(first).one_or_none()) is not None:
        delivery, webhook = found
        if delivery.tries > len(policy.retry_minutes):
            _give_up(session, delivery, at)
            continue
        delivery.tries += 1
        delivery.next_at = at + timedelta(seconds=policy.lease_s)
        session.flush()
        return ToSend(delivery.id, delivery.tries, webhook.url, webhook.secret, delivery.message_id, delivery.body)
    return None


def settle(
    session: Session, sent: ToSend, *, taken: bool, answer: str, at: datetime, policy: Webhooks
) -> DeliveryState | None:
    """Records the result: delivered, given up, or to be tried again, later each time. None when the lease had ended and
    another process has settled it."""
    delivery = session.get_one(Delivery, sent.id, with_for_update=True, populate_existing=True)
    if delivery.tries != sent.tries or delivery.next_at is None:
        return None
    delivery.answer = on_one_line(answer)[:200]
    if taken:
        delivery.state, delivery.next_at, delivery.ended_at = DeliveryState.DELIVERED, None, at
        change(session, update(Webhook).where(Webhook.id == delivery.webhook_id).values(delivered_at=at))
    elif sent.tries > len(policy.retry_minutes):
        _give_up(session, delivery, at)
    else:
        delivery.next_at = at + timedelta(minutes=policy.retry_minutes[sent.tries - 1])
    session.flush()
    return delivery.state


def failing(session: Session) -> list[Webhook]:
    """The webhooks that have taken no message since one was given up."""
    never = Webhook.delivered_at.is_(None)
    gave_up = Webhook.given_up_at.is_not(None) & (never | (Webhook.delivered_at < Webhook.given_up_at))
    return list(session.scalars(select(Webhook).where(Webhook.state == WebhookState.ACTIVE, gave_up)))


def prune(session: Session, *, before: datetime, limit: int) -> int:
    """Deletes the oldest finished messages, at most `limit` of them. Returns how many."""
    old = select(Delivery.id).where(Delivery.ended_at < before).order_by(Delivery.ended_at).limit(limit)
    ids = session.scalars(old).all()
    if ids:
        session.execute(delete(Delivery).where(Delivery.id.in_(ids)))
    return len(ids)


def _write(
    session: Session, webhook_id: int, type: str, data: dict[str, object], *, ticket_id: int | None, at: datetime
) -> Delivery:
    timestamp = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    body = json.dumps({"type": type, "timestamp": timestamp, "data": data}, ensure_ascii=False)
    # Random: the database may be restored from a backup, but receivers remember the ids they have seen.
    message_id = f"msg_{secrets.token_hex(16)}"
    delivery = Delivery(
        webhook_id=webhook_id, ticket_id=ticket_id, message_id=message_id, type=type, body=body, made_at=at, next_at=at
    )
    session.add(delivery)
    session.flush()
    return delivery


def _give_up(session: Session, delivery: Delivery, at: datetime) -> None:
    delivery.state, delivery.next_at, delivery.ended_at = DeliveryState.GIVEN_UP, None, at
    change(session, update(Webhook).where(Webhook.id == delivery.webhook_id).values(given_up_at=at))
    session.flush()
