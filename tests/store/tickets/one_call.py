"""A terminal at an instance with one answered call, its ticket, its recording and its call-back task."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from models.calls import calls, recordings
from models.calls.calls import EndedBy, Ring
from models.instance.home import Home
from models.policy import Policy
from models.site import Site
from models.states.calls import RecordingKind
from models.states.tickets import TaskKind, TicketKind
from models.tickets import tasks, tickets
from tests.store.terminal import Terminal

AT = datetime(2025, 10, 1, 1, 0, tzinfo=UTC)
"""When the call began."""


@pytest.fixture
def hotline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """An instance with one call, answered on the second phone, whose caller is owed a call back."""
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
