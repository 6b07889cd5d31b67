"""A webhook message is written with its event, claimed by one scheduler, tried again, and finally given up."""

import json
import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database.store import Store
from models.events import webhooks
from models.events.webhooks import ToSend, WebhookRefused
from models.policy import Policy
from models.states.events import DeliveryState, WebhookState
from models.states.tickets import TicketState
from models.tables import Delivery, TicketEvent, Webhook
from models.tickets import dispatch, tickets
from tests.store.api_tickets import a_ticket

pytestmark = pytest.mark.store

URL = "https://example.com/hook"


@pytest.fixture
def hook(staffed: Store, noon: datetime) -> Webhook:
    return staffed.write(webhooks.add, URL, events=[], by="root", at=noon)


def messages(store: Store) -> list[Delivery]:
    return list(store.read(lambda session: session.scalars(select(Delivery).order_by(Delivery.id)).all()))


def claim(store: Store, policy: Policy, at: datetime) -> ToSend:
    message = store.write(webhooks.claim, 1, at=at, policy=policy.webhooks)
    assert message is not None
    return message


def settle(store: Store, policy: Policy, message: ToSend, at: datetime, *, taken: bool) -> DeliveryState | None:
    how = {"taken": taken, "answer": "200" if taken else "500", "at": at, "policy": policy.webhooks}
    return store.write(webhooks.settle, message, **how)  # type: ignore[arg-type]


# --- messages written ---


def test_a_message_is_written_with_the_event_or_not_at_all(
    staffed: Store, policy: Policy, noon: datetime, hook: Webhook
) -> None:
    """R01-4."""

    class PowerFails(Exception):
        pass

    def fails(session: Session) -> None:
        a_ticket(session, policy, noon)
        session.flush()
        raise PowerFails

    with pytest.raises(PowerFails):
        staffed.write(fails)
    assert messages(staffed) == []
    staffed.write(a_ticket, policy, noon)
    events = staffed.read(lambda session: session.scalars(select(TicketEvent)).all())
    assert [one.type for one in messages(staffed)] == [f"ticket.{event.kind}" for event in events]


def test_a_message_names_the_event_the_ticket_and_its_state_at_that_moment(
    staffed: Store, policy: Policy, noon: datetime, hook: Webhook
) -> None:
    """R07-8: it holds no name, number or word of the customer."""
    ticket = staffed.write(a_ticket, policy, noon)
    staffed.write(dispatch.dispatch, ticket.id, department="engineering", who="7001", at=noon, text="no water at all")
    staffed.write(tickets.move, ticket.id, to=TicketState.ACCEPTED, who="7020", at=noon + timedelta(seconds=1))
    body = messages(staffed)[-1].body
    assert json.loads(body) == {
        "type": "ticket.moved",
        "timestamp": "2026-03-02T04:00:01.000Z",
        "data": {
            "ticket": 1001,
            "from": "dispatched",
            "to": "accepted",
            "who": "7020",
            "kind": "repair",
            "severity": "ordinary",
            "source": "web",
            "state": "accepted",
            "department": "engineering",
            "assignee": "7020",
        },
    }
    everything = "".join(one.body for one in messages(staffed))
    assert [word for word in ("李秀兰", "13700137000", "water") if word in everything] == []


@pytest.mark.parametrize(
    ("address", "events"),
    [
        ("ftp://example.com", []),
        ("https://", []),
        ("example.com", []),
        ("https://me:secret@example.com", []),
        ("https://example.com/" + "x" * 500, []),
        (URL, ["exploded"]),
    ],
)
def test_an_unusable_address_or_event_is_refused(
    staffed: Store, noon: datetime, address: str, events: list[str]
) -> None:
    with pytest.raises(WebhookRefused):
        staffed.write(webhooks.add, address, events=events, by="root", at=noon)


def test_a_removed_webhook_gets_no_message_has_no_secret_and_stays_removed(
    staffed: Store, policy: Policy, noon: datetime, hook: Webhook
) -> None:
    staffed.write(a_ticket, policy, noon)
    assert hook.secret.startswith("whsec_")
    staffed.write(webhooks.move, hook.id, WebhookState.REMOVED, at=noon)
    assert {one.state for one in messages(staffed)} == {DeliveryState.CANCELLED}
    before = len(messages(staffed))
    staffed.write(a_ticket, policy, noon)
    assert len(messages(staffed)) == before
    assert staffed.read(lambda session: session.get_one(Webhook, hook.id)).secret == ""
    for refused in (webhooks.owe_test, webhooks.of):
        with pytest.raises(WebhookRefused, match="no webhook 1"):
            staffed.write(refused, hook.id, **({"at": noon} if refused is webhooks.owe_test else {}))
    with pytest.raises(WebhookRefused):
        staffed.write(webhooks.move, hook.id, WebhookState.ACTIVE, at=noon)


# --- messages sent ---


def test_a_claimed_message_is_not_claimed_by_another_until_its_lease_ends(
    staffed: Store, policy: Policy, noon: datetime, hook: Webhook
) -> None:
    staffed.write(webhooks.owe_test, hook.id, at=noon)
    first = claim(staffed, policy, noon)
    assert staffed.write(webhooks.claim, 1, at=noon, policy=policy.webhooks) is None
    assert staffed.read(webhooks.with_messages_due, at=noon) == []
    later = noon + timedelta(seconds=policy.webhooks.lease_s)
    second = claim(staffed, policy, later)
    assert (second.tries, second.message_id, second.body) == (2, first.message_id, first.body)
    assert settle(staffed, policy, first, later, taken=False) is None, (
        "the first sender's lease has ended: it cannot settle the message"
    )
    assert settle(staffed, policy, second, later, taken=True) is DeliveryState.DELIVERED


def test_two_schedulers_claim_each_message_once(staffed: Store, policy: Policy, noon: datetime, hook: Webhook) -> None:
    for _ in range(20):
        staffed.write(webhooks.owe_test, hook.id, at=noon)
    claimed: list[str] = []

    def work() -> None:
        while (message := staffed.write(webhooks.claim, 1, at=noon, policy=policy.webhooks)) is not None:
            claimed.append(message.message_id)

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(claimed) == len(set(claimed)) == 20


def test_the_messages_of_a_ticket_are_sent_in_order_and_delay_no_other_ticket(
    staffed: Store, policy: Policy, noon: datetime, hook: Webhook
) -> None:
    for _ in range(2):
        staffed.write(a_ticket, policy, noon)
    opened = claim(staffed, policy, noon)
    assert settle(staffed, policy, opened, noon, taken=False) is DeliveryState.WAITING
    claimed = []
    while (message := staffed.write(webhooks.claim, 1, at=noon, policy=policy.webhooks)) is not None:
        claimed.append(json.loads(message.body)["data"]["ticket"])
        settle(staffed, policy, message, noon, taken=True)
    assert claimed == [1002, 1002]


def test_a_message_is_retried_as_the_policy_says_then_given_up_and_the_next_one_is_sent(
    staffed: Store, policy: Policy, noon: datetime, hook: Webhook
) -> None:
    """R01-4."""
    staffed.write(a_ticket, policy, noon)
    now = noon
    for minutes in policy.webhooks.retry_minutes:
        assert settle(staffed, policy, claim(staffed, policy, now), now, taken=False) is DeliveryState.WAITING
        assert staffed.read(webhooks.with_messages_due, at=now + timedelta(minutes=minutes, seconds=-1)) == []
        assert staffed.read(webhooks.failing) == []
        now += timedelta(minutes=minutes)
    assert settle(staffed, policy, claim(staffed, policy, now), now, taken=False) is DeliveryState.GIVEN_UP
    assert [one.id for one in staffed.read(webhooks.failing)] == [hook.id]
    following = claim(staffed, policy, now)
    assert json.loads(following.body)["type"] == "ticket.received"
    settle(staffed, policy, following, now, taken=True)
    assert staffed.read(webhooks.failing) == []


def test_a_message_whose_senders_die_is_given_up_too(
    staffed: Store, policy: Policy, noon: datetime, hook: Webhook
) -> None:
    staffed.write(webhooks.owe_test, hook.id, at=noon)
    now = noon
    for _ in range(len(policy.webhooks.retry_minutes) + 1):
        claim(staffed, policy, now)
        now += timedelta(seconds=policy.webhooks.lease_s)
    assert staffed.write(webhooks.claim, 1, at=now, policy=policy.webhooks) is None
    assert [one.state for one in messages(staffed)] == [DeliveryState.GIVEN_UP]


def test_waiting_messages_are_counted_and_those_of_a_paused_webhook_are_not_due(
    staffed: Store, policy: Policy, noon: datetime, hook: Webhook
) -> None:
    staffed.write(webhooks.owe_test, hook.id, at=noon)
    staffed.write(webhooks.move, hook.id, WebhookState.PAUSED, at=noon)
    assert [(one.state, waiting) for one, waiting in staffed.read(webhooks.listed)] == [(WebhookState.PAUSED, 1)]
    assert staffed.read(webhooks.with_messages_due, at=noon) == []
    assert staffed.write(webhooks.claim, 1, at=noon, policy=policy.webhooks) is None
