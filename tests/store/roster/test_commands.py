"""`hotline roster` and `hotline handover`: shifts, gaps and handovers; a bad file changes nothing."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from models.clock import SystemClock
from models.instance.home import Home
from models.site import Site
from models.states.tickets import LadderRung
from models.tables import Escalation, EscalationStep
from tests.store.terminal import Terminal

pytestmark = pytest.mark.store

ROSTER = """
[[cover]]
group = "agents"
falls_to = "monitoring"
rule = "R13-1"

[[shift]]
name = "early"
zh = "早班"
en = "early"
serves = ["agents"]
rule = "R09-1"
hours = [{ window = "00:00-12:00" }]

[[shift]]
name = "late"
zh = "晚班"
en = "late"
serves = ["agents"]
rule = "R09-2"
hours = [{ window = "12:00-00:00" }]

[[rotation]]
shift = "early"
first = 2026-01-01
order = [["7001"]]

[[rotation]]
shift = "late"
first = 2026-01-01
order = [["7002"]]
"""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    home = Home(tmp_path / "home")
    home.create_missing()
    home.roster_file.write_text(ROSTER, encoding="utf-8")
    return Terminal(home, monkeypatch, capsys)


def day(desk: Terminal, ahead: int) -> str:
    zone = Site.load(desk.home.site_file).time_zone
    return f"{SystemClock().now().astimezone(zone) + timedelta(days=ahead):%Y-%m-%d}"


def test_before_a_roster_is_imported_the_command_says_what_to_do(desk: Terminal) -> None:
    assert "no roster was imported yet" in desk("roster")
    assert "no roster was imported yet" in desk("roster", "check")
    assert desk.code == 0


def test_the_week_is_shown_as_a_table_with_a_bar_chart(desk: Terminal) -> None:
    assert "2 shifts imported" in desk("roster", "import")
    shown = desk("roster", "--at", f"{day(desk, 1)} 11:59")
    assert "7001 王芳" in shown
    assert "customer service   ▂ 1" in shown
    noon = desk.json("roster", "--at", f"{day(desk, 1)} 12:00")
    assert [(one["shift"], one["staff"], one["groups"]) for one in noon["on_duty"]] == [("late", "7002", ["agents"])]
    far = desk.json("roster", "--at", day(desk, 100))["week"]
    assert {one["staff"] for one in far["duties"]} == {"7001", "7002"}, "further ahead than shifts are written as rows"
    assert {one["staff"] for one in desk.json("roster")["on_duty"]} > {"7010", "7050"}, "as they reported themselves"


def test_a_bad_file_is_refused_with_its_line_and_the_roster_stays(desk: Terminal) -> None:
    desk("roster", "import")
    desk.home.roster_file.write_text(ROSTER.replace('["7002"]', '["7902"]'), encoding="utf-8")
    desk("roster", "import")
    assert desk.code == 2
    assert 'line 31, rotation[no. 2].order: "7902" is no staff number; right: one of 7001, 7002' in desk.errors
    assert {one["staff"] for one in desk.json("roster", "--at", f"{day(desk, 1)} 13:00")["on_duty"]} == {"7002"}


def test_the_check_names_the_missing_group_and_exits_with_an_error(desk: Terminal) -> None:
    """R13-1."""
    desk("roster", "import")
    assert "(nothing yet)" in desk("roster", "check", "--days", "3")
    assert desk.code == 0
    desk.home.roster_file.write_text(ROSTER.replace("12:00-00:00", "13:00-00:00"), encoding="utf-8")
    desk("roster", "import")
    assert "nobody: monitoring centre answers" in desk("roster", "check", "--days", "3")
    assert desk.code == 1
    check = desk.json("roster", "check", "--days", "3")
    assert {(one["kind"], one["subject"], one["falls_to"]) for one in check["missing"]} == {
        ("nobody", "agents", "monitoring")
    }


def test_a_swap_is_asked_for_refused_asked_again_and_approved(desk: Terminal) -> None:
    """R07-7, R09-7."""
    desk("roster", "import")
    wanted = day(desk, 2)
    assert "it takes effect once a manager approves it" in desk("roster", "swap", "7001", "7003", wanted)
    desk("roster", "approve", "1", "--by", "7001")
    assert desk.code == 1
    assert "is involved in this request" in desk.errors
    assert "is refused: too many" in desk("roster", "refuse", "1", "--by", "7050", "--why", "too many are away")
    desk("roster", "swap", "7001", "7003", wanted, "--reason", "a wedding")
    assert "approved by 7050" in desk("roster", "approve", "2", "--by", "7050")
    asked = {one["id"]: (one["state"], one["why"], one["reason"]) for one in desk.json("roster", "requests")}
    assert asked == {1: ("not-approved", "too many are away", ""), 2: ("approved", "", "a wedding")}
    assert "a wedding" in desk("roster", "requests")
    (duty,) = desk.json("roster", "--at", f"{wanted} 10:00")["on_duty"]
    assert (duty["staff"], duty["instead_of"]) == ("7003", "7001")
    desk("roster", "approve", "9", "--by", "7050")
    assert "there is no request 9" in desk.errors


def test_approved_leave_of_a_day_without_a_substitute_is_a_gap(desk: Terminal) -> None:
    desk("roster", "import")
    away = day(desk, 2)
    desk("roster", "absent", "7001", away, away, "--reason", "ill")
    assert desk.json("roster", "check")["missing"] == []
    desk("roster", "approve", "1", "--by", "7050")
    assert [one["subject"] for one in desk.json("roster", "check")["missing"]] == ["agents"]
    desk("roster", "absent", "7001", day(desk, 4), day(desk, 4), "--cover", "7010")
    desk("roster", "approve", "2", "--by", "7050")
    assert [one["staff"] for one in desk.json("roster", "--at", f"{day(desk, 4)} 10:00")["on_duty"]] == ["7010"]


def test_a_handover_is_given_listed_shown_and_not_taken_by_the_leaving_shift(desk: Terminal) -> None:
    """R09-6."""
    desk("roster", "import")
    (now, *_) = desk.json("roster")["on_duty"]
    assert "the next shift takes it" in desk("handover", "give", now["staff"], "--note", "lift 3 is being repaired")
    (listed,) = desk.json("handover", "show")
    assert (listed["state"], listed["leaving"], listed["open"]) == ("given", [now["staff"]], [0, 0, 0, 0])
    assert "lift 3 is being repaired" in desk("handover", "show")
    shown = desk.json("handover", "show", "1")
    assert (shown["open_tickets"], shown["open_escalations"]) == ([], [])
    desk("handover", "take", now["staff"], "1")
    assert "of the shift that leaves" in desk.errors
    other = {"7001": "7002", "7002": "7001"}[now["staff"]]
    assert "has taken over handover 1" in desk("handover", "take", other)
    assert f"nothing for {other}" in desk("handover", "take", other)
    desk("handover", "show", "9")
    assert "there is no handover 9" in desk.errors


def test_the_status_counts_the_requests_to_be_decided(desk: Terminal) -> None:
    desk("roster", "import")
    desk("roster", "swap", "7001", "7003", day(desk, 2))
    assert "swaps and absences to be decided: 1 (.venv/bin/hotline roster requests)" in desk("status")


def test_a_handover_shows_an_escalation_with_the_person_called_last(desk: Terminal) -> None:
    """R09-6, R07-9."""
    desk("roster", "import")
    desk("ticket", "new", "lift", "--problem", "two people", "--as", "7001")
    store, now = desk.store, SystemClock().now()

    def climbs(session: Session) -> None:
        session.add(ladder := Escalation(ticket_id=1, due_at=now, started_at=now))
        session.flush()
        session.add(
            EscalationStep(escalation_id=ladder.id, round=1, rung=LadderRung.LEAD, staff_number="7050", asked_at=now)
        )

    store.write(climbs)
    store.close()
    desk("handover", "give", desk.json("roster")["on_duty"][0]["staff"])
    assert "lead 7050: being called" in desk("handover", "show", "1")
    (ladder,) = desk.json("handover", "show", "1")["open_escalations"]
    assert (ladder["number"], ladder["kind"], ladder["last"]["rung"], ladder["last"]["staff"]) == (
        1001,
        "lift",
        "lead",
        "7050",
    )


def test_a_handover_does_not_show_the_person_complained_of_where_the_complaint_came_from(desk: Terminal) -> None:
    """R15-6."""
    desk("roster", "import")
    (now, *_) = desk.json("roster")["on_duty"]
    complaint = ("ticket", "new", "complaint", "--problem", "was rude", "--room", "802", "--about", "7010")
    desk(*complaint, "--as", now["staff"])
    desk("handover", "give", now["staff"])
    for who, unit in (("7010", None), ("7050", "802")):
        (ticket,) = desk.json("handover", "show", "1", "--as", who)["open_tickets"]
        assert (ticket["number"], ticket["unit"]) == (1001, unit)
