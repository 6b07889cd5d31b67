"""The lists of calls, tickets, tasks, staff and escalations: their fields, what is masked, what is refused."""

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import enrolment
from models.calls import calls, outgoing, recordings
from models.calls.calls import EndedBy
from models.clock import SystemClock
from models.database.store import Store
from models.people import people, presence
from models.people.owners_file import OwnerRow
from models.policy import Policy
from models.site import Site
from models.states.calls import AttemptOutcome, RecordingKind, ToMake
from models.states.people import PresenceState
from models.states.tickets import EscalationState, TicketKind
from models.tables import AccessEntry, Escalation, Task
from models.tickets import escalations, tickets
from tests.store.terminal import Terminal
from tests.store.tickets.one_call import AT, hotline

__all__ = ["hotline"]

pytestmark = pytest.mark.store


def test_calls_as_json_have_every_ring_with_its_staff_duration_and_outcome(hotline: Terminal) -> None:
    """R05-2, R05-5."""
    (call,) = hotline.json("calls")
    assert (call["line"], call["caller"], call["ticket"], call["state"]) == ("8000", "138****8000", 1001, "ended")
    assert [(ring["staff"], ring["rings"], ring["outcome"]) for ring in call["rings"]] == [
        ("7001", 3, "no-answer"),
        ("7010", 1, "connected"),
    ]
    assert (call["wait_s"], call["talk_s"], call["ended_by"], call["end_reason"]) == (20.0, 60.0, "caller", "hung up")
    assert call["started_at"] == "2025-10-01T01:00:00.000Z"
    assert [(kept["kind"], kept["state"]) for kept in call["recordings"]] == [("talk", "reserved")]


@pytest.fixture
def known(hotline: Terminal) -> Terminal:
    """The caller is in the owners' list and has called once more."""

    def write(session: Session) -> None:
        row = OwnerRow(2, "王建国", "3栋", "1201", ("13800138000",))
        people.import_owners(session, [row], who="test", at=AT)
        known = people.owner_by_number(session, "13800138000")
        assert known is not None
        assert known.unit is not None
        call = calls.begin(session, channel_id="c2", line="8000", caller_number="13800138000", language="zh", at=AT)
        calls.note(session, call.id, owner_id=known.owner.id, unit_id=known.unit.id)
        policy = Policy.load(hotline.home.policy_file, Site.load(hotline.home.site_file))
        ticket = tickets.open(session, kind=TicketKind.MESSAGE, call_id=call.id, at=AT, policy=policy)
        hidden = calls.begin(session, channel_id="c3", line="8000", caller_number="anonymous", language="zh", at=AT)
        for one, name in ((call, "message-1"), (hidden, "message-2")):
            recordings.reserve(
                session,
                name=name,
                kind=RecordingKind.MESSAGE,
                call_id=one.id,
                ticket_id=ticket.id,
                at=AT,
                retain_until=AT,
            )
        calls.end(session, hidden.id, by=EndedBy.CALLER, reason="hung up while talking", at=AT)

    store = hotline.store
    store.write(write)
    store.close()
    return hotline


def test_names_are_shown_only_with_reveal(known: Terminal) -> None:
    """R08-9."""
    for words in (("calls",), ("tickets",), ("tickets", "show", "1002")):
        for how in ((), ("--json",)):
            assert "王**" in known(*words, *how)
            assert "王建国" in known(*words, *how, "--reveal")


def test_a_ticket_has_the_recordings_of_all_calls_about_it(known: Terminal) -> None:
    sheet = known.json("tickets", "show", "1002")
    assert [kept["state"] for kept in sheet["recordings"]] == ["reserved", "reserved"]
    assert (sheet["unit"], sheet["building"]) == ("1201", "3栋")


def test_a_chinese_office_reads_chinese(known: Terminal) -> None:
    calls_table = known("calls", "--lang", "zh")
    assert "通话中挂机" in calls_table
    assert "未显示" in calls_table
    assert "首问" not in known("tickets", "show", "1002", "--lang", "zh")
    assert "系统  受理  新建" in known("tickets", "show", "1002", "--lang", "zh")


def test_calls_as_a_table_have_local_times(hotline: Terminal) -> None:
    table = hotline("calls")
    assert "10-01 09:00:00" in table
    assert "7001: 3 no answer" in table
    assert "138****8000" in table


def test_whole_numbers_are_shown_only_with_reveal_and_that_is_logged(hotline: Terminal) -> None:
    """R05-9, R08-9."""
    for words in (("calls",), ("tickets",), ("tickets", "show", "1001"), ("tasks",)):
        assert "13800138000" not in hotline(*words)
        assert "13800138000" not in hotline(*words, "--json")
    store = hotline.store

    def log(session: Session) -> list[str]:
        return [entry.subject for entry in session.scalars(select(AccessEntry).order_by(AccessEntry.id))]

    assert store.read(log) == []
    assert "13800138000" in hotline("calls", "--reveal")
    assert "13800138000" in hotline("tickets", "show", "1001", "--reveal", "--json")
    assert store.read(log) == ["the newest 20 calls", "ticket 1001"]
    store.close()


def test_a_ticket_is_listed_shown_and_moved(hotline: Terminal) -> None:
    (ticket,) = hotline.json("tickets")
    assert (ticket["number"], ticket["kind"], ticket["state"], ticket["unit"]) == (1001, "repair", "new", "301")
    assert "LATE" in hotline("tickets"), "four hours (R08-1) have long passed"
    assert (
        hotline("tickets", "move", "1001", "accepted", "--text", "on my way", "--as", "7020")
        == "ticket 1001: accepted\n"
    )
    sheet = hotline.json("tickets", "show", "1001")
    assert sheet["state"] == "accepted"
    assert (sheet["events"][-1]["from"], sheet["events"][-1]["to"]) == ("new", "accepted")
    assert sheet["events"][-1]["text"] == "on my way"
    assert [(clock["kind"], clock["rule"], bool(clock["met_at"])) for clock in sheet["clocks"]] == [
        ("respond", "R08-1", True),
        ("feedback", "R08-1", False),
        ("solution", "R06-3", False),
    ]
    assert hotline.json("tickets", "--state", "new") == []


def test_a_complaint_names_the_colleague_it_is_about_who_must_be_staff(hotline: Terminal) -> None:
    """R15-6."""
    store = hotline.store
    store.write(enrolment.enrol, Site.load(hotline.home.site_file))
    store.close()
    assert hotline("tickets", "about", "1001", "7010", "--as", "7001") == "ticket 1001: new\n"
    assert hotline.errors == "note: ticket 1001 is a complaint now (R15-6)\n"
    assert hotline.json("tickets")[0]["about_staff"] == "7010"
    hotline("tickets", "about", "1001", "7099", "--as", "7001")
    assert (hotline.code, hotline.errors) == (1, "nobody at work here has the number 7099\n")
    hotline("tickets", "about", "4711", "7010", "--as", "7001")
    assert (hotline.code, hotline.errors) == (1, "there is no ticket 4711\n")


def test_an_illegal_move_is_refused_with_a_reason(hotline: Terminal) -> None:
    hotline("tickets", "move", "1001", "closed", "--as", "7001")
    assert hotline.code == 1
    assert "can't become closed" in hotline.errors
    assert "Traceback" not in hotline.errors


def test_a_ticket_that_was_never_opened_is_refused_by_number(hotline: Terminal) -> None:
    for words in (("show", "1999"), ("move", "1999", "done", "--as", "7001")):
        hotline("tickets", *words)
        assert (hotline.code, hotline.errors) == (1, "there is no ticket 1999\n")


def test_a_call_back_is_owed_until_it_is_done(hotline: Terminal) -> None:
    """R17-1."""
    (task,) = hotline.json("tasks")
    assert (task["kind"], task["group"], task["ticket"], task["times"]) == ("call-back", "agents", 1001, 1)
    assert hotline("tasks", "done", str(task["id"])) == f"task {task['id']} is done\n"
    assert hotline.json("tasks") == []
    hotline("tasks", "done", str(task["id"]))
    assert hotline.code == 1


def made_by_a_colleague(store: Store, outcome: AttemptOutcome) -> None:
    """Makes the call that was asked for, as `hotline ivr` does."""
    ended = ToMake.CONNECTED if outcome is AttemptOutcome.CONNECTED else ToMake.NOT_REACHED

    def move(session: Session, claim: outgoing.Claim, to: ToMake, **more: Any) -> None:
        assert outgoing.move(session, claim, to=to, at=AT, until=AT + timedelta(minutes=2), **more)

    for _ in range(200):
        if claim := store.write(outgoing.claim, by="test", at=SystemClock().now(), until=AT + timedelta(minutes=2)):
            break
        time.sleep(0.05)
    assert claim is not None
    store.write(move, claim, ToMake.DIALLING, staff_number="7001")
    time.sleep(0.5)
    store.write(move, claim, ended, outcome=outcome)


@pytest.mark.parametrize(
    ("outcome", "code", "said"),
    [
        (AttemptOutcome.CONNECTED, 0, "connected with 7001; the task is done after the talk"),
        (AttemptOutcome.BUSY, 1, "not reached (busy); the task stays open"),
    ],
)
def test_a_call_back_is_asked_for_and_its_progress_is_printed(
    hotline: Terminal, outcome: AttemptOutcome, code: int, said: str
) -> None:
    (task,) = hotline.json("tasks")
    store = hotline.store
    colleague = threading.Thread(target=made_by_a_colleague, args=(store, outcome))
    colleague.start()
    lines = hotline("call-back", str(task["id"]), "--staff", "7001").splitlines()
    colleague.join()
    assert hotline.code == code
    assert lines[-1] == said
    assert "7001 makes the call; the customer is being called" in lines
    assert hotline.json("tasks")[0]["tries"] == [outcome]


@pytest.mark.parametrize(("lang", "why"), [("en", "premium-rate number"), ("zh", "声讯号码")])
def test_a_premium_number_is_not_called_back_and_the_lists_say_why(hotline: Terminal, lang: str, why: str) -> None:
    """R05-8, R20-5."""
    hotline.store.write(lambda s: setattr(s.get_one(Task, 1), "number", "16812345"))
    said = hotline("call-back", "1", "--staff", "7001", lang=lang)
    assert (hotline.code, len(said.splitlines())) == (1, 1)
    assert why in said
    assert "R20-5" in said
    (task,) = hotline.json("tasks")
    assert (task["state"], task["tries"], task["note"].splitlines()[-1]) == ("open", ["refused"], "refused-premium")
    assert "refused-premium" not in hotline("tasks", lang=lang)
    sheet = hotline("tickets", "show", "1001", lang=lang)
    assert why in sheet
    assert "refused-premium" not in sheet


def test_a_call_back_needs_an_open_task_and_a_known_staff_number(hotline: Terminal) -> None:
    hotline("call-back", "99")
    assert (hotline.code, hotline.errors) == (1, "there is no open task 99\n")
    hotline("call-back", "1", "--staff", "7999")
    assert (hotline.code, hotline.errors) == (1, "nobody of the staff has the number 7999\n")


def test_the_staff_are_listed_with_their_presence_and_without_asterisk_with_no_phone_state(
    hotline: Terminal,
) -> None:
    """R05-1."""
    store = hotline.store
    store.write(enrolment.enrol, Site.load(hotline.home.site_file))
    store.write(presence.say, "7002", PresenceState.BREAK, at=AT)
    staff = {row["number"]: row for row in hotline.json("staff")}
    assert (staff["7002"]["presence"], staff["7002"]["since"]) == ("break", "2025-10-01T01:00:00.000Z")
    assert (staff["7001"]["presence"], staff["7001"]["since"]) == ("on-duty", None)
    assert {row["registered"] for row in staff.values()} == {None}
    assert "on a break" in hotline("staff")


def test_a_late_task_stands_out_in_red(hotline: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[31m" not in hotline("tasks"), "a pipe gets no colours"
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[31m" in hotline("tasks")


def test_an_escalated_ticket_is_listed_with_every_call(hotline: Terminal) -> None:
    """R10-4."""
    assert "accepted" not in hotline("escalations")
    store, policy, site = hotline.store, Policy.load(hotline.home.policy_file), Site.load(hotline.home.site_file)
    at = AT + timedelta(hours=4)
    store.write(enrolment.enrol, site)
    assert store.write(escalations.begin, 1, at=at, policy=policy)
    store.write(escalations.advance, 1, at=at, policy=policy, site=site)
    (ladder,) = hotline.json("escalations")
    assert (ladder["ticket"], ladder["state"], ladder["round"], ladder["next_at"]) == (1001, "climbing", 1, None)
    assert [(one["rung"], one["staff"], one["outcome"]) for one in ladder["steps"]] == [("assignee", "7020", None)]
    assert "being called" in hotline("escalations")
    store.write(lambda s: setattr(s.get_one(Escalation, 1), "state", EscalationState.EXHAUSTED))
    store.close()
    assert "NOBODY HAS ACCEPTED" in hotline("escalations")
    assert hotline.json("status")["store"]["escalations_unaccepted"] == 1
    assert "1 of them ACCEPTED BY NOBODY" in hotline("status")


def test_numbers_of_staff_are_understood_however_they_are_typed(hotline: Terminal) -> None:
    hotline.store.write(enrolment.enrol, Site.load(hotline.home.site_file))
    hotline.store.close()
    hotline("tickets", "about", "1001", "７０10", "--as", "７００１")
    assert (hotline.code, hotline.json("tickets")[0]["about_staff"]) == (0, "7010")


def test_a_ticket_that_makes_no_sense_is_refused_with_the_words_of_the_page(hotline: Terminal) -> None:
    for options, words in (
        (("--name", "李秀兰"), "say what the problem or the complaint is"),
        (("--problem", "\u200b"), "say what the problem or the complaint is"),
        (("--problem", "leak", "--phone", "abc"), "abc is no telephone number: 3 to 15 digits"),
        (("--problem", "leak", "--building", "B" * 21), "building: at most 20 characters"),
        (("--problem", "x" * 4001), "at most 4000 are kept"),
    ):
        hotline("ticket", "new", "repair", *options, "--as", "7001")
        assert hotline.code == 1
        assert words in hotline.errors
