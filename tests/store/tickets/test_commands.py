"""`hotline ticket`: everything that staff do with a ticket, and the refusals when it can't be done."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from hotline.terminal import acting
from models import enrolment
from models.clock import SystemClock
from models.site import Site
from models.tickets import search
from tests.store.terminal import Terminal
from tests.store.tickets.one_call import hotline

__all__ = ["hotline"]

pytestmark = pytest.mark.store

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
"""Ten in the morning, local time of the site."""


@pytest.fixture
def desk(hotline: Terminal, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Runs a command as 7001; it succeeds unless `fails` gives its error."""
    store = hotline.store
    store.write(enrolment.enrol, Site.load(hotline.home.site_file))
    store.close()
    monkeypatch.setattr(SystemClock, "now", lambda self: NOW)
    monkeypatch.setenv(acting.STAFF_VARIABLE, "7001")

    def type_(*words: str, fails: str = "") -> str:
        said = hotline(*words)
        assert hotline.code == (1 if fails else 0), hotline.errors
        assert fails in hotline.errors
        return said

    return type_


def test_a_ticket_from_its_opening_to_its_confirmation(desk: Callable[..., str], hotline: Terminal) -> None:
    """R02-2, R03-4, R07-3, R13-2, R13-3, R15-1, R15-2, R15-3, R17-2."""
    assert desk("ticket", "new", "repair", "--problem", "no light", "--phone", "13700137000") == "ticket 1002: new\n"
    assert desk("ticket", "dispatch", "1002", "engineering") == "ticket 1002: dispatched engineering\n"
    assert hotline.errors == "missing: name, need (R13-2). Fill in: .venv/bin/hotline ticket set 1002\n"
    desk("ticket", "set", "1002", "--name", "李秀兰", "--need", "light", "--building", "5", "--room", "802")
    assert desk("ticket", "assign", "1002", "7020") == "ticket 1002: dispatched engineering 7020\n"
    desk("ticket", "promise", "1002", "明天 18:00")
    desk("ticket", "promise", "1002", "+1d", fails="has a promise already, for 2026-11-25 18:00")
    desk("ticket", "postpone", "1002", "+2d", "--reason", "parts", "--told", fails="Say yes with --yes")
    desk("ticket", "postpone", "1002", "+2d", "--reason", "parts", "--told", "--yes")
    desk("ticket", "postpone", "1002", "+3d", "--reason", "parts", "--told", "--yes", fails="never postponed twice")
    desk("ticket", "appointment", "make", "1002", "明天", fails="say at what time, too")
    desk("ticket", "appointment", "make", "1002", "明天 14:00")
    assert hotline.errors == "appointment: 11-25 14:00:00\n"
    desk("ticket", "appointment", "make", "1002", "+2h", fails="has an appointment already, for 2026-11-25 14:00")
    desk("ticket", "appointment", "move", "1002", "11-26 09:30", "--reason", "nobody at home")
    desk("ticket", "appointment", "cancel", "1002", fails="Say yes with --yes")
    desk("ticket", "move", "1002", "waiting", "--text", "a lamp", fails="R08-7")
    desk("ticket", "move", "1002", "waiting", "--text", "a lamp", "--told")
    desk("ticket", "refer", "1002", "power company", "--reference", "P-9", "--as", "7020")
    desk("ticket", "note", "1002", "they come today", "--told")
    desk("ticket", "move", "1002", "done", "--as", "7020")
    desk("ticket", "move", "1002", "closed", fails="has not confirmed")
    desk("ticket", "move", "1002", "confirmed")
    sheet = hotline.json("ticket", "show", "1002")
    assert (sheet["source"], sheet["first_receiver"], sheet["assignee"], sheet["missing"]) == (
        "visit",
        "7001",
        "7020",
        [],
    )
    assert [(one["postponed"], one["ending"]) for one in sheet["promises"]] == [(False, "postponed"), (True, "on-time")]
    assert [(one["moved"], one["ending"], one["reason"]) for one in sheet["appointments"]] == [
        (False, "appointment-moved", ""),
        (True, "on-time", "nobody at home"),
    ]
    assert "appointment: 11-26 09:30:00  7001  on time  nobody at home" in desk("ticket", "show", "1002")
    assert {event["kind"] for event in sheet["events"]} >= {"told", "promised", "postponed", "assigned", "filled-in"}
    assert (sheet["contact_name"], sheet["contact_number"], sheet["referred_to"]) == (
        "李**",
        "137****7000",
        "power company",
    )
    assert "补录  联系人：李**; 诉求：light" in desk("ticket", "show", "1002", "--lang", "zh")
    assert "联系人: 李秀兰" in desk("ticket", "show", "1002", "--lang", "zh", "--reveal")
    desk("ticket", "set", "1002", "--phone", "13900139000", "--name", "王建国")
    texts = hotline.json("ticket", "show", "1002")["events"][-1]["text"].splitlines()
    assert texts == ["contact_name: 王** (was: 李**)", "contact_number: 139****9000 (was: 137****7000)"]


def test_a_complaint_is_closed_with_its_cause_and_not_without(desk: Callable[..., str], hotline: Terminal) -> None:
    """R17-4: also with a reason why other facts are missing."""
    desk(
        "ticket", "new", "complaint", "--problem", "noise", "--need", "quiet", "--name", "李", "--phone", "13700137000"
    )
    desk("ticket", "move", "1002", "done")
    desk("ticket", "move", "1002", "closed", "--text", "cannot be reached", fails="without its cause (R17-4)")
    assert hotline.json("ticket", "show", "1002")["state"] == "done"
    desk("ticket", "move", "1002", "closed", "--text", "cannot be reached", "--cause", "slow")
    sheet = hotline.json("ticket", "show", "1002")
    assert (sheet["state"], sheet["cause"]) == ("closed", "slow")


def test_merging_needs_a_yes_and_is_shown_in_both_tickets(desk: Callable[..., str], hotline: Terminal) -> None:
    desk("ticket", "new", "repair", "--problem", "no light")
    desk("ticket", "merge", "1002", "1001", fails="merge 1002 into 1001 for good? Say yes with --yes")
    assert desk("ticket", "merge", "1002", "1001", "--yes") == "ticket 1001: new\n"
    assert hotline.json("ticket", "show", "1001")["merged"] == [1002]
    assert hotline.json("ticket", "show", "1002")["merged_into"] == 1001


def test_the_acting_person_must_be_one_of_the_staff(
    desk: Callable[..., str],
    hotline: Terminal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(acting.STAFF_VARIABLE)
    monkeypatch.setattr(acting, "operator", lambda: "root")
    desk("ticket", "move", "1001", "accepted", fails="nobody has the number root: sign in")
    desk("ticket", "show", "1001")
    desk("ticket", "show", "1001", "--as", "7999", fails="nobody has the number 7999")
    monkeypatch.setattr(acting, "operator", lambda: "7020")
    assert desk("ticket", "move", "1001", "accepted") == "ticket 1001: accepted engineering 7020\n"


def test_the_person_whom_a_complaint_is_about_sees_only_that_it_exists(
    desk: Callable[..., str],
    hotline: Terminal,
) -> None:
    """R15-6."""
    desk("ticket", "new", "complaint", "--name", "王建国", "--problem", "was rude", "--about", "7010")
    row = hotline.json("ticket", "show", "1002", "--as", "7010")
    assert (row["state"], row["about_staff"], row["problem"], row["contact_name"], row["events"]) == (
        "new",
        "7010",
        None,
        None,
        [],
    )
    assert hotline.json("tickets", "--about", "7010", "--as", "7010")[0]["problem"] is None
    assert hotline.json("tickets", "--about", "7010")[0]["problem"] == "was rude"
    desk("ticket", "move", "1002", "done", "--as", "7010", fails="is a complaint about 7010")
    desk("ticket", "set", "1002", "--problem", "was kind", fails="first record stays")


def test_a_ticket_is_found_by_any_of_its_fields(desk: Callable[..., str], hotline: Terminal) -> None:
    """R01-3."""
    desk("ticket", "new", "repair", "--name", "李秀兰", "--phone", "13700137000", "--problem", "Lamp broken", "--need",
         "light", "--building", "5", "--room", "802", "--source", "web", "--severity", "serious")  # fmt: skip
    desk("ticket", "assign", "1002", "7020")
    desk("ticket", "note", "1002", "third floor")
    for words in (
        ["search", "lamp"],
        ["search", "third", "floor"],
        ["search", "--name", "秀兰", "--reveal"],
        ["search", "--room", "802"],
        ["search", "--phone", "+86 137 0013 7000", "--reveal"],
        ["search", "--building", "5"],
        ["search", "--assignee", "7020"],
        ["search", "--department", "engineering"],
        ["search", "--source", "web"],
        ["search", "--severity", "serious"],
        ["search", "--from", "today"],
        ["search", "--state", "dispatched"],
        ["search", "--first-receiver", "7001"],
        ["search", "--open", "--kind", "repair", "--from", "2026-11-01", "--to", "2026-11-30"],
    ):
        assert [row["number"] for row in hotline.json("ticket", *words)] == [1002], words
    assert [row["number"] for row in hotline.json("tickets", "--late")] == [1001]
    assert [row["number"] for row in hotline.json("tickets")] == [1002, 1001]
    assert [row["number"] for row in hotline.json("tickets", "--older-than", "1002")] == [1001]
    assert hotline.json("tickets", "--text", "100%") == []
    desk("ticket", "search", "--from", "soon", fails="no moment")


def test_a_search_that_must_read_texts_goes_back_a_bounded_stretch_at_a_time(
    desk: Callable[..., str],
    hotline: Terminal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(6):
        desk("ticket", "new", "repair", "--problem", f"lamp {number}")
    monkeypatch.setattr(search, "STRETCH", 2)
    assert [row["number"] for row in hotline.json("tickets", "--text", "lamp 0")] == [1002]
    monkeypatch.setattr("hotline.tickets.lists.STRETCHES_AT_MOST", 2)
    assert "not searched further back: --older-than 1004" in desk("tickets", "--text", "lamp 0")
    assert [row["number"] for row in hotline.json("tickets", "--text", "lamp 0", "--older-than", "1004")] == [1002]


def test_mine_lists_the_tickets_i_received_first_and_those_assigned_to_me(
    desk: Callable[..., str], hotline: Terminal
) -> None:
    """R15-1, R15-4."""
    desk("ticket", "receive", "1001")
    desk("ticket", "receive", "1001", "--as", "7002", fails="the first receiver of ticket 1001 is 7001")
    desk("ticket", "assign", "1001", "7020")
    for who in ("7001", "7020"):
        assert [row["number"] for row in hotline.json("ticket", "mine", "--as", who)["tickets"]] == [1001]
    assert hotline.json("ticket", "mine", "--as", "7002") == {"tasks": [], "tickets": []}
    assert "1001" in desk("ticket", "mine")


def test_a_recording_is_shown_by_name_without_its_path(desk: Callable[..., str], hotline: Terminal) -> None:
    """R05-9: `hotline recordings play` writes into the access log who hears one."""
    for one in (hotline.json("calls")[0]["recordings"][0], hotline.json("ticket", "show", "1001")["recordings"][0]):
        assert one["name"] == "talk-1"
        assert "path" not in one
    assert "(talk-1)" in desk("ticket", "show", "1001")


def test_an_open_emergency_is_shown_with_its_playbook(desk: Callable[..., str], hotline: Terminal) -> None:
    """R08-10, R01-5: in the site's own words."""
    assert desk("ticket", "new", "lift", "--problem", "two people", "--phone", "13700137000") == "ticket 1002: new\n"
    assert "playbook: People in a lift: 1 calm them" in desk("ticket", "show", "1002")
    assert "应急预案: 电梯困人：1 安抚乘客" in desk("ticket", "show", "1002", "--lang", "zh")
    assert len(hotline.json("ticket", "show", "1002")["playbook"]) == 1
    assert hotline.json("ticket", "show", "1001")["playbook"] == [], "an ordinary repair"
    desk("ticket", "move", "1002", "done")
    desk("ticket", "move", "1002", "confirmed")
    assert "playbook" not in desk("ticket", "show", "1002")
