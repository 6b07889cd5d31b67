"""Webhooks are sent over real HTTP: signed, in order, again until taken; a slow receiver delays no other."""

import base64
import hashlib
import hmac
import importlib
import multiprocessing
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database.store import Store
from models.events import webhooks
from models.events.destinations import Destinations
from models.health import findings
from models.policy import Policy
from models.states.events import DeliveryState, WebhookState
from models.states.health import FindingKind
from models.states.tickets import Source, TicketKind, TicketState
from models.tables import Delivery, Ticket, Webhook
from models.tickets import intake, tickets
from models.tickets.intake import Facts
from scheduler.post import post
from scheduler.scans.webhooks import webhooks as send
from scheduler.scope import Scope
from tests.console.conftest import NOON, Clock, Receiver
from tests.store.killed import scan_until_killed

pytestmark = pytest.mark.console

OPENED, MOVED = "ticket.opened", "ticket.moved"
AFTER_IT_WAS_SENT = 3
"""The step of the scan at which it is killed: 1 and 2 before and after the claim, 3 before the result is written."""

FACTS = Facts("李秀兰", "13700137000", "no water", "water")

Start = Callable[[], Receiver]


def hook(store: Store, receiver: Receiver, *events: str) -> Webhook:
    return store.write(webhooks.add, receiver.url, events=events, by="test", at=NOON)


def happens(scope: Scope, number: int = 1, *states: TicketState) -> None:
    """Opens `number` tickets and moves each to these states."""

    def write(session: Session) -> None:
        request: dict[str, Any] = {"kind": TicketKind.REPAIR, "source": Source.WEB, "facts": FACTS, "language": "zh"}
        by: dict[str, Any] = {"who": "7001", "at": scope.clock.now()}
        for _ in range(number):
            ticket = intake.new(session, policy=scope.policy, **request, **by)
            for state in states:
                tickets.move(session, ticket.id, to=state, **by)

    scope.store.write(write)


def sent(store: Store, webhook_id: int = 1) -> list[tuple[DeliveryState, int, str]]:
    """State, tries and answer of each message, the oldest first."""
    found = store.read(webhooks.deliveries, webhook_id, limit=100)
    return [(one.state, one.tries, one.answer) for one in reversed(found)]


def test_the_events_of_a_ticket_are_sent_in_order_signed_and_without_a_word_of_the_customer(
    scope: Scope, store: Store, receivers: Start
) -> None:
    """R01-4, R07-8: the signature is recomputed by the specification (Standard Webhooks 1.0.0)."""
    receiver = receivers()
    secret = hook(store, receiver).secret
    happens(scope, 1, TicketState.ACCEPTED, TicketState.DONE)
    assert send(scope) == 4
    assert receiver.events == [(OPENED, 1001), ("ticket.received", 1001), (MOVED, 1001), (MOVED, 1001)]
    assert len({one.id for one in receiver.got}) == 4
    key = base64.b64decode(secret.removeprefix("whsec_"))
    for one in receiver.got:
        signed = f"{one.id}.{one.headers['webhook-timestamp']}.".encode() + one.body
        digest = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        assert one.headers["webhook-signature"] == f"v1,{digest}"
        assert one.headers["webhook-timestamp"] == str(int(NOON.timestamp()))
        assert "李秀兰".encode() not in one.body
        assert b"13700137000" not in one.body
        assert b"water" not in one.body
    assert send(scope) == 0
    assert sent(store) == [(DeliveryState.DELIVERED, 1, "200")] * 4


def test_each_webhook_gets_the_events_it_asked_for_and_none_while_paused_or_removed(
    scope: Scope, store: Store, receivers: Start
) -> None:
    first, second = receivers(), receivers()
    hook(store, first, "moved")
    two = hook(store, second, "opened")
    store.write(webhooks.move, two.id, WebhookState.PAUSED, at=NOON)
    happens(scope, 1, TicketState.ACCEPTED)
    send(scope)
    assert (first.events, second.events) == ([(MOVED, 1001)], [])
    store.write(webhooks.move, two.id, WebhookState.ACTIVE, at=NOON)
    send(scope)
    assert second.events == [(OPENED, 1001)], "no message is lost while the webhook is paused"
    happens(scope)
    store.write(webhooks.move, two.id, WebhookState.REMOVED, at=NOON)
    happens(scope)
    send(scope)
    assert len(second.events) == 1
    assert [state for state, *_ in sent(store, two.id)] == [DeliveryState.DELIVERED, DeliveryState.CANCELLED]


def test_a_failed_message_is_sent_again_under_the_same_id_and_delays_only_its_own_ticket(
    scope: Scope, store: Store, receivers: Start, clock: Clock
) -> None:
    receiver = receivers()
    hook(store, receiver, "opened", "moved")
    receiver.answers = [400]
    happens(scope, 2, TicketState.ACCEPTED)
    assert send(scope) == 2
    assert receiver.events == [(OPENED, 1001), (OPENED, 1002), (MOVED, 1002)]
    clock.forward(seconds=59)
    assert send(scope) == 0
    clock.forward(seconds=1)
    assert send(scope) == 2
    assert receiver.events[3:] == [(OPENED, 1001), (MOVED, 1001)]
    first, again = receiver.got[0], receiver.got[3]
    assert (first.id, first.body) == (again.id, again.body)
    assert int(again.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 60
    assert first.headers["webhook-signature"] != again.headers["webhook-signature"], "each try is signed anew"


def test_a_failing_address_is_not_tried_again_before_the_next_scan(
    scope: Scope, store: Store, receivers: Start, clock: Clock
) -> None:
    receiver = receivers()
    hook(store, receiver, "opened")
    happens(scope, 3)
    receiver.answers = [503, 302]
    assert send(scope) == 0
    assert len(receiver.got) == 1
    assert send(scope) == 1, "a redirect is not followed and fails that message only"
    assert {one.path for one in receiver.got} == {"/hook"}
    clock.forward(minutes=1)
    assert send(scope) == 2
    assert sorted(answer for *_, answer in sent(store)) == ["200", "200", "200"]


def test_a_slow_receiver_delays_no_other(scope: Scope, store: Store, receivers: Start) -> None:
    """It does not answer within the time limit; messages for the other receiver are sent at once meanwhile."""
    slow, quick = receivers(), receivers()
    slow.sleeps = 1.5
    for receiver in (slow, quick):
        hook(store, receiver, "opened")
    happens(scope, 5)
    sending = threading.Thread(target=send, args=(scope,))
    began = time.monotonic()
    sending.start()
    until(lambda: len(quick.got) == 5)
    happens(scope)
    until(lambda: len(quick.got) == 6)
    assert sending.is_alive(), "the slow receiver has not answered yet"
    sending.join()
    assert time.monotonic() - began < 10
    assert sent(store)[0] == (DeliveryState.WAITING, 1, "no answer within 1 s")


def test_a_receiver_that_trickles_its_answer_gets_no_more_time(scope: Scope, store: Store) -> None:
    """Each byte comes in time, the whole answer does not."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def trickle() -> None:
            connection, _ = listening.accept()
            with connection:
                for _ in range(20):
                    try:
                        connection.send(b"H")
                    except OSError:
                        return
                    time.sleep(0.2)

        receiver = Receiver(port=listening.getsockname()[1])
        hook(store, receiver, "opened")
        happens(scope)
        thread = threading.Thread(target=trickle)
        thread.start()
        began = time.monotonic()
        assert send(scope) == 0
        assert time.monotonic() - began < 3
        thread.join()
    assert sent(store)[0] == (DeliveryState.WAITING, 1, "no answer within 1 s")


def test_a_message_never_taken_is_given_up_after_the_policys_tries_and_is_a_fault_until_one_is_taken(
    scope: Scope, store: Store, policy: Policy, receivers: Start, clock: Clock
) -> None:
    """R01-4: seven more tries at growing pauses, over more than a day; then there is a fault ticket."""
    receiver = receivers()
    hook(store, receiver, "opened")
    receiver.answers = [500] * 8
    happens(scope)
    waits = policy.webhooks.retry_minutes
    for number, minutes in enumerate(waits):
        send(scope)
        assert len(receiver.got) == number + 1
        assert store.read(findings.still_open, limit=5) == []
        clock.forward(minutes=minutes)
    send(scope)
    assert sent(store)[0] == (DeliveryState.GIVEN_UP, 8, "500")
    assert len({one.id for one in receiver.got[:8]}) == 1
    (finding,) = store.read(findings.still_open, limit=5)
    assert (finding.kind, finding.subject) == (FindingKind.WEBHOOK_FAILS, "webhook 1, 127.0.0.1")
    fault = store.read(lambda session: session.get_one(Ticket, finding.ticket_id))
    assert fault.kind is TicketKind.FAULT
    send(scope)  # sends the opening of the fault, too
    send(scope)
    assert store.read(findings.still_open, limit=5) == []
    assert receiver.events[8:] == [(OPENED, fault.number)]


def test_a_scan_killed_after_sending_sends_the_message_again_under_the_same_id(
    scope: Scope, store: Store, receivers: Start, clock: Clock
) -> None:
    """At least once; by the id the receiver sees that it is the same message."""
    receiver = receivers()
    hook(store, receiver, "opened")
    happens(scope)
    url = store.engine.url.render_as_string(hide_password=False)
    arguments = (url, scope.home.path, clock.now(), send.__name__, AFTER_IT_WAS_SENT)
    process = multiprocessing.get_context("spawn").Process(target=scan_until_killed, args=arguments)
    process.start()
    process.join(60)
    assert process.exitcode == -9
    assert len(receiver.got) == 1
    assert sent(store) == [(DeliveryState.WAITING, 1, "")]
    assert send(scope) == 0, "the first sender may still be alive"
    clock.forward(minutes=1, seconds=1)
    assert send(scope) == 1
    assert receiver.got[0].id == receiver.got[1].id
    assert receiver.got[0].body == receiver.got[1].body
    assert sent(store) == [(DeliveryState.DELIVERED, 2, "200")]


def test_a_scheduler_that_must_stop_waits_for_no_answer(
    scope: Scope, store: Store, receivers: Start, clock: Clock
) -> None:
    receiver = receivers()
    receiver.sleeps = 0.8
    hook(store, receiver, "opened")
    happens(scope)
    threading.Timer(0.1, scope.stopping.set).start()
    began = time.monotonic()
    assert send(scope) == 0
    assert time.monotonic() - began < 0.8
    assert sent(store) == [(DeliveryState.WAITING, 1, "")]


def test_a_message_that_cannot_be_sent_at_all_delays_no_other(
    scope: Scope, store: Store, receivers: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver = receivers()
    hook(store, receiver, "opened")
    happens(scope, 2)

    def fails_once(message: webhooks.ToSend, to: Destinations, **how: Any) -> Any:
        if message.id == 1:
            raise RuntimeError("a message nobody had thought of")
        return post(message, to, **how)

    monkeypatch.setattr(importlib.import_module(send.__module__), "post", fails_once)
    assert send(scope) == 1
    assert sent(store)[0] == (DeliveryState.WAITING, 1, "RuntimeError: a message nobody had thought of")


def test_ended_messages_are_deleted_after_the_policys_days(
    scope: Scope, store: Store, receivers: Start, clock: Clock
) -> None:
    """R14-3: a waiting message is never deleted."""
    receiver = receivers()
    hook(store, receiver, "opened")
    two = hook(store, receivers(), "opened")
    store.write(webhooks.move, two.id, WebhookState.PAUSED, at=NOON)
    happens(scope)
    send(scope)
    clock.forward(days=30)
    send(scope)
    assert len(sent(store)) == 1
    clock.forward(seconds=1)
    send(scope)
    left = store.read(lambda session: session.scalars(select(Delivery)).all())
    assert [(one.webhook_id, one.state) for one in left] == [(two.id, DeliveryState.WAITING)]


def until(truth: Callable[[], bool], limit_s: float = 5.0) -> None:
    end = time.monotonic() + limit_s
    while not truth():
        assert time.monotonic() < end
        time.sleep(0.01)
