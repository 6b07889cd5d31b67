"""What `hotline webhook` does: adds an address, shows how it fares, sends it a test, pauses and removes it."""

import time
from typing import Any

from sqlalchemy.orm import Session

from hotline.terminal.listing import ListView, print_json, print_table
from hotline.terminal.opening import Opened, operator
from hotline.terminal.wording import moment, say, word
from models.clock import SystemClock
from models.events import webhooks
from models.states.events import DeliveryState, WebhookState
from models.tables import FIRST_NUMBER, Delivery, Webhook

WEBHOOKS = ("id", "url", "events", "state", "waiting", "delivered_at", "given_up_at", "made_at", "made_by")
DELIVERIES = ("id", "type", "ticket", "state", "tries", "answer", "made_at", "next_at", "ended_at", "message")
_LOOK_EVERY_S = 0.3
_TAKEN_UP_WITHIN_S = 20.0


def add_webhook(this: Opened, url: str, events: list[str]) -> None:
    """Raises WebhookRefused, StoreUnavailable."""
    added = this.open_store().write(webhooks.add, url, events=events, by=operator(), at=SystemClock().now())
    print(added.id, added.secret)


def list_webhooks(this: Opened, view: ListView) -> None:
    """Raises StoreUnavailable."""
    store, zone = this.open_store(), this.site.time_zone
    rows = [_webhook(one, waiting) for one, waiting in store.read(webhooks.listed)]
    if view.as_json:
        return print_json(rows)
    texts = [
        {key: str(row[key] or "") for key in WEBHOOKS}
        | {key: moment(row[key], zone) for key in ("delivered_at", "given_up_at", "made_at")}
        | {"state": word(f"webhook-{row['state']}", view.language)}
        for row in rows
    ]
    print_table(texts, WEBHOOKS, view.language)


def move_webhook(this: Opened, number: int, to: WebhookState) -> None:
    """Raises WebhookRefused, StoreUnavailable."""
    this.open_store().write(webhooks.move, number, to, at=SystemClock().now())
    print(f"webhook {number}: {word(f'webhook-{to}', this.language)}")


def test_webhook(this: Opened, number: int) -> bool:
    """Whether it was taken. Raises WebhookRefused, StoreUnavailable."""
    store, language = this.open_store(), this.language
    asked = store.write(webhooks.owe_test, number, at=SystemClock().now())
    until = time.monotonic() + _TAKEN_UP_WITHIN_S
    while not asked.answer and asked.state is DeliveryState.WAITING and time.monotonic() < until:
        time.sleep(_LOOK_EVERY_S)
        asked = store.read(Session.get_one, Delivery, asked.id)
    if asked.answer:
        print(f"{word(f'delivery-{asked.state}', language)}: {asked.answer}")
    else:
        print(
            say(
                "尚未发送:后台任务在运行吗?(hotline status)消息已保存",
                "not sent yet: does the scheduler run, is it paused? (hotline status) The message is kept",
                language,
            )
        )
    return asked.state is DeliveryState.DELIVERED


def list_deliveries(this: Opened, view: ListView, number: int, limit: int) -> None:
    """Raises StoreUnavailable."""
    rows = [_delivery(one) for one in this.open_store().read(webhooks.deliveries, number, limit=limit)]
    if view.as_json:
        return print_json(rows)
    zone = this.site.time_zone
    texts = [
        {key: str(row[key] or "") for key in DELIVERIES}
        | {key: moment(row[key], zone) for key in ("made_at", "next_at", "ended_at")}
        | {"state": word(f"delivery-{row['state']}", view.language)}
        for row in rows
    ]
    print_table(texts, DELIVERIES, view.language)


def _webhook(one: Webhook, waiting: int) -> dict[str, Any]:
    return {
        "id": one.id,
        "url": one.url,
        "events": one.events,
        "state": one.state.value,
        "waiting": waiting,
        "delivered_at": one.delivered_at,
        "given_up_at": one.given_up_at,
        "made_at": one.made_at,
        "made_by": one.made_by,
    }


def _delivery(one: Delivery) -> dict[str, Any]:
    return {
        "id": one.id,
        "type": one.type,
        "ticket": FIRST_NUMBER + one.ticket_id if one.ticket_id else None,
        "state": one.state.value,
        "tries": one.tries,
        "answer": one.answer,
        "made_at": one.made_at,
        "next_at": one.next_at,
        "ended_at": one.ended_at,
        "message": one.message_id,
    }
