"""What a program is not shown it cannot find out by asking for it (R08-9, R15-6)."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from console.api.forms import Search
from models.states.people import May
from tests.console.conftest import opens, wrong

pytestmark = pytest.mark.console

Program = Callable[..., httpx.Client]

SHOWN_TO_ALL = {
    "kind", "state", "open", "late", "department", "assignee", "first_receiver", "about_staff", "severity", "source",
    "reporter", "opened_from", "opened_before", "limit", "cursor",
}  # fmt: skip
VALUES = {
    "phone": ("13700137000", "13700137001"),
    "name": ("李秀兰", "李秀梅"),
    "text": ("water", "light"),
    "building": ("5", "6"),
    "room": ("802", "803"),
}
"""The value of the complaint about 7010, and another one."""
PATHS = {
    "POST /tickets": May.OPEN,
    "GET /tickets": May.READ,
    "GET /tickets/{number}": May.READ,
    "POST /tickets/{number}/notes": May.NOTE,
    "POST /tickets/{number}/moves": May.HANDLE,
    "POST /tickets/{number}/dispatches": May.HANDLE,
    "POST /tickets/{number}/assignments": May.HANDLE,
    "POST /tickets/{number}/promises": May.HANDLE,
    "POST /tickets/{number}/postponements": May.HANDLE,
    "POST /tickets/{number}/appointments": May.HANDLE,
    "POST /tickets/{number}/appointment-moves": May.HANDLE,
    "POST /tickets/{number}/appointment-cancellations": May.HANDLE,
    "POST /follow": May.FOLLOW,
    "GET /blocked": May.BLOCK,
    "POST /blocked": May.BLOCK,
    "DELETE /blocked/{entry}": May.BLOCK,
    "GET /health": None,
}
"""Every path, and the right it needs."""
BODIES: dict[str, dict[str, Any]] = {
    "notes": {"text": "well"},
    "moves": {"to": "accepted"},
    "dispatches": {"department": "engineering"},
    "assignments": {"staff": "7020"},
    "promises": {"due_at": "2026-03-03T12:00:00+08:00"},
    "postponements": {"due_at": "2026-03-03T12:00:00+08:00", "reason": "parts", "told": True},
    "appointments": {"due_at": "2026-03-03T12:00:00+08:00"},
    "appointment-moves": {"due_at": "2026-03-03T13:00:00+08:00", "reason": "not at home"},
    "appointment-cancellations": {"reason": "repaired already"},
}
SECRET = ("李秀兰", "13700137000", "802", "water", "this afternoon", "on the stairs", "the lead called")


@pytest.fixture
def complaint(program: Program) -> Program:
    opens(program(May.OPEN, name="form"), kind="complaint", about_staff="7010", building="5", room="802")
    desk = program(May.NOTE, May.HANDLE, staff="7001", name="desk")
    assert desk.post("/tickets/1001/notes", json={"text": "on the stairs"}).is_success
    assert desk.post("/tickets/1001/promises", json=BODIES["promises"]).is_success
    postponed = BODIES["postponements"] | {"reason": "the lead called", "due_at": "2026-03-04T12:00:00+08:00"}
    assert desk.post("/tickets/1001/postponements", json=postponed).is_success
    return program


def test_every_path_and_every_parameter_of_the_api_is_known_to_this_test(program: Program) -> None:
    paths = program().get("/openapi.json").json()["paths"]
    listed = {f"{method.upper()} {path.removeprefix('/api/v1')}" for path, one in paths.items() for method in one}
    assert listed == set(PATHS)
    assert set(Search.model_fields) == SHOWN_TO_ALL | set(VALUES)


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("rights", [[May.READ], [May.READ, May.PERSONAL]], ids=["masked", "whole"])
def test_the_person_complained_of_gets_the_same_answer_to_the_right_value_and_to_another(
    complaint: Program, name: str, rights: list[May]
) -> None:
    """R15-6."""
    client = complaint(*rights, staff="7010", name="own")
    right, other = (client.get("/tickets", params={name: value}) for value in VALUES[name])
    assert (right.status_code, right.text) == (other.status_code, other.text)
    colleague = complaint(May.READ, May.PERSONAL, staff="7001", name="colleague")
    assert [one["number"] for one in colleague.get("/tickets", params={name: VALUES[name][0]}).json()["tickets"]] == [
        1001
    ]


@pytest.mark.parametrize("name", ["phone", "name"])
def test_a_token_that_sees_masked_names_and_numbers_may_not_search_by_them(complaint: Program, name: str) -> None:
    """R08-9."""
    client = complaint(May.READ)
    for value in VALUES[name]:
        wrong(client.get("/tickets", params={name: value}), 403, "hidden-field")


def test_a_token_that_sees_masked_names_does_not_find_them_in_texts(complaint: Program) -> None:
    """R08-9."""
    client = complaint(May.READ)
    for part in ("李秀兰", "秀", "13700137000", "7000"):
        assert client.get("/tickets", params={"text": part}).json() == {"tickets": [], "next": None}


def test_no_path_shows_the_person_complained_of_who_complained_or_of_what(complaint: Program) -> None:
    """R15-6: neither a read, nor the answer or the refusal of a change."""
    client = complaint(*May, staff="7010", name="own")
    for path in PATHS:
        method, _, where = path.partition(" ")
        last = where.rpartition("/")[2]
        if (where in ("/tickets", "/follow") and method == "POST") or where.startswith("/blocked"):
            continue
        answer = client.request(method, where.replace("{number}", "1001"), json=BODIES.get(last))
        assert answer.status_code in (200, 409), (path, answer.text)
        assert [one for one in SECRET if one in answer.text] == [], path


def test_a_program_that_acts_for_a_technician_sees_the_tickets_of_the_department_only(program: Program) -> None:
    """As the technician on the pages."""
    number = opens(program(May.OPEN, name="form")).json()["number"]
    desk = program(May.HANDLE, staff="7001", name="desk")
    technician = program(May.READ, May.NOTE, May.HANDLE, staff="7020", name="app")
    desk.post(f"/tickets/{number}/dispatches", json={"department": "complaints"})
    wrong(technician.get(f"/tickets/{number}"), 404, "no-such-ticket")
    wrong(technician.post(f"/tickets/{number}/notes", json={"text": "well"}), 404, "no-such-ticket")
    wrong(technician.post(f"/tickets/{number}/moves", json={"to": "accepted"}), 404, "no-such-ticket")
    assert technician.get("/tickets").json()["tickets"] == []
    assert technician.get("/tickets", params={"department": "complaints"}).json()["tickets"] == []
    desk.post(f"/tickets/{number}/dispatches", json={"department": "engineering"})
    assert technician.get(f"/tickets/{number}").status_code == 200
    assert [one["number"] for one in technician.get("/tickets").json()["tickets"]] == [number]
