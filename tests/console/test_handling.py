"""Staff handle tickets through another program by the same rules, and with the same refusals, as at the desk."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from models.database.store import Store
from models.states.people import May
from models.tickets import tickets
from tests.console.conftest import Clock, opens, wrong

pytestmark = pytest.mark.console

Program = Callable[..., httpx.Client]


@pytest.fixture
def does(program: Program) -> Callable[..., httpx.Response]:
    """Opens ticket 1001 and returns a function by which 7001 handles it."""
    opens(program(May.OPEN, name="form"))
    client = program(May.HANDLE, May.NOTE, staff="7001", name="desk")
    return lambda what, **form: client.post(f"/tickets/1001/{what}", json=form)


def test_a_ticket_is_dispatched_promised_postponed_once_and_done(
    does: Callable[..., httpx.Response], store: Store, clock: Clock
) -> None:
    """R01-4, R10-1, R17-2, R15-2, R15-3."""
    sent = does("dispatches", department="engineering").json()
    assert (sent["state"], sent["department"], sent["assignee"]) == ("dispatched", "engineering", None)
    assert does("assignments", staff="7020").json()["assignee"] == "7020"
    wrong(does("promises", due_at="2026-03-10T12:00:00+08:00"), 409, "refused")
    assert does("promises", due_at="2026-03-04T12:00:00+08:00").status_code == 200
    later = {"due_at": "2026-03-05T12:00:00+08:00", "reason": "parts"}
    wrong(does("postponements", **later, told=False), 409, "refused")
    assert does("postponements", **later, told=True).status_code == 200
    again = {"due_at": "2026-03-06T12:00:00+08:00", "reason": "more parts", "told": True}
    assert "never postponed twice" in wrong(does("postponements", **again), 409, "refused")["detail"]
    assert does("appointments", due_at="2026-03-03T14:00:00+08:00").json()["appointment"] == "2026-03-03T06:00:00Z"
    wrong(does("appointments", due_at="2026-03-03T15:00:00+08:00"), 409, "refused")
    moved = does("appointment-moves", due_at="2026-03-04T09:30:00+08:00", reason="the customer is out").json()
    assert moved["appointment"] == "2026-03-04T01:30:00Z"
    assert does("appointment-cancellations").json()["appointment"] is None
    wrong(does("appointment-cancellations"), 409, "refused")
    wrong(does("appointments", due_at="2026-03-03T14:00:00"), 422, "malformed", "due_at")
    assert "confirmed" not in wrong(does("moves", to="closed"), 409, "refused")["detail"].partition("become: ")[2]
    assert does("moves", to="done", text="a new tap").json()["state"] == "done"
    record = store.read(tickets.get, 1)
    assert record is not None
    assert {event.who for event in record.events[1:]} == {"7001"}
    texts = [event.text for event in record.events]
    assert "2026-03-04 12:00" in texts, "in local time"


def test_a_complaint_is_closed_with_its_cause_and_not_without(program: Program) -> None:
    """R17-4."""
    opens(program(May.OPEN, name="form"), kind="complaint")
    desk = program(May.HANDLE, staff="7001", name="desk")
    assert desk.post("/tickets/1001/moves", json={"to": "done"}).status_code == 200
    refused = wrong(desk.post("/tickets/1001/moves", json={"to": "closed", "text": "no answer"}), 409, "refused")
    assert "without its cause" in refused["detail"]
    wrong(desk.post("/tickets/1001/moves", json={"to": "closed", "cause": "weather"}), 422, "malformed", "cause")
    closed = desk.post("/tickets/1001/moves", json={"to": "closed", "text": "no answer", "cause": "slow"}).json()
    assert (closed["state"], closed["cause"]) == ("closed", "slow")


def test_unknown_departments_staff_and_states_and_wrong_times_are_refused(does: Callable[..., httpx.Response]) -> None:
    wrong(does("dispatches", department="gardeners"), 409, "refused")
    wrong(does("assignments", staff="7099"), 409, "refused")
    wrong(does("moves", to="waiting"), 409, "refused")
    wrong(does("moves", to="lost"), 422, "malformed", "to")
    wrong(does("promises", due_at="tomorrow"), 422, "malformed", "due_at")
    wrong(does("promises", due_at="2026-03-04T12:00:00"), 422, "malformed", "due_at")


def test_a_note_names_its_author_and_meets_the_clock_when_the_customer_was_notified(
    program: Program, does: Callable[..., httpx.Response], store: Store
) -> None:
    """R16-2."""
    assert does("notes", text="he is at home after six").status_code == 201
    app = program(May.NOTE, name="app")
    noted = app.post("/tickets/1001/notes", json={"text": "they come today", "told": True})
    assert set(noted.json()) == {"number", "kind", "state", "opened_at", "promised_for"}
    wrong(app.post("/tickets/1002/notes", json={"text": "x"}), 404, "no-such-ticket")
    record = store.read(tickets.get, 1)
    assert record is not None
    assert [(event.kind, event.who) for event in record.events[1:]] == [("noted", "7001"), ("told", "api:app")]
    assert {clock.kind: clock.met_at is not None for clock in record.clocks}["feedback"]


@pytest.mark.parametrize(
    ("what", "form"),
    [
        ("moves", {"to": "accepted"}),
        ("dispatches", {"department": "engineering"}),
        ("assignments", {"staff": "7020"}),
        ("promises", {"due_at": "2026-03-03T12:00:00+08:00"}),
        ("notes", {"text": "he is wrong"}),
    ],
)
def test_the_person_whom_a_complaint_is_about_cannot_change_it_by_any_request(
    program: Program, what: str, form: dict[str, Any]
) -> None:
    """R15-6, R01-7."""
    opens(program(May.OPEN, name="form"), kind="complaint", about_staff="7010")
    own = program(May.HANDLE, May.NOTE, staff="7010", name="own")
    problem = wrong(own.post(f"/tickets/1001/{what}", json=form), 409, "not-impartial")
    assert "R15-6" in problem["detail"]
    others = program(May.HANDLE, May.NOTE, staff="7001", name="others")
    wrong(others.post("/tickets/1001/assignments", json={"staff": "7010"}), 409, "not-impartial")
