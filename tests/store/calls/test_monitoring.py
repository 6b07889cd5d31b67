"""Supervisors may listen to the talks of some roles only, and the access log lists who listened (R04-1, R05-9)."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from models import enrolment
from models.calls import calls, monitoring
from models.calls.calls import EndedBy
from models.calls.monitoring import Monitored, Monitoring, NotMonitored
from models.clock import SystemClock
from models.database.store import Store
from models.instance.home import Home
from models.policy import Policy
from models.site import Site
from models.states.tickets import TicketKind
from models.tickets import tickets
from tests.store.terminal import Terminal

pytestmark = pytest.mark.store

BY = "7050"


@pytest.fixture
def staffed(store: Store, site: Site) -> Store:
    store.write(enrolment.enrol, site)
    return store


def talks(store: Store, staff: str, at: datetime) -> tuple[int, int]:
    """A talk of this agent since then: the ids of the call and the talk."""
    channel = f"c-{staff}-{at:%H%M}"
    call = store.write(calls.begin, channel_id=channel, line="8000", caller_number="1", language="zh", at=at)
    talk = store.write(
        calls.begin_talk,
        call_id=call.id,
        staff_number=staff,
        bridge_id=channel,
        caller_channel=channel,
        leg_channel=f"leg-{channel}",
        at=at,
    )
    return call.id, talk


def found(store: Store, policy: Policy, number: str, by: str = BY) -> Monitored | NotMonitored:
    return store.read(monitoring.find, by=by, number=number, roles=policy.monitoring.of_roles)


def test_a_talk_is_found_by_number_or_as_the_longest(staffed: Store, policy: Policy, noon: datetime) -> None:
    _, talk = talks(staffed, "7003", noon - timedelta(minutes=9))
    staffed.write(calls.end_talk, talk, by=EndedBy.AGENT, at=noon)
    second, _ = talks(staffed, "7001", noon - timedelta(minutes=1))
    longest, _ = talks(staffed, "7002", noon - timedelta(minutes=5))
    assert found(staffed, policy, "7001") == Monitored("7001", f"leg-c-7001-{noon - timedelta(minutes=1):%H%M}", second)
    assert found(staffed, policy, "")[2] == longest
    assert found(staffed, policy, "7003") is NotMonitored.NOT_TALKING
    assert found(staffed, policy, "7004") is NotMonitored.NOT_TALKING
    assert found(staffed, policy, "7999") is NotMonitored.UNKNOWN


def test_supervisors_do_not_find_their_own_talk(staffed: Store, policy: Policy, noon: datetime) -> None:
    talks(staffed, "7010", noon)
    assert found(staffed, policy, "", by="7010") is NotMonitored.NOT_TALKING
    assert found(staffed, policy, "7010", by="7010") is NotMonitored.NOT_TALKING


def test_a_supervisor_hears_neither_a_complaint_about_himself_nor_a_managers_talk(
    staffed: Store, policy: Policy, noon: datetime
) -> None:
    """R15-6, R03-1: the longest talk is then the longest of the others."""
    call, _ = talks(staffed, "7001", noon - timedelta(minutes=8))
    ticket = staffed.write(tickets.open, kind=TicketKind.COMPLAINT, call_id=call, at=noon, policy=policy)
    staffed.write(calls.note, call, ticket_id=ticket.id)
    staffed.write(tickets.about, ticket.id, BY, who="test", at=noon, policy=policy)
    talks(staffed, "7060", noon - timedelta(minutes=9))
    for number in ("7001", "7060", ""):
        assert found(staffed, policy, number) is NotMonitored.NOT_ALLOWED
    assert found(staffed, policy, "7001", by="7060")[2] == call
    other, _ = talks(staffed, "7002", noon)
    assert found(staffed, policy, "")[2] == other


def test_the_access_log_is_listed_in_plain_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = Home(tmp_path / "home")
    home.create_missing()
    desk, at = Terminal(home, monkeypatch, capsys), SystemClock().now()
    talk, store = Monitored("7001", "leg", 17), desk.store
    store.write(monitoring.begun, talk, Monitoring.WHISPER, by=BY, at=at)
    store.write(monitoring.ended, talk, by=BY, at=at)
    store.write(monitoring.refused, NotMonitored.WRONG_PIN, by=BY, whom="", at=at)
    rows = desk.json("access")
    assert [(row["who"], row["what"], row["subject"]) for row in rows] == [
        (BY, "monitor-refused: wrong-pin", ""),
        (BY, "monitor-ended", "7001, call 17"),
        (BY, "monitor-whisper", "7001, call 17"),
    ]
    table = desk("access", "--limit", "3")
    assert "whispered to the agent" in table
    assert "wrong PIN" in table
