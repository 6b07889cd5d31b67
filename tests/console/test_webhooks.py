"""Another program is really told over HTTP: signed, in order, again until it takes it, and no slower for a slow one."""

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
from models.health import findings
from models.policy import Policy
from models.states.events import DeliveryState, WebhookState
from models.states.health import FindingKind
from models.states.tickets import Source, TicketKind, TicketState
from models.tables import Delivery, Ticket, Webhook
from models.tickets import intake, tickets
from models.tickets.intake import Facts
from scheduler.post import post
from scheduler.scans.webhooks import webhooks as tell
from scheduler.scope import Scope
from tests.console.conftest import NOON, Clock, Receiver
from tests.store.killed import scan_until_killed

pytestmark = pytest.mark.console

OPENED, MOVED = "ticket.opened", "ticket.moved"
AFTER_IT_WAS_SENT = 3
"""The steps of the scan: before the claim and after it, then before what came of it is written."""

FACTS = Facts("李秀兰", "13700137000", "no water", "water")

Start = Callable[[], Receiver]


def hook(store: Store, receiver: Receiver, *events: str) -> Webhook:
    return store.write(webhooks.add, receiver.url, events=events, by="test", at=NOON)


def happens(scope: Scope, number: int = 1, *states: TicketState) -> None:
    """So many matters are told; each comes to these states."""

    def write(session: Session) -> None:
        told: dict[str, Any] = {"kind": TicketKind.REPAIR, "source": Source.WEB, "facts": FACTS, "language": "zh"}
        by: dict[str, Any] = {"who": "7001", "at": scope.clock.now()}
        for _ in range(number):
            ticket = intake.new(session, policy=scope.policy, **told, **by)
            for state in states:
                tickets.move(session, ticket.id, to=state, **by)

    scope.store.write(write)


def sent(store: Store, webhook_id: int = 1) -> list[tuple[DeliveryState, int, str]]:
    """State, tries and answer of each message, the oldest first."""
    found = store.read(webhooks.deliveries, webhook_id, limit=100)
    return [(one.state, one.tries, one.answer) for one in reversed(found)]


def test_what_happens_to_a_ticket_is_told_in_its_order_signed_and_without_a_word_of_the_customer(
    scope: Scope, store: Store, receivers: Start
) -> None:
    """R01-4, R07-8; the signature is recomputed as the specification (Standard Webhooks 1.0.0) has it."""
    receiver = receivers()
    secret = hook(store, receiver).secret
    happens(scope, 1, TicketState.ACCEPTED, TicketState.DONE)
    assert tell(scope) == 4
    assert receiver.told == [(OPENED, 1001), ("ticket.received", 1001), (MOVED, 1001), (MOVED, 1001)]
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
    assert tell(scope) == 0
    assert sent(store) == [(DeliveryState.DELIVERED, 1, "200")] * 4


def test_each_hears_of_what_it_has_asked_for_and_of_nothing_while_it_is_paused_or_after(
    scope: Scope, store: Store, receivers: Start
) -> None:
    first, second = receivers(), receivers()
    hook(store, first, "moved")
    two = hook(store, second, "opened")
    store.write(webhooks.move, two.id, WebhookState.PAUSED, at=NOON)
    happens(scope, 1, TicketState.ACCEPTED)
    tell(scope)
    assert (first.told, second.told) == ([(MOVED, 1001)], [])
    store.write(webhooks.move, two.id, WebhookState.ACTIVE, at=NOON)
    tell(scope)
    assert second.told == [(OPENED, 1001)], "nothing is lost while it is paused"
    happens(scope)
    store.write(webhooks.move, two.id, WebhookState.REMOVED, at=NOON)
    happens(scope)
    tell(scope)
    assert len(second.told) == 1
    assert [state for state, *_ in sent(store, two.id)] == [DeliveryState.DELIVERED, DeliveryState.CANCELLED]


def test_what_fails_is_told_again_later_under_the_same_id_with_the_same_words_and_holds_back_its_own_ticket_alone(
    scope: Scope, store: Store, receivers: Start, clock: Clock
) -> None:
    receiver = receivers()
    hook(store, receiver, "opened", "moved")
    receiver.answers = [400]
    happens(scope, 2, TicketState.ACCEPTED)
    assert tell(scope) == 2
    assert receiver.told == [(OPENED, 1001), (OPENED, 1002), (MOVED, 1002)]
    clock.forward(seconds=59)
    assert tell(scope) == 0
    clock.forward(seconds=1)
    assert tell(scope) == 2
    assert receiver.told[3:] == [(OPENED, 1001), (MOVED, 1001)]
    first, again = receiver.got[0], receiver.got[3]
    assert (first.id, first.body) == (again.id, again.body)
    assert int(again.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 60
    assert first.headers["webhook-signature"] != again.headers["webhook-signature"], "it is signed for this try"


def test_an_address_that_is_in_trouble_is_left_alone_until_the_next_look(
    scope: Scope, store: Store, receivers: Start, clock: Clock
) -> None:
    receiver = receivers()
    hook(store, receiver, "opened")
    happens(scope, 3)
    receiver.answers = [503, 302]
    assert tell(scope) == 0
    assert len(receiver.got) == 1
    assert tell(scope) == 1, "a redirect is not followed, and is that message's trouble"
    assert {one.path for one in receiver.got} == {"/hook"}
    clock.forward(minutes=1)
    assert tell(scope) == 2
    assert sorted(answer for *_, answer in sent(store)) == ["200", "200", "200"]


def test_a_slow_program_keeps_nobody_waiting_but_itself(scope: Scope, store: Store, receivers: Start) -> None:
    """It does not answer within the time limit; what comes for the other one meanwhile is told at once."""
    slow, quick = receivers(), receivers()
    slow.sleeps = 1.5
    for receiver in (slow, quick):
        hook(store, receiver, "opened")
    happens(scope, 5)
    telling = threading.Thread(target=tell, args=(scope,))
    began = time.monotonic()
    telling.start()
    until(lambda: len(quick.got) == 5)
    happens(scope)
    until(lambda: len(quick.got) == 6)
    assert telling.is_alive(), "the slow one is still being told"
    telling.join()
    assert time.monotonic() - began < 10
    assert sent(store)[0] == (DeliveryState.WAITING, 1, "no answer within 1 s")


def test_a_program_that_trickles_its_answer_is_given_no_more_time(scope: Scope, store: Store) -> None:
    """Every byte comes in time, and the answer never."""
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
        assert tell(scope) == 0
        assert time.monotonic() - began < 3
        thread.join()
    assert sent(store)[0] == (DeliveryState.WAITING, 1, "no answer within 1 s")


def test_what_nobody_takes_is_given_up_after_the_tries_of_the_policy_and_is_a_ticket_until_it_is_taken_again(
    scope: Scope, store: Store, policy: Policy, receivers: Start, clock: Clock
) -> None:
    """R01-4: seven times more, later each time, over more than a day; then somebody is told."""
    receiver = receivers()
    hook(store, receiver, "opened")
    receiver.answers = [500] * 8
    happens(scope)
    waits = policy.webhooks.retry_minutes
    for number, minutes in enumerate(waits):
        tell(scope)
        assert len(receiver.got) == number + 1
        assert store.read(findings.still_open, limit=5) == []
        clock.forward(minutes=minutes)
    tell(scope)
    assert sent(store)[0] == (DeliveryState.GIVEN_UP, 8, "500")
    assert len({one.id for one in receiver.got[:8]}) == 1
    (finding,) = store.read(findings.still_open, limit=5)
    assert (finding.kind, finding.subject) == (FindingKind.WEBHOOK_FAILS, "webhook 1, 127.0.0.1")
    fault = store.read(lambda session: session.get_one(Ticket, finding.ticket_id))
    assert fault.kind is TicketKind.FAULT
    tell(scope)  # which tells of the fault, too
    tell(scope)
    assert store.read(findings.still_open, limit=5) == []
    assert receiver.told[8:] == [(OPENED, fault.number)]


def test_killed_between_sending_and_writing_so_it_is_told_again_under_the_same_id(
    scope: Scope, store: Store, receivers: Start, clock: Clock
) -> None:
    """At least once, and the receiver can tell that it is the same."""
    receiver = receivers()
    hook(store, receiver, "opened")
    happens(scope)
    url = store.engine.url.render_as_string(hide_password=False)
    arguments = (url, scope.home.path, clock.now(), tell.__name__, AFTER_IT_WAS_SENT)
    process = multiprocessing.get_context("spawn").Process(target=scan_until_killed, args=arguments)
    process.start()
    process.join(60)
    assert process.exitcode == -9
    assert len(receiver.got) == 1
    assert sent(store) == [(DeliveryState.WAITING, 1, "")]
    assert tell(scope) == 0, "whoever sends it may still be alive"
    clock.forward(minutes=1, seconds=1)
    assert tell(scope) == 1
    assert receiver.got[0].id == receiver.got[1].id
    assert receiver.got[0].body == receiver.got[1].body
    assert sent(store) == [(DeliveryState.DELIVERED, 2, "200")]


def test_a_scheduler_that_is_to_stop_waits_for_no_answer(
    scope: Scope, store: Store, receivers: Start, clock: Clock
) -> None:
    receiver = receivers()
    receiver.sleeps = 0.8
    hook(store, receiver, "opened")
    happens(scope)
    threading.Timer(0.1, scope.stopping.set).start()
    began = time.monotonic()
    assert tell(scope) == 0
    assert time.monotonic() - began < 0.8
    assert sent(store) == [(DeliveryState.WAITING, 1, "")]


def test_a_message_that_cannot_be_sent_at_all_holds_up_no_other(
    scope: Scope, store: Store, receivers: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver = receivers()
    hook(store, receiver, "opened")
    happens(scope, 2)

    def fails_once(message: webhooks.ToSend, **how: Any) -> Any:
        if message.id == 1:
            raise RuntimeError("a message nobody had thought of")
        return post(message, **how)

    monkeypatch.setattr(importlib.import_module(tell.__module__), "post", fails_once)
    assert tell(scope) == 1
    assert sent(store)[0] == (DeliveryState.WAITING, 1, "RuntimeError: a message nobody had thought of")


def test_what_is_over_is_forgotten_after_its_days(scope: Scope, store: Store, receivers: Start, clock: Clock) -> None:
    """R14-3; what still waits never is."""
    receiver = receivers()
    hook(store, receiver, "opened")
    two = hook(store, receivers(), "opened")
    store.write(webhooks.move, two.id, WebhookState.PAUSED, at=NOON)
    happens(scope)
    tell(scope)
    clock.forward(days=30)
    tell(scope)
    assert len(sent(store)) == 1
    clock.forward(seconds=1)
    tell(scope)
    left = store.read(lambda session: session.scalars(select(Delivery)).all())
    assert [(one.webhook_id, one.state) for one in left] == [(two.id, DeliveryState.WAITING)]


def until(truth: Callable[[], bool], limit_s: float = 5.0) -> None:
    end = time.monotonic() + limit_s
    while not truth():
        assert time.monotonic() < end
        time.sleep(0.01)
