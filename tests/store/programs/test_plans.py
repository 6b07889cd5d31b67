"""API requests and webhook messages cost the same after ten years as on the first day."""

import inspect
from datetime import datetime, timedelta
from typing import Any

import pytest

from models.database.store import Store
from models.events import webhooks
from models.people import tokens
from models.policy import Policy
from models.states.events import WebhookState
from models.states.people import May
from models.tickets import tickets
from tests.store.api_tickets import a_ticket
from tests.store.history import grow
from tests.store.what_it_reads import Statements, plans, read_whole

pytestmark = pytest.mark.store

FEW, MANY = 100, 20_000
HISTORY = {
    "tokens": "id, name, sha256, may, made_at, made_by, revoked_at :: i, 'old', '' || i, 'open', AT, 'test', AT",
    "tickets": "id, kind, state, source, language, opened_at, policy_version"
    " :: i, 'repair', 'closed', 'app', 'zh', AT, '1'",
    "idempotency_keys": "id, token_id, key, body_sha256, ticket_id, at :: i, i, 'key', 'x', i, AT",
    "webhooks": "id, url, secret, events, state, made_at, made_by :: i, 'https://x', '', '*', 'removed', AT, 'test'",
    "deliveries": "id, webhook_id, ticket_id, message_id, type, body, state, made_at, tries, answer, ended_at"
    " :: i, i, i, 'msg_' || i, 'ticket.moved', '{}', 'delivered', AT, 1, '200', AT",
}
HANDFUL = {"webhooks"}
"""Nobody adds a thousand of them: they may be read as a whole."""


class ApiDay:
    """What a day of API requests and webhook messages reads and writes; remembers the functions used."""

    def __init__(self, store: Store, policy: Policy, now: datetime) -> None:
        self.store, self.policy, self.now = store, policy, now
        self.used: set[Any] = set()

    def read(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        self.used.add(fn)
        return self.store.read(fn, *args, **kwargs)

    def write(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        self.used.add(fn)
        return self.store.write(fn, *args, **kwargs)

    def pass_by(self) -> None:
        now, policy = self.now, self.policy.webhooks
        secret = self.write(tokens.add, "now", may=[May.OPEN], staff_number=None, by="test", at=now)
        token = self.read(tokens.bearer, secret)
        self.write(tokens.used, token.id, at=now)
        hook = self.write(webhooks.add, "https://example.com", events=[], by="test", at=now)
        assert self.read(tokens.asked_before, token.id, "key", b"") is None
        ticket = self.write(a_ticket, self.policy, now)
        self.used.add(webhooks.owe)
        self.write(tokens.remember, token.id, "key", b"", ticket_id=ticket.id, at=now)
        assert self.read(tickets.find_by_end, ticket.number, "7000") is not None
        self.write(webhooks.owe_test, hook.id, at=now)
        assert self.read(webhooks.with_messages_due, at=now) == [hook.id]
        message = self.write(webhooks.claim, hook.id, at=now, policy=policy)
        self.write(webhooks.settle, message, taken=True, answer="200", at=now, policy=policy)
        self.read(webhooks.failing)
        assert self.read(webhooks.listed)[-1][1] == 2
        assert len(self.read(webhooks.deliveries, hook.id, limit=20)) == 3
        self.write(webhooks.of, hook.id)
        self.write(webhooks.prune, before=now - timedelta(days=5000), limit=500)
        self.write(webhooks.move, hook.id, WebhookState.REMOVED, at=now)
        self.write(tokens.revoke, "now", at=now)


@pytest.fixture
def day(staffed: Store, policy: Policy, noon: datetime) -> ApiDay:
    grow(staffed, 1, FEW, HISTORY)
    return ApiDay(staffed, policy, noon)


def test_every_statement_finds_its_rows_by_an_index(store: Store, day: ApiDay) -> None:
    grow(store, FEW, MANY, HISTORY)
    with Statements(store) as sent:
        day.pass_by()
    assert len(sent.statements) > 25
    growing = {table: row for table, row in HISTORY.items() if table not in HANDFUL}
    whole = [(said, plan) for said, plan in plans(store, sent) if read_whole(store, said, plan, growing)]
    assert whole == []


def test_every_function_of_tokens_and_webhooks_is_used_in_the_day(day: ApiDay) -> None:
    day.pass_by()
    asking = {
        function
        for module in (tokens, webhooks)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and "session" in inspect.signature(function).parameters
    }
    assert {one.__qualname__ for one in asking - day.used - {tokens.listed}} == set()
