"""`hotline token list`, `webhook list` and `deliveries`: programs with access, and what is sent to others."""

from typing import Any

from hotline.terminal.listing import ListView, print_json, print_table
from hotline.terminal.opening import Opened
from models.events import webhooks
from models.people import tokens
from models.tables import FIRST_NUMBER, Delivery, Token, Webhook
from models.text.wording import moment, word

TOKENS = ("name", "may", "staff", "used_at", "revoked_at", "made_at", "made_by")
_TOKEN_MOMENTS = ("used_at", "revoked_at", "made_at")
WEBHOOKS = ("id", "url", "events", "state", "waiting", "delivered_at", "given_up_at", "made_at", "made_by")
DELIVERIES = ("id", "type", "ticket", "state", "tries", "answer", "made_at", "next_at", "ended_at", "message")


def list_tokens(this: Opened, view: ListView) -> None:
    """Raises StoreUnavailable."""
    rows = [_token(token) for token in this.open_store().read(tokens.listed)]
    if view.as_json:
        return print_json(rows)
    texts = [
        {key: str(row[key] or "") for key in TOKENS}
        | {key: moment(row[key], this.site.time_zone) for key in _TOKEN_MOMENTS}
        for row in rows
    ]
    print_table(texts, TOKENS, view.language)


def _token(token: Token) -> dict[str, Any]:
    return {
        "name": token.name,
        "may": token.may,
        "staff": token.staff_number,
        "used_at": token.used_at,
        "revoked_at": token.revoked_at,
        "made_at": token.made_at,
        "made_by": token.made_by,
    }


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
