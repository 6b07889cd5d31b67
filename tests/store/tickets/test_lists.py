"""The command line over a real store: what is listed, in which fields, what is hidden, what is refused."""

import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import enrolment
from models.calls import calls, outgoing, recordings
from models.calls.calls import EndedBy, Ring
from models.clock import SystemClock
from models.database.store import Store
from models.instance.home import Home
from models.people import people, presence
from models.people.owners_file import OwnerRow
from models.policy import Policy
from models.site import Site
from models.states.calls import AttemptOutcome, RecordingKind, ToMake
from models.states.people import PresenceState
from models.states.tickets import EscalationState, TaskKind, TicketKind
from models.tables import AccessEntry, Escalation
from models.tickets import escalations, tasks, tickets
from tests.store.terminal import Terminal

pytestmark = pytest.mark.store

AT = datetime(2025, 10, 1, 1, 0, tzinfo=UTC)


@pytest.fixture
def hotline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """An instance in which one call was answered on the second phone, and asked to be called back."""
    home = Home(tmp_path / "home")
    home.create_missing()
    terminal = Terminal(home, monkeypatch, capsys)
    policy = Policy.load(home.policy_file, Site.load(home.site_file))

    def write(session: Session) -> None:
        call = calls.begin(session, channel_id="c1", line="8000", caller_number="13800138000", language="zh", at=AT)
        ticket = tickets.open(
            session,
            kind=TicketKind.REPAIR,
            call_id=call.id,
            at=AT,
            policy=policy,
        )
        tickets.locate(session, ticket.id, building="3", room="301", unit_id=None)
        for number, rings, outcome in (("7001", 3, Ring.NO_ANSWER), ("7010", 1, Ring.CONNECTED)):
            ring = calls.begin_ring(
                session,
                call_id=call.id,
                ticket_id=ticket.id,
                stage="group",
                staff_number=number,
                phone=number,
                channel_id=f"r{number}",
                at=AT,
            )
            calls.end_ring(session, ring, outcome=outcome, rings=rings, at=AT + timedelta(seconds=15))
        talk = calls.begin_talk(
            session,
            call_id=call.id,
            staff_number="7010",
            bridge_id="b",
            caller_channel="c1",
            leg_channel="r7010",
            at=AT + timedelta(seconds=20),
        )
        recordings.reserve(
            session,
            name="talk-1",
            kind=RecordingKind.TALK,
            call_id=call.id,
            ticket_id=ticket.id,
            at=AT,
            retain_until=AT + timedelta(days=180),
        )
        calls.end_talk(session, talk, by=EndedBy.CALLER, at=AT + timedelta(seconds=80))
        calls.end(session, call.id, by=EndedBy.CALLER, reason="hung up", at=AT + timedelta(seconds=81))
        tasks.open(
            session,
            kind=TaskKind.CALL_BACK,
            number="13800138000",
            call_id=call.id,
            ticket_id=ticket.id,
            owner_group="agents",
            at=AT,
            due_at=AT + timedelta(minutes=30),
        )

    store = terminal.store
    store.write(write)
    store.close()
    return terminal


def test_calls_as_json_have_every_ring_with_who_how_long_and_why(hotline: Terminal) -> None:
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
    """The caller is in the owners' list, and has called once more."""

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


def test_names_are_shown_only_when_asked(known: Terminal) -> None:
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


def test_calls_as_a_table_are_by_the_sites_clock(hotline: Terminal) -> None:
    table = hotline("calls")
    assert "10-01 09:00:00" in table
    assert "7001: 3 no answer" in table
    assert "138****8000" in table


def test_whole_numbers_are_shown_only_when_asked_and_that_is_logged(hotline: Terminal) -> None:
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


def test_whom_a_complaint_is_about_is_noted_if_he_works_here(hotline: Terminal) -> None:
    """R15-6."""
    store = hotline.store
    store.write(enrolment.enrol, Site.load(hotline.home.site_file))
    store.close()
    assert hotline("tickets", "about", "1001", "7010", "--as", "7001") == "ticket 1001: new\n"
    assert hotline.json("tickets")[0]["about_staff"] == "7010"
    hotline("tickets", "about", "1001", "7099", "--as", "7001")
    assert (hotline.code, hotline.errors) == (1, "nobody has the number 7099\n")
    hotline("tickets", "about", "4711", "7010", "--as", "7001")
    assert (hotline.code, hotline.errors) == (1, "there is no ticket 4711\n")


def test_a_move_that_is_not_legal_is_refused_in_words(hotline: Terminal) -> None:
    hotline("tickets", "move", "1001", "closed", "--as", "7001")
    assert hotline.code == 1
    assert "can't become closed" in hotline.errors
    assert "Traceback" not in hotline.errors


def test_a_ticket_that_was_never_opened_is_told(hotline: Terminal) -> None:
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
    """What `hotline ivr` does with the call that was asked for."""
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
def test_a_call_back_is_asked_for_and_its_progress_told(
    hotline: Terminal, outcome: AttemptOutcome, code: int, said: str
) -> None:
    (task,) = hotline.json("tasks")
    store = hotline.store
    colleague = threading.Thread(target=made_by_a_colleague, args=(store, outcome))
    colleague.start()
    told = hotline("call-back", str(task["id"]), "--staff", "7001").splitlines()
    colleague.join()
    assert hotline.code == code
    assert told[-1] == said
    assert "7001 makes the call; the customer is being called" in told
    assert hotline.json("tasks")[0]["tries"] == [outcome]


def test_nobody_is_called_for_what_is_not_owed_or_by_whom_nobody_knows(hotline: Terminal) -> None:
    hotline("call-back", "99")
    assert (hotline.code, hotline.errors) == (1, "there is no open task 99\n")
    hotline("call-back", "1", "--staff", "7999")
    assert (hotline.code, hotline.errors) == (1, "nobody of the staff has the number 7999\n")


def test_the_staff_are_listed_with_what_they_have_said_and_without_asterisk_nothing_is_known_of_telephones(
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


def test_the_first_command_makes_the_configuration_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = Terminal(Home(tmp_path / "new"), monkeypatch, capsys)
    assert terminal("calls") == "(nothing yet)\n"
    assert terminal.errors.count("made ") == 3
    terminal("check-config")
    assert (terminal.code, terminal.errors) == (0, "")
    assert terminal("check-config", "--lang", "zh").count("正确") == 2
    assert not terminal.home.secrets_file.exists(), "serve makes the passwords and shows them once"


def test_wrong_site_and_policy_are_told_together_and_nothing_starts(hotline: Terminal) -> None:
    for file, old, new in (
        (hotline.home.site_file, "port = 5060", "port = 0"),
        (hotline.home.policy_file, '"menu-first"', '"menu"'),
    ):
        file.write_text(file.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    for command in ("serve", "ivr", "scheduler", "calls", "check-config"):
        hotline(command)
        assert hotline.code == 2
        assert "sip.port: is 0" in hotline.errors
        assert 'answer.mode: is "menu"' in hotline.errors


def test_a_home_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    terminal = Terminal(Home(tmp_path / "file" / "home"), monkeypatch, capsys)
    terminal("calls")
    assert terminal.code == 2
    assert "cannot be written" in terminal.errors


def test_owners_are_imported_whole_or_not_at_all(hotline: Terminal, tmp_path: Path) -> None:
    """R08-9, R13-5."""
    file = tmp_path / "owners.csv"
    file.write_text("name,building,unit,phones\n张三,3,301,13800138000\n李四,3,302,139x\n", encoding="utf-8")
    hotline("import", "owners", str(file))
    assert hotline.code == 2
    assert 'line 3, phones: "139x"' in hotline.errors
    file.write_text(file.read_text(encoding="utf-8").replace("139x", "13912345678"), encoding="utf-8")
    assert hotline("import", "owners", str(file)) == "2 added, 0 updated, 0 unchanged\n"


def test_a_year_whose_holidays_nobody_knows_is_named_in_time(
    hotline: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R03-1."""
    monkeypatch.setattr(SystemClock, "now", lambda self: datetime(2099, 3, 1, tzinfo=UTC))
    assert "holidays of 2099 are not known" in hotline("check-config")
    assert hotline.code == 0
    monkeypatch.setattr(SystemClock, "now", lambda self: AT)
    assert "not known" not in hotline("check-config")


def test_status_without_a_service_says_what_to_start_and_fails(hotline: Terminal) -> None:
    state = hotline.json("status")
    assert hotline.code == 1
    assert (state["serve"], state["well"]) == (None, False)
    assert (state["store"]["tickets_open"], state["store"]["tasks_late"]) == (1, 1)
    assert "hotline serve" in hotline("status")


def test_a_late_matter_that_is_told_by_telephone_is_listed_with_every_call(hotline: Terminal) -> None:
    """R10-4."""
    assert "accepted" not in hotline("escalations")
    store, policy, site = hotline.store, Policy.load(hotline.home.policy_file), Site.load(hotline.home.site_file)
    at = AT + timedelta(hours=4)
    store.write(enrolment.enrol, site)
    assert store.write(escalations.begin, 1, at=at, policy=policy)
    store.write(escalations.advance, 1, at=at, policy=policy, site=site)
    (told,) = hotline.json("escalations")
    assert (told["ticket"], told["state"], told["round"], told["next_at"]) == (1001, "climbing", 1, None)
    assert [(one["rung"], one["staff"], one["outcome"]) for one in told["steps"]] == [("assignee", "7020", None)]
    assert "being called" in hotline("escalations")
    store.write(lambda s: setattr(s.get_one(Escalation, 1), "state", EscalationState.EXHAUSTED))
    store.close()
    assert "NOBODY HAS ACCEPTED" in hotline("escalations")
    assert hotline.json("status")["store"]["escalations_unaccepted"] == 1
    assert "1 of them ACCEPTED BY NOBODY" in hotline("status")
