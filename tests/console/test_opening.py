"""A messaging app opens a ticket: once, complete, with its source, and the desk sees the same ticket."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from sqlalchemy import func, select

from models.database.store import Store
from models.states.people import May
from models.states.tickets import Reporter, Source, TicketEventKind
from models.tables import IdempotencyKey, Ticket
from models.tickets import required, tickets
from tests.console.conftest import opens, wrong

pytestmark = pytest.mark.console

Program = Callable[..., httpx.Client]


def count(store: Store) -> int:
    return store.read(lambda session: session.scalar(select(func.count()).select_from(Ticket)) or 0)


def test_a_request_from_an_app_is_a_ticket_with_its_source_its_clocks_and_its_contact(
    program: Program, store: Store
) -> None:
    """R01-4, R02-2, R13-2: the same tickets, whatever the channel."""
    answer = opens(program(May.OPEN), source="app")
    assert answer.status_code == 201
    opened = answer.json()
    assert opened == {
        "number": 1001,
        "kind": "repair",
        "state": "new",
        "opened_at": "2026-03-02T04:00:00Z",
        "promised_for": None,
    }
    assert answer.headers["location"] == "tickets/1001"
    assert answer.headers["cache-control"] == "no-store"
    record = store.read(tickets.get, 1)
    assert record is not None
    ticket = record.ticket
    assert (ticket.source, ticket.contact_name, ticket.contact_number) == (Source.APP, "李秀兰", "13700137000")
    assert (ticket.problem, ticket.need) == ("no water in the kitchen", "somebody this afternoon")
    assert {clock.rule for clock in record.clocks} == {"R08-1", "R06-3"}
    assert [(event.kind, event.who) for event in record.events] == [(TicketEventKind.OPENED, "api:app")]


def test_an_owner_is_recognised_by_number_without_a_name_and_the_program_does_not_learn_it(
    program: Program, store: Store
) -> None:
    """R13-5; R07-8, R21-4: a program that may open tickets learns nothing about a number."""
    answer = opens(program(May.OPEN), contact_name=None, contact_number="+86 139-0013-9000")
    assert answer.status_code == 201
    assert set(answer.json()) == {"number", "kind", "state", "opened_at", "promised_for"}
    ticket = store.read(lambda session: session.get_one(Ticket, 1))
    assert (ticket.owner_id, ticket.reporter) == (1, Reporter.OWNER)


def test_staff_who_open_a_ticket_are_its_first_receiver(program: Program, store: Store) -> None:
    """R15-1."""
    assert opens(program(May.OPEN, staff="7001")).status_code == 201
    assert store.read(lambda session: session.get_one(Ticket, 1)).first_receiver == "7001"


def test_a_missing_required_field_is_named_and_nothing_is_written(program: Program, store: Store) -> None:
    """R13-2: name, telephone, problem and need."""
    client = program(May.OPEN)
    problem = wrong(opens(client, contact_name=None), 422, "incomplete", "contact_name")
    assert (problem["detail"], problem["detail_zh"]) == ("missing: name (R13-2)", "缺少：姓名（R13-2）")
    wrong(opens(client, contact_number=None, problem=None), 422, "malformed", "contact_number", "problem")
    wrong(opens(client, need=" "), 422, "malformed", "need")
    assert count(store) == 0
    assert opens(client).status_code == 201, "the same key, once it is complete"
    assert store.read(lambda session: required.missing(session, session.get_one(Ticket, 1))) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "fault"),
        ("kind", "party"),
        ("source", "system"),
        ("contact_number", "call me"),
        ("problem", "x" * 4001),
        ("about_staff", "seven"),
        ("colour", "red"),
        ("room", "r" * 21),
    ],
)
def test_a_wrong_or_unknown_field_is_named(program: Program, field: str, value: str) -> None:
    wrong(opens(program(May.OPEN), **{field: value}), 422, "malformed", field)


def test_invalid_json_and_a_missing_key_are_refused(program: Program) -> None:
    client = program(May.OPEN)
    answer = client.post(
        "/tickets", content=b"{", headers={"idempotency-key": "k" * 8, "content-type": "application/json"}
    )
    assert wrong(answer, 422, "malformed", "1")["errors"][0]["where"] == "body"
    answer = client.post("/tickets", json={})
    wrong(answer, 422, "malformed", "idempotency-key", "kind", "source", "contact_number", "problem", "need")


def test_a_repeated_request_opens_no_second_ticket(program: Program, store: Store) -> None:
    client = program(May.OPEN)
    first, again = opens(client), opens(client)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert opens(client, key="key-00000002").json()["number"] == 1002
    assert opens(program(May.OPEN, name="other")).json()["number"] == 1003, "another program's keys are its own"
    wrong(opens(client, problem="something else"), 422, "key-reused")
    assert count(store) == 3


def test_a_request_sent_eight_times_at_once_opens_one_ticket(program: Program, store: Store) -> None:
    client = program(May.OPEN)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: opens(client), range(8)))
    assert {(answer.status_code, answer.json()["number"]) for answer in answers} == {(201, 1001)}
    assert count(store) == 1
    assert store.read(lambda session: session.scalar(select(func.count()).select_from(IdempotencyKey))) == 1


def test_a_complaint_about_staff_is_taken_and_one_about_an_unknown_number_is_refused(
    program: Program, store: Store
) -> None:
    """R15-6."""
    client = program(May.OPEN)
    wrong(opens(client, kind="complaint", about_staff="7099"), 409, "refused")
    assert count(store) == 0
    assert opens(client, kind="complaint", about_staff="7010").status_code == 201
    assert store.read(lambda session: session.get_one(Ticket, 1)).about_staff == "7010"


def test_what_makes_no_sense_is_refused_with_the_words_of_the_page(program: Program) -> None:
    client = program(May.OPEN)
    assert "say what the problem" in wrong(opens(client, problem="\u200b"), 409, "refused")["detail"]
    problem = wrong(opens(client, contact_number="abc"), 422, "malformed", "contact_number")
    assert "is no telephone number: 3 to 15 digits" in problem["errors"][0]["wrong"]
    assert opens(client, kind="repair", about_staff="７０10").json()["kind"] == "complaint"
