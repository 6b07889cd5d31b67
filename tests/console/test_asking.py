"""Programs read what their token allows: masked names and numbers, or a customer's own ticket."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest
from sqlalchemy.orm import Session

from console.api.guard import LONGEST_BODY
from models.database.store import Store
from models.people import access_log, people, tokens
from models.policy import Policy
from models.states.people import May
from models.states.tickets import TicketState
from models.tables import Ticket
from models.tickets import dispatch, promises, tickets
from tests.console.conftest import NOON, Clock, opens, wrong

pytestmark = pytest.mark.console

Program = Callable[..., httpx.Client]


# --- tokens ---


def test_nothing_is_answered_without_a_token_or_with_a_wrong_or_revoked_one(program: Program, store: Store) -> None:
    """R07-8."""
    nobody = program()
    for value in ("", "Bearer", "Bearer htl_guessed", "Basic aHRsXw=="):
        answer = nobody.get("/tickets", headers={"authorization": value} if value else {})
        wrong(answer, 401, "unknown-token")
        assert answer.headers["www-authenticate"] == "Bearer"
    client = program(May.READ, name="reader")
    assert client.get("/tickets").status_code == 200
    assert store.write(tokens.revoke, "reader", at=NOON)
    wrong(client.get("/tickets"), 401, "unknown-token")


def test_the_token_of_staff_who_have_left_allows_nothing(program: Program, store: Store) -> None:
    client = program(May.READ, staff="7002")
    assert client.get("/tickets").status_code == 200
    store.write(lambda session: setattr(session.get_one(people.Staff, "7002"), "group", None))
    wrong(client.get("/tickets"), 401, "unknown-token")


def test_a_token_may_do_what_it_was_made_for_and_nothing_else(program: Program) -> None:
    opens(program(May.OPEN))
    requests: dict[May, Callable[[httpx.Client], httpx.Response]] = {
        May.OPEN: lambda one: opens(one, key="key-00000009"),
        May.READ: lambda one: one.get("/tickets/1001"),
        May.FOLLOW: lambda one: one.post("/follow", json={"number": 1001, "digits": "7000"}),
        May.NOTE: lambda one: one.post("/tickets/1001/notes", json={"text": "a note"}),
        May.HANDLE: lambda one: one.post("/tickets/1001/moves", json={"to": "accepted"}),
    }
    for right, allowed in requests.items():
        client = program(right, staff="7001", name=right.value)
        assert allowed(client).is_success
        for other, request in requests.items():
            if other is not right:
                assert f"the right {other}" in wrong(request(client), 403, "not-allowed")["detail"]


def test_the_last_use_of_a_token_is_known_to_the_minute(program: Program, store: Store, clock: Clock) -> None:
    client = program(May.READ)
    for seconds, used in ((0, 0), (59, 0), (1, 60)):
        clock.forward(seconds=seconds)
        client.get("/tickets")
        (token,) = store.read(tokens.listed)
        assert token.used_at == NOON + timedelta(seconds=used)


# --- tickets read ---


def test_names_and_numbers_are_masked_without_the_right_and_seeing_them_is_logged(
    program: Program, store: Store
) -> None:
    """R05-9, R08-9."""
    opens(program(May.OPEN, name="form"))
    ticket = program(May.READ, name="board").get("/tickets/1001").json()
    assert (ticket["contact_name"], ticket["contact_number"]) == ("李**", "137****7000")
    assert "contact_name: 李**\ncontact_number: 137****7000" in ticket["events"][0]["text"]
    assert [one.what for one in store.read(access_log.newest, limit=9)] == ["import"]
    seeing = program(May.READ, May.PERSONAL, name="desk")
    ticket = seeing.get("/tickets/1001").json()
    assert (ticket["contact_name"], ticket["contact_number"]) == ("李秀兰", "13700137000")
    assert seeing.get("/tickets", params={"text": "water"}).json()["tickets"][0]["contact_name"] == "李秀兰"
    newest = store.read(access_log.newest, limit=2)
    assert [(one.who, one.what, one.subject) for one in newest] == [
        ("api:desk", "names and numbers shown", "tickets: text water"),
        ("api:desk", "names and numbers shown", "ticket 1001"),
    ]


def test_a_ticket_is_shown_with_its_clocks_promises_and_events_in_utc(
    program: Program, store: Store, policy: Policy
) -> None:
    """R10-4."""
    opens(program(May.OPEN, name="form"))
    due = NOON + timedelta(days=1)
    store.write(promises.make, 1, due_at=due, who="7001", at=NOON, policy=policy)
    shown = program(May.READ).get("/tickets/1001").json()
    assert [(clock["kind"], clock["due_at"], clock["rule"]) for clock in shown["clocks"]][:1] == [
        ("respond", "2026-03-02T08:00:00Z", "R08-1")
    ]
    assert [(one["due_at"], one["made_by"], one["ending"]) for one in shown["promises"]] == [
        ("2026-03-03T04:00:00Z", "7001", None)
    ]
    assert [(event["kind"], event["at"], event["to_state"]) for event in shown["events"]] == [
        ("opened", "2026-03-02T04:00:00Z", "new"),
        ("promised", "2026-03-02T04:00:00Z", None),
    ]
    wrong(program(May.READ, name="other").get("/tickets/1002"), 404, "no-such-ticket")


def test_the_person_whom_a_complaint_is_about_cannot_read_it_through_a_program(program: Program) -> None:
    """R15-6."""
    opens(program(May.OPEN, name="form"), kind="complaint", about_staff="7010")
    own = program(May.READ, May.PERSONAL, staff="7010", name="own").get("/tickets/1001").json()
    assert (own["about_staff"], own["state"]) == ("7010", "new")
    assert [own[name] for name in ("problem", "contact_name", "contact_number", "events")] == [None, None, None, []]
    leads = program(May.READ, staff="7050", name="leads").get("/tickets/1001").json()
    assert leads["problem"] == "no water in the kitchen"


def test_the_next_page_starts_where_the_last_one_ended_whatever_comes_in_meanwhile(
    program: Program, clock: Clock
) -> None:
    """R01-3."""
    form, client = program(May.OPEN, name="form"), program(May.READ)
    for number in range(5):
        clock.forward(minutes=1)
        opens(form, key=f"key-0000000{number}", kind="enquiry" if number == 2 else "repair")
    found, cursor, pages = list[int](), None, 0
    while True:
        params = {"kind": "repair", "limit": 2} | ({"cursor": cursor} if cursor else {})
        page = client.get("/tickets", params=params).json()
        assert opens(form, key=f"key-1000000{pages}").status_code == 201
        found += [one["number"] for one in page["tickets"]]
        pages, cursor = pages + 1, page["next"]
        if cursor is None:
            break
    assert (found, pages) == ([1005, 1004, 1002, 1001], 2)
    after = client.get("/tickets", params={"opened_before": "2026-03-02T12:03:30+08:00", "state": ["new", "done"]})
    assert [one["number"] for one in after.json()["tickets"]] == [1003, 1002, 1001]


def test_a_wrong_or_unknown_parameter_is_named(program: Program) -> None:
    client = program(May.READ)
    for name, value in (("limit", "201"), ("opened_from", "2026-03-02T04:00:00"), ("colour", "red"), ("cursor", "x")):
        wrong(client.get("/tickets", params={name: value}), 422, "malformed", name)
    wrong(client.get("/tickets/abc"), 422, "malformed", "number")


# --- a customer's web page ---


def test_a_customer_gets_the_state_of_the_own_ticket_and_nothing_else(
    program: Program, store: Store, policy: Policy
) -> None:
    """R01-4, R07-8: by the number of the ticket and the last digits of the telephone number."""
    opens(program(May.OPEN, name="form"))
    due = NOON + timedelta(days=1)
    store.write(promises.make, 1, due_at=due, who="7001", at=NOON, policy=policy)
    store.write(tickets.move, 1, to=TicketState.ACCEPTED, who="7001", at=NOON)
    answer = program(May.FOLLOW).post("/follow", json={"number": 1001, "digits": "7000"})
    assert answer.json() == {
        "number": 1001,
        "kind": "repair",
        "state": "accepted",
        "opened_at": "2026-03-02T04:00:00Z",
        "promised_for": "2026-03-03T04:00:00Z",
    }


def test_an_owner_is_recognised_by_the_last_digits_of_any_number_in_the_directory(
    program: Program, store: Store
) -> None:
    opens(program(May.OPEN, name="form"))
    store.write(lambda session: setattr(session.get_one(Ticket, 1), "owner_id", 1))
    client = program(May.FOLLOW)
    for digits, status in (("9000", 200), ("39009000", 404), ("39139000", 404), ("0139000", 200)):
        assert client.post("/follow", json={"number": 1001, "digits": digits}).status_code == status
    for short in ("000", "", "70a0", "\uff17\uff10\uff10\uff10"):
        wrong(client.post("/follow", json={"number": 1001, "digits": short}), 422, "malformed", "digits")


def guess(client: httpx.Client, number: int, digits: str, **more: str) -> httpx.Response:
    return client.post("/follow", json={"number": number, "digits": digits, **more})


def test_after_five_wrong_tries_for_a_ticket_only_the_whole_number_opens_it_whether_or_not_it_exists(
    program: Program, clock: Clock
) -> None:
    """R07-8: somebody who guesses does not lock out the customer, who knows the whole number."""
    opens(program(May.OPEN, name="form"))
    client = program(May.FOLLOW)
    for number in (1001, 1002):
        guesses = [guess(client, number, f"000{n}") for n in range(6)]
        assert [wrong(one, 404, "not-found")["detail"] for one in guesses[:5]] == [guesses[0].json()["detail"]] * 5
        wrong(guesses[5], 403, "whole-number")
        for n in range(20):
            wrong(guess(client, number, f"137001300{n:02}"), 404, "not-found")
    wrong(guess(client, 1001, "7000"), 403, "whole-number")
    wrong(guess(client, 1001, "0137000"), 404, "not-found")
    assert guess(client, 1001, "13700137000").status_code == 200
    clock.forward(minutes=60)
    assert guess(client, 1001, "7000").status_code == 200


def test_the_visitor_who_guesses_waits_and_no_other_visitor_does(program: Program, clock: Clock) -> None:
    """R07-8."""
    opens(program(May.OPEN, name="form"))
    client = program(May.FOLLOW)
    for number in range(1001, 1006):
        wrong(guess(client, number, "0000", visitor="203.0.113.7"), 404, "not-found")
    clock.forward(minutes=20)
    refused = guess(client, 1001, "7000", visitor="203.0.113.7")
    wrong(refused, 429, "too-many-tries")
    assert refused.headers["retry-after"] == "2400"
    assert guess(client, 1001, "7000", visitor="203.0.113.8").status_code == 200
    clock.forward(minutes=40)
    assert guess(client, 1001, "7000", visitor="203.0.113.7").status_code == 200


def test_one_end_cannot_be_tried_on_all_tickets(program: Program, policy: Policy) -> None:
    """R07-8."""
    opens(program(May.OPEN, name="form"))
    client = program(May.FOLLOW)
    for number in range(policy.api.follow_tries_of_token):
        wrong(guess(client, 2000 + number, "7000"), 404, "not-found")
    wrong(guess(client, 1001, "7000"), 403, "whole-number")
    assert guess(client, 1001, "13700137000").status_code == 200


def test_many_tries_at_the_same_moment_count_like_tries_one_after_the_other(program: Program) -> None:
    opens(program(May.OPEN, name="form"))
    client = program(May.FOLLOW)
    with ThreadPoolExecutor(20) as guessers:
        answers = list(guessers.map(lambda n: guess(client, 1001, f"{n:04}").status_code, range(20)))
    assert sorted(answers) == [403] * 15 + [404] * 5


def test_an_unknown_ticket_a_wrong_end_and_the_right_one_take_the_same_time(program: Program, policy: Policy) -> None:
    """R07-8."""
    opens(program(May.OPEN, name="form"))
    client = program(May.FOLLOW)
    for number, digits in ((1001, "7000"), (1001, "0000"), (1002, "7000")):
        answer = guess(client, number, digits)
        assert policy.api.follow_seconds <= answer.elapsed.total_seconds() < policy.api.follow_seconds + 0.5


def test_a_short_number_of_the_house_proves_nothing(program: Program, store: Store) -> None:
    opens(program(May.OPEN, name="form"))

    def from_a_room(session: Session) -> None:
        ticket = session.get_one(Ticket, 1)
        ticket.caller_number, ticket.contact_number = "1101", None

    store.write(from_a_room)
    wrong(guess(program(May.FOLLOW), 1001, "1101"), 404, "not-found")


def test_who_asks_after_a_merged_ticket_is_told_of_the_one_that_goes_on(program: Program, store: Store) -> None:
    form = program(May.OPEN, name="form")
    opens(form)
    opens(form, key="key-00000002")
    store.write(dispatch.merge, 1, into=2, who="7001", at=NOON)
    answer = guess(program(May.FOLLOW), 1001, "7000").json()
    assert (answer["number"], answer["state"]) == (1002, "new")


# --- any request ---


def test_a_too_long_request_is_refused_before_it_is_read_whatever_length_it_claims(program: Program) -> None:
    client = program(May.FOLLOW)
    long = b" " * (LONGEST_BODY + 1)
    for body in (long, iter([long])):
        wrong(client.post("/follow", content=body, headers={"content-type": "application/json"}), 413, "too-long")
    fits = b'{"number": 1001, "digits": "7000"}'.rjust(LONGEST_BODY)
    wrong(client.post("/follow", content=fits, headers={"content-type": "application/json"}), 404, "not-found")


def test_an_unknown_path_or_method_is_refused_in_both_languages(program: Program) -> None:
    wrong(program().get("/nothing"), 404, "http")
    wrong(program().delete("/tickets"), 405, "http")


def test_the_api_description_lists_every_refusal_and_loads_nothing_from_elsewhere(program: Program) -> None:
    description = program().get("/openapi.json").json()
    assert description["openapi"].startswith("3.1")
    for path, operations in description["paths"].items():
        for operation in operations.values():
            assert operation["summary"], path
            assert path.endswith("/health") or operation["security"] == [{"token": []}]
            for status, answer in operation["responses"].items():
                kind = "json" if status < "4" else "problem+json"
                assert list(answer["content"]) == [f"application/{kind}"]
    for page in ("/docs", "/redoc"):
        assert program().get(f"{program().base_url}".removesuffix("/api/v1/") + page).status_code == 404


def test_the_health_path_answers_without_a_token(program: Program) -> None:
    assert program().get("/health").json() == {"store": "answers"}
