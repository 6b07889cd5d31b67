"""Every path takes hostile values as a mistake of the program: 404 or 422, never 500, and nothing of it is kept."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from models.database.store import Store
from models.states.people import May
from models.tables import Ticket
from tests.console.conftest import FORM, opens, wrong
from tests.console.test_hidden import BODIES

pytestmark = pytest.mark.console

Program = Callable[..., httpx.Client]

SIGNS = ("\0", "\x1b[31m", "\x9b31m", "\x7f", "\u202e", "\u2066", "\u2028")
LINES = {"problem", "need", "text", "reason"}
NUMBERS = ("0", "-1", "1000000000", "99999999999999999999", "1e9", "NaN")
MOMENTS = ("0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00", "1999-12-31T00:00:00Z")


@pytest.fixture
def client(program: Program) -> httpx.Client:
    client = program(*May, staff="7001")
    assert opens(client, key="key-00000000").status_code == 201
    return client


@pytest.mark.parametrize("sign", SIGNS)
def test_no_field_of_a_new_ticket_takes_a_control_sign(client: httpx.Client, store: Store, sign: str) -> None:
    for name in ("contact_name", "problem", "need", "building", "room"):
        wrong(opens(client, **{name: f"a{sign}b"}), 422, "malformed", name)
    assert store.read(lambda session: session.query(Ticket).count()) == 1


@pytest.mark.parametrize("sign", SIGNS)
def test_no_path_takes_a_control_sign(client: httpx.Client, sign: str) -> None:
    for path, body in BODIES.items():
        for name, value in body.items():
            if isinstance(value, str):
                answer = client.post(f"/tickets/1001/{path}", json=body | {name: f"a{sign}b"})
                wrong(answer, 422, "malformed", name)
    wrong(client.post("/follow", json={"number": 1001, "digits": "7000", "visitor": sign}), 422, "malformed", "visitor")
    for name in ("text", "phone", "name", "building", "room", "department", "assignee"):
        wrong(client.get("/tickets", params={name: f"a{sign}b"}), 422, "malformed", name)


def test_a_field_of_one_line_takes_no_second_one(client: httpx.Client) -> None:
    for name in ("contact_name", "building", "room"):
        wrong(opens(client, **{name: "a\nb"}), 422, "malformed", name)
    assert opens(client, problem="first line\nsecond line").status_code == 201


def test_a_number_out_of_range_is_refused(client: httpx.Client) -> None:
    for number in NUMBERS:
        for path in ("", "/notes", "/moves"):
            answer = client.request("POST" if path else "GET", f"/tickets/{number}{path}", json={"text": "x"})
            assert answer.status_code in (404, 422), answer.text
        assert client.post("/follow", json={"number": number, "digits": "7000"}).status_code == 422
        for name in ("cursor", "limit"):
            wrong(client.get("/tickets", params={name: number}), 422, "malformed", name)


def test_a_year_out_of_range_is_refused(client: httpx.Client) -> None:
    for moment in MOMENTS:
        for name in ("opened_from", "opened_before"):
            wrong(client.get("/tickets", params={name: moment}), 422, "malformed", name)
        wrong(client.post("/tickets/1001/promises", json={"due_at": moment}), 422, "malformed", "due_at")
        postponed = BODIES["postponements"] | {"due_at": moment}
        wrong(client.post("/tickets/1001/postponements", json=postponed), 422, "malformed", "due_at")


@pytest.mark.parametrize("body", [b"[" * 60_000, b'{"text": "\\ud800"}', b"\xff\xfe", b"null", b'{"text": 1e999}'])
def test_a_body_that_is_no_form_is_refused(client: httpx.Client, body: bytes) -> None:
    answer = client.post("/tickets/1001/notes", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422), answer.text


def test_what_an_earlier_version_kept_reaches_a_terminal_only_as_an_escape(client: httpx.Client, store: Store) -> None:
    store.write(lambda session: setattr(session.get_one(Ticket, 1), "problem", "a\x9b31m\u202eb"))
    answer = client.get("/tickets/1001")
    assert "\x9b" not in answer.text
    assert "\u202e" not in answer.text
    shown: dict[str, Any] = answer.json()
    assert shown["problem"] == "a\x9b31m\u202eb"
    assert shown["need"] == FORM["need"]
